"""Every clock by one mechanism: due, met, reminded of, and derived from facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.holidays import InvalidHolidays, load_holidays
from contacts.model import StateCode
from contacts.registry import load_registry
from notify.case_clocks import (
    CaseFacts,
    ClosingFact,
    LaneFact,
    NotificationFact,
    ReportFact,
    RequestFact,
    RequestTurn,
    deadlines,
    severity_at,
)
from notify.clock_rules import CLOCK_RULES, SubjectKind
from notify.completeness import completeness
from notify.deadline import (
    Action,
    ActionKind,
    Clock,
    Deadline,
    Outcome,
    Start,
    Subject,
    actions,
    deadline,
    due_action,
    is_complete,
    next_action,
    next_prompt,
)
from notify.policy import ClockKind, Extent, InvalidPolicy, Policy, load_policy
from notify.words import CaseReference, NotificationId, Severity
from notify.working_time import Calendar
from tests.rules.report_builders import example, parse

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)
SUBJECT = Subject(SubjectKind.REQUEST, "req_1")
POLICY = load_policy()
KE, UG, TZ = StateCode("KE"), StateCode("UG"), StateCode("TZ")


def clock(kind: ClockKind = ClockKind.ANSWER, *starts: Start, **changes: Any) -> Clock:
    return Clock(kind, SUBJECT, Calendar(), starts or (Start(NOON, Severity.CRITICAL),), **changes)


def laid(kind: ClockKind = ClockKind.ANSWER, *starts: Start, **changes: Any) -> Deadline:
    return deadline(clock(kind, *starts, **changes), POLICY)


@pytest.mark.parametrize("kind", list(ClockKind))
@pytest.mark.parametrize("severity", list(Severity))
def test_every_clock_of_the_policy_has_a_rule_and_is_due_as_the_policy_says(
    kind: ClockKind, severity: Severity
) -> None:
    found = laid(kind, Start(NOON, severity))
    assert found.due_at == POLICY.due_at(kind, severity, NOON, Calendar())
    assert found.rule is CLOCK_RULES[kind]
    assert found.started_at == NOON
    assert bool(found.reminders) is (found.rule.reminds and found.due_at is not None)


@pytest.mark.parametrize(
    ("met", "stopped", "now", "outcome"),
    [
        (None, None, 0, Outcome.RUNNING),
        (None, None, 24, Outcome.RUNNING),
        (None, None, 25, Outcome.MISSED),
        (24, None, 30, Outcome.MET),
        (25, None, 30, Outcome.MET_LATE),
        (25, None, 24, Outcome.RUNNING),
        (None, 10, 30, Outcome.STOPPED),
        (None, 10, 9, Outcome.RUNNING),
        (None, 26, 30, Outcome.MISSED),
        (5, 10, 30, Outcome.MET),
    ],
)
def test_a_deadline_is_met_or_missed_by_facts(met: int | None, stopped: int | None, now: int, outcome: Outcome) -> None:
    at = {name: None if hours is None else NOON + HOUR * hours for name, hours in [("met", met), ("stopped", stopped)]}
    assert laid(met_at=at["met"], stopped_at=at["stopped"]).outcome(NOON + HOUR * now) is outcome


def test_a_clock_on_request_is_never_missed() -> None:
    found = laid(ClockKind.FIRST_ANSWER, Start(NOON, Severity.LOW))
    assert found.outcome(NOON + HOUR * 10_000) is Outcome.ON_REQUEST
    assert actions(found) == ()
    assert replace(found, met_at=NOON).outcome(NOON) is Outcome.MET


def test_a_rise_starts_the_clock_anew_and_never_makes_it_later() -> None:
    high, critical = Severity.HIGH, Severity.CRITICAL
    early = laid(ClockKind.ANSWER, Start(NOON, high), Start(NOON + HOUR, critical))
    assert early.due_at == NOON + HOUR * 25
    late = laid(ClockKind.ANSWER, Start(NOON, high), Start(NOON + HOUR * 40, critical))
    assert late.due_at == NOON + HOUR * 48


def test_a_fall_changes_nothing_of_a_clock_that_runs() -> None:
    falling = [Start(NOON, Severity.CRITICAL), Start(NOON + HOUR, Severity.LOW)]
    assert laid(ClockKind.ANSWER, *falling) == laid(ClockKind.ANSWER, falling[0])
    # The window of a low case is the shorter one; it must not shrink under a State that is still thinking.
    assert laid(ClockKind.OBJECTION, *falling) == laid(ClockKind.OBJECTION, falling[0])


def test_a_rise_after_the_answer_changes_nothing() -> None:
    starts = [Start(NOON, Severity.LOW), Start(NOON + HOUR * 2, Severity.CRITICAL)]
    met = NOON + HOUR
    assert laid(ClockKind.ANSWER, *starts, met_at=met).due_at == laid(ClockKind.ANSWER, starts[0]).due_at


STARTS = st.lists(st.tuples(st.integers(0, 2000), st.sampled_from(list(Severity))), min_size=1, max_size=5)


@settings(max_examples=200, deadline=None)
@given(STARTS, st.sampled_from(list(ClockKind)), st.none() | st.integers(-50, 3000))
def test_no_deadline_is_met_before_it_started(
    raw: list[tuple[int, Severity]], kind: ClockKind, met: int | None
) -> None:
    starts = [Start(NOON + HOUR * hours, severity) for hours, severity in sorted(raw, key=lambda one: one[0])]
    found = laid(kind, *starts, met_at=None if met is None else NOON + HOUR * met)
    assert found.met_at is None or found.met_at >= found.started_at
    assert found.due_at is None or found.due_at > found.started_at
    assert list(found.reminders) == sorted(found.reminders)
    assert all(found.started_at < at < (found.due_at or at) for at in found.reminders)


@settings(max_examples=200, deadline=None)
@given(STARTS, st.sampled_from(list(ClockKind)), st.integers(0, 2000), st.sampled_from(list(Severity)))
def test_no_change_of_severity_makes_a_clock_due_later(
    raw: list[tuple[int, Severity]], kind: ClockKind, hours: int, severity: Severity
) -> None:
    starts = [Start(NOON + HOUR * at, level) for at, level in sorted(raw, key=lambda one: one[0])]
    more = [*starts, Start(starts[-1].at + HOUR * hours, severity)]
    before, after = laid(kind, *starts).due_at, laid(kind, *more).due_at
    assert before is None or (after is not None and after <= before)


def test_reminders_come_before_and_the_task_after() -> None:
    found = laid()
    assert [(action.kind, action.at - NOON) for action in actions(found)] == [
        (ActionKind.REMIND, HOUR * 12),
        (ActionKind.REMIND, HOUR * 21.6),
        (ActionKind.TASK, HOUR * 24),
    ]


def test_each_action_fires_once_and_of_missed_ones_the_latest_only() -> None:
    found, (first, second, task) = laid(), actions(laid())
    assert due_action(found, NOON + HOUR * 11) is None
    assert due_action(found, NOON + HOUR * 12) == first
    assert due_action(found, NOON + HOUR * 13, first) is None
    assert due_action(found, NOON + HOUR * 23) == second
    assert due_action(found, NOON + HOUR * 50) == task
    assert due_action(found, NOON + HOUR * 50, task) is None
    assert [next_action(found, last) for last in (None, first, second, task)] == [first, second, task, None]


@pytest.mark.parametrize("change", [{"met_at": NOON + HOUR}, {"stopped_at": NOON + HOUR}])
def test_nothing_fires_after_the_fact_that_ends_a_clock(change: dict[str, Any]) -> None:
    found = laid(**change)
    assert due_action(found, NOON + HOUR * 50) is None
    assert next_action(found) is None


def test_nothing_more_fires_when_a_case_ends_after_a_missed_deadline() -> None:
    found = laid(stopped_at=NOON + HOUR * 30)
    assert due_action(found, NOON + HOUR * 50) is None
    assert found.outcome(NOON + HOUR * 50) is Outcome.MISSED


@pytest.mark.parametrize("kind", [ClockKind.ACKNOWLEDGEMENT, ClockKind.PROOF])
def test_what_the_ladder_does_no_clock_does_again(kind: ClockKind) -> None:
    assert actions(laid(kind)) == ()


def test_a_task_is_not_followed_by_a_reminder() -> None:
    assert next_action(laid(), Action(ActionKind.TASK, NOON)) is None


def test_a_draft_is_prompted_each_hour() -> None:
    assert next_prompt(NOON, NOON) == NOON + HOUR
    assert next_prompt(NOON, NOON + HOUR * 5.5) == NOON + HOUR * 6
    assert next_prompt(NOON, NOON - HOUR * 3) == NOON + HOUR


def test_a_report_is_complete_by_the_share_of_the_policy() -> None:
    found = completeness(parse(example("llrice601"))[0])
    least = min(item["share"] for item in found.values())
    assert is_complete(found, load_policy(f"[completeness]\nshare = {least}"))
    assert not is_complete(found, load_policy(f"[completeness]\nshare = {least + 0.01:.2f}"))


# The whole case


def report(sequence: int, hours: float, severity: Severity = Severity.HIGH, *, wants: bool = False) -> ReportFact:
    return ReportFact(sequence, NOON + HOUR * hours, severity, wants or sequence == 1)


def facts(**changes: Any) -> CaseFacts:
    values: dict[str, Any] = {
        "reference": CaseReference("A17-2026-0001"),
        "reporting_state": KE,
        "policy": POLICY,
        "reports": (report(1, 0),),
        "wants_record": True,
    }
    return CaseFacts(**values | changes)


def told(**changes: Any) -> NotificationFact:
    return NotificationFact(NotificationId("ntf_1"), "UG", True, NOON, **changes)


def calendar_of(state: StateCode) -> Calendar:
    return Calendar()


def found(case: CaseFacts, kind: ClockKind) -> list[Deadline]:
    return [one for one in deadlines(case, calendar_of) if one.kind is kind]


def test_a_new_case_runs_the_clocks_of_the_case_and_of_each_notification() -> None:
    case = facts(notifications=(told(), replace(told(), id=NotificationId("ntf_2"), addressee="FAO", climbs=False)))
    kinds = [(one.kind.value, one.subject.id, one.owner) for one in deadlines(case, calendar_of)]
    assert kinds == [
        ("dispatch", "ntf_1", None),
        ("acknowledgement", "ntf_1", "UG"),
        ("assessed", "ntf_1", "UG"),
        ("dispatch", "ntf_2", None),
        ("acknowledgement", "ntf_2", None),
        ("complete", "A17-2026-0001", "KE"),
        ("record", "A17-2026-0001", "KE"),
        ("update", "A17-2026-0001", "KE"),
    ]


def test_what_is_not_for_the_bch_has_no_clock_of_a_record() -> None:
    assert found(facts(wants_record=False), ClockKind.RECORD) == []


def test_the_proof_runs_from_the_moment_a_message_was_taken_over() -> None:
    taken = NOON + HOUR
    (proof,) = found(facts(notifications=(told(accepted_at=taken),)), ClockKind.PROOF)
    assert (proof.started_at, proof.due_at) == (taken, taken + HOUR / 2)
    answered = facts(notifications=(told(accepted_at=taken, acknowledged_at=(taken + HOUR,)),))
    assert found(answered, ClockKind.PROOF)[0].met_at == taken + HOUR


def test_a_material_report_wants_a_new_acknowledgement() -> None:
    first, second = NOON + HOUR, NOON + HOUR * 30
    chain = (report(1, 0), report(2, 20, wants=True))
    rounds = found(facts(reports=chain, notifications=(told(acknowledged_at=(first,)),)), ClockKind.ACKNOWLEDGEMENT)
    assert [(one.round, one.met_at) for one in rounds] == [(1, first), (2, None)]
    assert rounds[1].due_at == NOON + HOUR * 32
    both = facts(reports=chain, notifications=(told(acknowledged_at=(first, second)),))
    assert [one.met_at for one in found(both, ClockKind.ACKNOWLEDGEMENT)] == [first, second]


def test_a_state_that_is_added_late_acknowledges_once() -> None:
    late = replace(told(), issued_at=NOON + HOUR * 20)
    rounds = found(
        facts(reports=(report(1, 0), report(2, 20, wants=True)), notifications=(late,)), ClockKind.ACKNOWLEDGEMENT
    )
    assert [(one.round, one.started_at) for one in rounds] == [(2, NOON + HOUR * 20)]


def test_the_acknowledgement_of_a_withdrawal_runs_on_though_the_case_has_ended() -> None:
    end = NOON + HOUR * 5
    case = facts(reports=(report(1, 0), report(2, 5, wants=True)), notifications=(told(),), ended_at=end)
    first, second = found(case, ClockKind.ACKNOWLEDGEMENT)
    assert first.outcome(NOON + HOUR * 100) is Outcome.STOPPED
    assert second.outcome(NOON + HOUR * 100) is Outcome.MISSED


def test_an_upgrade_restarts_the_acknowledgement_under_the_faster_target() -> None:
    chain = (report(1, 0, Severity.MODERATE), report(2, 1, Severity.CRITICAL))
    (only,) = found(facts(reports=chain, notifications=(told(),)), ClockKind.ACKNOWLEDGEMENT)
    assert only.due_at == NOON + HOUR * 5
    assert severity_at(facts(reports=chain), NOON) is Severity.MODERATE
    assert severity_at(facts(reports=chain), NOON + HOUR) is Severity.CRITICAL


def test_each_report_meets_the_update_clock_of_the_one_before() -> None:
    updates = found(facts(reports=(report(1, 0), report(2, 24), report(3, 400))), ClockKind.UPDATE)
    assert [(one.round, one.met_at) for one in updates] == [
        (1, NOON + HOUR * 24),
        (2, NOON + HOUR * 400),
        (3, None),
    ]
    assert [one.outcome(NOON + HOUR * 500) for one in updates] == [Outcome.MET, Outcome.MET_LATE, Outcome.RUNNING]


def test_a_reopened_case_is_updated_from_its_reopening() -> None:
    (update,) = found(facts(reopened_at=NOON + HOUR * 900), ClockKind.UPDATE)
    assert update.started_at == NOON + HOUR * 900


def test_a_request_runs_by_the_calendar_of_whoever_must_answer() -> None:
    registry = load_registry()
    holidays = load_holidays("state,date\nUG,2026-11-05\n", registry)
    calendars = {state: Calendar("UTC", holidays=holidays.get(state, frozenset())) for state in (KE, UG, TZ)}
    chain = (report(1, 0, Severity.MODERATE),)
    asked = [RequestFact(f"req_{state}", state, (RequestTurn(NOON),)) for state in (UG, TZ)]
    case = facts(reports=chain, requests=tuple(asked))
    due = {one.owner: one.due_at for one in deadlines(case, calendars.__getitem__) if one.kind is ClockKind.ANSWER}
    assert due == {"UG": NOON + HOUR * 24 * 8, "TZ": NOON + HOUR * 24 * 7}


def test_a_request_whose_answer_is_not_enough_runs_anew() -> None:
    turns = (RequestTurn(NOON, NOON + HOUR), RequestTurn(NOON + HOUR * 2))
    first, second = found(facts(requests=(RequestFact("req_1", UG, turns),)), ClockKind.ANSWER)
    assert (first.round, first.outcome(NOON + HOUR * 3)) == (1, Outcome.MET)
    assert (second.round, second.due_at) == (2, NOON + HOUR * 50)
    withdrawn = RequestFact("req_1", UG, turns, withdrawn_at=NOON + HOUR * 3)
    assert found(facts(requests=(withdrawn,)), ClockKind.ANSWER)[1].outcome(NOON + HOUR * 99) is Outcome.STOPPED


def test_the_reporting_state_owes_the_first_answer_and_the_other_state_its_word_at_the_close() -> None:
    case = facts(lanes=(LaneFact(UG, NOON),), closings=(ClosingFact(UG, NOON),))
    assert [(one.owner, one.due_at) for one in found(case, ClockKind.FIRST_ANSWER)] == [("KE", NOON + HOUR * 24)]
    (window,) = found(case, ClockKind.OBJECTION)
    assert (window.owner, window.due_at) == ("UG", NOON + timedelta(days=14))
    assert [action.kind for action in actions(window)] == [ActionKind.REMIND] * 2


def test_the_close_stops_what_still_runs() -> None:
    case = facts(notifications=(told(),), requests=(RequestFact("r", UG, (RequestTurn(NOON),)),), ended_at=NOON + HOUR)
    stood = {one.kind: one.outcome(NOON + HOUR * 2000) for one in deadlines(case, calendar_of)}
    assert {kind.value for kind, outcome in stood.items() if outcome is not Outcome.STOPPED} == {"dispatch"}


# Holidays and the new parts of the policy


def test_holidays_are_read_by_state() -> None:
    text = "\ufeff# Kenya\nState,Date,Name\nKE,2026-12-12,Jamhuri Day\n\nKE,2026-12-25\nUG, 2026-10-09\n"
    assert load_holidays(text, load_registry()) == {
        "KE": {date(2026, 12, 12), date(2026, 12, 25)},
        "UG": {date(2026, 10, 9)},
    }


def test_every_fault_of_a_file_of_holidays_is_named_by_its_line() -> None:
    text = "KE,2026-12-12\nXX,2026-01-01\nKE,12.12.2026\nKE\nKE,2026-02-30\nKE,20261212\n"
    with pytest.raises(InvalidHolidays) as caught:
        load_holidays(text, load_registry())
    assert [fault.line for fault in caught.value.faults] == [2, 3, 4, 5, 6]


def test_a_year_of_holidays_is_a_slip() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    with pytest.raises(InvalidHolidays, match="more than 60"):
        load_holidays("\n".join(f"KE,{day}" for day in days), load_registry())


def test_the_default_says_how_much_each_kind_tells_and_when_to_remind() -> None:
    assert POLICY.reminders == (0.5, 0.9)
    assert POLICY.telling["no_change"] is Extent.BRIEF
    assert POLICY.telling["final"] is Extent.WHOLE
    assert Policy.from_json({}) == POLICY


@pytest.mark.parametrize(
    ("text", "line", "place"),
    [
        ("[reminders]\nshares = 0.5", 2, "reminders.shares"),
        ("[reminders]\nshares = [0.9, 0.5]", 2, "reminders.shares"),
        ("[reminders]\nshares = [1.5]", 2, "reminders.shares"),
        ("[reminders]\nshares = [true]", 2, "reminders.shares"),
        ("[reminders]\nhours = [1]", 2, "reminders.hours"),
        ('[telling]\n\nfinal = "all"', 3, "telling.final"),
        ("[telling]\nfinal = 1", 2, "telling.final"),
        ("[telling]\nfinal = []", 2, "telling.final"),
        ('[telling]\ninitial = "whole"', 2, "telling.initial"),
        ("[completeness]\nshare = 0", 2, "completeness.share"),
        ("[completeness]\nshare = 1.1", 2, "completeness.share"),
        ("[completeness]\nshare = true", 2, "completeness.share"),
        ("completeness = 1", 1, "completeness"),
    ],
)
def test_a_fault_of_the_policy_is_named_by_its_line(text: str, line: int, place: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        load_policy(text)
    assert [(fault.line, fault.place) for fault in caught.value.faults] == [(line, place)]
