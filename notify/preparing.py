"""Makes claimed deliveries ready for their channels: reads what they need in a few queries, builds each notice once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contacts.model import Contact, ContactId, WebhookFormat
from contacts.registry import UN_LANGUAGES, effective_language, effective_time_zone
from notify.breaker import Health, health_of, retries_wait_until
from notify.case import Case, CaseStatus
from notify.delivery import BETWEEN_STATES, FINAL_STATES, Dispatch, Notice, NoticeKind, Recipient
from notify.events import SERVICE_CHAIN, DeliveryQueued, DeliveryResent
from notify.exchange import told_since
from notify.inquiry import is_inquiry
from notify.notices import (
    CaseContent,
    audience_of,
    build_notice,
    content_of,
    details_of,
    given_in_confidence,
    may_be_in_confidence,
    notice_key,
    service_notice,
)
from notify.notification import Notification
from notify.outbox import Message, Urgency
from notify.ports import Ports, UnitOfWork
from notify.prepared import Ladder, Prepared
from notify.queueing import FILER
from notify.routing import is_also_origin
from notify.rows import DeliveryRow
from notify.sentence import Sentence
from notify.words import Audience, CaseReference, ChannelName, DeliveryId

_OF_THE_LADDER = frozenset({NoticeKind.REMINDER, NoticeKind.ESCALATION})
# Nothing follows a withdrawal but its retraction, and what the service must tell those who run it.
_AFTER_A_WITHDRAWAL = frozenset({NoticeKind.WITHDRAWN, NoticeKind.TASK, NoticeKind.ALARM})
_ASKS_SOMETHING_ELSE = BETWEEN_STATES | {
    NoticeKind.CLOSING,
    NoticeKind.KEPT_OPEN,
    NoticeKind.CLOSED,
    NoticeKind.REOPENED,
}


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the service, and under which name and address it is told."""

    email: str
    language: str = "en"


class Preparation:
    """Reads one batch; what several deliveries share is read and built once."""

    def __init__(self, work: UnitOfWork, ports: Ports, operator: Operator) -> None:
        self._work = work
        self._ports = ports
        self._operator = operator
        self._contents: dict[tuple[CaseReference, int], CaseContent] = {}
        self._notices: dict[str, Notice] = {}
        self._confidential: dict[tuple[CaseReference, int, Audience], bool] = {}
        self._notifications: dict[str, Notification] = {}
        self._contacts: dict[ContactId, Contact] = {}
        self._unwell: dict[ContactId, Health] = {}
        self._secrets: dict[ContactId, tuple[bytes, ...]] = {}
        self._threads: dict[tuple[CaseReference, str], list[DeliveryId]] = {}

    async def prepare(self, messages: Sequence[Message]) -> list[Prepared]:
        """Prepare every message of the batch, in order."""
        wanted = {m.event.delivery_id: m for m in messages if isinstance(m.event, DeliveryQueued)}
        rows = await self._work.deliveries.many(list(wanted))
        ids = [row.contact for row in rows if row.contact is not None]
        self._contacts = {contact.id: contact for contact in await self._work.contacts.many(ids)}
        endpoints = [row.contact for row in rows if row.contact and row.channel is ChannelName.WEBHOOK]
        self._secrets = await self._work.contacts.webhook_secrets(endpoints, self._ports.clock.now())
        self._unwell = await self._work.endpoints.unwell() if endpoints else {}
        await self._read_cases([row for row in rows if row.case_reference != SERVICE_CHAIN])
        return [self._prepared(wanted[row.id], row) for row in rows]

    async def _read_cases(self, rows: Sequence[DeliveryRow]) -> None:
        """Read all cases of the batch together: a burst of small cases must not cost queries for each."""
        references = list({row.case_reference for row in rows})
        if not references:
            return
        heads = await self._work.log.heads(references)
        for case, report, record in await self._work.cases.latest(references):
            url = self._ports.url(f"/api/v1/cases/{case.reference}")
            head = heads.get(case.reference, (0, ""))
            chain = [report] if report.sequence == 1 else await self._work.cases.reports(case.reference)
            for sequence in {row.report_sequence for row in rows if row.case_reference == case.reference}:
                content = content_of(case, chain, sequence, record, head, url)
                self._contents[case.reference, sequence] = content
        ids = list({row.notification_id for row in rows if row.notification_id is not None})
        self._notifications = {told.id: told for told in await self._work.notifications.many(ids)}
        readers = list({row.contact or row.recipient for row in rows})
        self._threads = await self._work.deliveries.earlier(references, readers)

    def _prepared(self, message: Message, row: DeliveryRow) -> Prepared:
        notification = self._notifications.get(row.notification_id or "")
        content = self._contents.get((row.case_reference, row.report_sequence))
        # What a person sends again goes out even so.
        is_resent = isinstance(message.event, DeliveryResent)
        if not is_resent and (row.state in FINAL_STATES or _is_overtaken(row, content, notification)):
            return Prepared(message, row, None)
        contact = self._contacts.get(row.contact) if row.contact is not None else None
        if row.contact is not None and contact is None:
            return Prepared(message, row, None, gone="the contact was removed from the registry")
        if row.channel is ChannelName.WEBHOOK and not (contact and contact.webhook and contact.webhook.verified):
            return Prepared(message, row, None, gone="the endpoint has not answered a challenge since it was changed")
        health = self._health(row, contact)
        if health is not None and health.gone_at is not None and row.kind is not NoticeKind.TEST and not is_resent:
            return Prepared(message, row, None, gone="the endpoint said that it is gone (410); a test wakes it again")
        wait_until = retries_wait_until(health, self._ports.clock.now()) if message.urgency is Urgency.RETRY else None
        if wait_until is not None:
            return Prepared(message, row, None, wait_until=wait_until)
        if content is None:
            dispatch = self._service_dispatch(message, row, contact)
        else:
            dispatch = self._case_dispatch(message, row, content, contact, notification)
        ladder = Ladder(notification, content.case) if notification is not None and content is not None else None
        return Prepared(message, row, dispatch, ladder=ladder)

    def _health(self, row: DeliveryRow, contact: Contact | None) -> Health | None:
        """Give what is known of the endpoint, when its last try failed."""
        if row.channel is not ChannelName.WEBHOOK or contact is None or contact.webhook is None:
            return None
        return health_of(self._unwell.get(contact.id), contact.id, contact.webhook.url) if self._unwell else None

    def _service_dispatch(self, message: Message, row: DeliveryRow, contact: Contact | None) -> Dispatch:
        """Prepare what belongs to no case: an alarm to the operator, a test to a contact."""
        recipient = self._operator_recipient() if contact is None else self._contact_recipient(row, contact)
        url = self._ports.url("/")
        if is_inquiry(row.case_reference):
            url = self._ports.url(f"/api/v1/inquiries/{row.case_reference}")
        notice = service_notice(row, language=recipient.language, service_url=url, at=row.queued_at)
        return self._dispatch(message, row, notice, recipient, self._thread(row))

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
        dispatch = self._dispatch(message, row, notice, recipient, self._thread(row))
        return replace(dispatch, told=told_since(content.chain, notification.issued_at)) if notification else dispatch

    def _notice(
        self, row: DeliveryRow, content: CaseContent, contact: Contact | None, audience: Audience, language: str
    ) -> Notice:
        details = details_of(row, content, contact)
        latest = content.case.latest_sequence
        key = notice_key(row, content.case.reference, audience, language, details, latest=latest)
        if key not in self._notices:
            self._notices[key] = build_notice(
                row, content, key=key, audience=audience, language=language, details=details
            )
        return self._notices[key]

    def _thread(self, row: DeliveryRow) -> tuple[DeliveryId, ...]:
        before = []
        for delivery_id in self._threads.get((row.case_reference, row.contact or row.recipient), ()):
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
            due_at=_due_at(row, notification),
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
            webhook_secrets=self._secrets.get(contact.id, ()),
            webhook_format=contact.webhook.format if contact.webhook else WebhookFormat.STANDARD,
        )

    def _is_confidential(self, content: CaseContent, audience: Audience) -> bool:
        key = (content.case.reference, content.report.sequence, audience)
        if key not in self._confidential:
            self._confidential[key] = given_in_confidence(content, audience)
        return self._confidential[key]

    def _filer(self, content: CaseContent) -> Recipient:
        known = content.report.knowledge
        authority = known.get("authority", {})
        case: Case = content.case
        zone = self._ports.registry.state(case.reporting_state).time_zone
        spoken = known.get("contact_for_information", {}).get("languages", ())
        language = next((code for code in (*spoken, case.original_language) if code in UN_LANGUAGES), "en")
        return _plain_recipient(str(authority.get("name", "")), str(authority.get("email", "")), language, zone, case)

    def _operator_recipient(self) -> Recipient:
        return _plain_recipient("Operator", self._operator.email, self._operator.language, "UTC", None)


def _is_overtaken(row: DeliveryRow, content: CaseContent | None, notification: Notification | None) -> bool:
    """Tell whether there is nothing to say any more: after a withdrawal, a close or an acknowledgement."""
    if content is None:
        return False
    if content.case.status is CaseStatus.WITHDRAWN:
        return row.kind not in _AFTER_A_WITHDRAWAL
    ended = content.case.status is CaseStatus.CLOSED or (notification is not None and notification.acknowledged)
    return row.kind in _OF_THE_LADDER and ended


def _due_at(row: DeliveryRow, notification: Notification | None) -> datetime | None:
    """Say by when receipt is to be acknowledged, where that is still asked."""
    if notification is None or notification.acknowledged or row.kind in _ASKS_SOMETHING_ELSE:
        return None
    return notification.due_at


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
