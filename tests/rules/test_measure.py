"""Measures of States: status over time, readers of its choice, Article 25(2), timelines, lessons without names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.account import Role
from notify.consultation import RequestKind
from notify.errors import Conflict, InvalidDocument, NotAllowed
from notify.measure import (
    Measure,
    MeasureStatus,
    change_status,
    check_disposal,
    check_follows,
    check_measure,
    check_measure_status,
    damage_considered,
    may_read,
    readable,
    require_actor,
)
from notify.measure_timeline import LEFT_OUT, comparison, lesson, timeline, without_names
from notify.reader import ALL_STATES, Reader, Sight, Visibility
from tests.rules.consultation_builders import (
    ACCOUNT,
    CASE,
    KENYA,
    REFERENCE,
    SECRETARIAT,
    START,
    TANZANIA,
    UGANDA,
    faults,
    hours,
    request,
    state,
)

HOUR = timedelta(hours=1)


def status(code: str, after: float = 1, **more: Any) -> MeasureStatus:
    return MeasureStatus(code, hours(after), ACCOUNT, **more)


def measure(by: str = "UG", kind: str = "destruction", *statuses: MeasureStatus, **more: Any) -> Measure:
    return Measure(f"{by}-{kind}", REFERENCE, state(by), kind, statuses or (status("planned"),), **more)


def test_a_measure_is_read_and_is_for_all_unless_said_otherwise() -> None:
    read = check_measure({"type": "destruction", "status": "under_way", "since": "2026-11", "request": "r1"})
    assert (read.type, read.status, read.since, read.visible_to) == ("destruction", "under_way", "2026-11", "all")
    other = check_measure({"type": {"code": "other", "text": "Burning"}, "status": "planned", "visible_to": ["KE"]})
    assert other.visible_to == ("KE",)


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ({}, {"/type", "/status"}),
        ({"type": "magic", "status": "done"}, {"/type", "/status"}),
        ({"type": "monitoring", "status": "planned", "request": "r1"}, {"/request"}),
        ({"type": {"code": "other", "text": "x"}, "status": "planned", "request": "r1"}, {"/request"}),
        ({"type": "monitoring", "status": "planned", "since": "soon", "damage_considered": "maybe"},
         {"/since", "/damage_considered"}),
        ({"type": "monitoring", "status": "planned", "state": "UG"}, {"/state"}),
        ([], {""}),
    ],
)  # fmt: skip
def test_every_fault_of_a_measure_is_named_by_its_place(document: object, pointers: set[str]) -> None:
    with pytest.raises(InvalidDocument) as refused:
        check_measure(document)
    assert set(faults(refused.value)) == pointers


def test_the_type_of_a_measure_is_asked_for_in_its_own_words() -> None:
    with pytest.raises(InvalidDocument) as refused:
        check_measure({"type": "initial", "status": "planned"})
    assert "containment" in faults(refused.value)["/type"]
    with pytest.raises(InvalidDocument) as missing:
        check_measure_status({})
    assert faults(missing.value) == {"/status": "is needed: how far the measure has come"}


def test_a_status_is_added_and_the_history_is_kept() -> None:
    changed = change_status(measure(), status("completed", 5), UGANDA, CASE)
    assert [one.status for one in changed.history] == ["planned", "completed"]
    assert (changed.status, changed.reported_at) == ("completed", hours(1))
    assert change_status(changed, status("completed", 9), UGANDA, CASE) == changed


def test_only_its_state_says_how_far_a_measure_has_come() -> None:
    for writer in (KENYA, TANZANIA, SECRETARIAT, Reader(Role.OPERATOR), Reader(Role.BCH_FOCAL_POINT, state("KE"))):
        with pytest.raises(NotAllowed):
            change_status(measure(), status("completed", 5), writer, CASE)


def test_the_reporting_state_reports_measures_too_and_nobody_outside_does() -> None:
    assert require_actor(KENYA, CASE) == "KE"
    assert require_actor(TANZANIA, CASE) == "TZ"
    for writer in (SECRETARIAT, Reader(Role.AUTHORITY, state("RW")), Reader(Role.CONTACT, state("KE"))):
        with pytest.raises(NotAllowed):
            require_actor(writer, CASE)


def test_a_status_older_than_what_stands_is_refused() -> None:
    with pytest.raises(Conflict):
        change_status(measure(), status("completed", 0), UGANDA, CASE)


@pytest.mark.parametrize(
    ("visible_to", "sights"),
    [
        (ALL_STATES, "= = = = ="),
        (Visibility(False, frozenset({"TZ"})), ". = = . ~"),
        (Visibility(False, frozenset({"KE", "secretariat"})), "= = . . ="),
        (Visibility(False), ". = . . ~"),
    ],
)
def test_a_state_chooses_who_sees_its_measure(visible_to: Visibility, sights: str) -> None:
    readers = [KENYA, UGANDA, TANZANIA, Reader(Role.BCH_FOCAL_POINT, state("KE")), SECRETARIAT]
    marks = {Sight.CONTENT: "=", Sight.THAT_AND_WHEN: "~", Sight.NOTHING: "."}
    seen = [marks[may_read(reader, measure(visible_to=visible_to), CASE)] for reader in readers]
    assert " ".join(seen) == sights
    assert may_read(Reader(Role.AUTHORITY, state("RW")), measure(visible_to=visible_to), CASE) is Sight.NOTHING


def test_a_timeline_is_made_of_what_its_reader_may_read() -> None:
    hidden = measure("UG", visible_to=Visibility(False))
    assert readable([hidden, measure("TZ")], KENYA, CASE) == [measure("TZ")]
    assert readable([hidden], UGANDA, CASE) == [hidden]
    assert readable([hidden], SECRETARIAT, CASE) == []


def test_the_readers_of_a_measure_can_be_chosen_anew() -> None:
    narrow = Visibility(False, frozenset({"KE"}))
    changed = change_status(measure(), status("planned"), UGANDA, CASE, narrow)
    assert (changed.visible_to, len(changed.history)) == (narrow, 1)
    assert may_read(TANZANIA, changed, CASE) is Sight.NOTHING


def test_each_state_says_last_whether_damage_was_considered() -> None:
    uganda = measure("UG", "recall", status("planned", damage_considered="not_yet"),
                     status("completed", 5, damage_considered="yes"), status("ineffective", 6))  # fmt: skip
    tanzania = measure("TZ", "recall", status("planned", 2, damage_considered="no"))
    assert damage_considered([uganda, tanzania, measure("KE")]) == {"UG": "yes", "TZ": "no"}


def test_an_affected_party_asks_the_party_of_origin() -> None:
    check_disposal(state("UG"), state("KE"), frozenset({state("KE")}), {"UG", "KE"}.__contains__)


@pytest.mark.parametrize(
    ("by", "to", "pointers"), [("US", "KE", {"/kind"}), ("UG", "US", {"/to"}), ("UG", "TZ", {"/to"})]
)
def test_article_25_2_is_for_parties_and_asked_of_the_origin(by: str, to: str, pointers: set[str]) -> None:
    with pytest.raises(InvalidDocument) as refused:
        check_disposal(state(by), state(to), frozenset({state("KE")}), {"UG", "KE", "TZ"}.__contains__)
    assert set(faults(refused.value)) == pointers


def test_a_measure_follows_a_disposal_request_of_its_own_state() -> None:
    asked = request(kind=RequestKind.DISPOSAL)
    check_follows(state("KE"), asked)
    check_follows(state("UG"), asked)
    for who, what in (("TZ", asked), ("KE", request()), ("KE", None)):
        with pytest.raises(InvalidDocument) as refused:
            check_follows(state(who), what)
        assert list(faults(refused.value)) == ["/request"]


TOLD_AT = {state("KE"): START, state("UG"): hours(1), state("TZ"): hours(3)}
MEASURES = [
    measure("TZ", "recall", status("planned", 4), status("under_way", 8), status("completed", 10)),
    measure("UG", "recall", status("under_way", 5)),
    measure("UG", "monitoring", status("proposed", 2)),
    measure("EU", "recall", status("completed", 6)),
]


def test_the_timeline_counts_from_when_each_state_was_told() -> None:
    rows = timeline(MEASURES, TOLD_AT)
    assert [(row.state, row.type, row.status, row.after) for row in rows] == [
        ("UG", "monitoring", "proposed", 1 * HOUR),
        ("TZ", "recall", "planned", 1 * HOUR),
        ("UG", "recall", "under_way", 4 * HOUR),
        ("EU", "recall", "completed", None),
        ("TZ", "recall", "under_way", 5 * HOUR),
        ("TZ", "recall", "completed", 7 * HOUR),
    ]


def test_states_are_compared_by_type_of_measure() -> None:
    found = {
        (one.type, one.state): (one.reported, one.under_way, one.completed) for one in comparison(MEASURES, TOLD_AT)
    }
    assert found == {
        ("monitoring", "UG"): (1 * HOUR, None, None),
        ("recall", "EU"): (None, None, None),
        ("recall", "TZ"): (1 * HOUR, 5 * HOUR, 7 * HOUR),
        ("recall", "UG"): (4 * HOUR, 4 * HOUR, None),
    }


@given(st.permutations(MEASURES))
def test_the_order_in_which_measures_come_changes_nothing(measures: list[Measure]) -> None:
    assert timeline(measures, TOLD_AT) == timeline(MEASURES, TOLD_AT)
    assert comparison(measures, TOLD_AT) == comparison(MEASURES, TOLD_AT)


NAMES = ["Kenya", "KE", "National Biosafety Authority", "Alpha Mills", "肯尼亚", "A. Officer"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Kenya acted in 2026", "[…] acted in 2026"),
        ("kenya and KENYA, not Kenyan", "[…] and […], not Kenyan"),
        ("KE asked; make haste, ke", "[…] asked; make haste, ke"),
        ("The National  Biosafety\nAuthority told Alpha Mills", "The […] told […]"),
        ("Ask a. officer at desk@biosafety.example", "Ask […] at […]"),
        ("See https://x.example/a?b and www.x.example", "See […] and […]"),
        ("Call +254 20 123 4567 at once", "Call […] at once"),
        ("As in A17-2026-0001 on 2026-11-02", "As in […] on 2026-11-02"),
        ("From 2019-2021 on 3 sites", "From 2019-2021 on 3 sites"),
        ("在肯尼亚境内", "在[…]境内"),
    ],
)
def test_names_and_addresses_are_left_out_of_lessons(text: str, kept: str) -> None:
    assert without_names(text, NAMES) == kept


def test_without_names_to_look_for_addresses_are_left_out_all_the_same() -> None:
    assert without_names("a@b.example", ["", " ", "x"]) == LEFT_OUT


@given(st.lists(st.text(alphabet="abcKE .(*", min_size=4, max_size=12).filter(lambda name: len(name.strip()) > 3)))
def test_no_name_is_found_again_between_blanks(names: list[str]) -> None:
    text = " | ".join(names)
    kept = without_names(text, names)
    assert not any(f" {name} " in f" {kept} " for name in map(str.strip, names))


def test_a_lesson_names_no_state_and_says_how_soon_what_was_done() -> None:
    written = lesson({"en": "Kenya was told late"}, NAMES, MEASURES, TOLD_AT, notification_class="article_17")
    assert written["lessons"] == {"en": "[…] was told late"}
    assert written["notification_class"] == "article_17"
    assert {"type": "recall", "reported_after": 3600, "under_way_after": 18000, "completed_after": 25200,
            "statuses": ["completed"]} in written["measures"]  # fmt: skip
    assert not any(code in repr(written) for code in ("'UG'", "'TZ'", "'EU'", "Kenya"))
    renamed = [replace(one, state={"UG": state("ZA"), "TZ": state("AO")}.get(one.state, one.state)) for one in MEASURES]
    told = {state("ZA"): hours(1), state("AO"): hours(3)}
    assert lesson({}, [], renamed, told)["measures"] == written["measures"]
