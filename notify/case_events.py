"""Names what can happen to a case as a whole: its reports, its class and severity, its close; one event each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contacts.model import ContactId, StateCode
from notify.event import Event
from notify.words import AccountId, CaseReference, Means, NotificationClass, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    reporting_state: StateCode
    severity: Severity
    notification_class: NotificationClass
    policy_version: str
    account: AccountId
    voluntary: bool = False  # of a non-Party


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSubmitted(Event):
    sequence: int
    report_type: str
    sha256: str
    severity: Severity | None = None  # of the case, with this report
    material: bool = False  # it asks every addressee for a (new) acknowledgement


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityChanged(Event):
    before: Severity
    after: Severity
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReclassified(Event):
    before: NotificationClass
    after: NotificationClass
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLinked(Event):
    twin: CaseReference


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWithdrawn(Event):
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAnnounced(Event):
    closing_id: str
    states: tuple[StateCode, ...]  # the States that are asked
    account: AccountId
    look_again_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAskedAgain(Event):
    closing_id: str
    states: tuple[StateCode, ...]
    look_again_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAnswered(Event):
    closing_id: str
    state: StateCode
    answer: str  # objects, does_not_object
    means: Means
    contact: ContactId | None = None
    account: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseGivenUp(Event):
    closing_id: str
    states: tuple[StateCode, ...]  # those that objected


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    closing_id: str
    no_objection_received: tuple[StateCode, ...]  # told, proven, and silent; silence is not consent
    did_not_object: tuple[StateCode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened(Event):
    closing_id: str | None
    account: AccountId
