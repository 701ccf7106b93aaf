"""Rules of a measure: what a State decided to do, how far it has come, and who may know; we record, never prescribe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from contacts.model import StateCode
from notify.consultation.request import Request, RequestKind
from notify.document import VisibleTo, read_document
from notify.errors import Conflict, Fault, InvalidDocument, NotAllowed
from notify.reader import ALL_STATES, CaseStates, Reader, Sight, Visibility, acts_for, sight_of
from notify.report_types import Day, LanguageTexts, Line, Of, Part, PartialDate, Told
from notify.vocabulary import Choice
from notify.words import AccountId, CaseReference

OF_A_DISPOSAL = frozenset({"repatriation", "destruction"})
"""The measures that can follow from a request under Article 25(2)."""

Words = str | Mapping[str, str]


class MeasureDocument(Part):
    """One measure as it is handed in."""

    type: Annotated[Choice, Of("measure_type")] = Field(description="What kind of measure")
    status: Annotated[Choice, Of("measure_status")] = Field(description="How far it has come")
    since: Day | None = Field(None, description="Since when; a date such as 2026-11-20, 2026-11 or 2026")
    description: LanguageTexts | None = Field(None, description="More on the measure")
    actor: Told | None = Field(None, description="Who takes it")
    effectiveness: Told | None = Field(None, description="How well it works")
    visible_to: VisibleTo = Field("all", description="all States of the case, or those named")
    request: Line | None = Field(None, description="The id of the request under Article 25(2) that it follows")
    damage_considered: Annotated[str, Of("damage_considered")] | None = Field(
        None, description="Whether damage in the sense of the Supplementary Protocol was considered, without prejudice"
    )


class MeasureStatusDocument(Part):
    """A new status of a measure as it is handed in."""

    status: Annotated[Choice, Of("measure_status")] = Field(description="How far it has come")
    since: Day | None = Field(None, description="Since when; a date such as 2026-11-20, 2026-11 or 2026")
    effectiveness: Told | None = Field(None, description="How well it works")
    visible_to: VisibleTo | None = Field(None, description="Who may read it from now on; as before when left out")
    damage_considered: Annotated[str, Of("damage_considered")] | None = Field(
        None, description="Whether damage in the sense of the Supplementary Protocol was considered, without prejudice"
    )


@dataclass(frozen=True, slots=True)
class MeasureStatus:
    """How far a measure had come, as its State said at one time."""

    status: Choice
    at: datetime  # when it was recorded; `since` is what the State says
    account: AccountId
    since: str | PartialDate | None = None
    effectiveness: Words | None = None
    damage_considered: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of one State in a case, with every status it had, in order; at least one."""

    id: str
    case_reference: CaseReference
    state: StateCode
    type: Choice
    history: tuple[MeasureStatus, ...]
    description: Words | None = None
    actor: Words | None = None
    visible_to: Visibility = ALL_STATES
    request_id: str | None = None

    @property
    def status(self) -> Choice:
        """How far it has come now."""
        return self.history[-1].status

    @property
    def reported_at(self) -> datetime:
        """When it was first reported."""
        return self.history[0].at


_STATUS_NEEDED = {"/status": "is needed: how far the measure has come"}
_NEEDED = {**_STATUS_NEEDED, "/type": "is needed: what kind of measure"}


def check_measure(document: object) -> MeasureDocument:
    """Read a measure; raise InvalidDocument with every fault."""
    return read_document(document, MeasureDocument, needed=_NEEDED, rules=_faults)


def check_measure_status(document: object) -> MeasureStatusDocument:
    """Read a new status of a measure; raise InvalidDocument with every fault."""
    return read_document(document, MeasureStatusDocument, needed=_STATUS_NEEDED, rules=lambda _: ())


def _faults(given: Mapping[str, Any]) -> Iterator[Fault]:
    kind = given.get("type")
    if given.get("request") is not None and not (isinstance(kind, str) and kind in OF_A_DISPOSAL):
        yield Fault("/request", f"belongs to a measure of type {' or '.join(sorted(OF_A_DISPOSAL))} only")


def require_actor(writer: Reader, case: CaseStates) -> StateCode:
    """Give the State for which a writer reports a measure; raise NotAllowed when it acts for none of the case."""
    state = acts_for(writer, case)
    if state is None:
        raise NotAllowed("only the States of the case report measures, each its own")
    return state


def change_status(
    measure: Measure, status: MeasureStatus, writer: Reader, case: CaseStates, visible_to: Visibility | None = None
) -> Measure:
    """Enter a new status of a measure, and whom its State lets read it; said twice it is harmless.

    Raises NotAllowed for any writer but its own State, Conflict when it is older than what stands.
    """
    if require_actor(writer, case) != measure.state:
        raise NotAllowed("a State alone says how far its measure has come")
    last = measure.history[-1]
    readers = measure.visible_to if visible_to is None else visible_to
    if replace(status, at=last.at, account=last.account) == last:
        return replace(measure, visible_to=readers)
    if status.at < last.at:
        raise Conflict("a later status of this measure is recorded already")
    return replace(measure, visible_to=readers, history=(*measure.history, status))


def may_read(reader: Reader, measure: Measure, case: CaseStates) -> Sight:
    """Say how much a reader sees of a measure: its State chooses among the States of the case, and always sees it."""
    return sight_of(reader, measure.state, measure.visible_to, case)


def readable(measures: Iterable[Measure], reader: Reader, case: CaseStates) -> list[Measure]:
    """Keep the measures that a reader may read whole, for a timeline or comparison of its own."""
    return [measure for measure in measures if may_read(reader, measure, case) is Sight.CONTENT]


def damage_considered(measures: Iterable[Measure]) -> dict[StateCode, str]:
    """Give for each State what it last said: was damage considered (yes, no, not_yet); without prejudice."""
    said = sorted(
        (status.at, measure.state, status.damage_considered)
        for measure in measures
        for status in measure.history
        if status.damage_considered is not None
    )
    return {state: considered for _, state, considered in said}


def check_disposal(
    by_state: StateCode, to_state: StateCode, origins: frozenset[StateCode], is_party: Callable[[str], bool]
) -> None:
    """Check a request under Article 25(2): an affected Party asks the Party of origin to dispose of the LMO.

    `origins`: the States that a report names as presumed origin. Whether the movement is illegal, the asking Party
    considers for itself. Raises InvalidDocument with every fault.
    """
    faults = []
    if not is_party(by_state):
        faults.append(Fault("/kind", "only a Party asks for disposal under Article 25(2); please ask for assistance"))
    if not is_party(to_state):
        faults.append(Fault("/to", "is no Party; Article 25(2) is asked of the Party of origin"))
    elif to_state not in origins:
        faults.append(Fault("/to", "is not named as presumed State of origin; Article 25(2) is asked of it alone"))
    if faults:
        raise InvalidDocument(faults)


def check_follows(measure_state: StateCode, request: Request | None) -> None:
    """Check the request that a measure follows; raise InvalidDocument when it is no disposal request of this State."""
    fits = request is not None and request.kind is RequestKind.DISPOSAL
    if request is None or not fits or measure_state not in (request.by_state, request.to_state):
        raise InvalidDocument([Fault("/request", "no request under Article 25(2) of this State has this id")])
