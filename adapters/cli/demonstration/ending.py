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

NOT_REAL = (
    "This is a demonstration. The report is a reconstruction, not a communication of any State; "
    "offices, addresses and answers are invented."
)

_WIDE = 110
_LONGEST_NAME = 24


def print_ending(console: Console, stage: Stage, story: Story, outcome: Outcome) -> None:
    """Print how it ended."""
    registry = stage.system.ports.registry
    _heading(console, f"Timeline of case {outcome.reference} (simulated time, UTC)")
    for at, text in chronicle(story):
        _line(console, f"{moment(at)}  {text}")
    targets = {state.target for state in outcome.states}
    same = f" (target: {span(next(iter(targets)))})" if len(targets) == 1 else ""
    _heading(console, f"Response times{same}")
    if outcome.states:
        console.print(_response_times(outcome, stage, registry, named=console.width >= _WIDE, same=bool(same)))
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


def _response_times(outcome: Outcome, stage: Stage, registry: Registry, *, named: bool, same: bool) -> Table:
    """Lay out the answers; the target has a column where States have different ones."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("State", "Part", "Receipt after", *(() if same else ("Target",)), "By", "Grade", "Last step"):
        table.add_column(name, no_wrap=True)
    for state in outcome.states:
        name = f"{state.state} {registry.name(state.state)[:_LONGEST_NAME]}" if named else state.state
        table.add_row(name, *_response(state, stage.roles.get(state.state), same=same))
    return table


def _response(state: StateOutcome, role: Role | None, *, same: bool) -> Iterator[str]:
    yield role.part.value if role else ""
    none = "no receipt" if state.ended else "none so far"
    yield span(state.answered_after) if state.answered_after is not None else none
    if not same:
        yield span(state.target)
    yield means(state.means)
    grade = state.assessment.replace("_", " ") if state.assessment else state.grade or ""
    yield f"{grade}, late" if state.late else grade
    yield (state.step or "–").replace("_", " ")


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
    yield f"Mails caught: {outcome.emails}. Webhooks taken: {outcome.webhooks}. Rows of the log: {outcome.timeline}."
