"""Rules of a conclusion: a text that States agree to or dissent from, each by name; silence is neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from contacts.model import StateCode
from notify.consultation.lane import ConsultationLane, LaneKind, may_write
from notify.document import Name, read_document
from notify.errors import NotAllowed
from notify.reader import CaseStates, Reader
from notify.report_parts import NamedState
from notify.report_types import Line, Part, Told, unsaid
from notify.words import AccountId, CaseReference


class Stand(StrEnum):
    """How a State stands to a conclusion."""

    AGREES = "agrees"
    DISSENTS = "dissents"
    ABSTAINS = "abstains"


class ConclusionState(StrEnum):
    """What may be said of a conclusion, derived from who said what."""

    PROPOSED = "proposed"  # fewer than two States agree
    AGREED = "agreed"  # every State of its lane agrees
    AGREED_BY_SOME = "agreed_by_some"  # two States or more agree, others dissent, abstain or are silent
    SUPERSEDED = "superseded"


class ConclusionDocument(Part):
    """One conclusion as it is proposed; who proposes it agrees to it."""

    lane: LaneKind = Field(description="joint: all States of the case; private: one State and the reporting State")
    state: NamedState | None = Field(
        None, description="With which State the private lane runs; its own may be left out"
    )
    text: Told = Field(description="The conclusion; it never changes, a new one replaces it")
    replaces: Line | None = Field(None, description="The id of the conclusion that it replaces")
    by: Name = Field(description="Who proposes it")
    office: Name = Field(description="For which office")


class PositionDocument(Part):
    """How a State stands to a conclusion, by name."""

    stand: Stand = Field(description="agrees, dissents or abstains")
    reason: Told = unsaid("Why, in its own words")
    by: Name = Field(description="Who says so")
    office: Name = Field(description="For which office")


@dataclass(frozen=True, slots=True)
class Position:
    """What one State said to a conclusion, kept as it was given."""

    by_state: StateCode
    stand: Stand
    by: str
    office: str
    account: AccountId
    at: datetime
    reason: str | Mapping[str, str] = ""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One text proposed in a lane, with every position taken to it, in order."""

    id: str
    case_reference: CaseReference
    lane: ConsultationLane
    by_state: StateCode
    at: datetime
    text: str | Mapping[str, str]
    positions: tuple[Position, ...] = ()
    replaced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LanePosition:
    """One position as an entry of the lane in which it was taken."""

    conclusion_id: str
    lane: ConsultationLane
    position: Position

    @property
    def by_state(self) -> StateCode:
        """Which State took it."""
        return self.position.by_state

    @property
    def at(self) -> datetime:
        """When."""
        return self.position.at


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who stands how to a conclusion, by name of the State; silence is never agreement."""

    state: ConclusionState
    agree: tuple[Position, ...]
    dissent: tuple[Position, ...]
    abstain: tuple[Position, ...]
    silent: tuple[StateCode, ...]


_NAMES = {"/by": "is needed: your name", "/office": "is needed: your office"}
_CONCLUSION_NEEDED = {
    **_NAMES,
    "/lane": "is needed: joint or private",
    "/text": "is needed: the conclusion that is proposed",
}
_POSITION_NEEDED = {**_NAMES, "/stand": f"is needed: one of {', '.join(Stand)}"}


def check_conclusion(document: object) -> ConclusionDocument:
    """Read a proposed conclusion; raise InvalidDocument with every fault."""
    return read_document(document, ConclusionDocument, needed=_CONCLUSION_NEEDED, rules=lambda _: ())


def check_position(document: object) -> PositionDocument:
    """Read a position; raise InvalidDocument with every fault."""
    return read_document(document, PositionDocument, needed=_POSITION_NEEDED, rules=lambda _: ())


def take_position(conclusion: Conclusion, position: Position, writer: Reader, case: CaseStates) -> Conclusion:
    """Enter how a State stands to a conclusion; it may change its mind, and what it said before is kept.

    A conclusion that was replaced takes positions still: a State may dissent from it for the record. Raises
    NotAllowed when the writer acts for no State of the lane, or for another than the position's.
    """
    if not may_write(writer, conclusion.lane, case) or writer.state != position.by_state:
        raise NotAllowed("only the States of a lane take a position, each for itself")
    latest = _latest(conclusion).get(position.by_state)
    if latest is not None and replace(position, at=latest.at, account=latest.account) == latest:
        return conclusion
    return replace(conclusion, positions=(*conclusion.positions, position))


def outcome_of(conclusion: Conclusion, case: CaseStates) -> Outcome:
    """Say who stands how to a conclusion now, and what may be said of it."""
    latest = _latest(conclusion)
    lane = conclusion.lane.states(case)
    agree, dissent, abstain = (
        tuple(latest[state] for state in sorted(latest) if latest[state].stand is stand) for stand in Stand
    )
    agreeing = {position.by_state for position in agree}
    if conclusion.replaced_at is not None:
        state = ConclusionState.SUPERSEDED
    elif len(agreeing) < 2:
        state = ConclusionState.PROPOSED
    else:
        state = ConclusionState.AGREED if agreeing >= lane else ConclusionState.AGREED_BY_SOME
    return Outcome(state, agree, dissent, abstain, tuple(sorted(lane - latest.keys())))


def _latest(conclusion: Conclusion) -> dict[StateCode, Position]:
    return {position.by_state: position for position in conclusion.positions}
