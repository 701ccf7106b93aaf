"""Commands on measures and on files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.cases import case
from adapters.cli.group import CommandGroup
from adapters.cli.opening import run
from adapters.cli.speaking import account_for, document, in_the_name_of, readers, store
from adapters.cli.terminal import example, json_option, moment, show, table
from notify.vocabulary import VOCABULARIES

if TYPE_CHECKING:
    from adapters.wiring import System

TYPES, STATUSES = (click.Choice(VOCABULARIES[name][:-1]) for name in ("measure_type", "measure_status"))
DAMAGE = click.Choice(VOCABULARIES["damage_considered"])


@case.command(epilog=example("article17 case measure A17-2026-0001 --state UG --type recall --status under_way"))
@click.argument("reference", metavar="REF")
@in_the_name_of
@click.option("--type", "type_", type=TYPES, help="What kind of measure; needed for a new one.")
@click.option("--status", required=True, type=STATUSES, help="How far it has come.")
@click.option("--change", "measure_id", metavar="ID", help="A further status of this measure.")
@click.option("--since", metavar="DATE", help="Since when, such as 2026-11-20.")
@click.option("--description", help="More on the measure, in English.")
@click.option("--effectiveness", help="How well it works.")
@click.option("--visible-to", help="all, or codes with commas.")
@click.option("--request", "request_id", metavar="ID", help="The request under Article 25(2) that it follows.")
@click.option("--damage-considered", type=DAMAGE, help="Whether damage was considered, without prejudice.")
@json_option
def measure(
    reference: str,
    state: str,
    type_: str | None,
    status: str,
    measure_id: str | None,
    since: str | None,
    description: str | None,
    effectiveness: str | None,
    visible_to: str | None,
    request_id: str | None,
    damage_considered: str | None,
) -> None:
    """Report a measure of a State in the case REF, or how far one has come."""
    from notify.service.measuring import change_measure, report_measure
    from notify.words import CaseReference

    wanted, account = CaseReference(reference), account_for(state)
    given = document(status=status, since=since, effectiveness=effectiveness, damage_considered=damage_considered)
    if visible_to is not None:
        given["visible_to"] = readers(visible_to)
    if measure_id is not None:
        changed = run(lambda system: change_measure(wanted, measure_id, given, account, system.ports))
        show(changed, f"Measure {measure_id} of {state}: {status.replace('_', ' ')}.")
        return
    texts = {"en": description} if description else None
    given |= document(type=type_, description=texts, request=request_id)
    made = run(lambda system: report_measure(wanted, given, account, system.ports))
    show(made, f"Measure {made['id']} of {state} is recorded: {type_}, {status.replace('_', ' ')}.")


@case.command(epilog=example("article17 case measures A17-2026-0001 --timeline"))
@click.argument("reference", metavar="REF")
@click.option("--as", "state", metavar="XX", help="As this State reads them; else as the operator does.")
@click.option("--timeline", is_flag=True, help="Compare the States, each from when it was told.")
@json_option
def measures(reference: str, state: str | None, timeline: bool) -> None:
    """List the measures in the case REF, or compare them in time."""
    from notify.service.measuring import compare_measures, list_measures
    from notify.words import CaseReference

    wanted, reader = CaseReference(reference), account_for(state.upper() if state else None)
    if timeline:
        found = run(lambda system: compare_measures(wanted, reader, system.ports))
        rows = [
            [one["state"], one["type"], *(_hours(one[name]) for name in _MILESTONES), ", ".join(one["statuses"])]
            for one in found["comparison"]
        ]
        columns = ["State", "type", "reported (h)", "under way (h)", "completed (h)", "now"]
    else:
        found = run(lambda system: list_measures(wanted, reader, system.ports))
        rows = [
            [one["id"], one["state"], moment(one["reported_at"]), _code(one["type"]), _code(one["status"])]
            for one in found["measures"]
        ]
        columns = ["measure", "State", "reported", "type", "status"]
    show(found, table(columns, rows, otherwise="No measures."))


_MILESTONES = ("reported_seconds", "under_way_seconds", "completed_seconds")


def _hours(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds / 3600:.1f}"


def _code(choice: Any) -> str:
    return str(choice.get("text", "other")) if isinstance(choice, dict) else choice or "not for you to read"


@click.group(cls=CommandGroup)
def attachment() -> None:
    """Hand in files, and read them."""


@attachment.command(epilog=example("article17 attachment add map.pdf --state UG"))
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@in_the_name_of
@click.option("--media-type", help="Its media type, where the ending of its name does not say it.")
@json_option
def add(path: Path, state: str, media_type: str | None) -> None:
    """Hand in FILE for a State; reports and messages name it by its digest."""
    stored = run(lambda system: store(path, account_for(state), system, media_type))
    show(stored, f"{stored['sha256']}  {stored['filename']} ({stored['size']} bytes, {stored['scan']})")


@attachment.command(epilog=example("article17 attachment get 9f86… --as UG --to map.pdf"))
@click.argument("sha256", metavar="SHA256")
@click.option("--as", "state", metavar="XX", help="As this State reads it; else as the operator does.")
@click.option("--to", "path", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write it.")
@json_option
def get(sha256: str, state: str | None, path: Path) -> None:
    """Write the file with the digest SHA256."""
    from notify.service.attaching import attachment_view, read_attachment

    async def fetch(system: System) -> dict[str, Any]:
        account = account_for(state.upper() if state else None)
        readable = await read_attachment(sha256.lower(), account, system.ports)
        with path.open("wb") as stream:
            async for piece in readable.content:
                stream.write(piece)
        return attachment_view(readable.stored)

    stored = run(fetch)
    show(stored, f"{path}: {stored['size']} bytes, {stored['media_type']}")
