"""Carries an announced close on: asks twice, closes on silence that is proven, gives up on an objection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from contacts.model import ContactId, StateCode
from notify.acknowledgement import Acknowledgement
from notify.broadcast import routes_to_told
from notify.case import Case, CaseStatus
from notify.chain import final_stands
from notify.closing import (
    CloseResult,
    Closing,
    ClosingFacts,
    Next,
    NextKind,
    StateAtClose,
    StateOutcome,
    next_step,
    outcomes,
)
from notify.consultation import state_of
from notify.deadline import first_meeting
from notify.delivery import DeliveryState, NoticeKind
from notify.errors import NotDueYet
from notify.events import (
    CaseClosed,
    CloseAnnounced,
    CloseAnswered,
    CloseAskedAgain,
    CloseGivenUp,
    ReportSubmitted,
)
from notify.notification import Notification
from notify.ports import Ports, UnitOfWork
from notify.proof import ANSWERED_WITHIN
from notify.queueing import OF_THE_LADDER, Queue, cancel_waiting
from notify.report import ReportType
from notify.rows import DeliveryRow
from notify.sentence import Sentence
from notify.tasks import close_calls
from notify.words import CaseReference

LOOK_AGAIN_AFTER = timedelta(days=1)
"""A close that waits for a fact that nobody announces, such as the proof of a delivery, is looked at this often."""


async def go_on_closing(event: CloseAnnounced | CloseAskedAgain, work: UnitOfWork, ports: Ports) -> None:
    """Look at an announced close when its next time has come."""
    case, closing = await _running(event.case_reference, work)
    if closing is None or closing.id != event.closing_id:
        return
    step = await review(case, closing, work, ports)
    if step.kind is NextKind.WAIT:
        raise NotDueYet(_look_again(step, ports.clock.now()))


async def review_close(event: CloseAnswered | ReportSubmitted, work: UnitOfWork, ports: Ports) -> None:
    """Look at an announced close at once, because a State answered or a report followed."""
    case, closing = await _running(event.case_reference, work)
    if closing is not None:
        await review(case, closing, work, ports)


async def _running(reference: CaseReference, work: UnitOfWork) -> tuple[Case, Closing | None]:
    case, closing = await work.cases.get(reference), await work.closings.latest(reference)
    return case, closing if closing is not None and closing.running else None


async def review(case: Case, closing: Closing, work: UnitOfWork, ports: Ports) -> Next:
    """Do what an announced close comes to now."""
    now = ports.clock.now()
    step = next_step(await facts_of(case, closing, work, ports), now)
    match step.kind:
        case NextKind.ASK_AGAIN:
            await _ask_again(case, closing, step, work, ports)
        case NextKind.GIVE_UP:
            await _give_up(case, closing, step, work, ports)
        case NextKind.CLOSE:
            await _close(case, closing, step, work, ports)
    return step


def _look_again(step: Next, now: datetime) -> datetime:
    soon = now + LOOK_AGAIN_AFTER
    return soon if step.look_again_at is None else min(step.look_again_at, soon) if step.states else step.look_again_at


async def facts_of(case: Case, closing: Closing | None, work: UnitOfWork, ports: Ports) -> ClosingFacts:
    """Gather what the guard of the close looks at."""
    chain = [ReportType(told.type) for told in await work.cases.told(case.reference)]
    known = (await work.cases.report(case.reference, case.latest_sequence)).knowledge
    return ClosingFacts(
        status=case.status,
        final_stands=final_stands(chain),
        states_lessons=bool(known.get("lessons")),
        open_requests=await open_requests(work, case),
        states=await _states(case, closing, work, ports),
        undetermined=known.get("affected_states_determined") is False,
    )


async def open_requests(work: UnitOfWork, case: Case) -> tuple[str, ...]:
    """Name the requests of the consultation that wait for an answer."""
    return tuple(one.id for one in await work.consultation.requests(case.reference) if state_of(one).is_open)


async def _states(case: Case, closing: Closing | None, work: UnitOfWork, ports: Ports) -> tuple[StateAtClose, ...]:
    notifications = [n for n in await work.notifications.of_case(case.reference) if n.addressee.climbs]
    deliveries = await work.deliveries.of_case(case.reference)
    answers = await work.notifications.acknowledgements(case.reference)
    contacts = sorted({row.contact for row in deliveries if row.contact is not None})
    lately = await work.notifications.answered_since(contacts, ports.clock.now() - ANSWERED_WITHIN)
    return tuple(_state(n, closing, deliveries, answers, lately) for n in notifications)


def _state(
    notification: Notification,
    closing: Closing | None,
    deliveries: Sequence[DeliveryRow],
    answers: Sequence[Acknowledgement],
    lately: set[ContactId],
) -> StateAtClose:
    mine = [row for row in deliveries if row.notification_id == notification.id]
    received = [answer.at for answer in answers if answer.notification_id == notification.id]
    asked = closing.asked(notification.addressee.code) if closing is not None else None
    told = [row for row in mine if closing is not None and row.step.startswith(f"closing:{closing.id}")]
    # A State that acknowledged, by whatever means, is read of as one whose addresses answer.
    reads = lately | ({row.contact for row in mine if row.contact is not None} if received else set())
    return StateAtClose(
        state=StateCode(notification.addressee.code),
        receipt_proven_at=first_meeting([*received, *(_proven_at(row, reads) for row in mine)]),
        assessment=notification.assessment,
        asked_at=tuple(asked.asked_at) if asked is not None else (),
        told_proven_at=first_meeting(_proven_at(row, reads) for row in told),
        window_ends_at=asked.window_ends_at if asked is not None else None,
        answer=asked.answer if asked is not None else None,
    )


def _proven_at(row: DeliveryRow, lately: set[ContactId]) -> datetime | None:
    """Say when a delivery was proven: on evidence, or by acceptance for an address that has answered lately."""
    if row.state in (DeliveryState.RELAYED, DeliveryState.DELIVERED):
        return row.ended_at or row.accepted_at
    return row.accepted_at if row.state is DeliveryState.ACCEPTED and row.contact in lately else None


def closing_details(closing: Closing, state: str, *, again: bool) -> dict[str, Any]:
    """Say what a State is asked when a case is about to close."""
    asked = closing.asked(state)
    ends_at = asked.window_ends_at.isoformat() if asked is not None else None
    return {"closing_id": closing.id, "window_ends_at": ends_at, "again": again}


async def ask_states(
    case: Case, closing: Closing, states: Sequence[str], work: UnitOfWork, ports: Ports, *, again: bool = False
) -> None:
    """Ask States whether they object to the close, each through everyone who was told."""
    now = ports.clock.now()
    queue = Queue(ports, case.reference, sequence=case.latest_sequence, urgent=False, now=now)
    step = f"closing:{closing.id}:again" if again else f"closing:{closing.id}"
    for notification, routes in await routes_to_told(case, work):
        code = notification.addressee.code
        if notification.addressee.climbs and code in states:
            queue.to_routes(notification, routes, step, NoticeKind.CLOSING, closing_details(closing, code, again=again))
    await queue.write(work)


async def _ask_again(case: Case, closing: Closing, step: Next, work: UnitOfWork, ports: Ports) -> None:
    now = ports.clock.now()
    for asked in closing.states:
        if asked.state in step.states:
            asked.asked_at.append(now)
    await work.closings.save(closing)
    await ask_states(case, closing, step.states, work, ports, again=True)
    following = next_step(await facts_of(case, closing, work, ports), now)
    work.record(
        CloseAskedAgain(
            case_reference=case.reference,
            at=now,
            closing_id=closing.id,
            states=step.states,
            look_again_at=_look_again(following, now),
        )
    )


_STAYS_OPEN = Sentence("The close that was announced was given up; the case stays open.")
_OBJECTED = Sentence("A State objected to the close; the case stays open for consultation.")


async def _give_up(case: Case, closing: Closing, step: Next, work: UnitOfWork, ports: Ports) -> None:
    """End the closing and leave the case as it is; who objected is for the reporting State."""
    now = ports.clock.now()
    closing.ended_at, closing.result, closing.reasons = now, CloseResult.KEPT_OPEN, step.reasons
    await work.closings.save(closing)
    work.record(CloseGivenUp(case_reference=case.reference, at=now, closing_id=closing.id, states=step.states))
    if case.status is CaseStatus.WITHDRAWN:
        return
    said = _OBJECTED if step.states else _STAYS_OPEN
    await tell_everyone(
        case,
        f"kept_open:{closing.id}",
        NoticeKind.KEPT_OPEN,
        [said],
        work,
        ports,
        to_filer=step.reasons,
        states=closing,
    )


async def _close(case: Case, closing: Closing, step: Next, work: UnitOfWork, ports: Ports) -> None:
    """Close the case: no step of a ladder comes any more, and everyone is told on what it closed."""
    now = ports.clock.now()
    closing.ended_at, closing.result, closing.reasons = now, CloseResult.CLOSED, step.reasons
    await work.closings.save(closing)
    case.status, case.closed_at = CaseStatus.CLOSED, now
    await work.cases.save(case)
    stood = outcomes((await facts_of(case, closing, work, ports)).states)
    silent = tuple(state for state, how in stood.items() if how is StateOutcome.NO_OBJECTION_RECEIVED)
    spoke = tuple(state for state, how in stood.items() if how is StateOutcome.DID_NOT_OBJECT)
    work.record(
        CaseClosed(
            case_reference=case.reference,
            at=now,
            closing_id=closing.id,
            no_objection_received=silent,
            did_not_object=spoke,
        )
    )
    for notification in await work.notifications.of_case(case.reference):
        await cancel_waiting(notification, OF_THE_LADDER, work, ports)
    await close_calls(case, work, ports, "the case was closed")
    await tell_everyone(case, f"closed:{closing.id}", NoticeKind.CLOSED, step.reasons, work, ports)


async def tell_everyone(
    case: Case,
    step: str,
    kind: NoticeKind,
    lines: Sequence[Sentence],
    work: UnitOfWork,
    ports: Ports,
    *,
    to_filer: Sequence[Sentence] | None = None,
    states: Closing | None = None,
    evidence: str | None = None,
) -> None:
    """Tell everyone who was told of the case (of `states`: those that were asked), and the filer."""
    queue = Queue(ports, case.reference, sequence=case.latest_sequence, urgent=False, now=ports.clock.now())
    more = {} if evidence is None else {"evidence": evidence}
    for notification, routes in await routes_to_told(case, work):
        if states is None or states.asked(notification.addressee.code) is not None:
            queue.to_routes(notification, routes, step, kind, {"lines": [line.to_json() for line in lines], **more})
    queue.to_filer(step, kind, {"lines": [line.to_json() for line in (to_filer or lines)], **more})
    await queue.write(work)
