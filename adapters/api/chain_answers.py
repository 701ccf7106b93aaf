"""Names what answers on later reports hold."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from adapters.api.case_answers import (
    AddresseeAnswer,
    Answer,
    Completeness,
    FaultAnswer,
    PlannedAnswer,
    SeverityAnswer,
)
from adapters.api.report_answers import DifferenceAnswer, SuggestionAnswer
from notify.report_model import ReportType
from notify.words import NotificationClass


class FollowPreviewAnswer(Answer):
    """All that a later report would change, and whom it would tell for the first time."""

    type: ReportType
    sequence: int
    material: bool = Field(description="Whether everyone is asked for a new acknowledgement.")
    material_because: list[str]
    severity: SeverityAnswer
    hints: list[str]
    notification_class: NotificationClass
    opens_twin: bool = Field(description="To or from an illegal movement: a linked case gets a reference of its own.")
    differences: list[DifferenceAnswer]
    told: list[str] = Field(description="Who was told before and is told of this report: States, BCH, organizations.")
    no_longer_named: list[str]
    notifications: list[PlannedAnswer]
    tasks: list[str]
    completeness: Completeness
    warnings: list[FaultAnswer]
    suggestions: list[SuggestionAnswer]
    confirmation_needed: str | None = Field(description="Why the brake will ask for a second confirmation.")


class ToldAnswer(Answer):
    """One addressee that was told of a report."""

    id: str
    addressee: AddresseeAnswer
    state: str | None
    status: str
    new: bool = Field(description="Told for the first time, of the whole chain so far.")
    asked_anew: bool = Field(description="Asked for a new acknowledgement.")
    contacts: int


class AddedAnswer(Answer):
    """A later report as it was added, and who is told of it."""

    reference: str
    sequence: int
    type: ReportType
    submitted_at: datetime
    material: bool
    severity: SeverityAnswer
    notification_class: NotificationClass
    status: str
    version: int
    twin: str | None
    differences: list[DifferenceAnswer]
    notifications: list[ToldAnswer]
    completeness: Completeness
    warnings: list[FaultAnswer]
    suggestions: list[SuggestionAnswer]
    dispatch_paused_until: datetime | None
