"""Looks at all clocks of one case when one of them is due: puts them on record, reminds, hands over to a person.

One message a case waits in the outbox until the next time that something is due. What it does follows from the
log of the case as it is then, so nothing fires for what was done meanwhile; after an outage the latest fires, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contacts.model import StateCode
from notify.calendars import read_calendars
from notify.case import Case
from notify.case_clocks import CaseFacts, deadlines
from notify.case_history import CaseHistory, ClockKey, facts_of, key_of, started_entry
from notify.clock_events import ClockMissed, ClockReminded, ClocksStarted
from notify.clock_telling import hand_over, remind
from notify.clocks import ClockKind
from notify.deadline import Action, ActionKind, CalendarOf, Deadline, due_action, next_action
from notify.event import Event
from notify.log_reading import history_of
from notify.ports import Ports, UnitOfWork
from notify.proof import look
from notify.proof_telling import Unproven, go_on_without_proof
from notify.working_time import Calendar

WATCHED = frozenset(ClockKind) - {
    # The acknowledgement has its ladder, a request and the close have steps of their own; proof is looked at apart.
    ClockKind.ACKNOWLEDGEMENT,
    ClockKind.ANSWER,
    ClockKind.OBJECTION,
    ClockKind.PROOF,
}


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of one case as they stand."""

    history: CaseHistory
    facts: CaseFacts
    calendar_of: CalendarOf
    all: tuple[Deadline, ...]


async def read_clocks(case: Case, work: UnitOfWork, ports: Ports) -> Clocks:
    """Derive every clock of a case from its log."""
    history = history_of(case.reference, await work.log.rows(case.reference))
    facts = facts_of(history, case.policy)
    calendar_of = await read_calendars(history, work, ports)
    return Clocks(history, facts, calendar_of, deadlines(facts, calendar_of) if facts.reports else ())


async def watch_clocks(event: Event, work: UnitOfWork, ports: Ports) -> datetime | None:
    """Do what is due for the clocks of a case; say when to look again, or None when all of them have ended."""
    # Whoever answers at this moment waits, or is seen: nothing is asked for after it was given.
    await work.log.hold(event.case_reference)
    case = await work.cases.get(event.case_reference)
    clocks = await read_clocks(case, work, ports)
    _put_on_record(case, clocks, work, ports)
    fired = await _fire(case, clocks, work, ports)
    again_at = [await _look_at_proof(case, clocks, work, ports)] if case.running else []
    again_at += [_next(one, fired.get(key_of(one))) for one in clocks.all if one.kind in WATCHED]
    next_at = min((at for at in again_at if at is not None), default=None)
    if next_at is None or isinstance(event, ClocksStarted):
        return next_at
    # A case has one such message; where it waits for a later time, it is brought forward.
    moved = await work.outbox.bring_forward(case.reference, watch_clocks.__name__, next_at)
    return None if moved else next_at


def _next(one: Deadline, last: Action | None) -> datetime | None:
    following = next_action(one, last)
    return following.at if following is not None else None


def _put_on_record(case: Case, clocks: Clocks, work: UnitOfWork, ports: Ports) -> None:
    on_record = clocks.history.started
    new = [one for one in clocks.all if key_of(one) not in on_record or on_record[key_of(one)] != one.due_at]
    if new:
        now = ports.clock.now()
        entries = tuple(started_entry(one) for one in new)
        work.record(ClocksStarted(case_reference=case.reference, at=now, clocks=entries))


async def _fire(case: Case, clocks: Clocks, work: UnitOfWork, ports: Ports) -> dict[ClockKey, Action]:
    """Fire what is due; give the last action of each clock, as it is then."""
    now, fired = ports.clock.now(), dict(clocks.history.fired)
    reminders: list[tuple[Deadline, Action]] = []
    missed: list[Deadline] = []
    for one in clocks.all:
        action = due_action(one, now, fired.get(key_of(one))) if one.kind in WATCHED else None
        if action is None or one.due_at is None:
            continue
        fired[key_of(one)] = action
        if action.kind is ActionKind.REMIND:
            reminders.append((one, action))
        else:
            missed.append(one)
        work.record(_fired(case, one, one.due_at, action, now))
    if reminders:
        await remind(case, clocks.history, reminders, work, ports)
    if missed:
        await hand_over(case, clocks.history, missed, work, ports)
    return fired


def _fired(case: Case, one: Deadline, due_at: datetime, action: Action, now: datetime) -> Event:
    if action.kind is ActionKind.REMIND:
        return ClockReminded(
            case_reference=case.reference,
            at=now,
            clock=one.kind,
            subject_kind=one.subject.kind,
            subject=one.subject.id,
            round=one.round,
            number=action.number,
            due_at=due_at,
            owner=one.owner,
        )
    return ClockMissed(
        case_reference=case.reference,
        at=now,
        clock=one.kind,
        subject_kind=one.subject.kind,
        subject=one.subject.id,
        round=one.round,
        due_at=due_at,
        owner=one.owner,
    )


async def _look_at_proof(case: Case, clocks: Clocks, work: UnitOfWork, ports: Ports) -> datetime | None:
    now, found, again_at = ports.clock.now(), [], []
    for told in clocks.history.notifications.values():
        calendar = clocks.calendar_of(StateCode(told.addressee))

        def due_at(at: datetime, calendar: Calendar = calendar) -> datetime | None:
            return case.policy.due_at(ClockKind.PROOF, case.severity, at, calendar)

        seen = look(told, due_at, now)
        again_at += [seen.again_at] if seen.again_at is not None else []
        if seen.overdue:
            found.append(Unproven(told, seen.overdue))
    if found and await go_on_without_proof(case, found, work, ports):
        # Whoever was told now may be without proof in turn.
        again_at += _earliest_proof(case, clocks, (unproven.told.addressee for unproven in found), now)
    return min(again_at, default=None)


def _earliest_proof(case: Case, clocks: Clocks, addressees: Iterable[str], now: datetime) -> list[datetime]:
    calendars = (clocks.calendar_of(StateCode(code)) for code in addressees)
    due = (case.policy.due_at(ClockKind.PROOF, case.severity, now, calendar) for calendar in calendars)
    return [at for at in due if at is not None]
