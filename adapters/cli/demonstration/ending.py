"""Writes the ending of the demonstration: the timeline, each State's response, the record, the tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from adapters.cli.demonstration.chronicle import chronicle, means, moment
from adapters.cli.demonstration.outcome import Outcome, StateOutcome
from adapters.cli.demonstration.parts import Role
from adapters.cli.demonstration.stage import Stage
from adapters.cli.demonstration.story import Story
from contacts.registry import Registry
from notify.policy import ClockKind
from notify.words import Severity

NOT_REAL = (
    "This is a demonstration. The report is a reconstruction, not a communication of any State; "
    "offices, addresses and answers are invented."
)

_WIDE = 136
_MIDDLE = 100
_NARROW = 80
_COLUMNS = {
    "State": 0,
    "Part": _NARROW,
    "Receipt after": 0,
    "By": _MIDDLE,
    "Grade": 0,
    "Assessment": 0,
    "Last step": _MIDDLE,
}
"""The columns, each with the width of a terminal from which on it is shown: without the rest they fit 60 characters."""
_LONGEST_NAME = 24


def print_ending(console: Console, stage: Stage, story: Story, outcome: Outcome) -> None:
    """Print how it ended."""
    registry = stage.system.ports.registry
    _heading(console, f"Timeline of case {outcome.reference} (simulated time, UTC)")
    for at, text in chronicle(story):
        _line(console, f"{moment(at)}  {text}")
    _heading(console, f"Response times (target: {_target(outcome, stage)})")
    if outcome.states:
        console.print(_response_times(outcome, stage, registry, console.width))
    else:
        _line(console, "No State but the filer's own is named in the report, so no notification was due.")
    _heading(console, "How the case stands")
    for text in _standing(outcome):
        _line(console, text)
    _line(console, "")
    _line(console, NOT_REAL)


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(text, style="bold", markup=False, highlight=False, soft_wrap=not console.is_terminal)


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=not console.is_terminal)


def _target(outcome: Outcome, stage: Stage) -> str:
    """Say within what time a receipt is wanted; where it is not urgent, only the working hours of a State count."""
    severity = Severity(outcome.severity)
    target = stage.system.ports.policy.target(ClockKind.ACKNOWLEDGEMENT, severity)
    if target is not None and target.unit == "wd":
        return f"{target.amount:g} working days"
    return f"{target}" if severity.urgent else f"{target} of working time"


def _response_times(outcome: Outcome, stage: Stage, registry: Registry, width: int) -> Table:
    """Lay out the answers, with as many columns as fit."""
    table = Table(box=None, padding=(0, 2 if width >= _MIDDLE else 1, 0, 0), header_style="dim")
    shown = [name for name, least in _COLUMNS.items() if width >= least]
    for name in shown:
        table.add_column(name, no_wrap=True)
    for state in outcome.states:
        row = _response(state, stage.roles.get(state.state))
        if width >= _WIDE:
            row["State"] = f"{state.state} {registry.name(state.state)[:_LONGEST_NAME]}"
        table.add_row(*(row[name] for name in shown))
    return table


def _response(state: StateOutcome, role: Role | None) -> dict[str, str]:
    none = "no receipt" if state.ended else "none so far"
    return {
        "State": state.state,
        "Part": role.part.value if role else "",
        "Receipt after": span(state.answered_after) if state.answered_after is not None else none,
        "By": means(state.means),
        "Grade": f"{state.grade or ''}{', late' if state.late else ''}",
        "Assessment": (state.assessment or "–").replace("_", " "),
        "Last step": (state.step or "–").replace("_", " "),
    }


def span(length: timedelta) -> str:
    """Write a length of time in hours and minutes."""
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"


def _standing(outcome: Outcome) -> Iterator[str]:
    answered = [state for state in outcome.states if state.answered_after is not None]
    if outcome.states:
        yield f"Acknowledged: {len(answered)} of {len(outcome.states)} States"
    yield f"Severity {outcome.severity}: {outcome.severity_reason}"
    if outcome.bch is not None:
        yield f"Biosafety Clearing-House: {outcome.bch}"
    if outcome.record == "none":
        yield "BCH record: none is due for this report"
    else:
        yield f"BCH record: {outcome.record}; to complete before clearance: {len(outcome.to_complete)} points"
        yield from (f"  - {text}" for text in outcome.to_complete)
    tasks = ", ".join(f"{kind.replace('_', ' ')} {number}" for kind, number in sorted(outcome.tasks.items()))
    yield f"Tasks raised: {tasks or 'none'}"
    if outcome.telephoned:
        states = ", ".join(outcome.telephoned)
        yield f"  - telephone now: one for the reporting State, one for the secretariat on duty, for each of {states}"
    yield f"Mails caught: {outcome.emails}. Webhooks taken: {outcome.webhooks}. Rows of the log: {outcome.timeline}."
