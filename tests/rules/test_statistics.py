"""Statistics: invariants of the figures, groups, periods, a State's own, volume, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import math
import statistics
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.model import Contact, ContactId, ContactRole, StateCode
from contacts.readiness import readiness
from contacts.registry import load_registry
from notify.policy import ClockKind
from notify.statistics import (
    EUROPEAN_UNION,
    NO_REGION,
    NOT_MET,
    CaseFact,
    ClockFact,
    Dimension,
    Figures,
    Section,
    Tally,
    Timed,
    as_json,
    csv_cell,
    csv_text,
    curve,
    curves,
    duration_text,
    figures,
    network_rows,
    own_figures,
    region_of,
    response_times,
    share_text,
    table_rows,
    volume,
    write_csv,
)
from notify.words import CaseReference, NotificationClass, Severity

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER = START + timedelta(days=400)
REGIONS = {"KE": "Africa", "FR": "WEOG", "EU": EUROPEAN_UNION, "VA": NO_REGION}


def fact(state: str = "KE", met: float | None = 1, due: float | None = 12, after: float = 0, **more: Any) -> ClockFact:
    began = START + after * HOUR
    given_: dict[str, Any] = {
        "clock": ClockKind.ACKNOWLEDGEMENT,
        "case": CaseReference("A17-2026-0001"),
        "state": StateCode(state),
        "region": REGIONS[state],
        "severity": Severity.HIGH,
        "notification_class": NotificationClass.ARTICLE_17,
        "started_at": began,
        "due_at": None if due is None else began + due * HOUR,
        "met_at": None if met is None else began + met * HOUR,
        "channel": "email",
    }
    return ClockFact(**(given_ | more))


def case(number: int = 1, **more: Any) -> CaseFact:
    given_: dict[str, Any] = {
        "case": CaseReference(f"A17-2026-{number:04d}"),
        "reporting_state": StateCode("KE"),
        "region": "Africa",
        "severity": Severity.HIGH,
        "notification_class": NotificationClass.ARTICLE_17,
        "opened_at": START,
    }
    return CaseFact(**(given_ | more))


FACTS = st.lists(
    st.builds(
        fact,
        st.sampled_from(sorted(REGIONS)),
        st.none() | st.integers(0, 50),
        st.none() | st.integers(1, 20),
        st.integers(0, 2000),
        severity=st.sampled_from(Severity),
        clock=st.sampled_from([ClockKind.ACKNOWLEDGEMENT, ClockKind.ANSWER]),
        channel=st.sampled_from(["email", "webhook", "email+webhook", None]),
        notification_class=st.sampled_from(NotificationClass),
        exercise=st.booleans(),
        non_party=st.booleans(),
    ),
    max_size=25,
)


def headline(facts: list[ClockFact], as_of: datetime = LATER) -> Figures:
    return response_times(facts, as_of=as_of).headline


@given(FACTS)
def test_a_share_is_never_above_one_and_the_counts_fit_each_other(facts: list[ClockFact]) -> None:
    for row in response_times(facts, as_of=LATER).rows:
        f = row.figures
        assert 0 < f.n == f.recorded + f.open
        assert f.within_target <= min(f.with_target, f.recorded)
        assert f.with_target <= f.n
        assert f.not_yet_due <= f.open
        assert f.share is None or 0 <= f.share <= 1
        known = [one for one in (f.median, f.p90, f.p95) if one is not None]
        assert known == sorted(known)


@given(FACTS, st.integers(1, 5))
def test_open_notifications_never_raise_the_share_or_shorten_a_time(facts: list[ClockFact], number: int) -> None:
    before = headline(facts)
    after = headline([*facts, *(fact(met=None) for _ in range(number))])
    assert after.n == before.n + number
    assert after.open == before.open + number
    if before.n:
        assert (after.share or 0) <= (before.share if before.share is not None else 1)
        for name in ("median", "p90", "p95"):
            earlier, later = getattr(before, name), getattr(after, name)
            assert (NOT_MET if later is None else later) >= (NOT_MET if earlier is None else earlier)


@given(FACTS)
def test_the_rows_of_each_dimension_add_up_to_the_total(facts: list[ClockFact]) -> None:
    computed = response_times(facts, as_of=LATER)
    for section in Section:
        for clock in (ClockKind.ACKNOWLEDGEMENT, ClockKind.ANSWER):
            total = computed.find(clock, section=section)
            for dimension in set(Dimension) - {Dimension.TOTAL}:
                rows = [
                    row.figures
                    for row in computed.rows
                    if (row.section, row.clock, row.dimension) == (section, clock, dimension)
                ]
                for name in ("n", "with_target", "within_target", "recorded", "open", "not_yet_due"):
                    assert sum(getattr(row, name) for row in rows) == getattr(total, name)


@given(st.data(), FACTS)
def test_the_order_of_the_facts_changes_nothing(data: st.DataObject, facts: list[ClockFact]) -> None:
    shuffled = data.draw(st.permutations(facts))
    assert response_times(shuffled, as_of=LATER) == response_times(facts, as_of=LATER)
    assert curves(shuffled, as_of=LATER) == curves(facts, as_of=LATER)


@given(FACTS)
def test_exercises_and_voluntary_reports_never_touch_the_performance_figures(facts: list[ClockFact]) -> None:
    own = [one for one in facts if not one.exercise and not one.non_party]
    assert headline(facts) == headline(own)


@given(FACTS, st.integers(0, 2000))
def test_what_happened_after_the_time_of_asking_is_not_known(facts: list[ClockFact], hours: int) -> None:
    as_of = START + hours * HOUR
    known = [
        replace(one, met_at=one.met_at if one.met_at and one.met_at <= as_of else None)
        for one in facts
        if one.started_at <= as_of
    ]
    assert response_times(facts, as_of=as_of) == response_times(known, as_of=as_of)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40))
def test_with_everything_recorded_median_and_mean_are_the_usual_ones(seconds: list[int]) -> None:
    tally = Tally()
    for one in seconds:
        tally.add(Timed(float(one), True, True, False))
    found = figures([tally])
    assert found.median == statistics.median(seconds)
    assert found.mean == pytest.approx(statistics.fmean(seconds))
    for percent, value in ((90, found.p90), (95, found.p95)):
        assert value is not None
        assert sum(one <= value for one in seconds) * 100 >= percent * len(seconds)
        assert sum(one < value for one in seconds) * 100 < percent * len(seconds)


def test_a_group_of_nothing_has_no_figures() -> None:
    assert response_times([], as_of=LATER).rows == ()
    assert headline([]) == figures([])
    assert (figures([]).n, figures([]).share, figures([]).median) == (0, None, None)


def test_a_clock_set_back_makes_no_negative_time() -> None:
    assert headline([fact(met=-1)]).median == 0


def test_the_period_asked_for_includes_its_start_and_not_its_end() -> None:
    facts = [fact(after=0), fact(after=24), fact(after=48)]
    found = response_times(facts, as_of=LATER, start=START + 24 * HOUR, end=START + 48 * HOUR)
    assert found.headline.n == 1
    assert (found.start, found.end) == (START + 24 * HOUR, START + 48 * HOUR)


def test_the_month_of_a_clock_is_that_of_utc() -> None:
    east = datetime.fromisoformat("2026-12-01T01:00:00+03:00")
    found = response_times([fact(started_at=east)], as_of=LATER)
    assert found.find(ClockKind.ACKNOWLEDGEMENT, Dimension.PERIOD, "2026-11").n == 1


def test_a_states_own_figures_are_of_that_state_alone() -> None:
    facts = [fact("KE", 1), fact("KE", None), fact("FR", 20)]
    own = own_figures(facts, StateCode("KE"), as_of=LATER)
    assert (own.state, own.headline.n, own.headline.share) == ("KE", 2, 0.5)
    assert [row.value for row in own.rows if row.dimension is Dimension.REGION] == ["Africa"]


def test_the_headline_is_the_share_acknowledged_within_target() -> None:
    facts = [fact(met=1), fact(met=13), fact(met=None), fact(clock=ClockKind.ANSWER)]
    assert (headline(facts).n, headline(facts).within_target) == (3, 1)


def test_the_union_is_in_a_row_of_its_own() -> None:
    registry = load_registry()
    named = {code: region_of(registry.find(code)) for code in ("KE", "EU", "XX")}
    assert named == {"KE": "Africa", "EU": EUROPEAN_UNION, "XX": NO_REGION}
    assert {region_of(one) for one in registry.states if one.state_code != "EU" and one.region} == {
        "Africa", "Asia-Pacific", "CEE", "GRULAC", "WEOG",
    }  # fmt: skip


def test_rows_stand_in_the_order_of_the_policy() -> None:
    facts = [fact(severity=severity) for severity in reversed(Severity)] + [fact(clock=ClockKind.DISPATCH)]
    rows = response_times(facts, as_of=LATER).rows
    assert rows[0].clock is ClockKind.DISPATCH
    named = [row.value for row in rows if row.dimension is Dimension.SEVERITY and row.clock is not ClockKind.DISPATCH]
    assert named == ["critical", "high", "moderate", "low"]


# Volume


def test_cases_are_counted_by_class_release_type_organism_and_region() -> None:
    cases = [
        case(1, release_types=("commingling", "commingling", "introgression"), organisms=("Zea mays",)),
        case(2, notification_class=NotificationClass.INFORMATION, region="WEOG"),
        case(3, exercise=True),
        case(4, non_party=True),
        case(5, opened_at=LATER + HOUR),
    ]
    counted = volume(cases, as_of=LATER)
    reports = {(row.dimension, row.value): row.cases for row in counted.rows if row.section is Section.REPORTS}
    assert reports == {
        ("total", "all"): 2,
        ("class", "article_17"): 1,
        ("class", "information"): 1,
        ("severity", "high"): 2,
        ("region", "Africa"): 1,
        ("region", "WEOG"): 1,
        ("release_type", "commingling"): 1,
        ("release_type", "introgression"): 1,
        ("release_type", "unknown"): 1,
        ("organism", "Zea mays"): 1,
        ("organism", "unknown"): 1,
    }
    totals = {row.section: row.cases for row in counted.rows if row.dimension == "total"}
    assert totals == {Section.REPORTS: 2, Section.VOLUNTARY: 1, Section.EXERCISES: 1}


def test_the_volume_of_a_period_is_of_cases_opened_in_it() -> None:
    cases = [case(1), case(2, opened_at=START + 24 * HOUR)]
    (total,) = [row for row in volume(cases, as_of=LATER, end=START + HOUR).rows if row.dimension == "total"]
    assert total.cases == 1


def test_the_network_is_counted_with_the_union_apart() -> None:
    contact = Contact(
        id=ContactId("eu"), role=ContactRole.ARTICLE_17_CONTACT, state=StateCode("EU"), office="DG",
        email="a@eu.example", telephone="+32 2 000000",
    )  # fmt: skip
    rows = network_rows(readiness([contact], load_registry(), date(2026, 11, 20)))
    found = {(row.group, row.figure): (row.states, row.n) for row in rows}
    assert found[EUROPEAN_UNION, "designated"] == (1, 1)
    assert found["States", "designated"][0] == 0
    assert {row.group for row in rows} >= {"States", "Parties", "Africa", "WEOG", EUROPEAN_UNION}
    assert all(row.share is None or 0 <= row.share <= 1 for row in rows)


# Curves


@given(st.lists(st.integers(0, 10**6) | st.just(NOT_MET), max_size=30))
def test_a_curve_rises_and_ends_at_the_share_that_was_met(times: list[float]) -> None:
    found = curve("all", times)
    assert [point.seconds for point in found.points] == sorted({one for one in times if one != NOT_MET})
    shares = [point.share for point in found.points]
    assert shares == sorted(shares)
    met = sum(not math.isinf(one) for one in times)
    assert found.share_at(10**6) == (met / len(times) if times else 0)


def test_curves_are_of_one_clock_one_section_and_each_group() -> None:
    facts = [
        fact(severity=Severity.LOW),
        fact(met=None),
        fact(met=2),
        fact(exercise=True),
        fact(clock=ClockKind.ANSWER),
    ]
    high, low = curves(facts, as_of=LATER)
    assert [(one.name, one.n) for one in (high, low)] == [("high", 2), ("low", 1)]
    assert high.share_at(2 * 3600) == 0.5
    assert [one.name for one in curves(facts, as_of=LATER, by=Dimension.REGION)] == ["Africa"]


# Table, JSON, CSV


def test_times_and_shares_are_written_without_flattery() -> None:
    assert [duration_text(one) for one in (0, 0.9, 59, 60, 3599, 3600, 100_000, 90_061, 86_400)] == [
        "0 s", "0 s", "59 s", "1 min", "59 min 59 s", "1 h", "1 d 3 h", "1 d 1 h", "1 d",
    ]  # fmt: skip
    assert [share_text(one) for one in (None, 0, 0.0001, 0.5, 0.9999, 1)] == [
        "", "0 %", "0.1 %", "50.0 %", "99.9 %", "100 %",
    ]  # fmt: skip


def test_json_says_what_was_asked_and_the_headline() -> None:
    times = response_times([fact(), fact(met=None)], as_of=LATER)
    counted = volume([case()], as_of=LATER)
    network = network_rows(readiness([], load_registry(), date(2026, 11, 20)))
    document = json.loads(json.dumps(as_json(times, counted, network), allow_nan=False))
    assert document["headline"] == {"share_acknowledged_within_target": 0.5, "n": 2}
    assert document["as_of"] == "2027-12-07T08:00:00Z"
    assert document["response_times"][0]["p90_seconds"] is None
    assert document["response_times"][0]["median_seconds"] is None
    assert {"volume", "completeness", "network"} <= document.keys()


def test_csv_has_a_line_for_each_row_of_the_table() -> None:
    times = response_times([fact(), fact(met=None)], as_of=LATER)
    lines = list(csv.reader(io.StringIO(csv_text(times))))
    assert len(lines) == len(table_rows(times)) + 1
    assert lines[0][:5] == ["section", "clock", "by", "value", "n"]
    assert lines[1][:8] == ["reports", "acknowledgement", "total", "all", "2", "2", "1", "0.5"]


FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@pytest.mark.parametrize(
    "text", ["=1+1", " =1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", '"=1', "＝1", "x;=1", "x,\n=1"]
)
def test_a_cell_that_would_start_a_formula_is_made_text(text: str) -> None:
    assert "'" in csv_cell(text)


def test_plain_cells_are_left_as_they_are() -> None:
    plain = ["Africa", "a-b", "2026-11", "p=1", "Zea mays (maize)", "a@b.example"]
    assert [csv_cell(one) for one in plain] == plain
    assert [csv_cell(one) for one in (1, 0.5, None, True, -1)] == ["1", "0.5", "", "True", "'-1"]


@settings(max_examples=300)
@given(st.lists(st.text(alphabet="=+-@\t\r\n ,;|\"'aＡ＝＠\x00", max_size=8), min_size=1, max_size=4))
def test_no_cell_starts_a_formula_whatever_separates_them(cells: list[str]) -> None:
    written = write_csv(["a"] * len(cells), [cells])
    for row in csv.reader(io.StringIO(written, newline="")):
        assert not any(cell.lstrip(" ").startswith(FORMULAS) for cell in row)
    for separator in (";", "|"):
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=separator):
            # Read so, a stray quotation mark may hold the end of its line.
            assert not any(cell.lstrip(" \r\n").startswith(FORMULAS) for cell in row)
