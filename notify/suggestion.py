"""Suggests whom the officer may want to name as well, each with its reason; the officer decides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contacts.geography import Basin, Geography, WaterKind
from contacts.model import StateCode
from notify.pointer import ABSENT, value_at
from notify.sentence import N_, Sentence
from notify.vocabulary import code_of

UNKNOWN = "unknown"
EU = StateCode("EU")


class Ground(StrEnum):
    """What a suggestion rests on, strongest first."""

    FINDING = "finding"  # the LMO was found there
    CONSIGNMENT = "consignment"  # a consignment went there or through there
    NEIGHBOUR = "neighbour"
    SHARED_WATER = "shared_water"
    EUROPEAN_UNION = "european_union"
    REGIONAL_BODY = "regional_body"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One State (or regional body) that the report does not name, and all the reasons to think of it.

    `likely`: a pathway of the report leads there, or the LMO was found or sent there.
    """

    ground: Ground
    state: StateCode | None
    organization: str | None
    reasons: tuple[Sentence, ...]
    likely: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """What suggestions depend on; `already`: the States that are named, the reporting one among them."""

    reporting_state: str
    release_state: str
    pathways: frozenset[str] = frozenset()
    environments: frozenset[str] = frozenset()
    already: frozenset[str] = frozenset()
    found_in: tuple[str, ...] = ()
    sent_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hint:
    state: str
    ground: Ground
    reason: Sentence
    likely: bool


_BY_WATER = frozenset(
    {
        "seed_water",
        "animal_mediated",
        "active_movement",
        "river_basin",
        "marine_current",
        "ballast_or_hull",
        "migratory",
        "waste_or_effluent",
    }
)
_BY_SEA = _BY_WATER - {"animal_mediated"}
_BY_LAND = frozenset(
    {"pollen_wind", "pollen_insect", "seed_wind", "animal_mediated", "active_movement", "migratory", "road_rail"}
)
_AT_SEA = frozenset({"estuary_coast", "marine"})


def situation_of(document: Mapping[str, Any]) -> Situation:
    """Take what suggestions depend on from a report, also an incomplete one; nothing misshapen counts."""
    affected = (code for code in _codes(document, "affected_states", "state"))
    reporting = _text(document.get("reporting_state"))
    release = _text(value_at(document, ("release", "state")))
    transit = [
        code
        for entry in _entries(document.get("consignments"))
        for code in [entry.get("to"), *_listed(entry.get("transit_states"))]
    ]
    return Situation(
        reporting_state=reporting,
        release_state=release,
        pathways=_choices(value_at(document, ("release", "pathways"))),
        environments=_choices(value_at(document, ("release", "place", "environments"))),
        already=frozenset({*affected, reporting, _text(value_at(document, ("origin", "state"))), release}),
        found_in=tuple(_codes(document, "findings", "state")),
        sent_to=tuple(code for code in transit if isinstance(code, str)),
    )


def suggestions(situation: Situation, geography: Geography, is_state: Callable[[str], bool]) -> tuple[Suggestion, ...]:
    """Suggest whom else to name: the likely ones first, each State once with all its reasons.

    Where the State of release is unknown, the neighbours of the reporting State stand for its own.
    """
    hints: dict[str, list[_Hint]] = {}
    for hint in _hints(situation, geography):
        if hint.state not in situation.already and is_state(hint.state):
            hints.setdefault(hint.state, []).append(hint)
    grounds = list(Ground)
    found = [
        Suggestion(
            ground=min((hint.ground for hint in of_state), key=grounds.index),
            state=StateCode(state),
            organization=None,
            reasons=tuple(_unique(hint.reason for hint in of_state)),
            likely=any(hint.likely for hint in of_state),
        )
        for state, of_state in hints.items()
    ]
    found.sort(key=lambda one: (not one.likely, grounds.index(one.ground), one.state != EU, one.state))
    return (*found, *_bodies(situation, geography))


def suggested_states(
    release_state: str,
    *,
    geography: Geography,
    is_state: Callable[[str], bool],
    pathways: Collection[str] = (),
    already: Collection[str] = (),
) -> tuple[Suggestion, ...]:
    """Suggest the States that share a border or water with one State, whoever reports."""
    asked = Situation("", release_state, frozenset(pathways), frozenset(), frozenset({*already}))
    found = suggestions(asked, geography, lambda code: code != release_state and is_state(code))
    return tuple(one for one in found if one.ground in (Ground.NEIGHBOUR, Ground.SHARED_WATER))


def _hints(situation: Situation, geography: Geography) -> Iterator[_Hint]:
    for state in situation.found_in:
        yield _Hint(state, Ground.FINDING, Sentence("The LMO was found in {state}.", {"state": state}), True)
    for state in situation.sent_to:
        text = N_("A consignment of the report went to or through {state}.")
        yield _Hint(state, Ground.CONSIGNMENT, Sentence(text, {"state": state}), True)
    known = situation.release_state not in ("", UNKNOWN)
    centre = situation.release_state if known else situation.reporting_state
    by_land = bool(situation.pathways & _BY_LAND) or not _known(situation.pathways)
    for state in sorted(geography.neighbours(centre)):
        text = N_("{state} shares a land border with {centre}.")
        yield _Hint(state, Ground.NEIGHBOUR, Sentence(text, {"state": state, "centre": centre}), by_land)
    for basin in geography.waters(centre):
        if _leads(basin, situation):
            yield from _along(basin, centre, situation)
    members = geography.european_union
    if situation.reporting_state in members:
        text = N_("{state} reports as a State of the European Union; the Commission and its other States may be told.")
        reason = Sentence(text, {"state": situation.reporting_state})
        yield from (_Hint(state, Ground.EUROPEAN_UNION, reason, False) for state in ("EU", *sorted(members)))


def _known(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(codes) - {UNKNOWN, "other"}


def _leads(basin: Basin, situation: Situation) -> bool:
    """Tell whether to think of a water at all: of a sea only where something may travel by it, or nothing is known."""
    known = _known(situation.pathways)
    if basin.kind is not WaterKind.SEA:
        return True
    return not known or bool(known & _BY_SEA) or bool(situation.environments & _AT_SEA)


_WATER_REASONS = {
    WaterKind.RIVER: N_("{state} shares the river basin of the {water} with {centre}."),
    WaterKind.LAKE: N_("{state} shares {water} with {centre}."),
    WaterKind.SEA: N_("{state} lies on the same sea as {centre}: {water}."),
}


def _along(basin: Basin, centre: str, situation: Situation) -> Iterator[_Hint]:
    by_water = bool(situation.pathways & (_BY_SEA if basin.kind is WaterKind.SEA else _BY_WATER))
    for state in sorted(basin.codes - {centre}):
        values = {"state": state, "centre": centre, "water": basin.name}
        yield _Hint(state, Ground.SHARED_WATER, Sentence(_WATER_REASONS[basin.kind], values), by_water)


def _bodies(situation: Situation, geography: Geography) -> Iterator[Suggestion]:
    if situation.reporting_state in geography.european_union:
        return
    for name in geography.bodies_of(situation.reporting_state):
        text = N_("{state} is in a regional body that may be told: {organization}.")
        reason = Sentence(text, {"state": situation.reporting_state, "organization": name})
        yield Suggestion(Ground.REGIONAL_BODY, None, name, (reason,), False)


def _unique(reasons: Iterable[Sentence]) -> Iterator[Sentence]:
    seen: set[str] = set()
    for reason in reasons:
        if str(reason) not in seen:
            seen.add(str(reason))
            yield reason


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _entries(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in _listed(value) if isinstance(entry, dict)]


def _codes(document: Mapping[str, Any], name: str, field: str) -> Iterator[str]:
    codes = (entry.get(field) for entry in _entries(document.get(name)))
    yield from (code for code in codes if isinstance(code, str))


def _choices(value: Any) -> frozenset[str]:
    if value is ABSENT:
        return frozenset()
    return frozenset(code_of(choice) for choice in _listed(value) if isinstance(choice, str | dict))
