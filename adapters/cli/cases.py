"""Commands on cases: list, show, export; and receipts given by telephone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.case_page import case_pages, list_page
from adapters.cli.closing import close, reopen
from adapters.cli.group import CommandGroup
from adapters.cli.opening import run
from adapters.cli.remarks import remarks, tasks_in_words
from adapters.cli.terminal import example, json_option, moment, note, show
from notify.words import Severity

if TYPE_CHECKING:
    from adapters.wiring import System


@click.group(cls=CommandGroup)
def case() -> None:
    """Read cases, close and reopen them."""


@case.command("list", epilog=example("article17 case list --severity critical --since 2026-11-01"))
@click.option("--status", type=click.Choice(["open", "closed", "withdrawn", "reopened"]))
@click.option("--severity", type=click.Choice([level.value for level in Severity]))
@click.option("--state", metavar="XX", help="Only those that this State reported.")
@click.option("--since", type=click.DateTime(), help="Only those opened since then (UTC).")
@click.option("--before", metavar="REF", help="Go on after this case of an earlier list.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_(
    status: str | None,
    severity: str | None,
    state: str | None,
    since: datetime | None,
    before: str | None,
    limit: int,
) -> None:
    """List the cases, newest first."""
    from contacts.model import StateCode
    from notify.account import OPERATOR
    from notify.rows import CaseFilter
    from notify.service.reading import list_cases
    from notify.words import CaseReference

    wanted = CaseFilter(
        reader=OPERATOR,
        status=status,
        severity=severity,
        state=StateCode(state.upper()) if state else None,
        since=since.replace(tzinfo=UTC) if since else None,
        before=CaseReference(before) if before else None,
        limit=limit,
    )

    async def found_with_remarks(system: System) -> tuple[dict[str, Any], list[str]]:
        return await list_cases(wanted, system.ports), await remarks(system)

    found, said = run(found_with_remarks)
    show(found, list_page(found["cases"]))
    for text in said:
        note(text)
    if found["next"]:
        note(f"There may be more: --before {found['next']}")


@case.command("show", epilog=example("article17 case show A17-2026-0001"))
@click.argument("reference", metavar="REF")
@json_option
def show_(reference: str) -> None:
    """Show the case REF: what it is, and for each State grade, clock and deliveries."""

    async def seen_in_words(system: System) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        seen = await _case(reference, system)
        waiting = [task for task in seen["tasks"] if task["done_at"] is None]
        return seen, await tasks_in_words(system, waiting)

    seen, waiting = run(seen_in_words)
    show(seen, *case_pages(seen, waiting))


async def _case(reference: str, system: System) -> dict[str, Any]:
    from notify.account import OPERATOR
    from notify.service.reading import show_case, show_notifications
    from notify.service.secretariat import list_tasks
    from notify.words import CaseReference

    wanted = CaseReference(reference)
    return {
        **await show_case(wanted, OPERATOR, system.ports),
        **await show_notifications(wanted, OPERATOR, system.ports),
        **await list_tasks(system.ports, done=None, case=wanted),
    }


@case.command(epilog=example("article17 case export A17-2026-0001 > A17-2026-0001.json"))
@click.argument("reference", metavar="REF")
@json_option
def export(reference: str) -> None:
    """Write the whole case REF as one JSON document: case, chain of reports, notifications, timeline, record.

    The same case gives the same bytes. It holds what is confidential too: keep it as such.
    """
    document = run(lambda system: _export(reference, system))
    show(document, json.dumps(document, ensure_ascii=False, sort_keys=True, indent=2))


async def _export(reference: str, system: System) -> dict[str, Any]:
    from notify.account import OPERATOR
    from notify.service.records import show_record
    from notify.service.timeline import show_timeline
    from notify.words import CaseReference

    wanted = CaseReference(reference)
    seen = await _case(reference, system)
    # The brake belongs to the service and not to the case.
    seen.pop("dispatch_paused_until")
    reports, notifications, tasks = (seen.pop(name) for name in ("reports", "notifications", "tasks"))
    timeline = await show_timeline(wanted, OPERATOR, system.ports)
    return {
        "case": seen,
        "notifications": notifications,
        "record": await show_record(wanted, OPERATOR, system.ports),
        "reports": reports,
        "tasks": tasks,
        "timeline": timeline["entries"],
    }


case.add_command(close)
case.add_command(reopen)


def _two_letters(state: str) -> str:
    """Take a code of a State in any case; a name is answered with its code, where there is one."""
    from contacts.registry import load_registry

    if len(state) == 2 and state.isascii() and state.isalpha():
        return state.upper()
    begins = state.casefold()
    states = load_registry().states_by_code.items()
    named = [code for code, each in states if begins and each.name.casefold().startswith(begins)]
    which = f"{named[0]} here" if len(named) == 1 else "such as KE"
    raise click.UsageError(f"“{state}” is no code of a State: give the two-letter code (ISO 3166-1, or EU), {which}")


@click.command(
    epilog=example(
        'article17 acknowledge A17-2026-0001 KE --by "A. Otieno" --office "National Biosafety Authority"'
        " --means telephone"
    )
)
@click.argument("reference", metavar="REF")
@click.argument("state")
@click.option("--by", required=True, help="The name of the person who said so.")
@click.option("--office", required=True, help="The office of that person.")
@click.option("--means", type=click.Choice(["telephone"]), default="telephone", show_default=True)
@json_option
def acknowledge(reference: str, state: str, by: str, office: str, means: str) -> None:
    """Record that STATE has received the notification of the case REF, as an office of it said on the telephone."""
    from contacts.model import StateCode
    from notify.account import OPERATOR
    from notify.service.acknowledging import acknowledge_by_telephone
    from notify.words import CaseReference

    code = StateCode(_two_letters(state))
    view = run(
        lambda system: acknowledge_by_telephone(
            CaseReference(reference), code, by=by, office=office, account=OPERATOR, ports=system.ports
        )
    )
    told = "is recorded" if view["new"] else "was recorded before"
    show(view, f"The receipt of {code} in {reference} {told}: {moment(view['received_at'])}, grade {view['grade']}.")
