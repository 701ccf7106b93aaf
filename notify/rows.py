"""Says how cases, deliveries, logs and drafts are handed to and from the database: plain rows, no rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.model import ContactId, StateCode
from notify.account import Account
from notify.delivery import DeliveryState, NoticeKind
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


@dataclass(frozen=True, slots=True)
class StoredReport:
    """One report of a case's chain."""

    case_reference: CaseReference
    sequence: int
    type: str
    document: Mapping[str, Any]
    sha256: str
    account: AccountId
    submitted_at: datetime


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
