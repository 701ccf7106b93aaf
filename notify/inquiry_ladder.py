"""Climbs the ladder of an unanswered inquiry, moves on when a contact cannot be reached, and tells of its answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from contacts.model import Contact, ContactRole, StateCode
from contacts.registry import contacts_for, next_contact
from notify.consultation_events import InquiryAnswered, InquiryEscalated, InquiryMade, InquiryWithdrawn
from notify.consultation_telling import excerpt
from notify.delivery import NoticeKind
from notify.errors import FailureKind, NotDueYet
from notify.escalation import contacts_for_step, contacts_to_telephone, next_due
from notify.events import DeliveryFailed, TaskRaised
from notify.inquiry import Asker, AskerKind, Inquiry, answer_due_at, ladder, step_due
from notify.ladder import NEVER_ARRIVED, told_contacts
from notify.policy import EscalationStep
from notify.ports import Ports, UnitOfWork
from notify.queueing import Queue
from notify.routing import Route, routes_of, step_reason
from notify.rows import InquiryRow
from notify.sentence import N_, Sentence
from notify.task import SECRETARIAT, TaskKind
from notify.tasks import raise_task
from notify.words import CaseReference, Severity

_AS_SECRETARIAT = Sentence("The secretariat is told of each inquiry.")


def queue_for(inquiry: Inquiry, ports: Ports) -> Queue:
    """Open a queue of deliveries on an inquiry."""
    now = ports.clock.now()
    reference = CaseReference(inquiry.reference)
    return Queue(ports, reference, sequence=0, urgent=inquiry.urgent, now=now)


def inquiry_details(row: InquiryRow, due_at: datetime | None, ports: Ports) -> dict[str, Any]:
    """Write an inquiry as the details of a notice."""
    asked, document = row.inquiry, row.document
    return {
        "asker_kind": asked.asker.kind.value,
        "asker": asked.asker.name,
        "state": asked.asked,
        "title": document["title"],
        "severity": asked.severity.value,
        "signs": excerpt(document["signs"]),
        "lmos": list(document.get("lmos", ()))[:20],
        "contact": document["contact_for_information"],
        "attachments": [one["filename"] for one in document.get("attachments", ())],
        "due_at": due_at.isoformat() if due_at is not None else None,
        "at": asked.asked_at.isoformat(),
        "url": ports.url(f"/api/v1/inquiries/{asked.reference}"),
    }


async def asked_contacts(row: InquiryRow, work: UnitOfWork) -> list[Contact]:
    """List the contacts of the State that is asked."""
    return await work.contacts.of_states([row.inquiry.asked])


def routes_to_asked(contacts: Sequence[Contact], row: InquiryRow) -> list[Route]:
    """Give the routes to contacts of the State that is asked."""
    return routes_of(contacts, lambda contact: step_reason(row.inquiry.asked, contact))


async def issue_inquiry(row: InquiryRow, work: UnitOfWork, ports: Ports) -> datetime | None:
    """Tell the State that is asked at once, and the secretariat; give when the ladder's first step is due."""
    contacts = await asked_contacts(row, work)
    calendar = ports.calendar_of(contacts, row.inquiry.asked)
    selection = contacts_for(contacts, everyone=row.inquiry.severity is Severity.CRITICAL)
    details = inquiry_details(row, answer_due_at(row.inquiry, row.policy, calendar), ports)
    queue = queue_for(row.inquiry, ports)
    queue.to_routes(None, routes_to_asked(selection.contacts, row), "issue", NoticeKind.INQUIRY, details)
    await _to_secretariat(queue, "issue", NoticeKind.INQUIRY, details, work)
    await queue.write(work)
    if not selection.contacts:
        text = N_("{state} has no contact in the registry; please bring it the inquiry {inquiry} by hand.")
        values = {"state": row.inquiry.asked, "inquiry": row.inquiry.reference}
        await raise_task(
            work, ports, row.inquiry, TaskKind.NO_CONTACT, SECRETARIAT, row.inquiry.asked, Sentence(text, values)
        )
    times = ladder(row.inquiry, row.policy, calendar)
    return times[0].due_at if times else None


async def _to_secretariat(queue: Queue, step: str, kind: NoticeKind, details: dict[str, Any], work: UnitOfWork) -> None:
    contacts = await work.contacts.with_roles([ContactRole.SECRETARIAT])
    queue.to_routes(None, routes_of(contacts, lambda _: _AS_SECRETARIAT), step, kind, details)


async def climb_inquiry(event: InquiryMade | InquiryEscalated, work: UnitOfWork, ports: Ports) -> None:
    """Fire the latest due step of the ladder, unless the inquiry was answered or withdrawn."""
    row = await work.inquiries.get(event.case_reference)
    fired_before = event.step if isinstance(event, InquiryEscalated) else None
    if row.step != fired_before:
        return
    contacts = await asked_contacts(row, work)
    times = ladder(row.inquiry, row.policy, ports.calendar_of(contacts, row.inquiry.asked))
    step = step_due(row.inquiry, times, ports.clock.now(), row.step)
    if step is None:
        later = next_due(times, row.step)
        if later is not None and later.due_at > ports.clock.now():
            raise NotDueYet(later.due_at)
        return
    told = await _fire(step, row, contacts, work, ports)
    row.step = step
    await work.inquiries.save(row)
    following = next_due(times, step)
    work.record(
        InquiryEscalated(
            case_reference=event.case_reference,
            at=ports.clock.now(),
            urgent=row.inquiry.urgent,
            step=step,
            told=told,
            next_step_at=following.due_at if following else None,
        )
    )


async def _fire(step: EscalationStep, row: InquiryRow, contacts: list[Contact], work: UnitOfWork, ports: Ports) -> int:
    if step in (EscalationStep.TELEPHONE, EscalationStep.LETTER, EscalationStep.NO_RECEIPT):
        await _ask_a_person(step, row, contacts, work, ports)
        return 0
    deliveries = await work.deliveries.of_case(CaseReference(row.inquiry.reference))
    if step is EscalationStep.REMINDER:
        deliveries = [one for one in deliveries if one.state not in NEVER_ARRIVED]
    chosen = contacts_for_step(step, contacts, told_contacts(deliveries))
    is_reminder = step is EscalationStep.REMINDER
    kind = NoticeKind.INQUIRY_REMINDER if is_reminder else NoticeKind.INQUIRY_ESCALATION
    due_at = answer_due_at(row.inquiry, row.policy, ports.calendar_of(contacts, row.inquiry.asked))
    queue = queue_for(row.inquiry, ports)
    queue.to_routes(None, routes_to_asked(chosen, row), step, kind, inquiry_details(row, due_at, ports))
    return await queue.write(work)


_LETTER = N_(
    "Draft note verbale: {state} is asked once more about the inquiry {inquiry}, to which no answer is recorded: "
    "is the living modified organism that was found its own?"
)
_NO_ANSWER = N_(
    "No answer of {state} to the inquiry {inquiry} is recorded, although every step of the ladder was taken."
)
_TELEPHONE = N_("{state} has not answered the inquiry {inquiry}: please telephone now. It is {local} there. {numbers}")


async def _ask_a_person(
    step: EscalationStep, row: InquiryRow, contacts: list[Contact], work: UnitOfWork, ports: Ports
) -> None:
    asked = row.inquiry.asked
    values = {"state": asked, "inquiry": row.inquiry.reference}
    if step is EscalationStep.TELEPHONE:
        zone = ZoneInfo(ports.calendar_of(contacts, asked).time_zone)
        numbers = "; ".join(f"{c.office}: {c.telephone} ({c.language})" for c in contacts_to_telephone(contacts))
        values |= {"local": ports.clock.now().astimezone(zone).strftime("%H:%M"), "numbers": numbers}
    kind = TaskKind.TELEPHONE_NOW if step is EscalationStep.TELEPHONE else TaskKind.LETTER
    text = {EscalationStep.TELEPHONE: _TELEPHONE, EscalationStep.LETTER: _LETTER}.get(step, _NO_ANSWER)
    owner = owner_of_tasks(row.inquiry.asker)
    await raise_task(work, ports, row.inquiry, kind, owner, asked, Sentence(text, values))


def owner_of_tasks(asker: Asker) -> str:
    """Say who follows an inquiry up: the State that asks, else the secretariat."""
    return asker.name if asker.kind is AskerKind.STATE else SECRETARIAT


async def move_on_with_inquiry(event: DeliveryFailed, work: UnitOfWork, ports: Ports) -> None:
    """Tell the next contact of the State that is asked now, because one cannot be reached."""
    row = await work.inquiries.get(event.case_reference)
    contacts = await asked_contacts(row, work)
    is_asked = event.contact in {contact.id for contact in contacts}
    if not is_asked or row.inquiry.answers or row.inquiry.withdrawn_at is not None:
        return
    if event.failure == FailureKind.OURS:
        return  # our own trouble says nothing about the address
    deliveries = await work.deliveries.of_case(event.case_reference)
    step = f"instead_of:{event.contact}"
    if any(one.step == step for one in deliveries):
        return
    following = next_contact(contacts, told_contacts(deliveries))
    if following is None:
        if any(one.state not in NEVER_ARRIVED for one in deliveries if one.contact in {c.id for c in contacts}):
            return
        text = N_("No address of {addressee} could be reached; please reach it by hand.")
        sentence = Sentence(text, {"addressee": row.inquiry.asked})
        await raise_task(work, ports, row.inquiry, TaskKind.NO_CONTACT, SECRETARIAT, row.inquiry.asked, sentence)
        return
    due_at = answer_due_at(row.inquiry, row.policy, ports.calendar_of(contacts, row.inquiry.asked))
    queue = queue_for(row.inquiry, ports)
    details = inquiry_details(row, due_at, ports)
    queue.to_routes(None, routes_to_asked([following], row), step, NoticeKind.INQUIRY_ESCALATION, details)
    await queue.write(work)


async def tell_of_inquiry_answer(event: InquiryAnswered, work: UnitOfWork, ports: Ports) -> None:
    """Tell who asked, and the secretariat, what the State answered."""
    row = await work.inquiries.get(event.case_reference)
    answered = row.inquiry.answers[event.number - 1]
    details = inquiry_details(row, None, ports) | {
        "answer": answered.answer.value,
        "text": excerpt(answered.text),
        "by": answered.by,
        "office": answered.office,
        "answered_case": answered.case_reference,
        "at": answered.at.isoformat(),
    }
    queue = queue_for(row.inquiry, ports)
    step = f"answered:{event.number}"
    await _to_asker(queue, row, step, NoticeKind.INQUIRY_ANSWERED, details, work)
    await _to_secretariat(queue, step, NoticeKind.INQUIRY_ANSWERED, details, work)
    await queue.write(work)


async def _to_asker(
    queue: Queue, row: InquiryRow, step: str, kind: NoticeKind, details: dict[str, Any], work: UnitOfWork
) -> None:
    asker = row.inquiry.asker
    if asker.kind is not AskerKind.STATE:
        return  # the secretariat asked for itself or for a network, and is told anyway
    state = StateCode(asker.name)
    selection = contacts_for(await work.contacts.of_states([state]), everyone=False)
    queue.to_routes(None, routes_of(selection.contacts, lambda one: step_reason(state, one)), step, kind, details)


async def tell_of_inquiry_end(event: InquiryWithdrawn, work: UnitOfWork, ports: Ports) -> None:
    """Tell everybody who was told of an inquiry that it was withdrawn."""
    row = await work.inquiries.get(event.case_reference)
    deliveries = await work.deliveries.of_case(event.case_reference)
    told = told_contacts([one for one in deliveries if one.state not in NEVER_ARRIVED])
    contacts = [one for one in await asked_contacts(row, work) if one.id in told]
    details = inquiry_details(row, None, ports) | {"at": event.at.isoformat()}
    queue = queue_for(row.inquiry, ports)
    queue.to_routes(None, routes_to_asked(contacts, row), "withdrawn", NoticeKind.INQUIRY_WITHDRAWN, details)
    await _to_secretariat(queue, "withdrawn", NoticeKind.INQUIRY_WITHDRAWN, details, work)
    await queue.write(work)


async def mail_inquiry_task(event: TaskRaised, work: UnitOfWork, ports: Ports) -> None:
    """Mail a task of an inquiry to the secretariat, and to the asking State when it owns it."""
    row = await work.inquiries.get(event.case_reference)
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
    queue = queue_for(row.inquiry, ports)
    await _to_secretariat(queue, f"task:{task.id}", NoticeKind.TASK, details, work)
    if task.owner != SECRETARIAT:
        await _to_asker(queue, row, f"task:{task.id}", NoticeKind.TASK, details, work)
    await queue.write(work)
