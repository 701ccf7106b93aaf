"""Says who can be told: States, Parties, contacts and their addresses."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NewType

from pydantic import BaseModel, ConfigDict, Field

StateCode = NewType("StateCode", str)
"""ISO 3166-1 alpha-2, or "EU" for the European Union."""

ContactId = NewType("ContactId", str)


class ContactRole(StrEnum):
    """What a contact is for its State, organization or the secretariat."""

    ARTICLE_17_CONTACT = "article_17_contact"
    NATIONAL_FOCAL_POINT = "national_focal_point"
    COMPETENT_NATIONAL_AUTHORITY = "competent_national_authority"
    BCH_FOCAL_POINT = "bch_focal_point"
    ORGANIZATION = "organization"
    SECRETARIAT = "secretariat"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class State(_Model):
    """One State that can be addressed; `party` says whether the Protocol binds it (the EU is a Party, not a State)."""

    state_code: StateCode
    iso3: str
    name: str
    region: str | None  # UN regional group; None for the EU and observers in no group
    party: bool
    entry_into_force: date | None
    un_language: str | None  # a first guess that each contact overrides
    time_zone: str  # of the capital (IANA name)
    weekend: frozenset[int]  # ISO weekdays, Monday = 1


class WebhookFormat(StrEnum):
    """How the body of a webhook is written; the signature is the same."""

    STANDARD = "standard"  # Standard Webhooks 1.0.0
    CLOUDEVENTS = "cloudevents"  # CloudEvents 1.0, structured mode


class Webhook(_Model):
    """The endpoint of a contact's national system; it gets cases once its challenge was answered."""

    url: str
    verified: bool = False
    format: WebhookFormat = WebhookFormat.STANDARD


class Contact(_Model):
    """One office that can be told, with its addresses (Articles 17(2) and 19)."""

    id: ContactId
    role: ContactRole
    state: StateCode | None = None
    organization: str | None = None
    office: str
    person: str | None = None
    email: str
    telephone: str | None = None
    language: str = "en"
    time_zone: str | None = None
    order: int = Field(default=1, ge=1)
    duty: bool = False
    webhook: Webhook | None = None
    confirmed_on: date | None = None
    unannounced_exercises: bool = False  # its State agreed to exercises that nobody announces
    bch_uid: str | None = None
