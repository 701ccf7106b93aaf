"""Names what the other answers hold: drafts, tasks, the registry, problems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from adapters.api.case_answers import Answer, FaultAnswer
from contacts.model import ContactRole, WebhookFormat
from notify.breaker import Condition
from notify.delivery import DeliveryState, NoticeKind
from notify.errors import FailureKind
from notify.words import Assessment, ChannelName, Grade


class DraftAnswer(Answer):
    id: str
    report: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime
    to_complete: list[FaultAnswer]


class DraftListAnswer(Answer):
    drafts: list[DraftAnswer]


class EnteredAnswer(Answer):
    """How far a notification is answered now; `new` is false when that was known already."""

    notification_id: str
    case_reference: str
    grade: Grade | None
    assessment: Assessment | None
    assessment_preliminary: bool
    received_at: datetime | None
    assessed_at: datetime | None
    acting_at: datetime | None
    new: bool


class TaskAnswer(Answer):
    id: str
    kind: str
    case_reference: str
    exercise: bool
    notification_id: str | None
    owner: str
    state: str | None
    text: str
    created_at: datetime
    due_at: datetime
    done_at: datetime | None
    done_by: str | None
    result: str | None


class TaskListAnswer(Answer):
    tasks: list[TaskAnswer]
    next: str | None


class PauseAnswer(Answer):
    paused_until: datetime | None
    reason: str | None = None


class StateAnswer(Answer):
    state: str
    iso3: str
    name: str
    party: bool
    region: str | None
    entry_into_force: date | None
    un_language: str | None
    time_zone: str
    weekend: list[int] = Field(description="ISO weekdays; Monday is 1.")


class StateListAnswer(Answer):
    states: list[StateAnswer]


class HealthAnswer(Answer):
    """How an endpoint fares: `degraded` when so many tries in a row failed that retries wait, `gone` after a 410."""

    condition: Condition
    failing_since: datetime | None
    failures: int = Field(description="Tries in a row that failed.")
    retries_wait_until: datetime | None
    recovered_at: datetime | None
    last_error: str | None


class WebhookAnswer(Answer):
    url: str
    verified: bool
    format: WebhookFormat
    health: HealthAnswer


class ContactAnswer(Answer):
    id: str
    role: ContactRole
    state: str | None = None
    organization: str | None = None
    office: str
    person: str | None = None
    email: str
    telephone: str | None = None
    language: str
    time_zone: str | None = None
    order: int
    duty: bool
    webhook: WebhookAnswer | None = None
    confirmed_on: date | None = None
    bch_uid: str | None = None
    unannounced_exercises: bool


class ContactListAnswer(Answer):
    contacts: list[ContactAnswer]
    next: str | None


class WebhookSecretAnswer(Answer):
    """The secret that signs this endpoint's webhooks; it is shown this once."""

    contact: str
    url: str
    format: WebhookFormat
    secret: str
    old_secrets_until: datetime | None


class QueuedTestAnswer(Answer):
    contact: str
    channels: list[ChannelName]
    queued_at: datetime


class AttemptAnswer(Answer):
    """One try for a contact; `id` is that of the try, `delivery` the `webhook-id` of its message."""

    id: str
    delivery: str
    channel: ChannelName
    type: NoticeKind
    case_reference: str | None
    number: int
    at: datetime
    milliseconds: int
    result: DeliveryState
    status: int | None = Field(description="The HTTP status, or the reply code of the mail server.")
    failure: FailureKind | None = Field(description="Whose problem it was.")
    reason: str | None
    answer: str | None = Field(description="The first bytes of what the other side said: untrusted.")
    destination: str | None
    next_attempt_at: datetime | None
    delivery_state: DeliveryState = Field(description="What is known of the message now.")


class AttemptListAnswer(Answer):
    attempts: list[AttemptAnswer]
    next: str | None


class ResentAnswer(Answer):
    delivery: str
    contact: str | None
    channel: ChannelName
    queued_at: datetime


class ReplayAnswer(Answer):
    contact: str
    since: datetime
    queued: int
    next_since: datetime | None = Field(description="From when to go on, when there was more; else null.")


class ReadinessAnswer(Answer):
    ready: bool
    reasons: list[str]
    lateness_seconds: float | None


class ProblemAnswer(BaseModel):
    """A problem document (RFC 9457) that names every fault."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultAnswer] | None = None
    confirmation: str | None = Field(default=None, description="Repeat the call with it in the header Confirmation.")
