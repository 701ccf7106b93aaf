"""Models the objects inside a report (the shape is Article 17(3), items a to e)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from notify.report_types import (
    BooleanWord,
    Day,
    Email,
    LanguageTag,
    LanguageTexts,
    Latitude,
    Line,
    Longitude,
    Number,
    Of,
    Part,
    PartialDate,
    PlaceField,
    Several,
    ShortText,
    StateField,
    Telephone,
    Told,
    WebAddress,
)
from notify.vocabulary import UNKNOWN, Choice
from notify.words import Severity

Yes = Annotated[bool, Field(strict=True)]


def _file_name(name: str) -> str:
    if re.search(r'[/\\:*?"<>|\n\t]', name) or name != name.strip(" .") or len(name.encode()) > 255:
        raise ValueError("must be a plain file name, without a folder, such as varieties.csv")
    return name


def _media_type(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}", name):
        raise ValueError("must be a media type, such as application/pdf")
    return name


def _sha256(digest: str) -> str:
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", digest):
        raise ValueError("must be a SHA-256 digest of 64 hexadecimal digits")
    return digest


class Determination(Part):
    """What an office found about the class, and why; it can be revised without losing the case."""

    outcome: ShortText
    office: ShortText
    date: Day | None = None
    reason: Told


class Origin(Part):
    """The presumed State of origin; never the one responsible."""

    state: PlaceField
    certainty: Annotated[Choice, Of("certainty")] = UNKNOWN


class Authority(Part):
    """The competent national authority that reports."""

    name: ShortText
    email: Email
    telephone: Telephone | None = None


class Sender(Part):
    """Who sends the report for the authority."""

    name: ShortText
    position: ShortText | None = None


class Knowledge(Part):
    """When the occurrence became known; null means "not stated"."""

    keeps_null = frozenset({"first_indication", "reported_to_authority", "confirmed"})
    first_indication: PartialDate | None = None
    reported_to_authority: PartialDate | None = None
    confirmed: PartialDate | None = None


class SeverityInputs(Part):
    """What the handling priority is computed from, as the filer gives it."""

    crossing: Annotated[str, Of("crossing")]
    self_sustaining: Annotated[str, Of("self_sustaining"), BooleanWord] = UNKNOWN
    consequence: Annotated[str, Of("consequence")] = UNKNOWN
    containment: Annotated[str, Of("containment")]
    sensitive_receptor: Annotated[str, Of("sensitive_receptor"), BooleanWord]


class SeverityOverride(Part):
    """The priority that the filer sets instead, with a written reason."""

    level: Severity
    reason: Told


class LivingModifiedOrganism(Part):
    """One LMO, by whatever identifies it."""

    unique_identifier: Line | None = None
    bch_record: Line | None = None
    description: LanguageTexts | None = None
    common_name: ShortText | None = None
    scientific_name: ShortText | None = None
    event: ShortText | None = None
    traits: tuple[ShortText, ...] = Several
    gene_drive: Annotated[str, Of("gene_drive"), BooleanWord] = UNKNOWN
    viability: Annotated[str, Of("viability")] = UNKNOWN


class Quantity(Part):
    """The estimated quantity (Article 17(3)(a))."""

    text: LanguageTexts | None = None
    value: Number | None = None
    unit: ShortText | None = None
    minimum: Number | None = None
    maximum: Number | None = None
    method: Told | None = None
    certainty: Annotated[Choice, Of("certainty")] = UNKNOWN


class Place(Part):
    """Where the LMO got out."""

    name: Told | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    environments: tuple[Annotated[Choice, Of("environment")], ...] = Several


class Release(Part):
    """The LMO leaving control: State, date and circumstances (Article 17(3)(b))."""

    state: PlaceField
    date: PartialDate
    ongoing: Annotated[str, Of("ongoing"), BooleanWord] = UNKNOWN
    types: tuple[Annotated[Choice, Of("release_type")], ...] = Several
    causes: tuple[Annotated[Choice, Of("cause")], ...] = Several
    pathways: tuple[Annotated[Choice, Of("pathway")], ...] = Several
    circumstances: LanguageTexts | None = None
    place: Place | None = None


class Use(Part):
    """The use of the LMO in the originating Party (Article 17(3)(b))."""

    use: Annotated[Choice, Of("lmo_use")]
    authorisation: Annotated[Choice, Of("authorisation")]
    description: LanguageTexts | None = None


class AffectedState(Part):
    """One affected or potentially affected State."""

    state: StateField
    status: Annotated[str, Of("affected_status")]
    movement: Annotated[Choice, Of("movement_status")] = UNKNOWN
    basis: Annotated[Choice, Of("basis")] | None = None
    reason: Told | None = None


class Effect(Part):
    """One possible adverse effect (Article 17(3)(c))."""

    kind: Annotated[Choice, Of("effect_kind")]
    receptor: Told | None = None
    likelihood: Told = UNKNOWN
    consequence: Told = UNKNOWN
    description: LanguageTexts | None = None


class RiskAssessment(Part):
    """Where a risk assessment can be read."""

    title: Told
    url: WebAddress


class ReportedMeasure(Part):
    """One measure taken or planned, as the report states it."""

    type: Annotated[Choice, Of("measure_type")]
    status: Annotated[Choice, Of("measure_status")]
    actor: Told | None = None
    date: Day | None = None
    description: LanguageTexts | None = None


class Detection(Part):
    """How to detect the LMO."""

    method: Annotated[Choice, Of("detection_method")]
    description: LanguageTexts | None = None
    laboratory: Told | None = None
    reference_material: Told | None = None


class Assistance(Part):
    """Assistance requested or offered."""

    requested: LanguageTexts | None = None
    offered: LanguageTexts | None = None


class Consignment(Part):
    """One consignment that may hold the LMO."""

    product: Told
    lot: ShortText | None = None
    quantity: Told | None = None
    dispatched_on: Day | None = None
    from_: PlaceField = Field(alias="from")
    to: PlaceField
    transit_states: tuple[PlaceField, ...] = Several
    consignor: Told | None = None
    consignee: Told | None = None
    documentation: Told | None = None


class Finding(Part):
    """One place where the LMO was found."""

    state: PlaceField
    place: Told | None = None
    date: Day
    method: Annotated[Choice, Of("detection_method")]
    laboratory: Told | None = None


class PublicStatement(Part):
    """The first public statement on the occurrence."""

    date: Day
    url: WebAddress


class Attachment(Part):
    """A file that belongs to the report, by its digest."""

    filename: Annotated[ShortText, AfterValidator(_file_name)]
    media_type: Annotated[str, AfterValidator(_media_type)]
    sha256: Annotated[str, AfterValidator(_sha256)]
    size: Annotated[int, Field(strict=True, ge=0)] | None = None
    description: Told | None = None
    language: LanguageTag | None = None


class InformationContact(Part):
    """The point of contact for further information (Article 17(3)(e))."""

    office: ShortText
    email: Email
    telephone: Telephone | None = None
    languages: tuple[LanguageTag, ...] = Several
    around_the_clock: Yes | None = None


class Mark(Part):
    """Who may read a field at most, and on what ground it is confidential (Article 21)."""

    audience: Annotated[str, Of("audience")]
    ground: Annotated[str, Of("ground")]
