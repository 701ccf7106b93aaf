"""Gathers how the demonstration ended, from what the service itself says of the case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters.cli.demonstration.play import Performance
from adapters.cli.demonstration.stage import Stage
from notify.task import TaskKind


@dataclass(frozen=True, slots=True)
class StateOutcome:
    """How one addressee State ended."""

    state: str
    status: str
    grade: str | None
    assessment: str | None
    answered_after: timedelta | None
    means: str
    late: bool
    step: str | None
    ended: bool  # answered, or said to have no receipt; not so when the demonstration was cut short

    @property
    def escalated(self) -> bool:
        """Tell whether its ladder went past the reminder."""
        return self.step not in (None, "reminder")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the demonstration ended."""

    reference: str
    severity: str
    severity_reason: str
    states: tuple[StateOutcome, ...]
    bch: str | None
    emails: int
    webhooks: int
    timeline: int
    record: str
    to_complete: tuple[str, ...]
    tasks: dict[str, int]
    telephoned: tuple[str, ...]  # States with a task to telephone for more than one owner

    def summary(self) -> dict[str, Any]:
        """Write the line that `--json` ends with."""
        return {
            "case": self.reference,
            "severity": self.severity,
            "notified": [state.state for state in self.states],
            "acknowledged": [state.state for state in self.states if state.grade is not None],
            "escalated": [state.state for state in self.states if state.escalated],
            "no_receipt": [state.state for state in self.states if state.grade is None],
            "emails": self.emails,
            "webhooks": self.webhooks,
            "timeline": self.timeline,
            "record": self.record,
        }


async def read_outcome(stage: Stage, performance: Performance) -> Outcome:
    """Ask the service, as the filer and as the secretariat, how the case stands."""
    service, filer, case = stage.service, performance.filer_token, f"/api/v1/cases/{performance.reference}"
    told = (await service.get(f"{case}/notifications", filer))["notifications"]
    record = await service.get(f"{case}/record", filer)
    tasks_address = f"/api/v1/tasks?done=all&case={performance.reference}&limit=1000"
    tasks = (await service.get(tasks_address, stage.secretariat_token))["tasks"]
    return Outcome(
        reference=performance.reference,
        severity=performance.severity["level"],
        severity_reason=performance.severity["reason"],
        states=tuple(_state_outcome(view) for view in told if view["state"] is not None),
        bch=(await service.get(case, filer))["bch"],
        emails=stage.catcher.received,
        webhooks=len(stage.receiver.received),
        timeline=len((await service.get(f"{case}/timeline", filer))["entries"]),
        record=record["state"],
        to_complete=tuple(record["to_complete"]),
        tasks=dict(Counter(task["kind"] for task in tasks)),
        telephoned=_of_two_owners([task for task in tasks if task["kind"] == TaskKind.TELEPHONE_NOW]),
    )


def _of_two_owners(tasks: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    counted = Counter(task["state"] for task in tasks)
    return tuple(sorted(state for state, number in counted.items() if number > 1))


def _state_outcome(view: dict[str, Any]) -> StateOutcome:
    issued_at = datetime.fromisoformat(view["issued_at"])
    received_at = view["received_at"]
    answers = view["acknowledgements"]
    return StateOutcome(
        state=view["state"],
        status=view["status"],
        grade=view["grade"],
        assessment=view["assessment"],
        answered_after=datetime.fromisoformat(received_at) - issued_at if received_at else None,
        means=answers[0]["means"] if answers else "",
        late=bool(answers) and answers[0]["late"],
        step=view["step"],
        ended=received_at is not None or view["no_receipt_at"] is not None,
    )
