"""Names the facts that statistics are computed from: one row for each clock of each subject, one for each case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contacts.model import State, StateCode
from notify.policy import ClockKind
from notify.words import CaseReference, NotificationClass, NotificationId, Severity

EUROPEAN_UNION = "European Union"
"""The row of the EU, which is a Party, no State, and in no regional group."""

NO_REGION = "no regional group"
"""The row of States that are in no regional group."""


class Section(StrEnum):
    """What is counted apart."""

    REPORTS = "reports"  # of Parties: the performance figures
    VOLUNTARY = "voluntary"  # of non-Parties, in line with Article 24(2)
    EXERCISES = "exercises"


def region_of(state: State | None) -> str:
    """Give the row in which a State is counted: its UN regional group, the EU apart."""
    if state is None:
        return NO_REGION
    return EUROPEAN_UNION if state.state_code == "EU" else state.region or NO_REGION


@dataclass(frozen=True, slots=True)
class ClockFact:
    """One clock that ran on one subject, as the log tells it.

    `state`: whose time it measures: the addressee's (dispatch, proof, acknowledgement, assessed), the reporting
    State's (first answer, complete, update, record) or the asked State's (answer). `started_at`: for a notification,
    when the report was submitted. `due_at`: None where the policy says "on request" and sets no target. `met_at`: the
    first fact that met it, None while there is none. `channel`: how the State was told, or the delivery went.
    """

    clock: ClockKind
    case: CaseReference
    state: StateCode
    region: str
    severity: Severity
    notification_class: NotificationClass
    started_at: datetime
    due_at: datetime | None
    met_at: datetime | None
    notification: NotificationId | None = None
    channel: str | None = None
    exercise: bool = False
    non_party: bool = False  # reported by a non-Party

    @property
    def section(self) -> Section:
        """Say in which section it is counted; an exercise is one whoever plays it."""
        if self.exercise:
            return Section.EXERCISES
        return Section.VOLUNTARY if self.non_party else Section.REPORTS


@dataclass(frozen=True, slots=True)
class Completeness:
    """The share given of each item (a) to (e) of Article 17(3), from one report on."""

    at: datetime
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class CaseFact:
    """One case, as the log and its reports tell it."""

    case: CaseReference
    reporting_state: StateCode
    region: str
    severity: Severity
    notification_class: NotificationClass
    opened_at: datetime
    release_types: tuple[str, ...] = ()
    organisms: tuple[str, ...] = ()
    completeness: tuple[Completeness, ...] = ()
    final_at: datetime | None = None  # when its final report was submitted
    exercise: bool = False
    non_party: bool = False

    @property
    def section(self) -> Section:
        """Say in which section it is counted."""
        if self.exercise:
            return Section.EXERCISES
        return Section.VOLUNTARY if self.non_party else Section.REPORTS
