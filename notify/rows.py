"""Says how cases, deliveries, logs and drafts are handed to and from the database: plain rows, no rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.model import ContactId, StateCode
from notify.account import Account
from notify.delivery import DeliveryState, NoticeKind
from notify.errors import FailureKind
from notify.inbound import ReceivedMail
from notify.inquiry import Inquiry
from notify.policy import EscalationStep, Policy
from notify.sentence import Sentence
from notify.words import AccountId, CaseReference, ChannelName, DeliveryId, DraftId, NotificationId


@dataclass(slots=True)
class DeliveryRow:
    """One delivery as it is stored: one contact by one channel for one step."""

    id: DeliveryId
    key: str
    case_reference: CaseReference
    notification_id: NotificationId | None
    contact: ContactId | None
    recipient: str
    roles: tuple[str, ...]
    reason: Sentence | None
    channel: ChannelName
    step: str
    kind: NoticeKind
    details: Mapping[str, Any]
    report_sequence: int
    queued_at: datetime
    link_hash: str | None
    state: DeliveryState = DeliveryState.QUEUED
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    link_revoked_at: datetime | None = None
    link_opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one delivery, with what is known of it."""

    delivery_id: DeliveryId
    number: int
    started_at: datetime
    milliseconds: int
    result: DeliveryState
    status: int | None
    reason: str | None
    answer: str | None
    destination: str | None
    next_attempt_at: datetime | None = None
    failure: FailureKind | None = None  # whose problem it is


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One mail that came in, kept whole, and what it was taken for."""

    id: str
    mail: ReceivedMail
    delivery_id: DeliveryId | None
    meaning: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """What was concluded of a delivery from a mail that came in; the mail itself is kept beside."""

    id: str
    delivery_id: DeliveryId
    at: datetime
    kind: str  # a state of the delivery, or auto_replied
    mail_id: str | None
    source: str
    sha256: str  # of the mail's bytes
    detail: str  # what it said, cut; untrusted


@dataclass(frozen=True, slots=True)
class StoredReport:
    """One report of a case's chain: `document` is what it stated; `known` what is known with it, where that is more."""

    case_reference: CaseReference
    sequence: int
    type: str
    document: Mapping[str, Any]
    sha256: str
    account: AccountId
    submitted_at: datetime
    severity: str
    material: bool = True  # it asks each addressee for a (new) acknowledgement; the initial one does
    known: Mapping[str, Any] | None = None

    @property
    def knowledge(self) -> Mapping[str, Any]:
        """Give the state of knowledge with this report, as the document of an initial one."""
        return self.document if self.known is None else self.known


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of a log chain; `position` orders all chains."""

    position: int
    chain: CaseReference
    sequence: int
    at: datetime
    kind: str
    body: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One clock running on one notification; met by a fact or not at all."""

    notification_id: NotificationId
    kind: str
    due_at: datetime
    met_at: datetime | None = None
    round: int = 1  # the sequence of the report that asked for an acknowledgement


@dataclass(frozen=True, slots=True)
class FiguresRow:
    """What is counted of one case, made from its log up to a row."""

    chain: CaseReference
    sequence: int
    document: str


@dataclass(slots=True)
class ExerciseRow:
    """One exercise as it was planned; `scenario` is gone once it was purged."""

    reference: CaseReference
    scenario: Mapping[str, Any] | None
    recipients: Sequence[StateCode]
    announced: bool
    account: AccountId
    planned_at: datetime
    starts_at: datetime
    ended_at: datetime | None = None
    purged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DraftRow:
    """An incomplete report kept inside one authority."""

    id: DraftId
    state: StateCode
    account: AccountId
    document: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class RecordRow:
    """The BCH document as it stands."""

    case_reference: CaseReference
    state: str
    document: Mapping[str, Any]
    to_complete: Sequence[Sentence]
    sequence: int
    drafted_at: datetime


@dataclass(frozen=True, slots=True)
class PauseRow:
    """The brake while it is on."""

    paused_until: datetime
    account: AccountId
    reason: str


@dataclass(slots=True)
class InquiryRow:
    """One inquiry with the document as it was handed in, and the policy that was frozen onto it."""

    inquiry: Inquiry
    document: Mapping[str, Any]
    account: AccountId
    policy: Policy
    step: EscalationStep | None = None  # the last step of its ladder that fired
    version: int = 1


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list wants; `reader` limits it to what that account may read."""

    reader: Account
    status: str | None = None
    severity: str | None = None
    state: str | None = None
    notification_class: str | None = None
    since: datetime | None = None
    before: CaseReference | None = None  # the cursor
    limit: int = 50
