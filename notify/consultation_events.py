"""Names what can happen between States in a case: consultation, measures, assessments, inquiries, attachments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contacts.model import ContactId, StateCode
from notify.event import Event
from notify.words import AccountId, Means, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationOpened(Event):
    account: AccountId | None = None  # None: with the dispatch
    by_state: StateCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(Event):
    message_id: str
    lane: str
    by_state: StateCode
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMade(Event):
    request_id: str
    lane: str
    by_state: StateCode
    to_state: StateCode
    account: AccountId
    next_action_at: datetime | None = None  # of its clock


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReminded(Event):
    """The clock of a request asked for something: a reminder by its number, or (0) a task."""

    request_id: str
    lane: str
    by_state: StateCode
    turn: int
    number: int
    next_action_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered(Event):
    """One more word on a request; `number` counts them."""

    request_id: str
    number: int
    lane: str
    by_state: StateCode
    account: AccountId
    next_action_at: datetime | None = None  # when more is needed, its clock begins anew


@dataclass(frozen=True, slots=True, kw_only=True)
class ConclusionProposed(Event):
    conclusion_id: str
    lane: str
    by_state: StateCode
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTaken(Event):
    conclusion_id: str
    number: int
    lane: str
    by_state: StateCode
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretariatInvited(Event):
    invitation_id: str
    lane: str
    by_state: StateCode
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationEnded(Event):
    invitation_id: str
    lane: str
    by_state: StateCode
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentGiven(Event):
    statement_id: str
    by_state: StateCode
    means: Means
    account: AccountId | None = None
    contact: ContactId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureReported(Event):
    measure_id: str
    by_state: StateCode
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureChanged(Event):
    """A measure has a further status (`number` counts them), or other readers."""

    measure_id: str
    number: int
    by_state: StateCode
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryMade(Event):
    asked: StateCode
    severity: Severity
    account: AccountId
    next_step_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryEscalated(Event):
    step: str
    told: int
    next_step_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryAnswered(Event):
    number: int
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryWithdrawn(Event):
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentStored(Event):
    sha256: str
    size: int
    account: AccountId
