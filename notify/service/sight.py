"""Says how an account stands to a case, and what of its log and its deliveries that account may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.model import StateCode
from notify import assessment as assessments
from notify import measure as measures
from notify.account import Account
from notify.assessment import Stated, Statement
from notify.case import Case
from notify.consultation import ConsultationLane, Invitation, may_read
from notify.errors import NotFound
from notify.measure import Measure
from notify.notification import AddresseeKind, Notification
from notify.ports import UnitOfWork
from notify.reader import ALL_STATES, CaseStates, Reader, Sight, Standing, Visibility, standing
from notify.rows import LogRow
from notify.words import CaseReference

PRIVATE_STEP = "private:"
"""The steps of deliveries that carry what was said in a private lane begin so."""

TRAFFIC = "PrivateLaneUsed"
"""Stands in a log for what was said in a private lane, where the reader may know only that and when."""


@dataclass(frozen=True, slots=True)
class Place:
    """An account in one case: the case, its States, and as whom the account reads and acts."""

    case: Case
    states: CaseStates
    reader: Reader
    notifications: Mapping[StateCode, Notification]

    @property
    def standing(self) -> Standing:
        """What the account is in the case."""
        return standing(self.reader, self.states)


async def states_of(case: Case, work: UnitOfWork) -> tuple[CaseStates, dict[StateCode, Notification]]:
    """Read who reports a case and which States were told of it, each with its notification."""
    told = await work.notifications.of_case(case.reference)
    of_states = {StateCode(n.addressee.code): n for n in told if n.addressee.kind is AddresseeKind.STATE}
    return CaseStates(case.reporting_state, frozenset(of_states)), of_states


async def place_of(reference: CaseReference, account: Account, work: UnitOfWork) -> Place:
    """Find an account's place in a case; raise NotFound when it may not know of the case."""
    case = await work.cases.get(reference)
    states, told = await states_of(case, work)
    place = Place(case, states, Reader.of(account), told)
    if place.standing is Standing.OUTSIDE:
        raise NotFound(f"there is no case {reference}")
    return place


def is_between_states(row: LogRow) -> bool:
    """Tell whether a row of a log is of what States said, did or found; who sees it is decided row by row."""
    return row.kind == "ConsultationOpened" or not row.body.keys().isdisjoint(("lane", "measure_id", "statement_id"))


def hide_assessment(view: dict[str, Any]) -> None:
    """Leave out of a notification, and of the answers to it, what its State says of itself."""
    view |= {"assessment": None, "assessment_preliminary": False}
    for answer in view["acknowledgements"]:
        answer |= {"assessment": None, "preliminary": False}


@dataclass(frozen=True, slots=True)
class LoggedWord:
    """A word in a lane as the log knows it."""

    by_state: StateCode
    at: datetime


@dataclass(frozen=True, slots=True)
class LogSight:
    """All on which it hangs what a reader sees of one case's log, read once."""

    place: Place
    invitations: tuple[Invitation, ...]
    measures: Mapping[str, Measure]
    statements: tuple[Statement, ...]
    private_deliveries: frozenset[str]
    hidden_requests: frozenset[str]

    def shown(self, row: LogRow, view: Callable[[LogRow], dict[str, Any]]) -> dict[str, Any] | None:
        """Show a row as far as the reader may know it; None: not even that there is one."""
        if "lane" in row.body:
            return self._word(row, view)
        if self.hides_delivery(row.body.get("delivery_id")):
            return None
        if row.kind == "ClocksStarted" and self.hidden_requests:
            # A clock begins with what it runs on: kind, kind of subject, subject.
            clocks = [one for one in row.body["clocks"] if one[2] not in self.hidden_requests]
            return view(row) | {"body": {**row.body, "clocks": clocks}}
        if "measure_id" in row.body:
            known = self.measures.get(row.body["measure_id"])
            hidden = known is None or self._sight_of_measure(known) is Sight.NOTHING
            return None if hidden else view(row)
        if "statement_id" in row.body:
            return None if self.sight_of_statement(row.body["statement_id"]) is Sight.NOTHING else view(row)
        if row.body.get("assessment") is not None and not self.sees_assessment(row.body["addressee"]):
            known_part = {name: v for name, v in row.body.items() if name not in ("assessment", "preliminary")}
            return view(row) | {"body": known_part}
        return view(row)

    def _word(self, row: LogRow, view: Callable[[LogRow], dict[str, Any]]) -> dict[str, Any] | None:
        lane = ConsultationLane.read(row.body["lane"])
        word = LoggedWord(StateCode(row.body["by_state"]), row.at)
        sight = may_read(self.place.reader, lane, self.place.states, word, self.invitations)
        if sight is Sight.THAT_AND_WHEN:
            return view(row) | {"event": TRAFFIC, "body": {"lane": str(lane)}}
        return view(row) if sight is Sight.CONTENT else None

    def hides_delivery(self, delivery_id: object) -> bool:
        """Tell whether a delivery carries what was said in a private lane that the reader takes no part in."""
        speaks = self.place.standing in (Standing.REPORTING, Standing.ADDRESSED)
        return not speaks and delivery_id in self.private_deliveries

    def _sight_of_measure(self, measure: Measure) -> Sight:
        return measures.may_read(self.place.reader, measure, self.place.states)

    def sight_of_statement(self, statement_id: str) -> Sight:
        """Say how much the reader sees of one thing that a State said of itself."""
        for state in {one.state for one in self.statements}:
            own = [one for one in self.statements if one.state == state]
            for step in assessments.history(own):
                if step.statement.id == statement_id:
                    return assessments.may_read(self.place.reader, step, latest_choice(own), self.place.states)
        return Sight.CONTENT if self.place.standing is Standing.REPORTING else Sight.NOTHING

    def sees_assessment(self, state: str) -> bool:
        """Tell whether the reader sees what a State says of itself as it stands."""
        if self.place.reader.state == state or self.place.standing is Standing.REPORTING:
            return True
        own = [one for one in self.statements if one.state == state]
        stands = assessments.assessment_of(own)
        return stands is not None and self.reads(stands, own)

    def reads(self, step: Stated, own: list[Statement]) -> bool:
        """Tell whether the reader may read one step of a State's history whole."""
        return assessments.may_read(self.place.reader, step, latest_choice(own), self.place.states) is Sight.CONTENT


def latest_choice(own: list[Statement]) -> Visibility:
    """Give whom a State lets read what it says of itself, by its latest choice."""
    confirmed = [step.statement.visible_to for step in assessments.history(own) if not step.preliminary]
    return confirmed[-1] if confirmed else ALL_STATES


async def log_sight(place: Place, work: UnitOfWork) -> LogSight:
    """Read all on which it hangs what a reader sees of a case's log."""
    reference = place.case.reference
    return LogSight(
        place=place,
        invitations=tuple((await work.consultation.invitations(reference)).values()),
        measures={one.id: one for one in await work.measures.of_case(reference)},
        statements=tuple(await work.statements.of_case(reference)),
        private_deliveries=frozenset(await work.deliveries.with_step(reference, PRIVATE_STEP)),
        hidden_requests=await hidden_requests(place, work),
    )


async def hidden_requests(place: Place, work: UnitOfWork) -> frozenset[str]:
    """Name the requests of private lanes of which the reader may know only that there was traffic, and when."""
    if place.standing in (Standing.REPORTING, Standing.ADDRESSED):
        return frozenset()
    requests = await work.consultation.requests(place.case.reference)
    invitations = list((await work.consultation.invitations(place.case.reference)).values())
    seen = {
        one.id for one in requests if may_read(place.reader, one.lane, place.states, one, invitations) is Sight.CONTENT
    }
    return frozenset(one.id for one in requests) - seen
