"""Suggestions: facts of geography with their sources, and whom they bring to mind, with the reason."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.geography import WaterKind, load_geography
from contacts.registry import load_registry
from notify.suggestion import Ground, Situation, Suggestion, situation_of, suggested_states, suggestions
from notify.vocabulary import VOCABULARIES
from tests.rules.report_builders import EXAMPLES, example, minimal

GEOGRAPHY, REGISTRY = load_geography(), load_registry()


def suggest(**values: Any) -> dict[str, Suggestion]:
    situation = Situation(**{"reporting_state": "KE", "release_state": "KE"} | values)
    found = suggestions(situation, GEOGRAPHY, REGISTRY.is_state)
    return {str(one.state or one.organization): one for one in found}


def near(state: str, *pathways: str) -> set[str]:
    found = suggested_states(state, geography=GEOGRAPHY, is_state=REGISTRY.is_state, pathways=pathways)
    return {str(one.state) for one in found}


def test_every_code_of_the_facts_is_a_place_and_every_body_holds_states() -> None:
    codes = {code for pair in GEOGRAPHY.borders.items() for code in (pair[0], *pair[1])}
    codes |= {code for basin in GEOGRAPHY.basins for code in basin.codes}
    assert {code for code in codes if not REGISTRY.is_place(code)} == set()
    assert {code for codes in GEOGRAPHY.bodies.values() for code in codes if not REGISTRY.is_state(code)} == set()


def test_borders_are_shared_by_both_sides_and_by_no_state_with_itself() -> None:
    for code, others in GEOGRAPHY.borders.items():
        assert code not in others
        assert all(code in GEOGRAPHY.borders[other] for other in others)


@pytest.mark.parametrize("name", ["borders.csv", "basins.csv", "regional_bodies.csv"])
def test_each_file_of_facts_names_its_date_and_sources(name: str) -> None:
    text = resources.files("contacts").joinpath(name).read_text(encoding="utf-8")
    head = " ".join(line for line in text.splitlines() if line.startswith("#"))
    assert "November 2026" in head and "Source" in head
    rows = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize(
    ("code", "neighbours"),
    [
        ("KE", "ET SO SS TZ UG"),
        ("LS", "ZA"),
        ("CH", "AT DE FR IT LI"),
        ("BO", "AR BR CL PE PY"),
        ("CN", "AF BT HK IN KG KP KZ LA MM MN MO NP PK RU TJ VN"),
        ("JP", ""),
        ("GF", "BR SR"),
    ],
)
def test_land_borders_are_those_of_the_map(code: str, neighbours: str) -> None:
    assert GEOGRAPHY.neighbours(code) == frozenset(neighbours.split())


def test_waters_are_those_of_the_map() -> None:
    assert {basin.name for basin in GEOGRAPHY.waters("UG")} == {"Nile"}
    assert {basin.kind for basin in GEOGRAPHY.basins} == set(WaterKind)
    assert all(len(basin.codes) > 1 for basin in GEOGRAPHY.basins)
    assert {basin.name for basin in GEOGRAPHY.waters("AT")} == {"Danube", "Elbe", "Rhine"}


def test_the_european_union_has_its_27_states() -> None:
    assert len(GEOGRAPHY.european_union) == 27
    assert GEOGRAPHY.bodies_of("KE") == ("African Union", "East African Community")


def test_neighbours_and_those_on_one_river_are_suggested_with_the_reason() -> None:
    found = suggest()
    assert found["TZ"].ground is Ground.NEIGHBOUR
    assert [str(reason) for reason in found["TZ"].reasons] == [
        "TZ shares a land border with KE.",
        "TZ shares the river basin of the Nile with KE.",
    ]
    assert found["EG"].ground is Ground.SHARED_WATER


def test_whom_the_report_names_already_is_not_suggested() -> None:
    found = suggest(already=frozenset({"KE", "TZ", "UG"}))
    assert not {"KE", "TZ", "UG"} & found.keys()
    assert "ET" in found


def test_a_place_that_is_no_state_is_not_suggested() -> None:
    assert "HK" not in near("CN") and "GI" not in near("ES")
    assert near("HK") == {"CN"}


def test_a_pathway_says_what_is_likely() -> None:
    wind = suggest(pathways=frozenset({"pollen_wind"}))
    assert wind["ET"].likely and not wind["EG"].likely
    river = suggest(pathways=frozenset({"river_basin"}))
    assert river["EG"].likely and river["TZ"].likely
    assert not suggest(pathways=frozenset({"shipment_seed"}))["ET"].likely
    assert next(iter(wind)) in GEOGRAPHY.neighbours("KE")


def test_a_sea_is_thought_of_only_where_something_may_travel_by_it() -> None:
    assert "TN" in near("IT", "marine_current")
    assert "TN" in near("IT")
    assert "TN" not in near("IT", "pollen_wind", "other")
    assert "TN" in near("IT", "unknown")
    by_coast = Situation("IT", "IT", frozenset({"pollen_wind"}), frozenset({"marine"}))
    assert any(one.state == "TN" for one in suggestions(by_coast, GEOGRAPHY, REGISTRY.is_state))


def test_an_unknown_state_of_release_leaves_the_neighbours_of_the_reporting_state() -> None:
    assert set(suggest(release_state="unknown")) == set(suggest())
    assert suggest(release_state="", reporting_state="JP")["KR"].ground is Ground.SHARED_WATER


def test_a_filing_state_of_the_european_union_is_reminded_of_the_commission_and_the_others() -> None:
    found = suggest(reporting_state="FI", release_state="unknown", already=frozenset({"FI"}))
    assert found["EU"].ground is Ground.EUROPEAN_UNION
    assert found["MT"].ground is Ground.EUROPEAN_UNION
    assert found["SE"].ground is Ground.NEIGHBOUR and len(found["SE"].reasons) > 1
    assert len([one for one in found.values() if one.state in GEOGRAPHY.european_union]) == 26
    assert all(one.organization is None for one in found.values())


def test_another_state_is_reminded_of_its_regional_bodies() -> None:
    found = suggest()
    assert found["African Union"].organization == "African Union"
    assert found["African Union"].state is None
    assert "EU" not in found


def test_where_it_was_found_and_sent_comes_first() -> None:
    document = minimal() | {
        "findings": [{"state": "IS", "date": "2026"}],
        "consignments": [{"product": "seed", "from": "KE", "to": "NO", "transit_states": ["NL", "unknown"]}],
    }
    found = suggestions(situation_of(document), GEOGRAPHY, REGISTRY.is_state)
    assert [(one.state, one.ground.value) for one in found[:3]] == [
        ("IS", "finding"),
        ("NL", "consignment"),
        ("NO", "consignment"),
    ]
    assert all(one.likely for one in found[:3])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_real_report_is_suggested_whom_it_names(path: Any) -> None:
    document = example(path.stem)
    named = {entry["state"] for entry in document["affected_states"]} | {document["reporting_state"]}
    found = suggestions(situation_of(document), GEOGRAPHY, REGISTRY.is_state)
    assert not named & {str(one.state) for one in found}
    assert len({one.state or one.organization for one in found}) == len(found)
    assert all(one.reasons and all(map(str, one.reasons)) for one in found)


MISSHAPEN = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.none() | st.integers(), max_size=2)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["release", "findings", "consignments", "affected_states", "origin"]), MISSHAPEN)
)
def test_a_misshapen_draft_only_suggests_less(document: dict[str, Any]) -> None:
    suggestions(situation_of(document | {"reporting_state": "KE"}), GEOGRAPHY, REGISTRY.is_state)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(REGISTRY.states_by_code)), st.sets(st.sampled_from(VOCABULARIES["pathway"]), max_size=4))
def test_no_state_is_ever_suggested_to_itself(code: str, pathways: set[str]) -> None:
    assert code not in near(code, *pathways)
