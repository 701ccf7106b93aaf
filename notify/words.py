"""Names the typed ids and the small closed vocabularies that the whole package shares (domain: words)."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

CaseReference = NewType("CaseReference", str)
"""`A17-2026-0001`, or `EX17-…` for an exercise."""

NotificationId = NewType("NotificationId", str)
DeliveryId = NewType("DeliveryId", str)
TaskId = NewType("TaskId", str)
DraftId = NewType("DraftId", str)
AccountId = NewType("AccountId", str)
OutboxId = NewType("OutboxId", int)

LanguageMap = dict[str, str]
"""One narrative in one or more languages, by BCP 47 language tag."""


class Severity(StrEnum):
    """Handling priority, computed; not a finding on risk."""

    CRITICAL = "critical"
    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"

    @property
    def urgent(self) -> bool:
        """Critical and high run on the wall clock and are claimed first."""
        return self in (Severity.CRITICAL, Severity.HIGH)


class Audience(StrEnum):
    """Who may read a field, narrowest first; each includes the ones before it (Article 21)."""

    SECRETARIAT = "secretariat"
    RECIPIENTS = "recipients"
    PARTIES = "parties"
    PUBLIC = "public"


class NotificationClass(StrEnum):
    """Under which provision the reporting State notifies."""

    ARTICLE_17 = "article_17"
    PRELIMINARY = "preliminary"
    INFORMATION = "information"
    ILLEGAL_MOVEMENT = "illegal_movement"


class Grade(StrEnum):
    """How far a State has answered; a higher grade implies the lower ones."""

    RECEIVED = "received"
    ASSESSED = "assessed"
    ACTING = "acting"


class Assessment(StrEnum):
    """What a State says of itself when it has assessed a notification."""

    AFFECTED = "affected"
    POTENTIALLY_AFFECTED = "potentially_affected"
    NOT_AFFECTED = "not_affected"
    CANNOT_SAY = "cannot_say"


class Means(StrEnum):
    """By what means a State acknowledged."""

    LINK = "link"
    REPLY = "reply"
    API = "api"
    PORTAL = "portal"
    TELEPHONE = "telephone"


class ChannelName(StrEnum):
    """The means by which a contact is told."""

    EMAIL = "email"
    WEBHOOK = "webhook"
