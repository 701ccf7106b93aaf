"""Names what answers on cases hold; a test holds each real answer against it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from notify.notification import AddresseeKind
from notify.words import Assessment, ChannelName, Grade, Means, NotificationClass, Severity


class Answer(BaseModel):
    """An object of an answer."""

    model_config = ConfigDict(extra="forbid")


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


class ReportInChain(Answer):
    """One report, without what its reader may not see; `withheld` lists the pointers left out."""

    sequence: int
    type: str
    submitted_at: datetime
    report: dict[str, Any]
    withheld: list[str]


class PolicyAnswer(Answer):
    version: str
    label: str


class CaseAnswer(CaseOnList):
    reports: list[ReportInChain]
    completeness: Completeness
    acknowledged: str | None = Field(description="How many States, of how many; addressees do not see it.")
    bch: str | None
    dispatch_paused_until: datetime | None
    warnings: list[FaultAnswer]
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
    kind: str
    due_at: datetime
    met_at: datetime | None


class AttemptAnswer(Answer):
    number: int
    at: datetime
    milliseconds: int
    result: str
    status: int | None
    reason: str | None
    answer: str | None
    next_attempt_at: datetime | None


class DeliveryAnswer(Answer):
    id: str
    contact: str | None
    channel: ChannelName
    step: str
    reason: str
    state: str
    queued_at: datetime
    accepted_at: datetime | None
    attempts: list[AttemptAnswer]


class AcknowledgementAnswer(Answer):
    grade: Grade
    assessment: Assessment | None
    preliminary: bool
    by: str
    office: str
    means: Means
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
