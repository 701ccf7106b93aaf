"""Names what answers on cases hold; a test holds each real answer against it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from adapters.api.report_answers import Answer as Answer
from adapters.api.report_answers import (
    CloseAnswer,
    KnownAnswer,
    ReportInChain,
    SuggestionAnswer,
)
from notify.clock_rules import SubjectKind
from notify.clocks import ClockKind
from notify.deadline import Outcome
from notify.notification import AddresseeKind
from notify.words import Assessment, ChannelName, Grade, Means, NotificationClass, Severity


class SeverityAnswer(Answer):
    """Handling priority, computed; not a finding on risk."""

    level: Severity
    reason: str


class RouteAnswer(Answer):
    """One contact, one channel, and why."""

    contact: str
    office: str
    channel: ChannelName
    reason: str


class AddresseeAnswer(Answer):
    kind: AddresseeKind
    code: str


class CompletenessAnswer(Answer):
    """How complete the report is for one item of Article 17(3): the JSON pointers given and missing."""

    given: list[str]
    missing: list[str]
    share: float = Field(ge=0, le=1)


Completeness = dict[Literal["a", "b", "c", "d", "e"], CompletenessAnswer]


class PlannedAnswer(Answer):
    addressee: AddresseeAnswer
    state: str | None
    status: str
    reason: str
    routes: list[RouteAnswer]


class IssuedAnswer(PlannedAnswer):
    id: str


class SubmissionAnswer(Answer):
    """The case that a submission opened, and who is told."""

    reference: str
    severity: SeverityAnswer
    notifications: list[IssuedAnswer]
    completeness: Completeness
    warnings: list[FaultAnswer]
    dispatch_paused_until: datetime | None = Field(description="Until then the secretariat holds all sending.")
    suggestions: list[SuggestionAnswer]
    status_url: str


class FaultAnswer(Answer):
    """The JSON pointer of a place, and what is wrong there."""

    pointer: str
    detail: str


class PreviewAnswer(Answer):
    """All that submitting would do."""

    dispatch_paused_until: datetime | None = Field(description="Until then the secretariat holds all sending.")
    severity: SeverityAnswer
    hints: list[str]
    notifications: list[PlannedAnswer]
    tasks: list[str]
    completeness: Completeness
    warnings: list[FaultAnswer]
    suggestions: list[SuggestionAnswer]
    confirmation_needed: str | None = Field(description="Why the brake will ask for a second confirmation.")


class CaseOnList(Answer):
    reference: str
    status: Literal["open", "closed", "withdrawn", "reopened", "exercise"]
    exercise: bool
    reporting_state: str
    notification_class: NotificationClass
    severity: SeverityAnswer
    title: dict[str, str]
    voluntary: bool = Field(description="A non-Party's report, in line with Article 24(2).")
    opened_at: datetime
    closed_at: datetime | None


class CaseListAnswer(Answer):
    cases: list[CaseOnList]
    next: str | None


class PolicyAnswer(Answer):
    version: str
    label: str


class CaseAnswer(CaseOnList):
    version: int
    twin: str | None = Field(description="The linked case: the same occurrence, on the other side of Article 25.")
    closing: CloseAnswer | None = Field(description="The last close that was announced.")
    reports: list[ReportInChain]
    known: KnownAnswer
    completeness: Completeness
    acknowledged: str | None = Field(description="How many States, of how many; addressees do not see it.")
    bch: str | None
    dispatch_paused_until: datetime | None
    warnings: list[FaultAnswer]
    clocks: list[CaseClockAnswer]
    policy: PolicyAnswer


class LogEntry(Answer):
    """One row of the log; `hash` chains it to the row before."""

    sequence: int
    at: datetime
    event: str
    body: dict[str, Any]
    hash: str


class TimelineAnswer(Answer):
    reference: str
    entries: list[LogEntry]


class ClockAnswer(Answer):
    """One clock (policy of this service), derived from what happened."""

    kind: ClockKind
    round: int = Field(description="The sequence of the report that started it, or the turn of a request.")
    started_at: datetime
    due_at: datetime | None = Field(description="null: on request only.")
    met_at: datetime | None
    outcome: Outcome


class CaseClockAnswer(ClockAnswer):
    """One clock of the case, of a lane of its consultation, of a request, or of its close."""

    subject_kind: SubjectKind
    subject: str
    owner: str | None = Field(description="The State that must act; null: this service.")
    reminders: list[datetime]


class AttemptAnswer(Answer):
    number: int
    at: datetime
    milliseconds: int
    result: str
    status: int | None
    reason: str | None
    answer: str | None
    next_attempt_at: datetime | None


class EvidenceAnswer(Answer):
    """What a mail that came back said of a delivery."""

    at: datetime
    kind: str
    detail: str
    source: str
    mail: str | None
    sha256: str


class DeliveryAnswer(Answer):
    id: str
    contact: str | None
    channel: ChannelName
    step: str
    kind: str
    report_sequence: int
    reason: str
    state: str
    queued_at: datetime
    accepted_at: datetime | None
    attempts: list[AttemptAnswer]
    evidence: list[EvidenceAnswer]


class AcknowledgementAnswer(Answer):
    grade: Grade
    assessment: Assessment | None
    preliminary: bool
    by: str
    office: str
    means: Means
    assurance: str | None
    at: datetime
    late: bool
    signs_of_a_machine: list[str]
    disputed_at: datetime | None


class NotificationAnswer(Answer):
    """How far one addressee has got, and what proves it."""

    id: str
    addressee: AddresseeAnswer
    state: str | None
    status: str
    reason: str
    grade: Grade | None
    assessment: Assessment | None
    assessment_preliminary: bool
    issued_at: datetime
    asked_at: datetime = Field(description="When the acknowledgement was asked for, last.")
    asked_by_report: int = Field(description="The sequence of the report that asks for it.")
    received_at: datetime | None
    assessed_at: datetime | None
    acting_at: datetime | None
    no_receipt_at: datetime | None
    step: str | None
    clocks: list[ClockAnswer]
    deliveries: list[DeliveryAnswer]
    acknowledgements: list[AcknowledgementAnswer]


class NotificationListAnswer(Answer):
    reference: str
    notifications: list[NotificationAnswer]


class RecordAnswer(Answer):
    """The BCH document, and what a person must add before it is cleared."""

    state: str
    document: dict[str, Any] | None
    to_complete: list[str]
    sequence: int | None
    drafted_at: datetime | None
