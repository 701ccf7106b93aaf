"""Says how a reader stands to a case, and how much it may see of what a State said to those it chose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contacts.model import StateCode
from notify.account import Account, Role

SECRETARIAT_TOO = "secretariat"
"""Named beside State codes, it lets the secretariat read what is not for all."""


class Sight(StrEnum):
    """How much of one thing a reader sees, least first."""

    NOTHING = "nothing"  # not even that it is there
    THAT_AND_WHEN = "that_and_when"
    CONTENT = "content"


class Standing(StrEnum):
    """What a reader is in one case."""

    REPORTING = "reporting"
    REPORTING_FOCAL_POINT = "reporting_focal_point"  # the BCH focal point of the reporting State: it reads, never acts
    ADDRESSED = "addressed"
    SECRETARIAT = "secretariat"
    OPERATOR = "operator"
    OUTSIDE = "outside"


ACTING = frozenset({Standing.REPORTING, Standing.ADDRESSED})
"""Who may consult, report measures and say whether its State is affected: those who act for a State of the case."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who wants to read or act: a role, and the State it is of."""

    role: Role
    state: StateCode | None = None

    @classmethod
    def of(cls, account: Account) -> Reader:
        """Take an account as a reader."""
        return cls(account.role, account.state)


@dataclass(frozen=True, slots=True)
class CaseStates:
    """The States of one case: who reports, and who was told."""

    reporting: StateCode
    addressed: frozenset[StateCode]

    @property
    def everyone(self) -> frozenset[StateCode]:
        """All States of the case."""
        return self.addressed | {self.reporting}


def standing(reader: Reader, case: CaseStates) -> Standing:
    """Say what a reader is in a case (the table of rights).

    A contact acts for its State only where that State is addressed; the case that its own State reports is its
    authority's.
    """
    reports = reader.state is not None and reader.state == case.reporting
    is_addressed = not reports and reader.state is not None and reader.state in case.addressed
    match reader.role:
        case Role.SECRETARIAT:
            return Standing.SECRETARIAT
        case Role.OPERATOR:
            return Standing.OPERATOR
        case Role.AUTHORITY if reports:
            return Standing.REPORTING
        case Role.BCH_FOCAL_POINT if reports:
            return Standing.REPORTING_FOCAL_POINT
        case Role.AUTHORITY | Role.CONTACT if is_addressed:
            return Standing.ADDRESSED
        case _:
            return Standing.OUTSIDE


def acts_for(reader: Reader, case: CaseStates) -> StateCode | None:
    """Give the State of the case for which a reader may act, or None; the secretariat acts for none."""
    return reader.state if standing(reader, case) in ACTING else None


@dataclass(frozen=True, slots=True)
class Visibility:
    """Whom a State lets read what it said: all States of the case, or those that it names."""

    all_states: bool
    named: frozenset[str] = frozenset()  # State codes, and "secretariat"

    def to_json(self) -> str | list[str]:
        """Write it as a document does."""
        return "all" if self.all_states else sorted(self.named)

    @classmethod
    def from_json(cls, value: str | list[str] | tuple[str, ...]) -> Visibility:
        """Read what `to_json` wrote."""
        return ALL_STATES if value == "all" else cls(False, frozenset(value))


ALL_STATES = Visibility(True)


def sight_of(reader: Reader, owner: StateCode, visibility: Visibility, case: CaseStates) -> Sight:
    """Say how much a reader sees of what one State of the case said to those it chose.

    The owner always sees its own; a State that was not chosen does not learn that there is anything. The secretariat
    sees that and when, and what only when it is for all or the secretariat is named.
    """
    as_what = standing(reader, case)
    match as_what:
        case Standing.OUTSIDE:
            return Sight.NOTHING
        case Standing.SECRETARIAT | Standing.OPERATOR:
            named = as_what is Standing.SECRETARIAT and SECRETARIAT_TOO in visibility.named
            return Sight.CONTENT if visibility.all_states or named else Sight.THAT_AND_WHEN
        case _ if reader.state == owner or visibility.all_states:
            return Sight.CONTENT
        case Standing.REPORTING_FOCAL_POINT:
            return Sight.NOTHING
        case _:
            return Sight.CONTENT if reader.state in visibility.named else Sight.NOTHING
