"""Serves the acknowledgement page: what a link shows, and the three things a person may do there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contacts.model import Contact, StateCode
from notify.acknowledgement import Acknowledgement, machine_signs
from notify.case import Case, link_is_live
from notify.closing import StateAsked
from notify.confidentiality import Visible, visible
from notify.delivery import NoticeKind, ToldReport
from notify.errors import NotFound
from notify.events import AcknowledgementDisputed, ContactDeclined
from notify.notices import audience_of
from notify.notification import Notification
from notify.ports import Ports, UnitOfWork
from notify.queueing import link_hash
from notify.rows import DeliveryRow, RecordRow
from notify.sentence import N_, Sentence
from notify.service.acknowledging import Answer, Source, enter_answer
from notify.task import SECRETARIAT, TaskKind
from notify.tasks import raise_task
from notify.told import told_reports
from notify.words import Means

LONGEST_TOKEN = 64
ONE_VISIT = timedelta(minutes=10)
"""Several links completed from one place in this time show the sign of a machine."""


@dataclass(frozen=True, slots=True)
class LinkPage:
    """All that the page of one link may show to its reader."""

    delivery: DeliveryRow
    case: Case
    notification: Notification
    contact: Contact
    report: Visible
    answers: list[Acknowledgement]
    record: RecordRow | None
    chain: tuple[ToldReport, ...] = ()  # every report, the initial one first
    asked: StateAsked | None = None  # while the case is about to close: what its State is asked

    @property
    def asks_whether_it_was_us(self) -> bool:
        """Tell whether this reader was told of a colleague's answer."""
        return self.delivery.kind is NoticeKind.ANSWERED


async def open_link(token: str, ports: Ports) -> LinkPage:
    """Read what a link shows; changes nothing that counts. Raises NotFound for unknown, revoked and expired links."""
    async with ports.database.read() as work:
        return await read_link(token, work, ports)


async def read_link(token: str, work: UnitOfWork, ports: Ports) -> LinkPage:
    """Read what a link shows, in a unit of work; raise NotFound for unknown, revoked and expired links."""
    unknown = NotFound("this link is not known, or it is no longer valid")
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise unknown
    delivery = await work.deliveries.by_link(link_hash(token))
    if delivery.notification_id is None or delivery.contact is None:
        raise unknown
    notification = await work.notifications.get(delivery.notification_id)
    case = await work.cases.get(delivery.case_reference)
    contact = await work.contacts.get(delivery.contact)
    if contact is None or not link_is_live(case, ports.clock.now()):
        raise unknown
    reports = await work.cases.reports(case.reference)
    audience, known = audience_of(notification, contact), dict(reports[-1].knowledge)
    seen, chain = visible(known, audience), told_reports(reports, audience, known)
    answers = await work.notifications.acknowledgements(case.reference)
    mine = [answer for answer in answers if answer.notification_id == notification.id]
    record = await work.cases.record(case.reference)
    closing = await work.closings.latest(case.reference)
    asked = closing.asked(notification.addressee.code) if closing is not None and closing.running else None
    return LinkPage(delivery, case, notification, contact, seen, mine, record, chain, asked)


async def note_opening(token: str, ports: Ports) -> None:
    """Note that the page was asked for: a diagnostic against machines, never taken for reading."""
    async with ports.database.write() as work:
        page = await read_link(token, work, ports)
        await work.deliveries.open_link(page.delivery.id, ports.clock.now())
        await work.commit()


async def acknowledge_by_link(token: str, form: Mapping[str, str], ports: Ports, *, source: str = "") -> dict[str, Any]:
    """Record the answer that a person gave on the page (`means` = link); `source` is the client's address."""
    place = hashlib.sha256(source.encode()).hexdigest()[:32] if source else None
    answer = Answer(form.get("grade"), form.get("assessment") or None, form.get("by"), form.get("office"))
    async with ports.database.write() as work:
        page = await read_link(token, work, ports)
        now = ports.clock.now()
        signs = machine_signs(
            answered_at=now,
            accepted_at=page.delivery.accepted_at,
            page_was_opened=page.delivery.link_opened_at is not None,
            answers_from_there=await work.notifications.answers_from(place, now - ONE_VISIT) if place else 0,
        )
        given = Source(Means.LINK, contact=page.contact.id, signs=signs, place=place)
        view = await enter_answer(answer, given, page.notification, page.case, work, ports)
        await work.commit()
    return view


async def decline_by_link(token: str, ports: Ports) -> None:
    """Record "I am not this contact any more": the next contact is told now, the secretariat gets a task."""
    async with ports.database.write() as work:
        page = await read_link(token, work, ports)
        await decline_contact(page.contact, page.notification, page.case, work, ports)
        await work.commit()


async def decline_contact(
    contact: Contact, notification: Notification, case: Case, work: UnitOfWork, ports: Ports
) -> None:
    """Enter that a contact is none any more, once."""
    tasks = await work.tasks.find(owner=None, done=None, case=case.reference)
    same = [t for t in tasks if t.kind is TaskKind.CONTACT_DECLINED and t.notification_id == notification.id]
    if any(task.text.values.get("contact") == contact.id for task in same):
        return
    code = notification.addressee.code
    text = N_("{office} ({contact}) says that it is no longer a contact of {addressee}; please find the new one.")
    values = {"office": contact.office, "contact": contact.id, "addressee": code}
    await _raise(TaskKind.CONTACT_DECLINED, Sentence(text, values), notification, case, work, ports)
    work.record(
        ContactDeclined(
            case_reference=case.reference,
            at=ports.clock.now(),
            urgent=case.urgent,
            notification_id=notification.id,
            addressee=code,
            contact=contact.id,
        )
    )


async def dispute_by_link(token: str, ports: Ports) -> None:
    """Record "this was not us": a person must ask the State; the receipt itself stands, for this contact has it."""
    async with ports.database.write() as work:
        page = await read_link(token, work, ports)
        answers = [a for a in page.answers if a.contact != page.contact.id and a.disputed_at is None]
        for answer in answers:
            now = ports.clock.now()
            await work.notifications.dispute(answer.id, now)
            await work.statements.dispute(answer.id, now)
            text = N_("Another contact of {addressee} says of its answer: this was not us. Please ask the State.")
            sentence = Sentence(text, {"addressee": page.notification.addressee.code})
            await _raise(TaskKind.DISPUTED_ANSWER, sentence, page.notification, page.case, work, ports)
            work.record(
                AcknowledgementDisputed(
                    case_reference=page.case.reference,
                    at=now,
                    notification_id=page.notification.id,
                    addressee=page.notification.addressee.code,
                    acknowledgement_id=answer.id,
                    contact=page.contact.id,
                )
            )
        await work.commit()


async def _raise(
    kind: TaskKind, text: Sentence, notification: Notification, case: Case, work: UnitOfWork, ports: Ports
) -> None:
    state = StateCode(notification.addressee.code) if notification.addressee.climbs else None
    await raise_task(work, ports, case, kind, SECRETARIAT, state, text, notification.id)
