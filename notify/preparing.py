"""Makes claimed deliveries ready for their channels: reads what they need in a few queries, builds each notice once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from contacts.model import Contact, ContactId
from contacts.registry import UN_LANGUAGES, effective_language, effective_time_zone
from notify.case import Case
from notify.delivery import FINAL_STATES, Dispatch, Notice, NoticeKind, Recipient
from notify.errors import NotFound
from notify.events import SERVICE_CHAIN, DeliveryQueued
from notify.notices import (
    CaseContent,
    audience_of,
    build_notice,
    details_of,
    given_in_confidence,
    may_be_in_confidence,
    notice_key,
    service_notice,
)
from notify.notification import Notification
from notify.outbox import Message
from notify.ports import Ports, UnitOfWork
from notify.queueing import FILER
from notify.routing import is_also_origin
from notify.rows import DeliveryRow
from notify.sentence import Sentence
from notify.words import Audience, CaseReference, ChannelName, DeliveryId

_OF_THE_LADDER = frozenset({NoticeKind.REMINDER, NoticeKind.ESCALATION})


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the service, and under which name and address it is told."""

    email: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Prepared:
    """One claimed message with what to send; no dispatch: there is nothing to send any more, `gone` says why."""

    message: Message
    delivery: DeliveryRow
    dispatch: Dispatch | None
    gone: str = ""  # "" when it was overtaken; else the reason why it can never be sent


class Preparation:
    """Reads one batch; what several deliveries share is read and built once."""

    def __init__(self, work: UnitOfWork, ports: Ports, operator: Operator) -> None:
        self._work = work
        self._ports = ports
        self._operator = operator
        self._contents: dict[CaseReference, CaseContent] = {}
        self._notices: dict[str, Notice] = {}
        self._confidential: dict[tuple[CaseReference, Audience], bool] = {}
        self._notifications: dict[str, Notification] = {}
        self._contacts: dict[ContactId, Contact] = {}
        self._secrets: dict[ContactId, bytes] = {}
        self._threads: dict[CaseReference, dict[str, list[DeliveryId]]] = {}

    async def prepare(self, messages: Sequence[Message]) -> list[Prepared]:
        """Prepare every message of the batch, in order."""
        wanted = {m.event.delivery_id: m for m in messages if isinstance(m.event, DeliveryQueued)}
        rows = await self._work.deliveries.many(list(wanted))
        ids = [row.contact for row in rows if row.contact is not None]
        self._contacts = {contact.id: contact for contact in await self._work.contacts.many(ids)}
        self._secrets = await self._work.contacts.webhook_secrets(ids)
        for case in {row.case_reference for row in rows} - {SERVICE_CHAIN}:
            await self._read_case(case, [row for row in rows if row.case_reference == case])
        return [self._prepared(wanted[row.id], row) for row in rows]

    async def _read_case(self, reference: CaseReference, rows: Sequence[DeliveryRow]) -> None:
        try:
            case = await self._work.cases.get(reference)
        except NotFound:
            return
        report = await self._work.cases.report(reference, case.latest_sequence)
        record = await self._work.cases.record(reference)
        heads = await self._work.log.heads([reference])
        url = self._ports.url(f"/api/v1/cases/{reference}")
        self._contents[reference] = CaseContent(case, report, record, heads.get(reference, (0, "")), url)
        for notification in await self._work.notifications.of_case(reference):
            self._notifications[notification.id] = notification
        readers = list({row.contact or row.recipient for row in rows})
        self._threads[reference] = await self._work.deliveries.earlier(reference, readers)

    def _prepared(self, message: Message, row: DeliveryRow) -> Prepared:
        notification = self._notifications.get(row.notification_id or "")
        if row.state in FINAL_STATES:
            return Prepared(message, row, None)
        if notification is not None and notification.acknowledged and row.kind in _OF_THE_LADDER:
            return Prepared(message, row, None)
        contact = self._contacts.get(row.contact) if row.contact is not None else None
        if row.contact is not None and contact is None:
            return Prepared(message, row, None, gone="the contact was removed from the registry")
        if row.channel is ChannelName.WEBHOOK and not (contact and contact.webhook and contact.webhook.verified):
            return Prepared(message, row, None, gone="the endpoint has not answered a challenge since it was changed")
        content = self._contents.get(row.case_reference)
        if content is None:
            dispatch = self._service_dispatch(message, row, contact)
        else:
            dispatch = self._case_dispatch(message, row, content, contact, notification)
        return Prepared(message, row, dispatch)

    def _service_dispatch(self, message: Message, row: DeliveryRow, contact: Contact | None) -> Dispatch:
        """Prepare what belongs to no case: an alarm to the operator, a test to a contact."""
        recipient = self._operator_recipient() if contact is None else self._contact_recipient(row, contact)
        notice = service_notice(row, language=recipient.language, service_url=self._ports.url("/"), at=row.queued_at)
        return self._dispatch(message, row, notice, recipient, ())

    def _case_dispatch(
        self,
        message: Message,
        row: DeliveryRow,
        content: CaseContent,
        contact: Contact | None,
        notification: Notification | None,
    ) -> Dispatch:
        audience = audience_of(notification, contact)
        recipient = self._recipient(row, content, contact, notification, audience)
        notice = self._notice(row, content, contact, audience, recipient.language)
        return self._dispatch(message, row, notice, recipient, self._thread(row))

    def _notice(
        self, row: DeliveryRow, content: CaseContent, contact: Contact | None, audience: Audience, language: str
    ) -> Notice:
        details = details_of(row, content, contact)
        key = notice_key(row, content.case.reference, audience, language, details)
        if key not in self._notices:
            self._notices[key] = build_notice(
                row, content, key=key, audience=audience, language=language, details=details
            )
        return self._notices[key]

    def _thread(self, row: DeliveryRow) -> tuple[DeliveryId, ...]:
        before = []
        for delivery_id in self._threads.get(row.case_reference, {}).get(row.contact or row.recipient, []):
            if delivery_id == row.id:
                break
            before.append(delivery_id)
        return tuple(dict.fromkeys((before[0], before[-1]))) if before else ()

    def _dispatch(
        self, message: Message, row: DeliveryRow, notice: Notice, recipient: Recipient, thread: tuple[DeliveryId, ...]
    ) -> Dispatch:
        return Dispatch(
            delivery_id=row.id,
            notification_id=row.notification_id,
            channel=row.channel,
            attempt=message.attempts + 1,
            urgent=message.event.urgent,
            notice=notice,
            recipient=recipient,
            thread=thread,
            occurred_at=row.queued_at,
        )

    def _recipient(
        self,
        row: DeliveryRow,
        content: CaseContent,
        contact: Contact | None,
        notification: Notification | None,
        audience: Audience,
    ) -> Recipient:
        if contact is None:
            return self._filer(content) if row.recipient == FILER else self._operator_recipient()
        in_confidence = may_be_in_confidence(contact, content.case, self._ports.registry)
        return replace(
            self._contact_recipient(row, contact),
            status=notification.status if notification is not None else "",
            standing=_standing(notification),
            due_at=notification.due_at if notification is not None else None,
            given_in_confidence=in_confidence and self._is_confidential(content, audience),
        )

    def _contact_recipient(self, row: DeliveryRow, contact: Contact) -> Recipient:
        state = self._ports.registry.find(contact.state) if contact.state else None
        token = self._ports.links.again(row.id, row.link_hash) if row.link_hash else None
        return Recipient(
            contact_id=contact.id,
            office=contact.office,
            email=contact.email,
            language=effective_language(contact, state),
            time_zone=effective_time_zone(contact, (), state),
            state=contact.state,
            organization=contact.organization,
            roles=tuple(row.roles),
            reason=row.reason,
            status="",
            due_at=None,
            acknowledge_url=self._ports.url(f"/a/{token}") if token else None,
            given_in_confidence=False,
            webhook_url=contact.webhook.url if contact.webhook else None,
            webhook_secret=self._secrets.get(contact.id),
        )

    def _is_confidential(self, content: CaseContent, audience: Audience) -> bool:
        key = (content.case.reference, audience)
        if key not in self._confidential:
            self._confidential[key] = given_in_confidence(content, audience)
        return self._confidential[key]

    def _filer(self, content: CaseContent) -> Recipient:
        authority = content.report.document.get("authority", {})
        case: Case = content.case
        zone = self._ports.registry.state(case.reporting_state).time_zone
        spoken = content.report.document.get("contact_for_information", {}).get("languages", ())
        language = next((code for code in (*spoken, case.original_language) if code in UN_LANGUAGES), "en")
        return _plain_recipient(str(authority.get("name", "")), str(authority.get("email", "")), language, zone, case)

    def _operator_recipient(self) -> Recipient:
        return _plain_recipient("Operator", self._operator.email, self._operator.language, "UTC", None)


def _standing(notification: Notification | None) -> Sentence | None:
    """Say the whole standing of a State that is named both as affected and as presumed origin."""
    if notification is None or not is_also_origin(notification.reason):
        return None
    return notification.reason


def _plain_recipient(office: str, email: str, language: str, zone: str, case: Case | None) -> Recipient:
    return Recipient(
        contact_id=None,
        office=office,
        email=email,
        language=language,
        time_zone=zone,
        state=case.reporting_state if case is not None else None,
        organization=None,
        roles=(),
        reason=None,
        status="",
        due_at=None,
        acknowledge_url=None,
        given_in_confidence=False,
    )
