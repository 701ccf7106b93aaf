"""Commands on the registry of contacts: load, list, gaps, webhooks, links."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, Literal

import click

from adapters.cli.documents import name_of
from adapters.cli.failing import CannotBeDone, Finding, InvalidInput, counted
from adapters.cli.group import CommandGroup
from adapters.cli.opening import run
from adapters.cli.resending import attempts, replay, resend
from adapters.cli.terminal import example, json_option, moment, note, progress, show, table

if TYPE_CHECKING:
    from adapters.wiring import System
    from contacts.model import Contact

Format = Literal["csv", "json"]


@click.group(cls=CommandGroup)
def contacts() -> None:
    """Keep the contacts of States, organizations and the secretariat."""


@contacts.command(epilog=example("article17 contacts load contacts.csv", "article17 contacts load - --format json"))
@click.argument("file", type=click.File("rb"))
@click.option("--format", "media", type=click.Choice(["csv", "json"]), help="Needed where the name does not tell.")
@json_option
def load(file: IO[bytes], media: Format | None) -> None:
    """Load contacts from FILE (CSV or JSON, - for standard input), all or nothing.

    A contact replaces the one with the same id, else the one with the same State, role and e-mail address.
    """
    read = _read(file, media)
    with progress() as bar:
        task = bar.add_task(f"Loading {len(read)} contacts", total=len(read))
        waiting = run(lambda system: _load(_Counted(read, lambda: bar.advance(task)), system))
    show({"loaded": len(read), "webhooks_to_register": waiting}, f"{counted(len(read), 'contact')} loaded.")
    if waiting:
        note(f"No case goes to {counted(len(waiting), 'webhook')} before the challenge: article17 contacts webhook ID")


class _Counted(list["Contact"]):
    """Contacts that say when each one is taken to be stored."""

    def __init__(self, contacts: list[Contact], taken: Callable[[], None]) -> None:
        super().__init__(contacts)
        self._taken = taken

    def __iter__(self) -> Iterator[Contact]:
        for contact in super().__iter__():
            yield contact
            self._taken()


async def _load(read: list[Contact], system: System) -> list[str]:
    from notify.account import OPERATOR
    from notify.service.directory import list_contacts, load_contacts_file

    await load_contacts_file(read, OPERATOR, system.ports)
    stored = (await list_contacts(OPERATOR, system.ports))["contacts"]
    return [contact["id"] for contact in stored if "webhook" in contact and not contact["webhook"]["verified"]]


def _read(file: IO[bytes], media: Format | None) -> list[Contact]:
    """Read every contact of a file, or end the command with every line that is wrong."""
    from contacts.loading import InvalidContacts, load_contacts
    from contacts.registry import load_registry

    name = name_of(file)
    chosen = media or _format_of(name)
    content = file.read()
    try:
        return load_contacts(content.decode("utf-8-sig"), media=chosen, registry=load_registry())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = Finding(f"line {line}: is no UTF-8 text", {"line": line, "field": "", "detail": "is no UTF-8 text"})
        raise InvalidInput(f"{name} was not loaded: 1 fault", [found]) from error
    except InvalidContacts as error:
        findings = [Finding(str(f), {"line": f.line, "field": f.field, "detail": f.detail}) for f in error.faults]
        raise InvalidInput(f"{name} was not loaded: {counted(len(findings), 'fault')}", findings) from error


def _format_of(name: str) -> Format:
    match PurePath(name).suffix.lower():
        case ".csv" | ".tsv":
            return "csv"
        case ".json":
            return "json"
    raise click.UsageError(f"{name} does not end in .csv or .json; say --format csv or --format json")


@contacts.command("list", epilog=example("article17 contacts list --state KE"))
@click.option("--state", metavar="XX", help="Only the contacts of this State.")
@json_option
def list_(state: str | None) -> None:
    """List the contacts."""
    from notify.account import OPERATOR
    from notify.service.directory import list_contacts

    wanted: Any = state.upper() if state else None
    found = run(lambda system: list_contacts(OPERATOR, system.ports, wanted))
    columns = ["id", "of", "role", "order", "office", "e-mail", "telephone", "webhook", "confirmed"]
    show(found, table(columns, map(_row, found["contacts"]), otherwise="No contacts."))


def _row(contact: dict[str, Any]) -> list[object]:
    webhook = contact.get("webhook")
    order = f"{contact['order']}, duty" if contact.get("duty") else contact["order"]
    return [
        contact["id"],
        contact.get("state") or contact.get("organization"),
        contact["role"],
        order,
        contact["office"],
        contact["email"],
        contact.get("telephone"),
        None if webhook is None else _endpoint(webhook),
        contact.get("confirmed_on", "never"),
    ]


def _endpoint(webhook: dict[str, Any]) -> str:
    """Say how an endpoint fares, in a few words."""
    health = webhook["health"]
    if not webhook["verified"]:
        return "not verified"
    if health["condition"] == "well":
        return "verified"
    return f"{health['condition']} since {moment(health['failing_since'])}"


@contacts.command(epilog=example("article17 contacts gaps"))
@json_option
def gaps() -> None:
    """List the States that may not be reached, and why."""
    from notify.service.directory import list_gaps

    found = run(lambda system: list_gaps(system.ports))
    rows = [[gap["state"], gap["name"], "yes" if gap["party"] else "no", gap["gap"]] for gap in found]
    show({"gaps": found}, table(["State", "name", "Party", "gap"], rows, otherwise="No gaps."))


@contacts.command(epilog=example("article17 contacts webhook ke-1 --url https://example.org/article17"))
@click.argument("contact_id", metavar="ID")
@click.option("--url", help="The endpoint; without it, the one that was loaded with the contact.")
@click.option("--format", "form", type=click.Choice(["standard", "cloudevents"]), help="How bodies are written.")
@click.option(
    "--old-hours",
    type=click.IntRange(0, 168),
    default=24,
    show_default=True,
    help="How long the old secret of the same endpoint signs as well; 0 when it was stolen.",
)
@json_option
def webhook(contact_id: str, url: str | None, form: str | None, old_hours: int) -> None:
    """Register the webhook of the contact ID: run its challenge and show its secret, this once.

    The same endpoint again gets another secret.
    """
    made = run(lambda system: _register(contact_id, url, form, old_hours, system))
    note(f"{made['url']} answered its challenge. Keep this secret; it is not shown again.")
    show(made, made["secret"])


@contacts.command(epilog=example("article17 contacts revoke ke-1"))
@click.argument("contact_id", metavar="ID")
@json_option
def revoke(contact_id: str) -> None:
    """Revoke the links in every mail that was sent to the contact ID; later mails bring new ones."""
    from contacts.model import ContactId
    from notify.account import OPERATOR
    from notify.service.directory import revoke_links

    run(lambda system: revoke_links(ContactId(contact_id), OPERATOR, system.ports))
    show({"contact": contact_id, "revoked": True}, f"The links sent to {contact_id} lead nowhere any more.")


async def _register(
    contact_id: str, url: str | None, form: str | None, old_hours: int, system: System
) -> dict[str, Any]:
    from contacts.model import ContactId, WebhookFormat
    from notify.account import OPERATOR
    from notify.errors import DeliveryError
    from notify.service.directory import register_webhook

    try:
        return await register_webhook(
            ContactId(contact_id),
            OPERATOR,
            system.ports,
            url=url,
            form=WebhookFormat(form) if form else None,
            old_secrets_for=timedelta(hours=old_hours),
        )
    except DeliveryError as error:
        hint = "Nothing was changed. Mend the endpoint and give the command again."
        raise CannotBeDone(f"the endpoint did not pass its challenge: {error.reason}", hint=hint) from error


for command in (attempts, resend, replay):
    contacts.add_command(command)
