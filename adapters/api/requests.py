"""Names what the bodies of calls hold; a report's own model is `notify.report.Report`."""

from __future__ import annotations

import zoneinfo
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from adapters.api.bodies import Body, as_it_is, as_object, as_texts
from adapters.api.parameters import ID
from contacts.model import ContactRole, WebhookFormat
from contacts.registry import load_registry
from notify.closing import ClosingAnswer
from notify.report import LaterReport, Report
from notify.words import Assessment, Grade

# What no text may hold, as the inside of a character class; the second may not stand in one line either.
_REFUSED = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff"
_NO_LINE = r"\x00-\x1f\x7f-\x9f\ufffe\uffff"
_NO_NAME = rf"{_NO_LINE}\u2028\u2029"


def _said(refused: str) -> str:
    """Give the pattern of a text that says something and holds nothing refused."""
    return rf"^[^{refused}]*[^\s{refused}][^{refused}]*$"


Person = Annotated[str, Field(min_length=1, max_length=200, pattern=_said(_NO_LINE))]
Name = Annotated[str, Field(min_length=1, pattern=_said(_NO_NAME))]
WebhookUrl = Annotated[
    str,
    Field(
        max_length=2000,
        pattern=(
            r"^https?://[A-Za-z0-9.-]*[A-Za-z0-9]"
            r"(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}))?(?:[/?][!-\x22$-\[\]-~]*)?$"
        ),
        description="An http or https URL without user name, password and fragment, in ASCII.",
    ),
]


class DraftReport(RootModel[dict[str, Any]]):
    """A report as far as it is written, in the shape of `Report`; any field may still be missing or wrong."""


def _by_grade(schema: dict[str, Any]) -> None:
    """Say with which grades an assessment stands."""
    stated = {"enum": [str(assessment) for assessment in Assessment]}
    schema["oneOf"] = [
        {"properties": {"grade": {"const": Grade.RECEIVED}, "assessment": {"type": "null"}}},
        {"properties": {"grade": {"const": Grade.ASSESSED}, "assessment": stated}, "required": ["assessment"]},
        {"properties": {"grade": {"const": Grade.ACTING}}},
    ]


class AnswerRequest(BaseModel):
    """What an addressee answers; a higher grade implies the lower ones."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_by_grade)

    grade: Grade
    assessment: Assessment | None = Field(
        default=None, description="Needed with the grade `assessed`, absent with `received`."
    )
    by: Person = Field(description="The name of the person who answers.")
    office: Person
    means: Literal["api", "portal", "telephone"] | None = Field(
        default=None,
        description="The secretariat records receipts by telephone, and these only; a State uses the other two.",
    )


class InstructionRequest(BaseModel):
    """On what the secretariat acts for the reporting State."""

    model_config = ConfigDict(extra="forbid")

    office: Person = Field(description="The office of the reporting State that gave the instruction.")
    attachment: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = Field(
        default=None, description="The SHA-256 of the instruction, handed in as an attachment."
    )


class ClosureRequest(BaseModel):
    """Announces the close of a case."""

    model_config = ConfigDict(extra="forbid")

    instruction: InstructionRequest | None = Field(default=None, description="Needed from the secretariat.")


class ReopeningRequest(BaseModel):
    """Reopens a closed case."""

    model_config = ConfigDict(extra="forbid")

    evidence: str = Field(
        min_length=1, max_length=4000, pattern=_said(_REFUSED), description="What the new evidence is."
    )
    instruction: InstructionRequest | None = Field(default=None, description="Needed from the secretariat.")


class CloseAnswerRequest(BaseModel):
    """What a State says of the close."""

    model_config = ConfigDict(extra="forbid")

    answer: ClosingAnswer
    by: Person = Field(description="The name of the person who answers.")
    office: Person
    reason: Annotated[str, Field(max_length=4000)] | None = None


class TaskResultRequest(BaseModel):
    """What came of a task."""

    model_config = ConfigDict(extra="forbid")

    result: str = Field(min_length=1, max_length=4000, pattern=_said(_REFUSED))


class PauseRequest(BaseModel):
    """Why all sending is held; every reporting State is told."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=1000, pattern=_said(_REFUSED))


class WebhookRequest(BaseModel):
    """Which endpoint to register; without a URL, the one that the contact has, which then gets another secret."""

    model_config = ConfigDict(extra="forbid")

    url: WebhookUrl | None = None
    format: WebhookFormat | None = Field(default=None, description="How bodies are written; as it was when absent.")
    old_secret_hours: Annotated[int, Field(ge=0, le=168)] | None = Field(
        default=24,
        description="How long the old secret of the same endpoint signs beside the new one; 0 when it was stolen.",
    )


class ReplayRequest(BaseModel):
    """From when on an endpoint is sent what it missed, at most 1,000 messages at a time."""

    model_config = ConfigDict(extra="forbid")

    since: str = Field(
        min_length=1,
        max_length=40,
        description="A date, or a time of RFC 3339 such as 2026-11-20T09:00:00Z.",
        json_schema_extra={"anyOf": [{"format": "date-time"}, {"format": "date"}]},
    )
    all: bool | None = Field(default=False, description="True: also what the endpoint had taken.")


class WebhookOfContact(BaseModel):
    """The endpoint of a national system. It gets cases once its challenge was answered."""

    model_config = ConfigDict(extra="forbid")

    url: WebhookUrl
    format: WebhookFormat | None = Field(default=WebhookFormat.STANDARD, description="How bodies are written.")
    verified: bool | None = Field(default=None, description="Ours to say; what you send here is ignored.")
    health: dict[str, Any] | None = Field(default=None, description="Ours to say; what you send here is ignored.")


def _by_role(schema: dict[str, Any]) -> None:
    """Say which roles are those of a State, and name the States and the time zones."""
    states = [state.state_code for state in load_registry().states]
    schema["properties"]["state"]["anyOf"][0]["enum"] = states
    schema["properties"]["time_zone"]["anyOf"][0]["enum"] = sorted(zoneinfo.available_timezones())
    of_a_state = [role for role in ContactRole if role not in (ContactRole.ORGANIZATION, ContactRole.SECRETARIAT)]
    absent, one_state = {"type": "null"}, {"type": "string", "enum": states}
    organization = {"type": "string"}
    schema["oneOf"] = [
        {
            "properties": {"role": {"enum": [str(role) for role in of_a_state]}, "state": one_state,
                           "organization": absent},
            "required": ["state"],
        },
        {
            "properties": {"role": {"const": ContactRole.ORGANIZATION}, "state": absent,
                           "organization": organization},
            "required": ["organization"],
        },
        {"properties": {"role": {"const": ContactRole.SECRETARIAT}, "state": absent, "organization": absent}},
    ]  # fmt: skip


class ContactRequest(BaseModel):
    """One contact, in the shape in which contacts are loaded."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_by_role)

    id: Annotated[str, Field(pattern=f"^{ID}$")] | None = Field(
        default=None, description="Yours to choose; else it is derived."
    )
    state: str | None = Field(
        default=None,
        description="ISO 3166-1 alpha-2, or EU; absent for the roles `organization` and `secretariat`.",
    )
    organization: Annotated[Name, Field(max_length=100)] | None = Field(
        default=None, description="Needed for the role `organization`, such as FAO; absent for the others."
    )
    role: ContactRole
    office: Annotated[Name, Field(max_length=300)]
    person: Annotated[Name, Field(max_length=200)] | None = None
    email: str = Field(max_length=254, json_schema_extra={"format": "idn-email"})
    telephone: Annotated[Name, Field(max_length=100)] | None = None
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}$")] | None = Field(
        default=None, description="A language tag, such as en, fr or es; without it, the UN language of the State."
    )
    time_zone: str | None = Field(default=None, description="IANA name, such as Europe/Amsterdam.")
    order: Annotated[int, Field(ge=1, le=999)] | None = Field(default=1, description="2 and above are alternates.")
    duty: bool | None = Field(default=False, description="A mailbox that is read around the clock.")
    webhook: WebhookOfContact | None = None
    confirmed_on: date | None = Field(default=None, description="A date, such as 2026-10-01.")
    bch_uid: Annotated[Name, Field(max_length=100)] | None = None
    unannounced_exercises: bool | None = Field(
        default=False, description="The State agrees to exercises that nobody announces."
    )


REPORT = Body(Report, as_it_is)
LATER_REPORT = Body(LaterReport, as_it_is)
CLOSURE = Body(ClosureRequest, as_object, needed=False)
REOPENING = Body(ReopeningRequest, as_object)
CLOSE_ANSWER = Body(CloseAnswerRequest, as_texts)
DRAFT = Body(DraftReport, as_object)
ANSWER = Body(AnswerRequest, as_texts)
TASK_RESULT = Body(TaskResultRequest, as_texts)
PAUSE = Body(PauseRequest, as_texts)
WEBHOOK = Body(WebhookRequest, as_texts, needed=False)
REPLAY = Body(ReplayRequest, as_texts)
CONTACT = Body(ContactRequest, as_object)
