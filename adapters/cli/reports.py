"""Commands on reports: check one without a database, preview it, submit it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import click

from adapters.cli.documents import name_of, read_json
from adapters.cli.failing import CannotBeDone, InvalidInput, counted, findings_of
from adapters.cli.following import show_later_preview, submit_later
from adapters.cli.group import CommandGroup
from adapters.cli.opening import run
from adapters.cli.remarks import in_words, remarks, tasks_in_words
from adapters.cli.report_page import check_pages, preview_pages, submission_pages
from adapters.cli.terminal import example, json_option, note, show

if TYPE_CHECKING:
    from adapters.wiring import System
    from notify.report import Warning_


@click.group(cls=CommandGroup)
def report() -> None:
    """Check and submit reports."""


_CASE = click.option("--case", "reference", metavar="REF", help="The case that a later report follows.")


@report.command(epilog=example("article17 report check examples/reports/llrice601-2006.json"))
@click.argument("file", type=click.File("rb"))
@_CASE
@json_option
def check(file: IO[bytes], reference: str | None) -> None:
    """Check the report in FILE (- for standard input) without submitting it; needs no database.

    A later report is checked whole against its case with --case, which reads the database.
    """
    document = read_json(file.read(), name_of(file))
    if reference is not None:
        show_later_preview(document, reference, name_of(file))
        return
    found = _checked(document, name_of(file))
    show(found, *check_pages(found))


def _checked(document: Any, name: str) -> dict[str, Any]:
    from contacts.registry import load_registry
    from notify.completeness import completeness
    from notify.errors import InvalidDocument
    from notify.report import ReportType, parse_later_report, parse_report
    from notify.severity import assess

    registry = load_registry()
    codes = {"is_state": registry.is_state, "is_place": registry.is_place}
    stated = document.get("type") if isinstance(document, dict) else None
    found: dict[str, Any] = {"valid": True, "type": "initial", "severity": None, "hints": [], "completeness": None}
    try:
        if isinstance(stated, str) and stated in set(ReportType) - {ReportType.INITIAL}:
            _, remarks_on_it = parse_later_report(document, **codes)
            return found | {"type": stated, "warnings": [_warning(w) for w in remarks_on_it]}
        read, warnings = parse_report(document, **codes)
    except InvalidDocument as error:
        faults = findings_of(error)
        raise InvalidInput(f"{name}: {counted(len(faults), 'fault')}", faults, valid=False) from error
    priority = assess(read)
    found["severity"] = {"level": priority.level, "reason": str(priority.reason)}
    found["hints"] = [str(hint) for hint in priority.hints]
    found["completeness"] = completeness(read)
    return found | {"warnings": [_warning(w) for w in warnings]}


def _warning(warning: Warning_) -> dict[str, str]:
    return {"pointer": warning.pointer, "detail": str(warning.sentence)}


@report.command(
    epilog=example(
        "article17 report submit report.json --preview",
        "article17 report submit report.json",
        "article17 report submit correction.json --case A17-2026-0001",
    )
)
@click.argument("file", type=click.File("rb"))
@_CASE
@click.option("--preview", is_flag=True, help="Say all that submitting would do, without doing it.")
@click.option("--key", help="The idempotency key; without one, the SHA-256 of the file, so that twice is harmless.")
@click.option("--confirm", metavar="VALUE", help="The second confirmation, when it was asked for.")
@json_option
def submit(file: IO[bytes], reference: str | None, preview: bool, key: str | None, confirm: str | None) -> None:
    """Submit the report in FILE (- for standard input) as the operator; everyone it names is told at once.

    With --case it follows the reports of that case, and everyone who was told of them is told of it.
    """
    content = file.read()
    document = read_json(content, name_of(file))
    if reference is not None:
        submit_later(document, content, reference, preview=preview, key=key, confirm=confirm)
        return
    if preview:
        show_preview(document)
        return
    used = key or hashlib.sha256(content).hexdigest()
    view, outcome = run(lambda system: _submit(document, used, confirm, system))
    show(view, *submission_pages(view, outcome.reasons, outcome.tasks))
    for text in outcome.remarks:
        note(text)


def show_preview(document: Any) -> None:
    """Print what submitting would do."""
    from notify.account import OPERATOR
    from notify.service.filing import preview_report

    view = run(lambda system: preview_report(document, OPERATOR, system.ports))
    show(view, *preview_pages(view))


class _Outcome(NamedTuple):
    """What people are told beside the view: why by notification, in words; the open tasks; what else to know."""

    reasons: Mapping[str, str]
    tasks: Sequence[Mapping[str, Any]]
    remarks: Sequence[str]


async def _submit(document: Any, key: str, confirmation: str | None, system: System) -> tuple[dict[str, Any], _Outcome]:
    from notify.account import OPERATOR
    from notify.errors import ConfirmationNeeded
    from notify.service.filing import submit_report
    from notify.service.reading import submission_view
    from notify.service.secretariat import list_tasks

    try:
        done = await submit_report(document, OPERATOR, key, system.ports, confirmation=confirmation)
    except ConfirmationNeeded as needed:
        hint = f"To confirm, give the same command again with: --confirm {needed.confirmation}"
        raise CannotBeDone(str(needed), hint=hint, confirmation=needed.confirmation) from needed
    view = await submission_view(done.reference, OPERATOR, system.ports) | {"new": done.new}
    async with system.ports.database.read() as work:
        told = await work.notifications.of_case(done.reference)
    reasons = {str(each.id): in_words(each.reason, system) for each in told}
    tasks = await list_tasks(system.ports, case=done.reference)
    return view, _Outcome(reasons, await tasks_in_words(system, tasks["tasks"]), await remarks(system, on_sending=True))
