"""Lets the States of a case consult (Article 17(4)): messages, requests with their answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from contacts.model import StateCode
from notify.account import Account, Right, require
from notify.attachment import NamedIn
from notify.case import Case, CaseStatus
from notify.consultation import (
    Act,
    Answer,
    Entry,
    Message,
    Request,
    RequestKind,
    answer_request,
    asked_state,
    check_answer,
    check_message,
    check_request,
    lane_named,
    may_read,
    opens_by_itself,
)
from notify.consultation_events import ConsultationOpened, MessagePosted, RequestAnswered, RequestMade
from notify.deadline import next_action
from notify.errors import Conflict, Fault, InvalidDocument, NotAllowed, NotFound
from notify.events import TaskDone
from notify.measure import check_disposal
from notify.ports import Ports, UnitOfWork
from notify.reader import Sight, acts_for
from notify.request_clock import deadline_of, turns_until
from notify.service.attaching import name_files
from notify.service.consultation_views import message_view, request_view
from notify.service.reading import stamp
from notify.service.sight import Place, place_of
from notify.task import TaskKind
from notify.words import CaseReference


async def open_consultation(case: Case, work: UnitOfWork, at: datetime, account: Account | None = None) -> None:
    """Open the consultation of a case in its unit of work; twice is harmless."""
    if not await work.consultation.open(case.reference, at, account.id if account else None):
        return
    work.record(
        ConsultationOpened(
            case_reference=case.reference,
            at=at,
            urgent=case.urgent,
            account=account.id if account else None,
            by_state=account.state if account else None,
        )
    )


async def open_with_dispatch(case: Case, work: UnitOfWork, at: datetime) -> None:
    """Open the consultation of a case that is notified under Article 17; of any other it opens on request."""
    if opens_by_itself(case.notification_class):
        await open_consultation(case, work, at)


async def open_on_request(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Open the consultation of a case because one of its States asks; every State of the case is told."""
    require(account, Right.CONSULT)
    async with ports.database.write() as work:
        place = await place_of(reference, account, work)
        if acts_for(place.reader, place.states) is None:
            raise NotAllowed("only the States of the case open its consultation")
        require_running(place.case)
        await open_consultation(place.case, work, ports.clock.now(), account)
        opened_at = await work.consultation.opened_at(reference)
        await work.commit()
    return {"reference": reference, "opened_at": stamp(opened_at)}


def require_running(case: Case) -> None:
    """Raise Conflict when a case has ended: what is new then reopens it."""
    if case.status is CaseStatus.WITHDRAWN:
        raise Conflict(f"case {case.reference} was withdrawn")
    if not case.running:
        raise Conflict(f"case {case.reference} is closed; new evidence reopens it")


async def enter_consultation(reference: CaseReference, account: Account, work: UnitOfWork) -> Place:
    """Find the place of who speaks in a consultation; raise NotFound, or Conflict when it is not open."""
    require(account, Right.CONSULT)
    place = await place_of(reference, account, work)
    require_running(place.case)
    if await work.consultation.opened_at(reference) is None:
        raise Conflict("the consultation of this case is not open; a State of the case opens it on request")
    return place


def speaker(account: Account) -> StateCode:
    """Give the State that an account speaks for."""
    if account.state is None:
        raise NotAllowed("only the States of the case consult, through those who act for them")
    return account.state


async def post_message(reference: CaseReference, document: object, account: Account, ports: Ports) -> dict[str, Any]:
    """Post a message in a lane; those who may read it are told. Said twice in a row it is one message."""
    given = check_message(document)
    async with ports.database.write() as work:
        place = await enter_consultation(reference, account, work)
        lane = lane_named(given.lane, given.state, place.reader, place.states)
        before = [one for one in await work.consultation.messages(reference) if one.lane == lane]
        if given.in_reply_to is not None and given.in_reply_to not in {one.id for one in before}:
            raise InvalidDocument([Fault("/in_reply_to", "no message of this lane has this id")])
        message = Message(
            id=ports.new_id("msg"),
            case_reference=reference,
            lane=lane,
            by_state=speaker(account),
            account=account.id,
            at=ports.clock.now(),
            text=given.text,
            attachments=given.attachments,
            in_reply_to=given.in_reply_to,
        )
        if before and replace(message, id=before[-1].id, account=before[-1].account, at=before[-1].at) == before[-1]:
            return message_view(before[-1])
        await name_files(given.attachments, NamedIn.MESSAGE, message.id, reference, account, work)
        await work.consultation.add_message(message)
        work.record(
            MessagePosted(
                case_reference=reference,
                at=message.at,
                urgent=place.case.urgent,
                message_id=message.id,
                lane=str(lane),
                by_state=message.by_state,
                account=account.id,
            )
        )
        await work.commit()
    return message_view(message)


async def make_request(reference: CaseReference, document: object, account: Account, ports: Ports) -> dict[str, Any]:
    """Ask another State for something; its clock begins (policy: answer). Asked twice while open it is one request."""
    given = check_request(document)
    async with ports.database.write() as work:
        place = await enter_consultation(reference, account, work)
        lane = lane_named(given.lane, given.state, place.reader, place.states)
        by_state = speaker(account)
        to_state = asked_state(given, lane, by_state, place.states)
        if given.kind is RequestKind.DISPOSAL:
            check_disposal(by_state, to_state, await _origins(reference, work), ports.registry.is_party)
        request = Request(
            id=ports.new_id("req"),
            case_reference=reference,
            lane=lane,
            kind=given.kind,
            by_state=by_state,
            to_state=to_state,
            account=account.id,
            at=ports.clock.now(),
            text=given.text,
            attachments=given.attachments,
        )
        same = await _asked_before(request, work)
        if same is None:
            await name_files(given.attachments, NamedIn.REQUEST, request.id, reference, account, work)
            await work.consultation.add_request(request)
            await _record_request(request, place, work, ports)
            await work.commit()
        shown = same or request
        deadline = await deadline_of(shown, place.case, work, ports, 1)
    return request_view(shown, deadline, place)


async def _asked_before(request: Request, work: UnitOfWork) -> Request | None:
    """Find the same request, still without a word on it."""
    for one in await work.consultation.requests(request.case_reference):
        if replace(request, id=one.id, account=one.account, at=one.at) == one:
            return one
    return None


async def _origins(reference: CaseReference, work: UnitOfWork) -> frozenset[StateCode]:
    """Name the States that a report of the case names as presumed origin."""
    named = [report.document.get("origin", {}).get("state") for report in await work.cases.reports(reference)]
    return frozenset(StateCode(code) for code in named if code and code != "unknown")


async def _record_request(request: Request, place: Place, work: UnitOfWork, ports: Ports) -> None:
    deadline = await deadline_of(request, place.case, work, ports, 1)
    following = next_action(deadline)
    work.record(
        RequestMade(
            case_reference=request.case_reference,
            at=request.at,
            urgent=place.case.urgent,
            request_id=request.id,
            lane=str(request.lane),
            by_state=request.by_state,
            to_state=request.to_state,
            account=request.account,
            next_action_at=following.at if following else None,
        )
    )


async def place_in_lane(
    entry: Entry, reference: CaseReference, account: Account, work: UnitOfWork, otherwise: str
) -> Place:
    """Find the place of who speaks to what was said before; raise NotFound when it may not read that."""
    require(account, Right.CONSULT)
    try:
        place = await place_of(reference, account, work)
    except NotFound:
        raise NotFound(otherwise) from None
    if may_read(place.reader, entry.lane, place.states, entry, ()) is not Sight.CONTENT:
        raise NotFound(otherwise)
    require_running(place.case)
    return place


async def say_to_request(request_id: str, document: object, account: Account, ports: Ports) -> dict[str, Any]:
    """Answer a request, decline it with a reason, or (who asks) say that more is needed, settle or withdraw it."""
    given = check_answer(document)
    async with ports.database.write() as work:
        request = await work.consultation.request(request_id)
        reference = request.case_reference
        place = await place_in_lane(request, reference, account, work, "there is no such request")
        act = Act(
            given.answer,
            speaker(account),
            account.id,
            ports.clock.now(),
            given.text,
            given.reason,
            given.attachments,
        )
        answered = answer_request(request, act, place.reader, place.states)
        if answered is not request:
            number = len(answered.acts)
            await name_files(given.attachments, NamedIn.ANSWER, f"{request.id}/{number}", reference, account, work)
            await work.consultation.add_act(answered)
            await _record_answer(answered, place, account, work, ports)
            await _close_task(answered, work, ports)
            await work.commit()
        turn = turns_until(answered, len(answered.acts))
        deadline = await deadline_of(answered, place.case, work, ports, turn)
    return request_view(answered, deadline, place)


async def _record_answer(request: Request, place: Place, account: Account, work: UnitOfWork, ports: Ports) -> None:
    act, number = request.acts[-1], len(request.acts)
    following = None
    if act.answer is Answer.MORE_NEEDED:
        deadline = await deadline_of(request, place.case, work, ports, turns_until(request, number))
        following = next_action(deadline)
    work.record(
        RequestAnswered(
            case_reference=request.case_reference,
            at=act.at,
            urgent=place.case.urgent,
            request_id=request.id,
            number=number,
            lane=str(request.lane),
            by_state=act.by_state,
            account=account.id,
            next_action_at=following.at if following else None,
        )
    )


async def _close_task(request: Request, work: UnitOfWork, ports: Ports) -> None:
    """Close the task that only wanted this request to be answered."""
    now = ports.clock.now()
    for task in await work.tasks.find(owner=None, done=False, case=request.case_reference):
        if task.kind is TaskKind.UNANSWERED_REQUEST and task.text.values.get("request") == request.id:
            task.done_at, task.done_by, task.result = now, "service", f"{request.acts[-1].answer}"
            await work.tasks.save(task)
            work.record(TaskDone(case_reference=task.case_reference, at=now, task_id=task.id))
