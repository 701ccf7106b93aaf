"""Climbs the escalation ladder of one notification, and moves on at once when a contact cannot be reached."""

from __future__ import annotations

from contacts.model import Contact, ContactId, ContactRole, StateCode
from contacts.registry import next_contact
from notify.case import Case, CaseStatus
from notify.delivery import DeliveryState, NoticeKind
from notify.errors import FailureKind, NotDueYet
from notify.escalation import contacts_for_step, due_step, next_due, step_times
from notify.events import (
    SERVICE_CHAIN,
    ContactDeclined,
    DeliveryDelayed,
    DeliveryFailed,
    NotificationEscalated,
    NotificationIssued,
    NotificationRenewed,
    NotificationUnreached,
)
from notify.notification import Addressee, AddresseeKind, Notification
from notify.policy import EscalationStep
from notify.ports import Ports, UnitOfWork
from notify.queueing import Queue
from notify.routing import Route, routes_of, step_reason
from notify.rows import DeliveryRow
from notify.sentence import Sentence
from notify.task import SECRETARIAT, TaskKind
from notify.tasks import letter_text, raise_task, telephone_text

NEVER_ARRIVED = (DeliveryState.BOUNCED, DeliveryState.FAILED, DeliveryState.CANCELLED)


Rung = NotificationIssued | NotificationRenewed | NotificationEscalated


async def climb_ladder(event: Rung, work: UnitOfWork, ports: Ports) -> None:
    """Fire the ladder's latest due step, unless the addressee has answered or the case has ended."""
    notification = await work.notifications.get(event.notification_id)
    case = await work.cases.get(event.case_reference)
    fired_before = event.step if isinstance(event, NotificationEscalated) else None
    # An older rung of a ladder that was restarted meanwhile is left alone.
    is_stale = event.round != notification.round or notification.step != fired_before
    if notification.acknowledged or not case.running or is_stale:
        return
    now = ports.clock.now()
    contacts = await contacts_of(work, notification.addressee, case)
    # It runs under the severity it began with: only a rise begins it anew, and a fall must delay nothing.
    calendar = ports.calendar_of(contacts, event.addressee)
    times = step_times(case.policy, notification.severity, notification.asked_at, calendar)
    if not notification.addressee.climbs:
        times = times[:1]  # the BCH is only reminded, however late
    step = due_step(times, now, notification.step)
    if step is None:
        # A clock was corrected, or the reader's time zone was: the ladder must not end for that.
        later = next_due(times, notification.step)
        if later is not None:
            raise NotDueYet(later.due_at)
        return
    told = await _fire(step, notification, case, contacts, work, ports)
    following = next_due(times, step) if notification.addressee.climbs else None
    notification.step = step
    await work.notifications.save(notification)
    work.record(
        NotificationEscalated(
            case_reference=case.reference,
            at=now,
            urgent=case.urgent,
            notification_id=notification.id,
            addressee=event.addressee,
            step=step,
            told=told,
            next_step_at=following.due_at if following else None,
            round=notification.round,
        )
    )


async def contacts_of(work: UnitOfWork, addressee: Addressee, case: Case) -> list[Contact]:
    """List the contacts of an addressee; those of the BCH are the focal point and the secretariat."""
    if addressee.kind is AddresseeKind.STATE:
        return await work.contacts.of_states([StateCode(addressee.code)])
    if addressee.kind is AddresseeKind.ORGANIZATION:
        everyone = await work.contacts.with_roles([ContactRole.ORGANIZATION])
        return [contact for contact in everyone if contact.organization == addressee.code]
    own = await work.contacts.of_states([case.reporting_state])
    secretariat = await work.contacts.with_roles([ContactRole.SECRETARIAT])
    return [contact for contact in own if contact.role is ContactRole.BCH_FOCAL_POINT] + secretariat


async def _fire(
    step: EscalationStep,
    notification: Notification,
    case: Case,
    contacts: list[Contact],
    work: UnitOfWork,
    ports: Ports,
) -> int:
    """Do what the step says; give the number of contacts it told."""
    now = ports.clock.now()
    if step in (EscalationStep.TELEPHONE, EscalationStep.LETTER):
        await _ask_a_person(step, notification, case, contacts, work, ports)
        return 0
    if step is EscalationStep.NO_RECEIPT:
        notification.no_receipt_at = now
        work.record(_unreached(notification, case, ports, "no_receipt"))
        return 0
    deliveries = await work.deliveries.of_notification(notification.id)
    told = told_contacts(deliveries)
    if step is EscalationStep.REMINDER:
        told = told_contacts([row for row in deliveries if row.state not in NEVER_ARRIVED])
    declined = await declined_contacts(notification, work)
    chosen = [c for c in contacts_for_step(step, contacts, told) if c.id not in declined]
    kind = NoticeKind.REMINDER if step is EscalationStep.REMINDER else NoticeKind.ESCALATION
    queue = Queue(ports, case.reference, sequence=case.latest_sequence, urgent=case.urgent, now=now)
    queue.to_routes(notification, routes_for(notification, chosen), notification.rung(step), kind)
    return await queue.write(work)


async def _ask_a_person(
    step: EscalationStep,
    notification: Notification,
    case: Case,
    contacts: list[Contact],
    work: UnitOfWork,
    ports: Ports,
) -> None:
    state = StateCode(notification.addressee.code)
    if step is EscalationStep.LETTER:
        text = letter_text(case, notification)
        await raise_task(work, ports, case, TaskKind.LETTER, case.reporting_state, state, text, notification.id)
        return
    calendar = ports.calendar_of(contacts, notification.addressee.code)
    text = telephone_text(state, contacts, calendar, ports.clock.now())
    owners = [str(case.reporting_state)]
    secretariat = await work.contacts.with_roles([ContactRole.SECRETARIAT])
    if any(contact.duty for contact in secretariat):
        owners.append(SECRETARIAT)
    for owner in owners:
        await raise_task(work, ports, case, TaskKind.TELEPHONE_NOW, owner, state, text, notification.id)


def told_contacts(deliveries: list[DeliveryRow]) -> frozenset[ContactId]:
    """Name the contacts that were told of a notification, or are about to be; what was cancelled unsent told nobody."""
    return frozenset(
        row.contact for row in deliveries if row.contact is not None and row.state is not DeliveryState.CANCELLED
    )


def routes_for(notification: Notification, contacts: list[Contact]) -> list[Route]:
    """Give the routes to contacts that a later step tells."""
    return routes_of(contacts, lambda contact: step_reason(notification.addressee.code, contact))


def _unreached(notification: Notification, case: Case, ports: Ports, reason: str) -> NotificationUnreached:
    return NotificationUnreached(
        case_reference=case.reference,
        at=ports.clock.now(),
        notification_id=notification.id,
        addressee=notification.addressee.code,
        reason=reason,
    )


async def move_on(event: DeliveryFailed | DeliveryDelayed | ContactDeclined, work: UnitOfWork, ports: Ports) -> None:
    """Tell the next contact now, because one cannot be reached, takes nothing at present, or is none any more."""
    if isinstance(event, DeliveryFailed):
        (row,) = await work.deliveries.many([event.delivery_id])
        if row.state not in NEVER_ARRIVED:
            return  # it had got through before, and was sent again by hand
        await _ask_to_mend(event, row, work, ports)
    if event.notification_id is None or event.contact is None:
        return
    notification = await work.notifications.get(event.notification_id)
    case = await work.cases.get(event.case_reference)
    if case.status is CaseStatus.WITHDRAWN:
        await _retraction_failed(notification, case, work, ports)
        return
    if notification.acknowledged or not case.running:
        return
    deliveries = await work.deliveries.of_notification(notification.id)
    step = f"instead_of:{event.contact}"
    if any(row.step == step for row in deliveries):
        return  # the contact's other channel failed as well; its place was taken already
    contacts = await contacts_of(work, notification.addressee, case)
    following = next_contact(contacts, told_contacts(deliveries)) if notification.addressee.climbs else None
    if following is None:
        await _nobody_left(notification, case, deliveries, work, ports)
        return
    queue = Queue(ports, case.reference, sequence=case.latest_sequence, urgent=case.urgent, now=ports.clock.now())
    queue.to_routes(notification, routes_for(notification, [following]), step, NoticeKind.ESCALATION)
    await queue.write(work)


async def _retraction_failed(notification: Notification, case: Case, work: UnitOfWork, ports: Ports) -> None:
    """Hand an addressee to a person when no retraction reached it; nobody new is told of what was withdrawn."""
    deliveries = await work.deliveries.of_notification(notification.id)
    retractions = [row for row in deliveries if row.kind is NoticeKind.WITHDRAWN]
    if retractions:
        await _nobody_left(notification, case, retractions, work, ports)


async def _ask_to_mend(event: DeliveryFailed, row: DeliveryRow, work: UnitOfWork, ports: Ports) -> None:
    """Ask the secretariat to have a failing address corrected; the contact itself is never removed.

    A refusal that is our own problem says nothing about the address: then the operator has the parked message.
    """
    by_recipient = event.failure == FailureKind.RECIPIENT
    if not by_recipient or event.case_reference == SERVICE_CHAIN or row.kind is NoticeKind.TASK:
        return  # mails to the secretariat itself are not answered by more mails to it
    whom = event.contact or row.recipient
    text = Sentence(
        "The {channel} of {contact} failed for good (status {status}); please have the address corrected.",
        {"channel": event.channel, "contact": whom, "status": str(event.status or "none")},
    )
    open_tasks = await work.tasks.find(owner=SECRETARIAT, done=False, case=event.case_reference)
    if any(task.kind is TaskKind.FAILING_ENDPOINT and task.text == text for task in open_tasks):
        return
    case = await work.cases.get(event.case_reference)
    contact = await work.contacts.get(event.contact) if event.contact else None
    state = contact.state if contact else None
    await raise_task(work, ports, case, TaskKind.FAILING_ENDPOINT, SECRETARIAT, state, text, event.notification_id)


async def declined_contacts(notification: Notification, work: UnitOfWork) -> frozenset[ContactId]:
    """Name the contacts that said they are none any more."""
    tasks = await work.tasks.find(owner=None, done=None, case=notification.case_reference)
    mine = [t for t in tasks if t.kind is TaskKind.CONTACT_DECLINED and t.notification_id == notification.id]
    return frozenset(ContactId(str(task.text.values["contact"])) for task in mine)


async def _nobody_left(
    notification: Notification, case: Case, deliveries: list[DeliveryRow], work: UnitOfWork, ports: Ports
) -> None:
    """Hand the addressee to a person when every address of it has failed."""
    if any(row.state not in NEVER_ARRIVED for row in deliveries):
        return
    open_tasks = await work.tasks.find(owner=None, done=False, case=case.reference)
    if any(t.kind is TaskKind.NO_CONTACT and t.notification_id == notification.id for t in open_tasks):
        return
    code = notification.addressee.code
    text = Sentence("No address of {addressee} could be reached; please reach it by hand.", {"addressee": code})
    state = StateCode(code) if notification.addressee.kind is AddresseeKind.STATE else None
    await raise_task(work, ports, case, TaskKind.NO_CONTACT, SECRETARIAT, state, text, notification.id)
    work.record(_unreached(notification, case, ports, "no_contact_left"))
