"""Says who may read and write in a lane: the joint one, or a State's private one with the reporting State."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from contacts.model import StateCode
from notify.errors import Fault, InvalidDocument, NotAllowed
from notify.reader import ACTING, CaseStates, Reader, Sight, Standing, acts_for, standing


class LaneKind(StrEnum):
    """Between whom a lane runs."""

    JOINT = "joint"  # all States of the case
    PRIVATE = "private"  # one State and the reporting State


@dataclass(frozen=True, slots=True)
class ConsultationLane:
    """One lane of a case's consultation; a private one is that of an addressed State with the reporting State."""

    kind: LaneKind
    state: StateCode | None = None

    def __post_init__(self) -> None:
        if (self.kind is LaneKind.PRIVATE) is (self.state is None):
            raise ValueError("a private lane has a State, the joint lane has none")

    def __str__(self) -> str:
        return self.kind if self.state is None else f"{self.kind}/{self.state}"

    @classmethod
    def read(cls, text: str) -> ConsultationLane:
        """Read a lane written by `str`: `joint` or `private/UG`."""
        kind, _, state = text.partition("/")
        return cls(LaneKind(kind), StateCode(state) if state else None)

    def states(self, case: CaseStates) -> frozenset[StateCode]:
        """Give the States between which the lane runs."""
        if self.state is None:
            return case.everyone
        return frozenset({self.state, case.reporting})


JOINT = ConsultationLane(LaneKind.JOINT)


def private(state: StateCode) -> ConsultationLane:
    """Give the private lane of a State with the reporting State."""
    return ConsultationLane(LaneKind.PRIVATE, state)


@dataclass(frozen=True, slots=True)
class Invitation:
    """The secretariat asked into a private lane by one of its two States, until that State ends it."""

    lane: ConsultationLane
    by: StateCode
    at: datetime
    ended_at: datetime | None = None


class Said(Protocol):
    """Anything a State said: a message, a request, an answer, a conclusion, a position."""

    @property
    def by_state(self) -> StateCode:
        """Which State said it."""

    @property
    def at(self) -> datetime:
        """When."""


class Entry(Said, Protocol):
    """What a State said, and in which lane."""

    @property
    def lane(self) -> ConsultationLane:
        """Where it was said."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader is shown of an entry: its content, or only that there was traffic in a lane, and when."""

    lane: ConsultationLane
    at: datetime
    entry: Entry | None  # None: that and when only, also not by whom


def may_read(
    reader: Reader, lane: ConsultationLane, case: CaseStates, entry: Said | None, invitations: Sequence[Invitation]
) -> Sight:
    """Say how much a reader sees of an entry, or (None) of the lane itself; the one place that decides it.

    The States of a lane see all that is in it, whenever they joined; no other State learns of a private lane. The
    secretariat sees of a private lane that and when: what, only while it was invited, and of what was said before
    only the words of the State that invited it. What was once opened stays open.
    """
    if lane.state is not None and lane.state not in case.addressed:
        return Sight.NOTHING
    as_what = standing(reader, case)
    match as_what:
        case Standing.OUTSIDE:
            return Sight.NOTHING
        case Standing.REPORTING_FOCAL_POINT:
            return Sight.CONTENT if lane.kind is LaneKind.JOINT else Sight.NOTHING
        case Standing.REPORTING | Standing.ADDRESSED:
            return Sight.CONTENT if reader.state in lane.states(case) else Sight.NOTHING
        case _ if lane.kind is LaneKind.JOINT:
            return Sight.CONTENT
        case Standing.SECRETARIAT if entry is not None and _is_opened(entry, lane, case, invitations):
            return Sight.CONTENT
        case _:
            return Sight.THAT_AND_WHEN


def _is_opened(entry: Said, lane: ConsultationLane, case: CaseStates, invitations: Sequence[Invitation]) -> bool:
    valid = [one for one in invitations if one.lane == lane and one.by in lane.states(case)]
    knowing = any(one.at <= entry.at and (one.ended_at is None or entry.at < one.ended_at) for one in valid)
    own_words = any(one.by == entry.by_state and entry.at < one.at for one in valid)
    return knowing or own_words


def seen(reader: Reader, entries: Sequence[Entry], case: CaseStates, invitations: Sequence[Invitation]) -> list[Seen]:
    """List what a reader is shown of a consultation, in the order given."""
    shown = []
    for entry in entries:
        sight = may_read(reader, entry.lane, case, entry, invitations)
        if sight is not Sight.NOTHING:
            shown.append(Seen(entry.lane, entry.at, entry if sight is Sight.CONTENT else None))
    return shown


def may_write(writer: Reader, lane: ConsultationLane, case: CaseStates) -> bool:
    """Tell whether a writer may say something in a lane; the secretariat reads where invited, and never writes."""
    if standing(writer, case) not in ACTING or writer.state not in lane.states(case):
        return False
    return lane.state is None or lane.state in case.addressed


def may_invite(writer: Reader, lane: ConsultationLane, case: CaseStates) -> bool:
    """Tell whether a writer may ask the secretariat into a private lane, and end its invitation: its two States."""
    return lane.kind is LaneKind.PRIVATE and may_write(writer, lane, case)


def lane_named(kind: LaneKind, state: str | None, writer: Reader, case: CaseStates) -> ConsultationLane:
    """Find the lane that a document of this writer names; an addressed State need not name itself.

    Raises NotAllowed when the writer acts for no State of the case or in no such lane, InvalidDocument when the
    document names a State that has no lane.
    """
    own = acts_for(writer, case)
    if own is None:
        raise NotAllowed("only the States of the case consult, through those who act for them")
    if kind is LaneKind.JOINT:
        if state is not None:
            raise InvalidDocument([Fault("/state", "the joint lane is that of all States; please leave it out")])
        return JOINT
    if own != case.reporting:
        if state not in (None, own):
            raise NotAllowed("a State has a private lane with the reporting State only")
        return private(own)
    if state is None:
        raise InvalidDocument([Fault("/state", "is needed: with which State the private lane runs")])
    if state not in case.addressed:
        raise InvalidDocument([Fault("/state", "this State is not told of the case, so it has no lane")])
    return private(StateCode(state))
