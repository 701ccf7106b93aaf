"""Names what the bodies of calls hold; a report's own model is `notify.report.Report`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from adapters.api.bodies import Body, as_it_is, as_object, as_texts
from contacts.model import ContactRole
from notify.report import Report
from notify.words import Assessment, Grade


class DraftReport(RootModel[dict[str, Any]]):
    """A report as far as it is written, in the shape of `Report`; any field may still be missing or wrong."""


class AnswerRequest(BaseModel):
    """What an addressee answers; a higher grade implies the lower ones."""

    model_config = ConfigDict(extra="forbid")

    grade: Grade
    assessment: Assessment | None = Field(default=None, description="Needed with the grade `assessed`.")
    by: str = Field(max_length=200, description="The name of the person who answers.")
    office: str = Field(max_length=200)
    means: Literal["api", "portal", "telephone"] | None = Field(
        default=None, description="The secretariat records receipts by telephone, and these only."
    )


class TaskResultRequest(BaseModel):
    """What came of a task."""

    model_config = ConfigDict(extra="forbid")

    result: str = Field(min_length=1, max_length=4000)


class PauseRequest(BaseModel):
    """Why all sending is held; every reporting State is told."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=1000)


class WebhookRequest(BaseModel):
    """Which endpoint to register; without a URL, the one that the contact has."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = None


class WebhookOfContact(BaseModel):
    """The endpoint of a national system. It gets cases once its challenge was answered."""

    url: str
    verified: bool = Field(default=False, description="Ours to say; what you send here is ignored.")


class ContactRequest(BaseModel):
    """One contact, in the shape in which contacts are loaded."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = Field(default=None, description="Yours to choose; else it is derived.")
    state: str | None = Field(default=None, description="ISO 3166-1 alpha-2, or EU; absent for an organization.")
    organization: str | None = Field(default=None, description="Only for the role `organization`, such as FAO.")
    role: ContactRole
    office: str
    person: str | None = None
    email: str
    telephone: str | None = None
    language: str | None = None
    time_zone: str | None = Field(default=None, description="IANA name, such as Europe/Amsterdam.")
    order: int = Field(default=1, ge=1, le=999, description="2 and above are alternates.")
    duty: bool = Field(default=False, description="A mailbox that is read around the clock.")
    webhook: WebhookOfContact | None = None
    confirmed_on: str | None = Field(default=None, description="A date, such as 2026-10-01.")
    bch_uid: str | None = None


REPORT = Body(Report, as_it_is)
DRAFT = Body(DraftReport, as_object)
ANSWER = Body(AnswerRequest, as_texts)
TASK_RESULT = Body(TaskResultRequest, as_texts)
PAUSE = Body(PauseRequest, as_texts)
WEBHOOK = Body(WebhookRequest, as_texts, needed=False)
CONTACT = Body(ContactRequest, as_object)
