"""Commands on what was tried for a contact, and on what is to be sent again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from adapters.cli.failing import counted
from adapters.cli.opening import run
from adapters.cli.terminal import example, json_option, moment, note, show, table


@click.command(epilog=example("article17 contacts attempts ke-1 --channel webhook"))
@click.argument("contact_id", metavar="ID")
@click.option("--channel", type=click.Choice(["email", "webhook"]), help="Only tries by this channel.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many at most.")
@click.option("--before", metavar="TRY", help="Those before this one: the “next” of the page before.")
@json_option
def attempts(contact_id: str, channel: str | None, limit: int, before: str | None) -> None:
    """List every try for the contact ID, the latest first."""
    from contacts.model import ContactId
    from notify.account import OPERATOR
    from notify.service.resending import list_attempts
    from notify.words import ChannelName

    by = ChannelName(channel) if channel else None
    found = run(
        lambda system: list_attempts(
            ContactId(contact_id), OPERATOR, system.ports, channel=by, before=before, limit=limit
        )
    )
    columns = ["at", "delivery", "try", "channel", "type", "result", "status", "ms", "reason", "next try"]
    show(found, table(columns, map(_row, found["attempts"]), otherwise="Nothing was tried for this contact."))
    if found["next"]:
        note(f"There are more: --before {found['next']}")


def _row(tried: dict[str, Any]) -> list[object]:
    following = tried["next_attempt_at"]
    return [
        moment(tried["at"]),
        tried["delivery"],
        tried["number"],
        tried["channel"],
        tried["type"],
        tried["result"],
        tried["status"],
        tried["milliseconds"],
        tried["reason"],
        moment(following) if following else None,
    ]


@click.command(epilog=example("article17 contacts resend dlv_0123"))
@click.argument("delivery_id", metavar="DELIVERY")
@json_option
def resend(delivery_id: str) -> None:
    """Send the message DELIVERY again, under the same id."""
    from notify.account import OPERATOR
    from notify.service.resending import resend_delivery
    from notify.words import DeliveryId

    queued = run(lambda system: resend_delivery(DeliveryId(delivery_id), OPERATOR, system.ports))
    show(queued, f"{queued['delivery']} is queued by {queued['channel']}; see: article17 contacts attempts")


def _time(_context: click.Context, _option: click.Parameter, text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
        return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"“{text}” is no time; write it as: --since 2026-11-20T09:00:00Z") from error


@click.command(epilog=example("article17 contacts replay ke-1 --since 2026-11-20T09:00:00Z"))
@click.argument("contact_id", metavar="ID")
@click.option(
    "--since", required=True, callback=_time, metavar="TIME", help="A time, or a date, in UTC unless it says."
)
@click.option("--all", "everything", is_flag=True, help="Also what the endpoint had taken.")
@json_option
def replay(contact_id: str, since: datetime, everything: bool) -> None:
    """Send the endpoint of the contact ID what it missed since a time, at most 1,000 messages at once."""
    from contacts.model import ContactId
    from notify.account import OPERATOR
    from notify.service.resending import replay_contact

    queued = run(
        lambda system: replay_contact(ContactId(contact_id), since, OPERATOR, system.ports, everything=everything)
    )
    show(queued, f"{counted(queued['queued'], 'message')} queued for {contact_id}.")
    if queued["next_since"]:
        note(f"There are more: --since {queued['next_since']}")
