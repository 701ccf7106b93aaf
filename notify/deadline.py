"""Runs every clock by one mechanism: a deadline has a subject and a due time, and facts alone meet it (policy)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contacts.model import StateCode
from notify.clock_rules import CLOCK_RULES, ClockRule, SubjectKind
from notify.completeness import ItemCompleteness
from notify.policy import ClockKind, Policy
from notify.words import Severity
from notify.working_time import Calendar, due_at

DRAFT_PROMPT = timedelta(hours=1)
"""The time from knowledge to filing has no allowance: a draft is prompted this often."""

CalendarOf = Callable[[StateCode], Calendar]


class Outcome(StrEnum):
    """How a deadline stands; derived from its facts, never stored."""

    ON_REQUEST = "on_request"  # no time is set
    RUNNING = "running"
    MET = "met"
    MET_LATE = "met_late"
    MISSED = "missed"  # past due, and still open
    STOPPED = "stopped"  # the case ended before it was due


@dataclass(frozen=True, slots=True)
class Subject:
    """What a clock runs on: a case, a notification, a State's lane, a request, a State at the close."""

    kind: SubjectKind
    id: str


@dataclass(frozen=True, slots=True)
class Start:
    """One beginning of a clock, under the severity of that time."""

    at: datetime
    severity: Severity


@dataclass(frozen=True, slots=True)
class Deadline:
    """One clock running on one subject."""

    kind: ClockKind
    subject: Subject
    owner: StateCode | None  # the State that must act; None: the service
    started_at: datetime
    due_at: datetime | None  # None: on request only
    met_at: datetime | None = None
    stopped_at: datetime | None = None
    reminders: tuple[datetime, ...] = ()
    round: int = 1  # of several on one subject: the sequence of the report, or the turn of the request

    def outcome(self, now: datetime) -> Outcome:
        """Say how it stands at a time; a fact after that time does not count yet."""
        if self.met_at is not None and self.met_at <= now:
            return Outcome.MET if self.due_at is None or self.met_at <= self.due_at else Outcome.MET_LATE
        if self.stopped_at is not None and self.stopped_at <= now:
            # Ended before it was due it was not missed; ended after, it stays missed.
            stopped_in_time = self.due_at is None or self.stopped_at <= self.due_at
            return Outcome.STOPPED if stopped_in_time else Outcome.MISSED
        if self.due_at is None:
            return Outcome.ON_REQUEST
        return Outcome.MISSED if now > self.due_at else Outcome.RUNNING

    @property
    def rule(self) -> ClockRule:
        """What starts and meets clocks of this kind, and what follows."""
        return CLOCK_RULES[self.kind]


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock as facts give it: its starts (the first, then each rise of severity while it ran), what met it."""

    kind: ClockKind
    subject: Subject
    calendar: Calendar
    starts: Sequence[Start]
    met_at: datetime | None = None
    stopped_at: datetime | None = None
    owner: StateCode | None = None
    round: int = 1


def deadline(clock: Clock, policy: Policy) -> Deadline:
    """Lay out one deadline with its reminders.

    A rise of severity starts the clock anew under the faster target, and never makes it due later than it was;
    a fall changes nothing of a clock that runs. A fact before the start counts as met at the start.
    """
    first = clock.starts[0]
    timed = [(due, start) for start in _rises(clock) if (due := _due(clock, policy, start, 1.0)) is not None]
    due, governing = min(timed, key=lambda one: one[0], default=(None, first))
    reminders: list[datetime] = []
    if due is not None and CLOCK_RULES[clock.kind].reminds:
        times = (_due(clock, policy, governing, share) for share in policy.reminders)
        reminders = [time for time in times if time is not None and time < due]
    return Deadline(
        kind=clock.kind,
        subject=clock.subject,
        owner=clock.owner,
        started_at=first.at,
        due_at=due,
        met_at=None if clock.met_at is None else max(clock.met_at, first.at),
        stopped_at=clock.stopped_at,
        reminders=tuple(reminders),
        round=clock.round,
    )


def _rises(clock: Clock) -> Iterator[Start]:
    """Give the starts that count: each more urgent than all before it, while the clock was not met yet."""
    levels = list(Severity)
    lowest = len(levels)
    for start in clock.starts:
        after = clock.met_at is not None and start.at > clock.met_at
        if levels.index(start.severity) < lowest and not after:
            lowest = levels.index(start.severity)
            yield start


def _due(clock: Clock, policy: Policy, start: Start, share: float) -> datetime | None:
    target = policy.target(clock.kind, start.severity)
    if target is None:
        return None
    return due_at(start.at, target, share=share, calendar=clock.calendar, working=not start.severity.urgent)


class ActionKind(StrEnum):
    """What a clock asks for."""

    REMIND = "remind"  # whoever must act
    TASK = "task"  # the secretariat: the time has passed


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do for one deadline; `number` counts its reminders from 1, a task is 0."""

    kind: ActionKind
    at: datetime
    number: int = 0


def actions(one: Deadline) -> tuple[Action, ...]:
    """List all that an unmet deadline would ever ask for, in order."""
    listed = [Action(ActionKind.REMIND, at, number) for number, at in enumerate(one.reminders, start=1)]
    if one.due_at is not None and one.rule.raises_task:
        listed.append(Action(ActionKind.TASK, one.due_at))
    return tuple(listed)


def due_action(one: Deadline, now: datetime, last: Action | None = None) -> Action | None:
    """Find what to do now: of several missed actions the latest only, none of them twice, nothing once it is over."""
    if one.outcome(now) not in (Outcome.RUNNING, Outcome.MISSED) or _is_over(one, now):
        return None
    due = [action for action in actions(one) if action.at <= now and _is_after(action, last)]
    return due[-1] if due else None


def next_action(one: Deadline, last: Action | None = None) -> Action | None:
    """Find the action that follows, to be put on the outbox; None: nothing follows, or facts have ended the clock."""
    if one.met_at is not None or one.stopped_at is not None:
        return None
    return next((action for action in actions(one) if _is_after(action, last)), None)


def _is_over(one: Deadline, now: datetime) -> bool:
    return one.stopped_at is not None and one.stopped_at <= now


def _is_after(action: Action, last: Action | None) -> bool:
    if last is None:
        return True
    if last.kind is ActionKind.TASK:
        return False
    return action.kind is ActionKind.TASK or action.number > last.number


def is_complete(found: Mapping[str, ItemCompleteness], policy: Policy) -> bool:
    """Tell whether a report counts as complete: enough of each letter (a) to (e) of Article 17(3) is given."""
    return all(item["share"] >= policy.completeness_share for item in found.values())


def first_meeting(times: Iterable[datetime | None]) -> datetime | None:
    """Give the earliest fact that meets a clock, or None."""
    return min((time for time in times if time is not None), default=None)


def next_prompt(opened_at: datetime, now: datetime) -> datetime:
    """Say when a draft is prompted next: each hour from its beginning, those missed once."""
    passed = max((now - opened_at) // DRAFT_PROMPT, 0)
    return opened_at + DRAFT_PROMPT * (passed + 1)
