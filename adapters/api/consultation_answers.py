"""Names what the answers on consultation, measures, inquiries and attachments hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from adapters.api.case_answers import Answer
from notify.attachment import ScanVerdict
from notify.consultation import Answer as Said
from notify.consultation import ConclusionState, LaneKind, RequestKind, RequestState, Stand
from notify.inquiry import AskerKind, InquiryAnswer, InquiryState
from notify.words import Assessment, Means, Severity

Words = str | dict[str, str]
Code = str | dict[str, Any]
VisibleTo = str | list[str]


class OpenedAnswer(Answer):
    reference: str
    opened_at: datetime | None


class EntryAnswer(Answer):
    """One thing that was said; where `kind` is null you may know only in which lane there was traffic, and when."""

    lane: str = Field(description="joint, or private/ and the code of a State")
    at: datetime
    kind: Literal["message", "request", "answer", "conclusion", "position"] | None
    id: str | None = Field(description="Of the message, the request, the conclusion.")
    by_state: str | None
    to_state: str | None
    request_kind: RequestKind | None
    answer: Said | None
    stand: Stand | None
    text: Words | None
    reason: Words | None
    in_reply_to: str | None
    attachments: list[dict[str, Any]]


class LaneAnswer(Answer):
    lane: str
    kind: LaneKind
    state: str | None
    states: list[str]
    may_write: bool
    entries: int
    last_at: datetime | None


class RequestStandAnswer(Answer):
    """How a request stands, its clock, and what you may say to it now."""

    id: str
    lane: str
    kind: RequestKind
    by_state: str
    to_state: str
    at: datetime
    text: Words
    status: RequestState
    due_at: datetime | None
    met_at: datetime | None
    answers: int
    you_may_say: list[Said]


class PositionAnswer(Answer):
    state: str
    stand: Stand
    by: str
    office: str
    at: datetime
    reason: Words


class ConclusionAnswer(Answer):
    """A conclusion with who agrees and who dissents, by name; silence is neither."""

    id: str
    lane: str
    by_state: str
    at: datetime
    text: Words
    outcome: ConclusionState
    positions: list[PositionAnswer]
    silent: list[str]
    replaced_at: datetime | None


class InvitationAnswer(Answer):
    id: str
    lane: str
    by_state: str
    at: datetime
    ended_at: datetime | None


class ConsultationAnswer(Answer):
    """What you may read of a consultation."""

    reference: str
    opened_at: datetime | None
    lanes: list[LaneAnswer]
    entries: list[EntryAnswer]
    requests: list[RequestStandAnswer]
    conclusions: list[ConclusionAnswer]
    invitations: list[InvitationAnswer]


class AssessmentAnswer(Answer):
    """One thing that a State said of itself; where `assessment` is null you may know only that and when."""

    state: str
    at: datetime
    assessment: Assessment | None
    preliminary: bool | None
    took_effect: bool | None = Field(description="Whether it took the place of what the State said before.")
    means: Means | None
    by: str | None
    office: str | None
    visible_to: VisibleTo | None
    disputed_at: datetime | None


class AssessmentListAnswer(Answer):
    reference: str
    assessments: list[AssessmentAnswer]


class MeasureStatusAnswer(Answer):
    status: Code
    at: datetime
    since: Code | None
    effectiveness: Words | None
    damage_considered: str | None


class MeasureAnswer(Answer):
    """One measure; where `type` is null you may know only that a State reported one, and when."""

    id: str
    state: str
    reported_at: datetime
    type: Code | None
    status: Code | None
    description: Words | None
    actor: Words | None
    visible_to: VisibleTo | None
    request: str | None
    history: list[MeasureStatusAnswer]


class MeasureListAnswer(Answer):
    reference: str
    measures: list[MeasureAnswer]
    damage_considered: dict[str, str] = Field(
        description="What each State last said: was damage considered; without prejudice."
    )


class TimelineRowAnswer(Answer):
    at: datetime
    state: str
    measure: str
    type: str
    status: str
    seconds_after_told: int | None
    since: Code | None


class ComparisonAnswer(Answer):
    """How soon one State came how far with one type of measure, in seconds from when it was told."""

    state: str
    type: str
    measures: int
    reported_seconds: int | None
    under_way_seconds: int | None
    completed_seconds: int | None
    statuses: list[str]


class MeasureTimelineAnswer(Answer):
    reference: str
    told_at: dict[str, datetime | None]
    timeline: list[TimelineRowAnswer]
    comparison: list[ComparisonAnswer]


class AskerAnswer(Answer):
    kind: AskerKind
    name: str


class InquiryOnList(Answer):
    id: str
    reference: str
    exercise: bool
    status: InquiryState
    asker: AskerAnswer
    asked: str
    severity: Severity
    title: dict[str, str]
    asked_at: datetime
    answered_at: datetime | None
    withdrawn_at: datetime | None


class InquiryListAnswer(Answer):
    inquiries: list[InquiryOnList]
    next: str | None


class InquiryGivenAnswer(Answer):
    answer: InquiryAnswer
    at: datetime
    by: str
    office: str
    text: Words
    case_reference: str | None


class InquiryStandAnswer(InquiryOnList):
    due_at: datetime | None
    step: str | None = Field(description="The last step of its ladder.")
    inquiry: dict[str, Any] = Field(description="As it was handed in.")
    answers: list[InquiryGivenAnswer]


class AttachmentAnswer(Answer):
    sha256: str
    filename: str
    media_type: str
    size: int
    scan: ScanVerdict
    uploaded_at: datetime
