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
    NamedState,
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
    several,
)
from notify.report_types import (
    LONGEST_LIST,
    LanguageTag,
    LanguageTexts,
    Of,
    Part,
    ShortText,
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

    illegal_status: Annotated[str, Of("illegal_status")] | None = Field(
        None, description="Needed for an illegal movement: how certain that is"
    )
    determination: Determination | None = Field(None, description="What an office found about the class")
    severity_override: SeverityOverride | None = Field(
        None, description="A priority other than the computed one, with its reason"
    )
    quantity: Quantity | None = Field(None, description="Estimated quantity, Article 17(3)(a)")
    lmo_use: Use | None = Field(None, description="Use in the originating Party, Article 17(3)(b)")
    affected_states_determined: Yes | None = Field(
        None, description="false: the list of affected States may be incomplete or empty"
    )
    effects: tuple[Effect, ...] = several("Possible adverse effects, Article 17(3)(c)")
    health: LanguageTexts | None = Field(None, description="Possible risks to human health")
    risk_assessments: tuple[RiskAssessment, ...] = several("Risk assessments that can be read")
    risk_management: tuple[LanguageTexts, ...] = several("Possible risk management measures, Article 17(3)(c)")
    measures: tuple[ReportedMeasure, ...] = several("Measures taken or planned")
    detection: Detection | None = Field(None, description="How to detect the LMO")
    monitoring: LanguageTexts | None = Field(None, description="How it is monitored")
    assistance: Assistance | None = Field(None, description="Assistance requested or offered")
    consignments: tuple[Consignment, ...] = several("Consignments that may hold the LMO")
    findings: tuple[Finding, ...] = several("Where it was found")
    communities_informed: ToldOrYes | None = Field(
        None, description="Whether affected communities were informed, or how"
    )
    damage_considered: Annotated[str, Of("damage_considered")] | None = Field(
        None, description="Whether damage was considered (Supplementary Protocol)"
    )
    organizations: tuple[ShortText, ...] = several("Organizations to tell, such as FAO, IPPC or WOAH")
    first_public_statement: PublicStatement | None = Field(
        None, description="The first public statement on the occurrence"
    )
    other_information: LanguageTexts | None = Field(None, description="Other relevant information, Article 17(3)(d)")
    lessons: LanguageTexts | None = Field(
        None, description="What was learnt; a case closes on a final report that states it"
    )
    attachments: tuple[Attachment, ...] = several("Files that belong to the report")
    confidential: dict[str, Mark] = Field(
        default={},
        max_length=LONGEST_LIST,
        description="By JSON pointer, what is confidential, for whom and why (Article 21)",
    )
    status: Annotated[Literal["actual", "exercise"], Of("case_status")] = Field(
        "actual", description="exercise: nothing of it has happened; never published"
    )
    original_language: LanguageTag | None = Field(
        None, description="The language of the authoritative text; without it, the first of the title"
    )

    def document(self) -> dict[str, Any]:
        """Write the report as JSON: what the filer stated, and no default."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Report(AnyReport):
    """An initial report with the nine needed facts (Article 17(3)); or a case as its chain of reports leaves it."""

    type: Literal[ReportType.INITIAL] = Field(description="What the report is in its case")
    title: Title = Field(description='A title by language tag, such as {"en": "…"}')
    notification_class: NotificationClass = Field(description="The class, as the reporting State sees it")
    reporting_state: NamedState = Field(description="The code of the State that reports")
    capacity: Annotated[str, Of("capacity")] = Field(description="In which capacity it reports")
    origin: Origin = Field(description="The presumed State of origin")
    authority: Authority = Field(description="The competent national authority that reports")
    sender: Sender = Field(description="Who sends the report")
    knowledge: Knowledge = Field(description="When it became known")
    severity_inputs: SeverityInputs = Field(description="What the handling priority is computed from")
    lmos: tuple[LivingModifiedOrganism, ...] = Field(
        min_length=1, max_length=LONGEST_LIST, description="The LMOs, at least one"
    )
    release: Release = Field(description="Where, when and how it got out")
    affected_states: tuple[AffectedState, ...] = several("Who is affected or potentially affected; all are told")
    contact_for_information: InformationContact = Field(
        description="Point of contact for further information, Article 17(3)(e)"
    )

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
    ] = Field(description="What the report is in its case")
    reason: Told = Field(description="Why this report follows")
    material: Yes | None = Field(None, description="Whether it changes what others must do")
    title: Title | None = Field(None, description="The title as it is now")
    notification_class: NotificationClass | None = Field(None, description="The class as it is now")
    reporting_state: NamedState | None = Field(None, description="The State that reports")
    capacity: Annotated[str, Of("capacity")] | None = Field(None, description="In which capacity it reports now")
    origin: Origin | None = Field(None, description="The presumed State of origin as it is now")
    authority: Authority | None = Field(None, description="The authority as it is now")
    sender: Sender | None = Field(None, description="Who sends this report")
    knowledge: Knowledge | None = Field(None, description="When it became known, as it is seen now")
    severity_inputs: SeverityInputs | None = Field(None, description="What the priority is computed from now")
    lmos: tuple[LivingModifiedOrganism, ...] = several("The LMOs as they are known now")
    release: Release | None = Field(None, description="The release as it is known now")
    affected_states: tuple[AffectedState, ...] = several("All affected States as they are known now")
    contact_for_information: InformationContact | None = Field(None, description="The point of contact as it is now")


def report_schema() -> dict[str, Any]:
    """Describe the shape of a report as JSON Schema (draft 2020-12), generated from the model."""
    either: TypeAdapter[Report | LaterReport] = TypeAdapter(Report | LaterReport)
    schema = either.json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A report under Article 17"}
    return head | schema
