"""The present state of knowledge, and the differences that lead to it."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.confidentiality import visible
from notify.differences import Change, applied, differences, differences_seen
from notify.matching import pairs_of
from notify.merging import knowledge, merged
from notify.pointer import path_of, value_at
from notify.words import Audience
from tests.rules.report_builders import EXAMPLES, example

MARK = {"audience": "recipients", "ground": "article_21_1"}
BASE: dict[str, Any] = {"type": "initial", "title": {"en": "Rice", "fr": "Riz"}}


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.change.value, one.pointer) for one in differences(before, after)]


def test_what_is_stated_replaces_and_all_else_stands() -> None:
    later = {"type": "follow_up", "reason": "r", "material": True, "health": {"en": "none"}}
    assert merged(BASE, later) == BASE | {"health": {"en": "none"}}


def test_a_text_is_replaced_in_all_its_languages() -> None:
    # A translation that was not renewed would contradict the new text.
    assert merged(BASE, {"title": {"en": "Rice and maize"}})["title"] == {"en": "Rice and maize"}


@pytest.mark.parametrize(
    ("before", "stated", "after"),
    [
        ({"release": {"state": "US", "ongoing": "yes"}}, {"release": {"ongoing": "no"}},
         {"state": "US", "ongoing": "no"}),
        ({"release": {"place": {"name": "A", "environments": ["urban"]}}}, {"release": {"place": {"latitude": 1}}},
         {"place": {"name": "A", "environments": ["urban"], "latitude": 1}}),
        ({"release": {"place": {"name": "A", "latitude": 1}}}, {"release": {"place": {"name": "B"}}},
         {"place": {"name": "B"}}),
        ({"release": {"date": {"value": "2006", "precision": "year"}}}, {"release": {"date": {"precision": "unknown"}}},
         {"date": {"precision": "unknown"}}),
        ({"contact_for_information": {"office": "A", "telephone": "1"}}, {"contact_for_information": {"office": "B"}},
         {"office": "B"}),
        ({"contact_for_information": {"office": "A"}}, {"contact_for_information": {"telephone": "1"}},
         {"office": "A", "telephone": "1"}),
        ({"quantity": {"value": 5, "method": "guess"}}, {"quantity": {"value": 9}}, {"value": 9}),
        ({"quantity": {"value": 5}}, {"quantity": {"method": "scales"}}, {"value": 5, "method": "scales"}),
        ({"origin": {"state": "CA", "certainty": "confirmed"}}, {"origin": {"state": "US"}}, {"state": "US"}),
        ({"knowledge": {"confirmed": {"value": "2006", "precision": "year"}}}, {"knowledge": {"confirmed": None}},
         {"confirmed": None}),
        ({"findings": [{"state": "DE"}]}, {"findings": []}, []),
        ({"findings": [{"state": "DE"}]}, {"findings": None}, [{"state": "DE"}]),
    ],
)  # fmt: skip
def test_objects_are_merged_unless_they_are_about_something_else(before: Any, stated: Any, after: Any) -> None:
    (name,) = stated
    assert merged(before, stated)[name] == after


def test_merging_leaves_its_documents_alone() -> None:
    base, later = example("llrice601"), {"release": {"ongoing": "no"}, "lmos": [{"common_name": "rice"}]}
    before = copy.deepcopy((base, later))
    document = merged(base, later)
    document["lmos"][0]["common_name"] = "maize"
    assert (base, later) == before


def test_marks_add_up_and_follow_what_they_mark() -> None:
    base: dict[str, Any] = {
        "consignments": [{"product": "rice", "lot": "1", "from": "US", "to": "NL"}, {"product": "rice", "lot": "2"}],
        "confidential": {"/consignments/1/product": MARK, "/quantity": MARK},
        "quantity": {"value": 1},
    }
    document = merged(base, {"consignments": base["consignments"][::-1], "confidential": {"/consignments/1/lot": MARK}})
    assert set(document["confidential"]) == {"/consignments/0/product", "/quantity", "/consignments/1/lot"}


def test_an_entry_that_cannot_be_told_from_a_marked_one_is_marked_like_it() -> None:
    base = {"consignments": [{"product": "rice", "lot": "1"}], "confidential": {"/consignments/0/lot": MARK}}
    document = merged(base, {"consignments": [{"product": "paddy", "lot": "1-A"}, {"product": "husks"}]})
    assert set(document["confidential"]) == {"/consignments/0/lot"}


@pytest.mark.parametrize(
    ("text", "now"), [({"fr": "x"}, "/monitoring/fr"), ("x", "/monitoring"), ({"en": "x"}, "/monitoring/en")]
)
def test_a_text_marked_in_one_language_stays_marked_in_another(text: Any, now: str) -> None:
    base = {"monitoring": {"en": "secret"}, "confidential": {"/monitoring/en": MARK}}
    assert set(merged(base, {"monitoring": text})["confidential"]) == {now}


def test_lists_are_matched_by_what_identifies_their_entries() -> None:
    before = [{"state": "DE", "status": "affected"}, {"state": "FR", "status": "affected"}]
    after = [{"state": "FR", "status": "transit"}, {"state": "KE", "status": "affected"}]
    assert pairs_of(("affected_states",), before, after) == [(1, 0), (None, 1), (0, None)]
    found = changes({"affected_states": before}, {"affected_states": after})
    assert found == [
        ("changed", "/affected_states/0/status"),
        ("added", "/affected_states/1"),
        ("removed", "/affected_states/0"),
    ]


def test_an_lmo_that_gets_its_identifier_is_the_same_lmo() -> None:
    before = {"lmos": [{"common_name": "rice", "unique_identifier": "unidentified"}, {"common_name": "maize"}]}
    after = {"lmos": [{"common_name": "maize"}, {"common_name": "rice", "unique_identifier": "ACS-OSØØ2-5"}]}
    assert changes(before, after) == [("changed", "/lmos/1/unique_identifier")]
    assert differences(before, after)[0].field == "/lmos/*/unique_identifier"


def test_the_order_of_a_list_is_no_change() -> None:
    assert changes({"findings": [1, 2], "x": ["a", "b"]}, {"findings": [2, 1], "x": ["b", "a"]}) == []


def test_a_date_and_an_explained_choice_change_as_a_whole() -> None:
    before = {"date": {"value": "2006", "precision": "year"}, "kind": {"code": "other", "text": "a"}}
    after = {"date": {"value": "2006-08", "precision": "month"}, "kind": {"code": "other", "text": "b"}}
    assert changes(before, after) == [("changed", "/date"), ("changed", "/kind")]


def test_a_difference_is_written_for_the_api() -> None:
    written = [one.to_json() for one in differences({"b": 1, "c": 1}, {"a": 1, "c": 2})]
    assert written == [
        {"change": "added", "pointer": "/a", "after": 1},
        {"change": "changed", "pointer": "/c", "before": 1, "after": 2},
        {"change": "removed", "pointer": "/b", "before": 1},
    ]


def unordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: unordered(field) for key, field in value.items()}
    if isinstance(value, list):
        return sorted(map(unordered, value), key=lambda entry: json.dumps(entry, sort_keys=True))
    return value


SMALL = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["DE", "FR", "unknown", ""]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["state", "lot", "url", "a/b", "~", "value", "type", "en"]), inner, max_size=4
        )
    ),
    max_leaves=14,
)
DOCUMENTS = st.dictionaries(
    st.sampled_from(["affected_states", "lmos", "consignments", "measures", "title", "release", "x"]), SMALL, max_size=5
)


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_differences_applied_to_what_was_give_what_is(before: dict[str, Any], after: dict[str, Any]) -> None:
    kept = copy.deepcopy(before)
    assert unordered(applied(before, differences(before, after))) == unordered(after)
    assert before == kept


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(EXAMPLES), st.sampled_from(EXAMPLES))
def test_the_differences_of_real_reports_lead_from_one_to_the_other(one: Any, other: Any) -> None:
    before, after = (json.loads(path.read_text(encoding="utf-8")) for path in (one, other))
    assert unordered(applied(before, differences(before, after))) == unordered(after)
    assert (differences(before, after) == ()) == (one == other)


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, st.lists(DOCUMENTS, max_size=4), st.integers(0, 4))
def test_a_chain_may_be_merged_up_to_any_report_and_on_from_there(
    base: dict[str, Any], chain: list[dict[str, Any]], cut: int
) -> None:
    assert knowledge([base, *chain]) == knowledge([knowledge([base, *chain[:cut]]), *chain[cut:]])


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_merging_the_same_report_twice_changes_nothing_more(base: dict[str, Any], later: dict[str, Any]) -> None:
    once = merged(base, later)
    assert differences(once, merged(once, later)) == ()


PLACES = ["/quantity", "/consignments/0/lot", "/consignments/1", "/release/circumstances", "/lmos/0/event", "/sender"]


def secret(word: str, places: list[str], audience: str) -> dict[str, Any]:
    document = example("llrice601")
    document["consignments"] = [
        {"product": "rice", "lot": f"{word}-lot", "from": "US", "to": "NL"},
        {"product": f"{word}-product", "from": "US", "to": "FR"},
    ]
    document["quantity"] = {"text": {"en": f"{word}-quantity"}}
    document["release"]["circumstances"] = {"en": f"{word}-circumstances"}
    document["lmos"][0]["event"] = f"{word}-event"
    document["sender"] = {"name": f"{word}-sender"}
    document["confidential"] = {place: {"audience": audience, "ground": "article_21_1"} for place in places}
    return document


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(PLACES), unique=True), st.sampled_from(["recipients", "parties"]), st.booleans())
def test_nothing_shown_depends_on_what_is_withheld(places: list[str], audience: str, before_only: bool) -> None:
    first, second = (secret(word, places, audience) for word in ("alpha", "beta"))
    if before_only:
        second["confidential"] = {}
    seen = differences_seen(first, second, Audience.PUBLIC)
    text = json.dumps([one.to_json() for one in seen.differences])
    assert "\ue000" not in text
    assert seen.withheld == visible(second, Audience.PUBLIC).withheld
    for place in places:
        assert not re.search("|".join(re.findall(r"alpha-\w+", json.dumps(_value(first, place))) or ["$^"]), text)
        assert before_only or not any(f"{one.pointer}/".startswith(f"{place}/") for one in seen.differences)
    # The reader sees the same whatever the withheld values are, and also if they did not change.
    for place in [] if before_only else places:
        hidden = copy.deepcopy(second)
        _replace(hidden, place, "other")
        assert differences_seen(first, hidden, Audience.PUBLIC) == seen
        _replace(hidden, place, _value(first, place))
        assert differences_seen(first, hidden, Audience.PUBLIC) == seen


def _value(document: dict[str, Any], pointer: str) -> Any:
    path = path_of(pointer, document)
    assert path
    return copy.deepcopy(value_at(document, path))


def _replace(document: dict[str, Any], pointer: str, value: Any) -> None:
    path = path_of(pointer, document)
    assert path
    value_at(document, path[:-1])[path[-1]] = value


def test_a_new_object_is_shown_without_its_withheld_part() -> None:
    after = {
        "consignments": [{"product": "rice", "lot": "L-1"}],
        "confidential": {"/consignments/0/lot": MARK},
    }
    seen = differences_seen({}, after, Audience.PUBLIC)
    assert [one.to_json() for one in seen.differences] == [
        {"change": "added", "pointer": "/consignments", "after": [{"product": "rice"}]}
    ]
    assert seen.withheld == ("/consignments/0/lot",)
    assert differences_seen({}, after, Audience.RECIPIENTS).differences[0].after == [{"product": "rice", "lot": "L-1"}]


def test_a_field_marked_from_now_on_shows_neither_its_old_value_nor_its_new() -> None:
    after = {"quantity": {"value": 2}, "confidential": {"/quantity": MARK}}
    assert differences_seen({"quantity": {"value": 1}}, after, Audience.PUBLIC).differences == ()
    assert (
        differences_seen({"quantity": {"value": 1}}, after, Audience.RECIPIENTS).differences[0].change is Change.CHANGED
    )
