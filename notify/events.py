"""Names everything that can happen, one event each; each is one row of a log chain, and may wake handlers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contacts.model import ContactId, StateCode
from notify.case_events import (
    CaseClosed,
    CaseLinked,
    CaseOpened,
    CaseReclassified,
    CaseReopened,
    CaseWithdrawn,
    CloseAnnounced,
    CloseAnswered,
    CloseAskedAgain,
    CloseGivenUp,
    ReportSubmitted,
    SeverityChanged,
)
from notify.event import SERVICE_CHAIN, Event
from notify.registry_events import (
    ContactChanged,
    ContactsLoaded,
    EndpointFailing,
    EndpointRecovered,
    EndpointReplayed,
)
from notify.words import (
    AccountId,
    Assessment,
    ChannelName,
    DeliveryId,
    Grade,
    Means,
    NotificationId,
    Severity,
    TaskId,
)

__all__ = [
    "SERVICE_CHAIN",
    "CaseClosed",
    "CaseLinked",
    "CaseOpened",
    "CaseReclassified",
    "CaseReopened",
    "CaseWithdrawn",
    "CloseAnnounced",
    "CloseAnswered",
    "CloseAskedAgain",
    "CloseGivenUp",
    "ContactChanged",
    "ContactsLoaded",
    "EndpointFailing",
    "EndpointRecovered",
    "EndpointReplayed",
    "Event",
    "ReportSubmitted",
    "SeverityChanged",
]
"""What other modules hold of them; the rest is here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationIssued(Event):
    notification_id: NotificationId
    addressee: str
    status: str
    next_step_at: datetime | None = None
    round: int = 1  # the sequence of the report that asks for the acknowledgement


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRenewed(Event):
    notification_id: NotificationId
    addressee: str
    round: int  # the sequence of the report that asks for a new acknowledgement
    severity: Severity
    next_step_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationEscalated(Event):
    notification_id: NotificationId
    addressee: str
    step: str
    told: int  # contacts told by this step; 0 when there was nobody new to tell
    next_step_at: datetime | None = None
    round: int = 1


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
class DeliveryResent(DeliveryQueued):
    account: AccountId
    tries: int  # made before
    replayed: bool = False  # with all that its endpoint missed; else this one by itself


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
    contact: ContactId | None = None
    breaker_open: bool = False  # its endpoint takes nothing at present


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
class MailReceived(Event):
    mail_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRead(Event):
    mail_id: str
    meaning: str  # delivery_report, automatic_reply, reply, unreadable
    delivery_id: DeliveryId
    notification_id: NotificationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReported(Event):
    delivery_id: DeliveryId
    channel: ChannelName
    state: str
    mail_id: str
    notification_id: NotificationId | None = None


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
class RecordRetracted(Event):
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
class AccountCreated(Event):
    account: AccountId
    role: str
    state: StateCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIssued(Event):
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeyChanged(Event):
    key: str
    others_until: datetime
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRestored(Event):
    sha256: str  # of the backup's file
    account: AccountId
