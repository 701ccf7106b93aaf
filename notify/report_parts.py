"""Models the objects inside a report (the shape is Article 17(3), items a to e)."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from notify.lmo import written_as_registered
from notify.report_types import (
    LONGEST_LIST,
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
    ShortText,
    StateField,
    Telephone,
    Told,
    WebAddress,
)
from notify.vocabulary import UNKNOWN, Choice
from notify.words import Severity

Yes = Annotated[bool, Field(strict=True)]
# The published schema says the form of a code; which States there are, the registry says.
NamedState = Annotated[StateField, WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})]
NamedPlace = Annotated[PlaceField, WithJsonSchema({"type": "string", "pattern": "^([A-Z]{2}|unknown)$"})]


def several(description: str) -> Any:
    """Make a field that holds a list, empty unless given."""
    return Field(default=(), max_length=LONGEST_LIST, description=description)


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

    outcome: ShortText = Field(description="What the office found")
    office: ShortText = Field(description="The office that found it")
    date: Day | None = Field(None, description="When; a date such as 2026-11-20, 2026-11 or 2026")
    reason: Told = Field(description="Why, as text or language map")


class Origin(Part):
    """The presumed State of origin; never the one responsible."""

    state: NamedPlace = Field(description="The presumed State of origin, or unknown")
    certainty: Annotated[Choice, Of("certainty")] = Field(UNKNOWN, description="How certain that is")


class Authority(Part):
    """The competent national authority that reports."""

    name: ShortText = Field(description="The name of the authority")
    email: Email = Field(description="Where it reads mail")
    telephone: Telephone | None = Field(None, description="With the country code, such as +254 20 000000")


class Sender(Part):
    """Who sends the report for the authority."""

    name: ShortText = Field(description="The person who sends the report")
    position: ShortText | None = Field(None, description="What the person is in the authority")


class Knowledge(Part):
    """When the occurrence became known; null means "not stated"."""

    keeps_null = frozenset({"first_indication", "reported_to_authority", "confirmed"})
    first_indication: PartialDate | None = Field(None, description="When there was a first sign")
    reported_to_authority: PartialDate | None = Field(None, description="When the authority was told")
    confirmed: PartialDate | None = Field(None, description="When it was confirmed")


class SeverityInputs(Part):
    """What the handling priority is computed from, as the filer gives it."""

    crossing: Annotated[str, Of("crossing")] = Field(description="Whether it crosses a border")
    self_sustaining: Annotated[str, Of("self_sustaining"), BooleanWord] = Field(
        UNKNOWN, description="Whether it spreads alone"
    )
    consequence: Annotated[str, Of("consequence")] = Field(UNKNOWN, description="The worse for nature or health")
    containment: Annotated[str, Of("containment")] = Field(description="How far it is contained")
    sensitive_receptor: Annotated[str, Of("sensitive_receptor"), BooleanWord] = Field(
        description="Such as a protected area"
    )


class SeverityOverride(Part):
    """The priority that the filer sets instead, with a written reason."""

    level: Severity = Field(description="The priority wanted")
    reason: Told = Field(description="Why, in writing; every reader sees it")


Identifier = Annotated[Line, AfterValidator(written_as_registered)]


class LivingModifiedOrganism(Part):
    """One LMO, by whatever identifies it."""

    unique_identifier: Identifier | None = Field(None, description="The OECD unique identifier, such as MON-ØØ81Ø-6")
    bch_record: Line | None = Field(None, description="The identifier of its record in the BCH")
    description: LanguageTexts | None = Field(None, description="What is known of it, needed where it is unidentified")
    common_name: ShortText | None = Field(None, description="Such as rice")
    scientific_name: ShortText | None = Field(None, description="Such as Oryza sativa")
    event: ShortText | None = Field(None, description="The transformation event, such as LLRICE601")
    traits: tuple[ShortText, ...] = several("Such as herbicide tolerance")
    gene_drive: Annotated[str, Of("gene_drive"), BooleanWord] = Field(UNKNOWN, description="Whether it has one")
    viability: Annotated[str, Of("viability")] = Field(UNKNOWN, description="Whether it can replicate")


class Quantity(Part):
    """The estimated quantity (Article 17(3)(a))."""

    text: LanguageTexts | None = Field(None, description="The quantity in words")
    value: Number | None = Field(None, description="The best estimate")
    unit: ShortText | None = Field(None, description="Such as kg, seeds or ha")
    minimum: Number | None = Field(None, description="At least")
    maximum: Number | None = Field(None, description="At most")
    method: Told | None = Field(None, description="How it was estimated")
    certainty: Annotated[Choice, Of("certainty")] = Field(UNKNOWN, description="How certain it is")


class Place(Part):
    """Where the LMO got out."""

    name: Told | None = Field(None, description="What the place is called")
    latitude: Latitude | None = Field(None, description="Degrees north (WGS 84)")
    longitude: Longitude | None = Field(None, description="Degrees east (WGS 84)")
    environments: tuple[Annotated[Choice, Of("environment")], ...] = several("What surrounds it")


class Release(Part):
    """The LMO leaving control: State, date and circumstances (Article 17(3)(b))."""

    state: NamedPlace = Field(description="The State in which it got out, or unknown")
    date: PartialDate = Field(description="When, as exactly as it is known")
    ongoing: Annotated[str, Of("ongoing"), BooleanWord] = Field(UNKNOWN, description="Whether it still goes on")
    types: tuple[Annotated[Choice, Of("release_type")], ...] = several("What kind of release")
    causes: tuple[Annotated[Choice, Of("cause")], ...] = several("Why it happened")
    pathways: tuple[Annotated[Choice, Of("pathway")], ...] = several("How the LMO may travel")
    circumstances: LanguageTexts | None = Field(None, description="What happened")
    place: Place | None = Field(None, description="Where, for recipients only unless said otherwise")


class Use(Part):
    """The use of the LMO in the originating Party (Article 17(3)(b))."""

    use: Annotated[Choice, Of("lmo_use")] = Field(description="What the LMO is used for")
    authorisation: Annotated[Choice, Of("authorisation")] = Field(description="What the use is authorised for there")
    description: LanguageTexts | None = Field(None, description="More on the use")


class AffectedState(Part):
    """One affected or potentially affected State."""

    state: NamedState = Field(description="The code of the State")
    status: Annotated[str, Of("affected_status")] = Field(description="How it is concerned")
    movement: Annotated[Choice, Of("movement_status")] = Field(UNKNOWN, description="How far it has come")
    basis: Annotated[Choice, Of("basis")] | None = Field(None, description="What this rests on")
    reason: Told | None = Field(None, description="Why it is named; that State reads it")


class Effect(Part):
    """One possible adverse effect (Article 17(3)(c))."""

    kind: Annotated[Choice, Of("effect_kind")] = Field(description="What kind of effect")
    receptor: Told | None = Field(None, description="What may be affected")
    likelihood: Told = Field(UNKNOWN, description="How likely it is")
    consequence: Told = Field(UNKNOWN, description="How grave it would be")
    description: LanguageTexts | None = Field(None, description="More on the effect")


class RiskAssessment(Part):
    """Where a risk assessment can be read."""

    title: Told = Field(description="What it is called")
    url: WebAddress = Field(description="Where it can be read")


class ReportedMeasure(Part):
    """One measure taken or planned, as the report states it."""

    type: Annotated[Choice, Of("measure_type")] = Field(description="What kind of measure")
    status: Annotated[Choice, Of("measure_status")] = Field(description="How far it has come")
    actor: Told | None = Field(None, description="Who takes it")
    date: Day | None = Field(None, description="When; a date such as 2026-11-20, 2026-11 or 2026")
    description: LanguageTexts | None = Field(None, description="More on the measure")


class Detection(Part):
    """How to detect the LMO."""

    method: Annotated[Choice, Of("detection_method")] = Field(description="By which method")
    description: LanguageTexts | None = Field(None, description="Primers, protocol, thresholds")
    laboratory: Told | None = Field(None, description="Which laboratory can do it")
    reference_material: Told | None = Field(None, description="Where reference material is had")


class Assistance(Part):
    """Assistance requested or offered."""

    requested: LanguageTexts | None = Field(None, description="What help is asked for")
    offered: LanguageTexts | None = Field(None, description="What help is offered")


class Consignment(Part):
    """One consignment that may hold the LMO."""

    product: Told = Field(description="What it is")
    lot: ShortText | None = Field(None, description="The number of the lot")
    quantity: Told | None = Field(None, description="How much it is")
    dispatched_on: Day | None = Field(None, description="When it left; a date such as 2026-11-20")
    from_: NamedPlace = Field(alias="from", description="The State from which it went, or unknown")
    to: NamedPlace = Field(description="The State to which it goes, or unknown")
    transit_states: tuple[NamedPlace, ...] = several("States on its way")
    consignor: Told | None = Field(None, description="Who sent it")
    consignee: Told | None = Field(None, description="Who was to get it")
    documentation: Told | None = Field(None, description="The papers that went with it")


class Finding(Part):
    """One place where the LMO was found."""

    state: NamedPlace = Field(description="The State in which it was found")
    place: Told | None = Field(None, description="Where exactly")
    date: Day = Field(description="When; a date such as 2026-11-20")
    method: Annotated[Choice, Of("detection_method")] = Field(description="How it was found")
    laboratory: Told | None = Field(None, description="Who found it")


class PublicStatement(Part):
    """The first public statement on the occurrence."""

    date: Day = Field(description="When; a date such as 2006-08-18")
    url: WebAddress = Field(description="Where it can be read")


class Attachment(Part):
    """A file that belongs to the report, by its digest."""

    filename: Annotated[ShortText, AfterValidator(_file_name)] = Field(description="Such as varieties.csv")
    media_type: Annotated[str, AfterValidator(_media_type)] = Field(description="Such as application/pdf")
    sha256: Annotated[str, AfterValidator(_sha256)] = Field(description="The digest of its bytes, in hexadecimal")
    size: Annotated[int, Field(strict=True, ge=0)] | None = Field(None, description="How many bytes it has")
    description: Told | None = Field(None, description="What it is")
    language: LanguageTag | None = Field(None, description="In which language it is")


class InformationContact(Part):
    """The point of contact for further information (Article 17(3)(e))."""

    office: ShortText = Field(description="The name of the office")
    email: Email = Field(description="Where it reads mail")
    telephone: Telephone | None = Field(None, description="With the country code, such as +254 20 000000")
    languages: tuple[LanguageTag, ...] = several("Language tags, such as en and fr")
    around_the_clock: Yes | None = Field(None, description="Whether it can be reached at any hour")


class Mark(Part):
    """Who may read a field at most, and on what ground it is confidential (Article 21)."""

    audience: Annotated[str, Of("audience")] = Field(description="The widest audience that may read it")
    ground: Annotated[str, Of("ground")] = Field(description="On what ground it is kept from others")
