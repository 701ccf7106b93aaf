"""Rules of a case: our file on one occurrence, a chain of reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contacts.model import StateCode
from notify.policy import Policy
from notify.sentence import Sentence
from notify.words import AccountId, CaseReference, LanguageMap, NotificationClass, Severity

LINK_LIFE = timedelta(days=30)
"""An acknowledgement link stays valid this long after the close of its case."""


class CaseStatus(StrEnum):
    """The only stored states of a case; everything else about it is derived."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


@dataclass(slots=True)
class Case:
    """One occurrence, with the policy that was frozen when its first notification was issued."""

    reference: CaseReference
    status: CaseStatus
    exercise: bool
    reporting_state: StateCode
    notification_class: NotificationClass
    severity: Severity
    severity_reason: Sentence
    title: LanguageMap
    original_language: str
    voluntary: bool  # a non-Party's report, in line with Article 24(2)
    account: AccountId
    opened_at: datetime
    closed_at: datetime | None
    policy: Policy
    latest_sequence: int
    twin: CaseReference | None = None  # the same occurrence, on the other side of Article 25
    version: int = 1

    @property
    def running(self) -> bool:
        """Tell whether its clocks run."""
        return self.status in (CaseStatus.OPEN, CaseStatus.REOPENED)

    @property
    def urgent(self) -> bool:
        """Tell whether its messages are claimed first: never those of an exercise, so that no real case waits."""
        return self.severity.urgent and not self.exercise


def reference(prefix: str, year: int, number: int) -> CaseReference:
    """Write a case reference: `A17-2026-0001`."""
    return CaseReference(f"{prefix}-{year}-{number:04d}")


def link_is_live(case: Case, now: datetime) -> bool:
    """Tell whether the case's acknowledgement links are still valid: until 30 days after its close."""
    return case.closed_at is None or now <= case.closed_at + LINK_LIFE
