"""Models a whole report: what every report may state, what an initial one must, what a later one adds."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from contacts.model import StateCode
from notify.report_parts import (
    AffectedState,
    Assistance,
    Attachment,
    Authority,
    Consignment,
    Detection,
    Determination,
    Effect,
    Finding,
    InformationContact,
    Knowledge,
    LivingModifiedOrganism,
    Mark,
    Origin,
    PublicStatement,
    Quantity,
    Release,
    ReportedMeasure,
    RiskAssessment,
    Sender,
    SeverityInputs,
    SeverityOverride,
    Use,
    Yes,
)
from notify.report_types import (
    LONGEST_LIST,
    LanguageTag,
    LanguageTexts,
    Of,
    Part,
    Several,
    ShortText,
    StateField,
    Title,
    Told,
    ToldOrYes,
)
from notify.words import NotificationClass


class ReportType(StrEnum):
    """What a report is in the chain of its case."""

    INITIAL = "initial"
    COMPLEMENT = "complement"
    FOLLOW_UP = "follow_up"
    SITUATION_UPDATE = "situation_update"
    NO_CHANGE = "no_change"
    CORRECTION = "correction"
    RECLASSIFICATION = "reclassification"
    WITHDRAWAL = "withdrawal"
    FINAL = "final"


class AnyReport(Part):
    """What every report may state and none needs to."""

    illegal_status: Annotated[str, Of("illegal_status")] | None = None
    determination: Determination | None = None
    severity_override: SeverityOverride | None = None
    quantity: Quantity | None = None
    lmo_use: Use | None = None
    affected_states_determined: Yes | None = None
    effects: tuple[Effect, ...] = Several
    health: LanguageTexts | None = None
    risk_assessments: tuple[RiskAssessment, ...] = Several
    risk_management: tuple[LanguageTexts, ...] = Several
    measures: tuple[ReportedMeasure, ...] = Several
    detection: Detection | None = None
    monitoring: LanguageTexts | None = None
    assistance: Assistance | None = None
    consignments: tuple[Consignment, ...] = Several
    findings: tuple[Finding, ...] = Several
    communities_informed: ToldOrYes | None = None
    damage_considered: Annotated[str, Of("damage_considered")] | None = None
    organizations: tuple[ShortText, ...] = Several
    first_public_statement: PublicStatement | None = None
    other_information: LanguageTexts | None = None
    attachments: tuple[Attachment, ...] = Several
    confidential: dict[str, Mark] = Field(default={}, max_length=LONGEST_LIST)
    status: Annotated[Literal["actual", "exercise"], Of("case_status")] = "actual"
    original_language: LanguageTag | None = None

    def document(self) -> dict[str, Any]:
        """Write the report as JSON: what the filer stated, and no default."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Report(AnyReport):
    """An initial report with the nine needed facts (Article 17(3)); or a case as its chain of reports leaves it."""

    type: Literal[ReportType.INITIAL]
    title: Title
    notification_class: NotificationClass
    reporting_state: StateField
    capacity: Annotated[str, Of("capacity")]
    origin: Origin
    authority: Authority
    sender: Sender
    knowledge: Knowledge
    severity_inputs: SeverityInputs
    lmos: tuple[LivingModifiedOrganism, ...] = Field(min_length=1, max_length=LONGEST_LIST)
    release: Release
    affected_states: tuple[AffectedState, ...] = Several
    contact_for_information: InformationContact

    @property
    def language(self) -> str:
        """The language of the authoritative text."""
        return self.original_language or next(iter(self.title))

    @property
    def is_exercise(self) -> bool:
        """Exercises are marked everywhere, left out of statistics and never published."""
        return self.status == "exercise"

    @property
    def has_gene_drive(self) -> bool:
        """Any of the LMOs carries a gene drive."""
        return any(lmo.gene_drive == "yes" for lmo in self.lmos)

    @property
    def affected_state_codes(self) -> tuple[StateCode, ...]:
        """The affected and potentially affected States, in the order of the report."""
        return tuple(StateCode(affected.state) for affected in self.affected_states)


class LaterReport(AnyReport):
    """A report that follows another: it states its reason and what changes; what it states replaces what stood."""

    type: Literal[
        ReportType.COMPLEMENT,
        ReportType.FOLLOW_UP,
        ReportType.SITUATION_UPDATE,
        ReportType.NO_CHANGE,
        ReportType.CORRECTION,
        ReportType.RECLASSIFICATION,
        ReportType.WITHDRAWAL,
        ReportType.FINAL,
    ]
    reason: Told
    material: Yes | None = None
    title: Title | None = None
    notification_class: NotificationClass | None = None
    reporting_state: StateField | None = None
    capacity: Annotated[str, Of("capacity")] | None = None
    origin: Origin | None = None
    authority: Authority | None = None
    sender: Sender | None = None
    knowledge: Knowledge | None = None
    severity_inputs: SeverityInputs | None = None
    lmos: tuple[LivingModifiedOrganism, ...] = Several
    release: Release | None = None
    affected_states: tuple[AffectedState, ...] = Several
    contact_for_information: InformationContact | None = None


def report_schema() -> dict[str, Any]:
    """Describe the shape of a report as JSON Schema (draft 2020-12), generated from the model."""
    either: TypeAdapter[Report | LaterReport] = TypeAdapter(Report | LaterReport)
    schema = either.json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A report under Article 17"}
    return head | schema
