"""Reminds whoever must act before the time of a clock has passed, and tells the secretariat afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from contacts.model import StateCode
from notify.case import Case
from notify.case_history import CaseHistory
from notify.clock_rules import SubjectKind
from notify.clock_words import reminder_words, task_words
from notify.clocks import ClockKind
from notify.deadline import Action, Deadline
from notify.delivery import NoticeKind
from notify.ladder import NEVER_ARRIVED, declined_contacts, routes_for, told_contacts
from notify.ports import Ports, UnitOfWork
from notify.queueing import Queue
from notify.task import SECRETARIAT, TaskKind
from notify.tasks import raise_task
from notify.words import NotificationId

_OF_A_STATE = (SubjectKind.NOTIFICATION, SubjectKind.LANE, SubjectKind.CLOSING)


async def remind(
    case: Case, history: CaseHistory, due: Sequence[tuple[Deadline, Action]], work: UnitOfWork, ports: Ports
) -> None:
    """Remind each owner once for each kind of clock, however many of its clocks are due."""
    queue = Queue(ports, case.reference, sequence=case.latest_sequence, urgent=case.urgent, now=ports.clock.now())
    grouped: dict[tuple[ClockKind, StateCode | None], list[tuple[Deadline, Action]]] = defaultdict(list)
    for one, action in due:
        grouped[one.kind, one.owner].append((one, action))
    for (kind, owner), group in grouped.items():
        one, action = group[0]
        about = [_state_of(each, history) or str(case.reporting_state) for each, _ in group]
        due_at = min(each.due_at for each, _ in group if each.due_at is not None)
        details: dict[str, object] = {
            "clock": kind.value,
            "due_at": due_at.isoformat(),
            "lines": [reminder_words(kind, state).to_json() for state in about],
        }
        step = f"clock:{kind}:{due_at:%y%m%d%H%M%S}:{action.number}"
        if owner == case.reporting_state:
            queue.to_filer(step, NoticeKind.CLOCK, details)
        elif one.subject.kind is SubjectKind.NOTIFICATION:
            await _to_the_told(NotificationId(one.subject.id), queue, step, details, work)
    await queue.write(work)


def _state_of(one: Deadline, history: CaseHistory) -> str | None:
    """Name the State that a clock is about; None: the case as a whole."""
    if one.subject.kind is SubjectKind.NOTIFICATION:
        told = history.notifications.get(NotificationId(one.subject.id))
        return told.addressee if told is not None else None
    return one.subject.id if one.subject.kind in _OF_A_STATE else None


def _has_messages(one: Deadline, history: CaseHistory) -> bool:
    told = history.notifications.get(NotificationId(one.subject.id))
    return told is not None and bool(told.deliveries)


async def _to_the_told(
    notification_id: NotificationId, queue: Queue, step: str, details: dict[str, object], work: UnitOfWork
) -> None:
    """Remind the contacts of a State that were told and are its contacts still."""
    notification = await work.notifications.get(notification_id)
    deliveries = await work.deliveries.of_notification(notification.id)
    told = told_contacts([row for row in deliveries if row.state not in NEVER_ARRIVED])
    told -= await declined_contacts(notification, work)
    contacts = [c for c in await work.contacts.many(sorted(told)) if c.state == notification.addressee.code]
    queue.to_routes(notification, routes_for(notification, contacts), step, NoticeKind.CLOCK, details)


async def hand_over(
    case: Case, history: CaseHistory, missed: Sequence[Deadline], work: UnitOfWork, ports: Ports
) -> None:
    """Give the secretariat one task for each kind of clock whose time has passed, with all States it is about."""
    grouped: dict[ClockKind, list[Deadline]] = defaultdict(list)
    for one in missed:
        grouped[one.kind].append(one)
    for kind, group in grouped.items():
        if kind is ClockKind.DISPATCH:
            # Whom nobody could be found for is a task already.
            group = [one for one in group if _has_messages(one, history)]
            if not group:
                continue
        named = [_state_of(one, history) for one in group]
        states = sorted({state for state in named if state is not None})
        text = task_words(kind, str(case.reporting_state), states)
        about = StateCode(states[0]) if len(states) == 1 and len(states[0]) == 2 else None
        await raise_task(work, ports, case, TaskKind.CLOCK_MISSED, SECRETARIAT, about, text)
