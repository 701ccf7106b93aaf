"""Names everything that can happen, one event each; each is one row of a log chain, and may wake handlers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from contacts.model import ContactId, StateCode
from notify.words import (
    AccountId,
    Assessment,
    CaseReference,
    ChannelName,
    DeliveryId,
    Grade,
    Means,
    NotificationClass,
    NotificationId,
    Severity,
    TaskId,
)

SERVICE_CHAIN = CaseReference("service")
"""The log chain of what belongs to no case: contacts, accounts, the brake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in one case (or in the service) at one time.

    Events hold ids and codes, never names or addresses, so that personal data can be erased while the
    log chain stays whole.
    """

    case_reference: CaseReference
    at: datetime
    urgent: bool = False  # of a critical or high case: its messages are claimed first

    NAMES: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls) -> None:
        Event.NAMES[cls.__name__] = cls

    @property
    def kind(self) -> str:
        """Name the event as the log does."""
        return type(self).__name__

    def body(self) -> dict[str, Any]:
        """Write what the event says, without its case and time, as JSON values."""
        left_out = {"case_reference", "at"}
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in left_out}
        return {
            name: v.isoformat() if isinstance(v, datetime) else v
            for name, v in values.items()
            if v is not None and v is not False
        }

    @classmethod
    def read(cls, kind: str, case_reference: str, at: datetime, body: dict[str, Any]) -> Event:
        """Read an event written by `body`."""
        event = cls.NAMES[kind]
        values = dict(body)
        for name in event.__dataclass_fields__:
            if name.endswith(("_at", "_until")) and isinstance(values.get(name), str):
                values[name] = datetime.fromisoformat(values[name])
        return event(case_reference=CaseReference(case_reference), at=at, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    reporting_state: StateCode
    severity: Severity
    notification_class: NotificationClass
    policy_version: str
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSubmitted(Event):
    sequence: int
    report_type: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationIssued(Event):
    notification_id: NotificationId
    addressee: str
    status: str
    next_step_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationEscalated(Event):
    notification_id: NotificationId
    addressee: str
    step: str
    told: int  # contacts told by this step; 0 when there was nobody new to tell
    next_step_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationAcknowledged(Event):
    notification_id: NotificationId
    addressee: str
    acknowledgement_id: str
    grade: Grade
    means: Means
    contact: ContactId | None = None
    account: AccountId | None = None
    assessment: Assessment | None = None
    preliminary: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementDisputed(Event):
    notification_id: NotificationId
    addressee: str
    acknowledgement_id: str
    contact: ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDeclined(Event):
    notification_id: NotificationId
    addressee: str
    contact: ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationUnreached(Event):
    notification_id: NotificationId
    addressee: str
    reason: str  # no_contact, no_contact_left, no_receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryQueued(Event):
    delivery_id: DeliveryId
    channel: ChannelName
    step: str
    notification_id: NotificationId | None = None
    contact: ContactId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAccepted(Event):
    delivery_id: DeliveryId
    channel: ChannelName
    state: str
    attempt: int
    status: int
    notification_id: NotificationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDelayed(Event):
    delivery_id: DeliveryId
    channel: ChannelName
    attempt: int
    failure: str  # whose problem it is: recipient, temporary, ours; what was said stands in the attempt
    next_attempt_at: datetime
    status: int | None = None
    notification_id: NotificationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(Event):
    delivery_id: DeliveryId
    channel: ChannelName
    state: str
    attempt: int
    failure: str  # whose problem it is: recipient, temporary, ours; what was said stands in the attempt
    status: int | None = None
    notification_id: NotificationId | None = None
    contact: ContactId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesCancelled(Event):
    notification_id: NotificationId
    addressee: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDrafted(Event):
    movement: str  # unintentional (Article 17.1) or illegal (Article 25.3)
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRaised(Event):
    task_id: TaskId
    task_kind: str
    addressee: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone(Event):
    task_id: TaskId
    account: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchPaused(Event):
    paused_until: datetime
    account: AccountId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchResumed(Event):
    account: AccountId | None = None  # None: the pause ended by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageParked(Event):
    outbox_id: int
    handler: str
    error: str  # its kind; what was said stands in the outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFreed(Event):
    outbox_id: int
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsLoaded(Event):
    contacts: tuple[ContactId, ...]
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(Event):
    contact: ContactId
    change: str  # added, replaced, removed, webhook_registered, webhook_verified, confirmed
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCreated(Event):
    account: AccountId
    role: str
    state: StateCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIssued(Event):
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRestored(Event):
    sha256: str  # of the backup's file
    account: AccountId
