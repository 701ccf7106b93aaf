"""Tells who must know what happened: the filer, a State's other contacts, the secretariat, the operator."""

from __future__ import annotations

from typing import Any

from contacts.model import ContactRole
from notify.acknowledgement import Acknowledgement
from notify.case import Case
from notify.delivery import NoticeKind
from notify.events import (
    SERVICE_CHAIN,
    DispatchPaused,
    DispatchResumed,
    MessageParked,
    NotificationAcknowledged,
    NotificationUnreached,
    TaskRaised,
)
from notify.inquiry import is_inquiry
from notify.ladder import NEVER_ARRIVED, contacts_of, declined_contacts, told_contacts
from notify.ports import Ports, UnitOfWork
from notify.queueing import Queue
from notify.routing import routes_of, step_reason
from notify.sentence import Sentence
from notify.task import SECRETARIAT, TaskKind
from notify.tasks import raise_task
from notify.words import ChannelName


def queue_of(case: Case, ports: Ports) -> Queue:
    """Open a queue of deliveries on a case."""
    return Queue(
        ports,
        case.reference,
        sequence=case.latest_sequence,
        urgent=case.urgent,
        now=ports.clock.now(),
    )


async def tell_filer_of_answer(event: NotificationAcknowledged, work: UnitOfWork, ports: Ports) -> None:
    """Tell the filer of each acknowledgement."""
    case = await work.cases.get(event.case_reference)
    answer = await _answer(event, work)
    queue = queue_of(case, ports)
    queue.to_filer(f"answer:{answer.id}", NoticeKind.ACKNOWLEDGED, answer_details(answer, event.addressee))
    await queue.write(work)


async def _answer(event: NotificationAcknowledged, work: UnitOfWork) -> Acknowledgement:
    answers = await work.notifications.acknowledgements(event.case_reference)
    return next(answer for answer in answers if answer.id == event.acknowledgement_id)


def answer_details(answer: Acknowledgement, addressee: str) -> dict[str, Any]:
    """Write an answer as the details of a notice."""
    return {
        "state": addressee,
        "grade": answer.grade.value,
        "assessment": answer.assessment.value if answer.assessment else None,
        "preliminary": answer.preliminary,
        "by": answer.by,
        "office": answer.office,
        "at": answer.at.isoformat(),
        "means": answer.means.value,
        "late": answer.late,
    }


async def tell_other_contacts(event: NotificationAcknowledged, work: UnitOfWork, ports: Ports) -> None:
    """Tell the State's other contacts who answered, so that one of them can say "this was not us"."""
    case = await work.cases.get(event.case_reference)
    notification = await work.notifications.get(event.notification_id)
    if not notification.addressee.climbs:
        return
    answer = await _answer(event, work)
    deliveries = await work.deliveries.of_notification(notification.id)
    contacts = await contacts_of(work, notification.addressee, case)
    told = told_contacts([row for row in deliveries if row.state not in NEVER_ARRIVED])
    told -= await declined_contacts(notification, work)
    own = {c.email.casefold() for c in contacts if c.id == answer.contact}
    others = [c for c in contacts if c.id in told and c.email.casefold() not in own]
    routes = routes_of(others, lambda contact: step_reason(event.addressee, contact))
    queue = queue_of(case, ports)
    details = answer_details(answer, event.addressee)
    queue.to_routes(notification, routes, f"answered:{answer.id}", NoticeKind.ANSWERED, details)
    await queue.write(work)


_WHY_UNREACHED = {
    "no_contact_left": Sentence("No address that is known of it could be reached; the secretariat was asked to help."),
    "no_receipt": Sentence("No receipt is recorded, although every step of the ladder was taken."),
}


async def tell_filer_of_silence(event: NotificationUnreached, work: UnitOfWork, ports: Ports) -> None:
    """Tell the filer of each State that could not be reached."""
    case = await work.cases.get(event.case_reference)
    details = {"state": event.addressee, "reason": _WHY_UNREACHED[event.reason].to_json(), "at": event.at.isoformat()}
    queue = queue_of(case, ports)
    queue.to_filer(f"unreached:{event.notification_id}:{event.reason}", NoticeKind.UNREACHED, details)
    await queue.write(work)


async def mail_task(event: TaskRaised, work: UnitOfWork, ports: Ports) -> None:
    """Mail a task to the secretariat, and to the filer when its State owns it."""
    task = await work.tasks.get(event.task_id)
    if task.done_at is not None:
        return
    details = {
        "task_id": task.id,
        "kind": task.kind.value,
        "owner": task.owner,
        "state": task.state,
        "task": task.text.to_json(),
        "due_at": task.due_at.isoformat(),
    }
    of_service = event.case_reference == SERVICE_CHAIN
    queue = (
        Queue(ports, SERVICE_CHAIN, sequence=0, urgent=False, now=ports.clock.now())
        if of_service
        else queue_of(await work.cases.get(event.case_reference), ports)
    )
    secretariat = await work.contacts.with_roles([ContactRole.SECRETARIAT])
    reason = Sentence("Tasks are mailed to the contacts of the secretariat.")
    routes = [route for route in routes_of(secretariat, lambda _: reason) if route.channel is ChannelName.EMAIL]
    queue.to_routes(None, routes, f"task:{task.id}", NoticeKind.TASK, details)
    if task.owner != SECRETARIAT:
        queue.to_filer(f"task:{task.id}", NoticeKind.TASK, details)
    await queue.write(work)


async def tell_filer_of_pause(event: DispatchPaused, work: UnitOfWork, ports: Ports) -> None:
    """Tell each reporting State at once that the secretariat holds all sending."""
    if event.case_reference == SERVICE_CHAIN:
        return
    case = await work.cases.get(event.case_reference)
    details = {"reason": event.reason, "until": event.paused_until.isoformat(), "at": event.at.isoformat()}
    queue = queue_of(case, ports)
    queue.to_filer(f"pause:{event.at.isoformat()}", NoticeKind.PAUSED, details)
    await queue.write(work)


async def end_pause(event: DispatchPaused, work: UnitOfWork, ports: Ports) -> None:
    """Let the brake go when its time is over and nobody renewed it."""
    pause = await work.brake.current()
    if event.case_reference != SERVICE_CHAIN or pause is None or pause.paused_until > ports.clock.now():
        return
    await work.brake.lift()
    await record_resumption(work, ports)


def one_of_each_state(cases: list[Case]) -> list[Case]:
    """Choose one running case of each reporting State: it is told once, however many cases it has."""
    return list({case.reporting_state: case for case in sorted(cases, key=lambda case: case.opened_at)}.values())


async def record_resumption(work: UnitOfWork, ports: Ports, account: Any = None) -> None:
    """Put the end of a pause on record, in every running case and in the service's own chain."""
    now = ports.clock.now()
    for case in one_of_each_state(await work.cases.running()):
        work.record(DispatchResumed(case_reference=case.reference, at=now, account=account))
    work.record(DispatchResumed(case_reference=SERVICE_CHAIN, at=now, account=account))


async def tell_filer_of_resumption(event: DispatchResumed, work: UnitOfWork, ports: Ports) -> None:
    """Tell each reporting State that sending goes on."""
    if event.case_reference == SERVICE_CHAIN:
        return
    case = await work.cases.get(event.case_reference)
    queue = queue_of(case, ports)
    queue.to_filer(f"resume:{event.at.isoformat()}", NoticeKind.RESUMED, {"at": event.at.isoformat()})
    await queue.write(work)


async def alarm_operator(event: MessageParked, work: UnitOfWork, ports: Ports) -> None:
    """Mail the operator that a message was laid aside."""
    if event.handler == "alarm_operator":
        return
    if event.case_reference != SERVICE_CHAIN and not is_inquiry(event.case_reference):
        case = await work.cases.get(event.case_reference)
        text = Sentence(
            "A message of this case ({handler}) was laid aside: {reason}",
            {"handler": event.handler, "reason": event.error},
        )
        await raise_task(work, ports, case, TaskKind.PARKED_MESSAGE, SECRETARIAT, None, text)
    line = Sentence(
        "Outbox message {number} ({handler}) of {case} was parked: {reason}",
        {
            "number": event.outbox_id,
            "handler": event.handler,
            "case": str(event.case_reference),
            "reason": event.error,
        },
    )
    queue = Queue(ports, event.case_reference, sequence=0, urgent=True, now=ports.clock.now())
    queue.to_operator(f"alarm:{event.outbox_id}:{event.at.isoformat()}", NoticeKind.ALARM, {"lines": [line.to_json()]})
    await queue.write(work)
