"""Acts on mails that came in: reports move deliveries and ladders, agreed words acknowledge, a human reads the rest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from contacts.model import Contact, StateCode
from notify.case import Case, link_is_live
from notify.delivery import DeliveryState, NoticeKind
from notify.errors import Conflict, InvalidDocument
from notify.events import SERVICE_CHAIN, DeliveryFailed, DeliveryReported, MailRead, MailReceived
from notify.failures import failure_kind
from notify.inbound import (
    Authentication,
    AutomaticReply,
    DeliveryReport,
    MailPurpose,
    Meaning,
    Reply,
    ReportAction,
    ReportedRecipient,
    Unreadable,
    state_after,
)
from notify.notification import Notification
from notify.ports import Ports, UnitOfWork
from notify.rows import DeliveryRow, EvidenceRow, StoredMail
from notify.sentence import N_, Sentence
from notify.service.acknowledging import Answer, Source, enter_answer
from notify.service.links import decline_contact
from notify.task import SECRETARIAT, TaskKind
from notify.tasks import raise_task
from notify.words import DeliveryId, Means

MOST_MAILS_AN_ADDRESS = 20
"""Mails that are read at one address that we gave out: whoever sends more keeps us busy."""

_SHOWN = 500
AUTO_REPLIED = "auto_replied"
UNREAD = "too_many"
NOT_OURS = "not_ours"
POSSESSION = "possession_of_the_mail"
AUTHENTICATED = "authenticated_mail"


@dataclass(frozen=True, slots=True)
class _Back:
    """A mail that came in, and the delivery that it speaks of."""

    stored: StoredMail
    delivery: DeliveryRow
    case: Case | None
    notification: Notification | None
    contact: Contact | None


async def look_at_mail(event: MailReceived, ports: Ports) -> tuple[StoredMail, Meaning | None]:
    """Find what a kept mail means, with no transaction open: a hostile one takes seconds. None: it is none of ours."""
    async with ports.database.read() as work:
        stored = await work.mails.get(event.mail_id)
    place = ports.mail_addresses.read(stored.mail.recipient)
    return stored, None if place is None else await ports.read_mail(stored.mail, place[0])


async def read_mail(
    event: MailReceived, work: UnitOfWork, ports: Ports, looked_at: tuple[StoredMail, Meaning | None]
) -> None:
    """Do what follows from a mail that was kept."""
    stored, meaning = looked_at
    place = ports.mail_addresses.read(stored.mail.recipient)
    purpose, delivery_id = place if place is not None else (MailPurpose.BOUNCE, DeliveryId(""))
    rows = await work.deliveries.many([delivery_id])
    if not rows:
        await work.mails.mark_read(stored.id, NOT_OURS, ports.clock.now())
        return
    back = await _back(stored, rows[0], work)
    before = await work.mails.number_read(stored.mail.recipient)
    if before >= MOST_MAILS_AN_ADDRESS:
        await work.mails.mark_read(stored.id, UNREAD, ports.clock.now())
        if before == MOST_MAILS_AN_ADDRESS:
            text = N_("More mails than are read came back from {contact}; please look at them, from {mail} on.")
            await _ask_a_person(Sentence(text, {"contact": _whom(back), "mail": stored.id}), back, work, ports)
        return
    match meaning:
        case DeliveryReport() as report:
            await _note(back, "delivery_report", work, ports)
            await _follow_report(report, back, work, ports)
        case AutomaticReply() as automatic:
            await _note(back, "automatic_reply", work, ports)
            await _draw(AUTO_REPLIED, automatic.sign, back, work, ports)
        case Reply() as reply:
            await _note(back, "reply", work, ports)
            await _follow_reply(reply, purpose, back, work, ports)
        case Unreadable() as unreadable:
            await _note(back, "unreadable", work, ports)
            text = N_("A mail came back from {contact} that could not be understood ({reason}); please read it: {mail}")
            values = {"contact": _whom(back), "reason": unreadable.reason, "mail": stored.id}
            await _ask_a_person(Sentence(text, values), back, work, ports)


async def _back(stored: StoredMail, delivery: DeliveryRow, work: UnitOfWork) -> _Back:
    case = None if delivery.case_reference == SERVICE_CHAIN else await work.cases.get(delivery.case_reference)
    told = delivery.notification_id
    notification = await work.notifications.get(told) if told is not None else None
    contact = await work.contacts.get(delivery.contact) if delivery.contact is not None else None
    return _Back(stored, delivery, case, notification, contact)


async def _note(back: _Back, meaning: str, work: UnitOfWork, ports: Ports) -> None:
    now = ports.clock.now()
    await work.mails.mark_read(back.stored.id, meaning, now)
    work.record(
        MailRead(
            case_reference=back.delivery.case_reference,
            at=now,
            mail_id=back.stored.id,
            meaning=meaning,
            delivery_id=back.delivery.id,
            notification_id=back.delivery.notification_id,
        )
    )


async def _draw(kind: str, detail: str, back: _Back, work: UnitOfWork, ports: Ports) -> None:
    """Keep what was concluded, with its source (delivery §1)."""
    mail = back.stored.mail
    await work.mails.add_evidence(
        EvidenceRow(
            id=ports.new_id("evd"),
            delivery_id=back.delivery.id,
            at=mail.received_at,
            kind=kind,
            mail_id=back.stored.id,
            source=mail.source,
            sha256=hashlib.sha256(mail.raw).hexdigest(),
            detail=detail[:_SHOWN],
        )
    )


async def _follow_report(report: DeliveryReport, back: _Back, work: UnitOfWork, ports: Ports) -> None:
    if not _is_about(report, back.delivery.id):
        text = N_("A report names another mail than the one to {contact} that it came back on; please read it: {mail}")
        await _ask_a_person(Sentence(text, {"contact": _whom(back), "mail": back.stored.id}), back, work, ports)
        return
    # One mail went to one recipient: a report on several speaks of an alias, and the worst of it counts.
    state, said = back.delivery.state, None
    for reported in report.recipients:
        reached = state_after(state, reported.action)
        if reached is not None:
            state, said = reached, reported
    if said is None:
        if all(reported.action is ReportAction.UNKNOWN for reported in report.recipients):
            text = N_("A report on the mail to {contact} could not be understood; please read it: {mail}")
            await _ask_a_person(Sentence(text, {"contact": _whom(back), "mail": back.stored.id}), back, work, ports)
        return
    now = ports.clock.now()
    await work.deliveries.reach(back.delivery.id, state, now, before=(back.delivery.state,))
    await _draw(state, f"{said.status} {said.diagnostic}".strip(), back, work, ports)
    if state is DeliveryState.BOUNCED:
        work.record(_failed(said, back, ports))
    else:
        work.record(
            DeliveryReported(
                case_reference=back.delivery.case_reference,
                at=now,
                delivery_id=back.delivery.id,
                channel=back.delivery.channel,
                state=state,
                mail_id=back.stored.id,
                notification_id=back.delivery.notification_id,
            )
        )


def _failed(reported: ReportedRecipient, back: _Back, ports: Ports) -> DeliveryFailed:
    return DeliveryFailed(
        case_reference=back.delivery.case_reference,
        at=ports.clock.now(),
        urgent=back.case is not None and back.case.urgent,
        delivery_id=back.delivery.id,
        channel=back.delivery.channel,
        state=DeliveryState.BOUNCED,
        attempt=0,
        failure=failure_kind(reported),
        notification_id=back.delivery.notification_id,
        contact=back.delivery.contact,
    )


async def _follow_reply(reply: Reply, purpose: MailPurpose, back: _Back, work: UnitOfWork, ports: Ports) -> None:
    is_live = back.case is not None and link_is_live(back.case, ports.clock.now())
    may_answer = (
        purpose is MailPurpose.REPLY
        and reply.answer is not None
        and reply.authentication is not Authentication.FAIL
        and is_live
        and back.delivery.link_revoked_at is None
    )
    if may_answer and await _answer(reply, back, work, ports):
        return
    text = N_("{contact} answered by mail; a person must read it. From {sender}: {text}")
    if reply.authentication is Authentication.FAIL:
        text = N_("A mail claims to come from {sender} and answers for {contact}; its sender is not proven: {text}")
    values = {"contact": _whom(back), "sender": reply.sender, "text": reply.text[:_SHOWN]}
    await _ask_a_person(Sentence(text, values), back, work, ports)


async def _answer(reply: Reply, back: _Back, work: UnitOfWork, ports: Ports) -> bool:
    """Enter what a reply answers; False when there is nothing that it could answer."""
    given, case, notification, contact = reply.answer, back.case, back.notification, back.contact
    if given is None or case is None or notification is None or contact is None:
        return False
    if given.grade is None:
        await decline_contact(contact, notification, case, work, ports)
        return True
    # A forwarded copy may be answered by anybody whose own domain is in order.
    is_proven = reply.authentication is Authentication.PASS and _domain(reply.sender) == _domain(contact.email)
    source = Source(Means.REPLY, contact=contact.id, assurance=AUTHENTICATED if is_proven else POSSESSION)
    by = (reply.name or reply.sender or contact.office)[:200]
    try:
        answer = Answer(given.grade, given.assessment, by, contact.office[:200])
        await enter_answer(answer, source, notification, case, work, ports)
    except (Conflict, InvalidDocument):
        return False
    return True


async def _ask_a_person(text: Sentence, back: _Back, work: UnitOfWork, ports: Ports) -> None:
    # What came back on a message of the service itself, or on the mail of a task, stays readable among the mails: a
    # mail system that answers everything would else be asked and answer for ever.
    if back.case is None or back.delivery.kind is NoticeKind.TASK:
        return
    to_state = back.notification is not None and back.notification.addressee.climbs
    state = StateCode(back.notification.addressee.code) if back.notification is not None and to_state else None
    await raise_task(
        work, ports, back.case, TaskKind.READ_REPLY, SECRETARIAT, state, text, back.delivery.notification_id
    )


def _is_about(report: DeliveryReport, delivery_id: DeliveryId) -> bool:
    """Tell whether what a report names as its mail is ours; one that names nothing is believed for its address."""
    named = report.envelope_id.strip().lower()
    return named in ("", delivery_id) and (not report.message_id or delivery_id in report.message_id.lower())


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _whom(back: _Back) -> str:
    return back.contact.office if back.contact is not None else back.delivery.recipient
