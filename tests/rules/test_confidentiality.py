"""Confidential fields: what may be marked, and that a reader never sees what is marked narrower."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.confidentiality import check_marks, is_marked, visible
from notify.words import Audience
from tests.rules.report_builders import example

UNREADABLE: list[Any] = [None, {"audience": "everyone"}, {"audience": {}}, []]
MARK = {"audience": "recipients", "ground": "article_21_1"}
WIDENING = ["secretariat", "recipients", "parties", "public"]


def rich() -> dict[str, Any]:
    document = example("llrice601")
    document["release"]["place"] = {"name": "A field", "latitude": 12.345678, "longitude": -45.678912}
    document["consignments"] = [
        {"product": "rice", "from": "US", "to": "NL", "consignor": "Alpha Mills", "consignee": "Beta Foods"},
        {"product": "rice", "from": "US", "to": "FR", "lot": "L-2"},
    ]
    document["attachments"] = [
        {"filename": f"{name}.csv", "media_type": "text/csv", "sha256": "0" * 64} for name in ("one", "two")
    ]
    return document


def marked(*pointers: str, audience: str = "recipients") -> dict[str, Any]:
    marks = {pointer: {"audience": audience, "ground": "article_21_5"} for pointer in pointers}
    return rich() | {"confidential": marks}


@pytest.mark.parametrize(
    "pointer",
    [
        "/quantity",
        "/quantity/text/en",
        "/attachments/0",
        "/attachments",
        "/consignments/1/lot",
        "/release/circumstances",
        "/release/place",
        "/lmo_use",
        "/affected_states/0/movement",
        "/sender",
        "/other_information",
        "/lmos/0/event",
        "/detection/description",
    ],
)
def test_a_field_that_may_be_confidential_can_be_marked(pointer: str) -> None:
    assert check_marks(marked(pointer)) == []


@pytest.mark.parametrize(
    "pointer",
    [
        "",
        "/authority",
        "/authority/email",
        "/contact_for_information",
        "/contact_for_information/languages/0",
        "/release",
        "/release/state",
        "/release/date",
        "/release/date/value",
        "/lmos",
        "/lmos/0",
        "/lmos/0/common_name",
        "/lmos/0/traits/0",
        "/effects",
        "/effects/0/description/en",
        "/health/en",
        "/risk_management/0",
        "/measures",
        "/measures/0/date",
        "/type",
        "/title",
        "/title/en",
        "/notification_class",
        "/reporting_state",
        "/capacity",
        "/affected_states",
        "/affected_states/3",
        "/affected_states/3/state",
        "/severity_inputs/crossing",
        "/confidential",
    ],
)
def test_what_must_stay_open_cannot_be_marked_nor_can_what_holds_it(pointer: str) -> None:
    (fault,) = check_marks(marked(pointer))
    assert fault.pointer == "/confidential/" + pointer.replace("/", "~1")
    assert "may not be marked" in fault.detail


@pytest.mark.parametrize("pointer", ["/lmos/0/unique_identifier", "/lmos/0/event", "/detection", "/detection/method"])
def test_identity_and_detection_reach_the_recipients_at_least(pointer: str) -> None:
    assert check_marks(marked(pointer, audience="recipients")) == []
    (fault,) = check_marks(marked(pointer, audience="secretariat"))
    assert "recipients" in fault.detail


@pytest.mark.parametrize("pointer", ["/nothing", "quantity", "/quantity/", "/attachments/01", "/attachments/9", "/a~2"])
def test_a_mark_needs_a_place_in_the_report(pointer: str) -> None:
    (fault,) = check_marks(marked(pointer))
    assert "no such place" in fault.detail


def test_a_key_with_a_slash_is_found_by_its_escaped_pointer() -> None:
    document = {"other_information": {"a/b~c": "x"}, "confidential": {"/other_information/a~1b~0c": MARK}}
    assert check_marks(document) == []
    assert "other_information" not in visible(document, Audience.PUBLIC).document


@pytest.mark.parametrize(
    ("mark", "pointer"),
    [
        ({"audience": "public", "ground": "article_21_1"}, "/confidential/~1quantity/audience"),
        ({"audience": "parties", "ground": "secret"}, "/confidential/~1quantity/ground"),
        ({"audience": "parties"}, "/confidential/~1quantity/ground"),
        ({"audience": ["parties"], "ground": "national_law"}, "/confidential/~1quantity/audience"),
        (MARK | {"until": "2030"}, "/confidential/~1quantity/until"),
        ("recipients", "/confidential/~1quantity"),
        (None, "/confidential/~1quantity"),
    ],
)
def test_a_mark_has_an_audience_and_a_ground_of_the_vocabularies(mark: Any, pointer: str) -> None:
    faults = check_marks(rich() | {"confidential": {"/quantity": mark}})
    assert [fault.pointer for fault in faults] == [pointer]


def test_marks_that_are_no_object_are_one_fault() -> None:
    assert [fault.pointer for fault in check_marks({"confidential": ["/quantity"]})] == ["/confidential"]


@pytest.mark.parametrize(
    ("reader", "sees"), [("secretariat", True), ("recipients", True), ("parties", False), ("public", False)]
)
def test_a_reader_sees_a_field_only_inside_its_audience(reader: str, sees: bool) -> None:
    shown = visible(marked("/quantity"), Audience(reader))
    assert ("quantity" in shown.document) is sees
    assert ("/quantity" in shown.withheld) is not sees


def test_coordinates_and_operators_start_at_recipients() -> None:
    for reader in (Audience.PARTIES, Audience.PUBLIC):
        shown = visible(rich(), reader)
        assert shown.document["release"]["place"] == {"name": "A field"}
        assert "sender" in shown.document
        assert "Duty officer" not in json.dumps(shown.document)
        assert shown.withheld == (
            "/consignments/0/consignee",
            "/consignments/0/consignor",
            "/release/place/latitude",
            "/release/place/longitude",
            "/sender/name",
        )
    assert visible(rich(), Audience.RECIPIENTS).document == rich()


def test_a_mark_of_its_own_can_widen_or_narrow_what_starts_at_recipients() -> None:
    widened = marked("/consignments/0/consignor", audience="parties")
    assert visible(widened, Audience.PARTIES).document["consignments"][0]["consignor"] == "Alpha Mills"
    assert "Alpha Mills" not in json.dumps(visible(widened, Audience.PUBLIC).document)
    narrowed = marked("/sender/name", audience="secretariat")
    assert "/sender/name" in visible(narrowed, Audience.RECIPIENTS).withheld


def test_a_wider_mark_on_what_holds_it_does_not_widen_it() -> None:
    shown = visible(marked("/consignments/0", audience="parties"), Audience.PARTIES)
    assert "Alpha Mills" not in json.dumps(shown.document)


def test_a_withheld_list_entry_is_absent_and_its_pointer_is_that_of_the_report_as_filed() -> None:
    shown = visible(marked("/attachments/0"), Audience.PUBLIC)
    assert [one["filename"] for one in shown.document["attachments"]] == ["two.csv"]
    assert "/attachments/0" in shown.withheld


def test_what_withholding_leaves_empty_is_absent_and_what_was_empty_stays() -> None:
    document = marked("/quantity/text/en") | {"effects": [], "monitoring": {}}
    shown = visible(document, Audience.PUBLIC)
    assert "quantity" not in shown.document
    assert "/quantity/text/en" in shown.withheld
    assert (shown.document["effects"], shown.document["monitoring"]) == ([], {})


def test_only_the_outermost_withheld_place_is_named() -> None:
    withheld = visible(marked("/attachments", "/attachments/0/filename"), Audience.PUBLIC).withheld
    assert [pointer for pointer in withheld if pointer.startswith("/attachments")] == ["/attachments"]


def test_the_marks_themselves_are_shown_only_to_those_who_see_the_field() -> None:
    document = marked("/quantity")
    document["confidential"]["/attachments/0"] = {"audience": "parties", "ground": "article_21_1"}
    assert set(visible(document, Audience.RECIPIENTS).document["confidential"]) == {"/quantity", "/attachments/0"}
    assert set(visible(document, Audience.PARTIES).document["confidential"]) == {"/attachments/0"}
    assert "confidential" not in visible(document, Audience.PUBLIC).document


def test_a_mark_that_cannot_be_read_keeps_its_field_to_the_secretariat() -> None:
    for mark in UNREADABLE:
        document = rich() | {"confidential": {"/quantity": mark}}
        assert "quantity" not in visible(document, Audience.RECIPIENTS).document
        assert "quantity" in visible(document, Audience.SECRETARIAT).document


def test_the_report_itself_is_left_as_it_was() -> None:
    document = marked("/quantity")
    before = copy.deepcopy(document)
    visible(document, Audience.PUBLIC)
    assert document == before


def test_a_field_is_marked_when_what_holds_it_is() -> None:
    assert is_marked(marked("/lmo_use"), "/lmo_use/authorisation")
    assert not is_marked(marked("/lmo_use/use"), "/lmo_use/authorisation")
    assert not is_marked(rich(), "/lmo_use")


def places(value: Any, pointer: str = "") -> list[str]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [pointer, *(place for key, entry in entries for place in places(entry, f"{pointer}/{key}"))]


def with_secret(value: Any, pointer: str, place: str, secret: str) -> Any:
    """Write the secret into every text at or under the place."""
    if isinstance(value, dict):
        return {key: with_secret(entry, f"{pointer}/{key}", place, secret) for key, entry in value.items()}
    if isinstance(value, list):
        return [with_secret(entry, f"{pointer}/{index}", place, secret) for index, entry in enumerate(value)]
    return secret if f"{pointer}/".startswith(f"{place}/") else value


ALL_PLACES = [place for place in places(rich()) if place]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(ALL_PLACES), st.sampled_from(WIDENING[:3]), max_size=6))
def test_nothing_marked_narrower_than_the_reader_appears_anywhere(marks: dict[str, str]) -> None:
    document = rich()
    for number, place in enumerate(marks):
        document = with_secret(document, "", place, f"secret-{number}-")
    document["confidential"] = {
        place: {"audience": audience, "ground": "article_21_1"} for place, audience in marks.items()
    }
    for reader in Audience:
        shown = visible(document, reader)
        text = json.dumps(shown.document, ensure_ascii=False)
        for number, (place, audience) in enumerate(marks.items()):
            if WIDENING.index(reader) > WIDENING.index(audience):
                assert f"secret-{number}-" not in text
                assert any(f"{place}/".startswith(f"{pointer}/") for pointer in shown.withheld)
                assert place not in shown.document.get("confidential", {})
