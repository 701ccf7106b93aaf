"""The log of a case as facts: what met each clock, who was reached, and the same figures in either way of counting."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from notify.case_clocks import deadlines
from notify.case_history import CaseHistory, facts_of, started_entry
from notify.clocks import ClockKind
from notify.deadline import Outcome
from notify.log_reading import history_of
from notify.policy import load_policy
from notify.proof import look
from notify.statistics import (
    Tally,
    clock_facts,
    count_clocks,
    fold,
    own_figures,
    response_times,
    response_times_of,
)
from notify.statistics.folding import Question
from notify.words import CaseReference
from notify.working_time import Calendar

POLICY = load_policy()
START = datetime(2026, 11, 18, 9, tzinfo=UTC)
CASE = CaseReference("A17-2026-0001")
OPENED: dict[str, Any] = {"reporting_state": "KE", "severity": "high", "notification_class": "article_17"}
NOTIFIED: dict[str, Any] = {"notification_id": "n1", "addressee": "UG"}


@dataclass(frozen=True)
class Row:
    kind: str
    at: datetime
    body: dict[str, Any]


def row(kind: str, minutes: float = 0, **body: Any) -> Row:
    return Row(kind, START + timedelta(minutes=minutes), body)


def case(*rows: Row) -> CaseHistory:
    first = (
        row("CaseOpened", **OPENED),
        row("ReportSubmitted", sequence=1, report_type="initial", severity="high", material=True),
        row("NotificationIssued", **NOTIFIED, status="affected"),
    )
    return history_of(CASE, (*first, *rows))


def told(minutes: float = 0, delivery: str = "d1", contact: str = "c1", step: str = "issue") -> list[Row]:
    queued = {"delivery_id": delivery, "channel": "email", "notification_id": "n1"}
    return [
        row("DeliveryQueued", minutes, **queued, step=step, contact=contact),
        row("DeliveryAccepted", minutes + 1, **queued, state="accepted", attempt=1, status=250),
    ]


def outcome(history: CaseHistory, kind: ClockKind, minutes: float, round_: int = 1) -> Outcome:
    found = deadlines(facts_of(history, POLICY), lambda _: Calendar())
    (one,) = [one for one in found if one.kind is kind and one.round == round_]
    return one.outcome(START + timedelta(minutes=minutes))


def test_what_is_taken_over_meets_the_dispatch_and_a_report_proves_it() -> None:
    assert outcome(case(), ClockKind.DISPATCH, 6) is Outcome.MISSED
    history = case(*told())
    assert outcome(history, ClockKind.DISPATCH, 6) is Outcome.MET
    assert outcome(history, ClockKind.PROOF, 20) is Outcome.RUNNING
    proven = row("DeliveryReported", 10, delivery_id="d1", channel="email", state="relayed", mail_id="m")
    assert outcome(case(*told(), proven), ClockKind.PROOF, 20) is Outcome.MET


def test_an_acceptance_that_counts_as_proof_counts_from_when_it_came() -> None:
    presumed = row("DeliveryPresumed", 31, delivery_id="d1", notification_id="n1", contact="c1")
    assert outcome(case(*told(), presumed), ClockKind.PROOF, 40) is Outcome.MET


def test_a_receipt_meets_the_acknowledgement_and_an_assessment_the_assessed_clock() -> None:
    answer = {**NOTIFIED, "acknowledgement_id": "a", "means": "link"}
    received = row("NotificationAcknowledged", 60, **answer, grade="received")
    history = case(*told(), received)
    assert outcome(history, ClockKind.ACKNOWLEDGEMENT, 90) is Outcome.MET
    assert outcome(history, ClockKind.ASSESSED, 90) is Outcome.RUNNING
    acting = row("NotificationAcknowledged", 90, **answer, grade="acting")
    assert outcome(case(received, acting), ClockKind.ASSESSED, 90) is Outcome.MET


def test_a_material_report_asks_for_another_acknowledgement_and_the_case_keeps_the_first() -> None:
    answer = row("NotificationAcknowledged", 60, **NOTIFIED, acknowledgement_id="a", means="link", grade="received")
    later = row("ReportSubmitted", 120, sequence=2, report_type="follow_up", severity="high", material=True)
    history = case(answer, later)
    assert outcome(history, ClockKind.ACKNOWLEDGEMENT, 200) is Outcome.MET
    assert outcome(history, ClockKind.ACKNOWLEDGEMENT, 200, 2) is Outcome.RUNNING
    assert outcome(history, ClockKind.UPDATE, 200) is Outcome.MET


def test_the_end_of_a_case_stops_its_clocks_and_a_reopening_lets_them_run() -> None:
    closed = row("CaseClosed", 60, closing_id="c", no_objection_received=[], did_not_object=["UG"])
    assert outcome(case(closed), ClockKind.UPDATE, 90) is Outcome.STOPPED
    reopened = row("CaseReopened", 120, closing_id="c", account="a")
    assert outcome(case(closed, reopened), ClockKind.UPDATE, 150) is Outcome.RUNNING


def test_a_request_is_met_by_the_asked_state_and_more_needed_begins_another_turn() -> None:
    asked = row("RequestMade", 10, request_id="r", lane="joint", by_state="UG", to_state="KE", account="a")
    answered = row("RequestAnswered", 20, request_id="r", number=1, lane="joint", by_state="KE", account="a")
    more = row("RequestAnswered", 30, request_id="r", number=2, lane="joint", by_state="UG", account="a",
               next_action_at="2026-11-19T09:00:00+00:00")  # fmt: skip
    assert outcome(case(asked, answered), ClockKind.ANSWER, 60) is Outcome.MET
    assert outcome(case(asked, answered, more), ClockKind.ANSWER, 60, 2) is Outcome.RUNNING
    settled = row("RequestAnswered", 40, request_id="r", number=1, lane="joint", by_state="UG", account="a")
    assert outcome(case(asked, settled), ClockKind.ANSWER, 60) is Outcome.STOPPED


def test_the_first_answer_is_what_the_reporting_state_says_where_this_state_reads_it() -> None:
    opened = row("ConsultationOpened", 1)
    elsewhere = row("MessagePosted", 5, message_id="m", lane="private/TZ", by_state="KE", account="a")
    own = row("MessagePosted", 6, message_id="m", lane="private/UG", by_state="KE", account="a")
    assert outcome(case(opened, elsewhere), ClockKind.FIRST_ANSWER, 10) is Outcome.RUNNING
    assert outcome(case(opened, elsewhere, own), ClockKind.FIRST_ANSWER, 10) is Outcome.MET


def test_an_answer_to_the_close_meets_the_window_and_a_close_given_up_stops_it() -> None:
    announced = row("CloseAnnounced", 1, closing_id="c", states=["UG"], account="a")
    answered = row("CloseAnswered", 5, closing_id="c", state="UG", answer="objects", means="link")
    given_up = row("CloseGivenUp", 6, closing_id="c", states=["UG"])
    assert outcome(case(announced, answered, given_up), ClockKind.OBJECTION, 10) is Outcome.MET
    assert outcome(case(announced, given_up), ClockKind.OBJECTION, 10) is Outcome.STOPPED
    again = row("CloseAnnounced", 20, closing_id="d", states=["UG"], account="a")
    assert outcome(case(announced, given_up, again), ClockKind.OBJECTION, 30, 2) is Outcome.RUNNING


def test_events_that_are_not_known_change_nothing() -> None:
    assert case(row("SomethingNew", 1, anything="x")) == case()


def due(at: datetime) -> datetime:
    return at + timedelta(minutes=30)


def test_what_is_not_proven_in_time_is_overdue_and_what_is_not_taken_over_is_looked_at_later() -> None:
    history = case(*told())
    early = look(history.notifications["n1"], due, START + timedelta(minutes=20))  # type: ignore[index]
    assert early.overdue == () and early.again_at == START + timedelta(minutes=31)
    late = look(history.notifications["n1"], due, START + timedelta(minutes=31))  # type: ignore[index]
    assert [each.id for each in late.overdue] == ["d1"] and late.again_at is None
    waiting = case(told()[0])
    seen = look(waiting.notifications["n1"], due, START + timedelta(minutes=10))  # type: ignore[index]
    assert seen.overdue == () and seen.again_at == START + timedelta(minutes=40)


def test_nothing_is_looked_for_once_the_state_has_answered_or_one_message_is_proven() -> None:
    answer = row("NotificationAcknowledged", 5, **NOTIFIED, acknowledgement_id="a", means="link", grade="received")
    proven = row("DeliveryReported", 5, delivery_id="d1", channel="email", state="delivered", mail_id="m")
    failed = row(
        "DeliveryFailed", 5, delivery_id="d1", channel="email", state="bounced", attempt=1, failure="recipient"
    )
    unproven = row("DeliveryUnproven", 31, delivery_id="d1", notification_id="n1", contact="c1")
    for end in (answer, proven, failed, unproven):
        seen = look(case(*told(), end).notifications["n1"], due, START + timedelta(hours=5))  # type: ignore[index]
        assert seen.overdue == () and seen.again_at is None, end.kind


def test_a_step_of_the_ladder_has_a_time_of_its_own() -> None:
    history = case(*told(step="alternates"))
    assert look(history.notifications["n1"], due, START + timedelta(hours=5)).overdue == ()  # type: ignore[index]


STATES = ("UG", "TZ", "FR")


@settings(max_examples=60, deadline=None)
@given(
    answers=st.lists(st.tuples(st.sampled_from(STATES), st.integers(0, 3000)), max_size=6),
    ended=st.none() | st.integers(0, 4000),
    as_of=st.integers(0, 5000),
)
def test_counting_gives_the_same_figures_as_counting_fact_by_fact(
    answers: list[tuple[str, int]], ended: int | None, as_of: int
) -> None:
    rows = [row("NotificationIssued", notification_id=state, addressee=state, status="affected") for state in STATES]
    rows += [
        row("NotificationAcknowledged", at, notification_id=state, addressee=state, means="link", grade="assessed")
        for state, at in sorted(answers, key=lambda each: each[1])
    ]
    if ended is not None:
        rows.append(row("CaseWithdrawn", ended, sequence=1))
    history = case(*rows)
    found = deadlines(facts_of(history, POLICY), lambda _: Calendar())
    history = case(*rows, row("ClocksStarted", clocks=[started_entry(one) for one in found]))
    document = fold(history, POLICY)
    assert document is not None
    known_at = START + timedelta(minutes=as_of)
    facts = list(clock_facts(CASE, document, str, known_at))
    for state in (None, "UG"):
        finest: dict[Any, Tally] = defaultdict(Tally)
        asked = Question.asked(known_at, None, None, state)  # type: ignore[arg-type]
        count_clocks(CASE, document, str, asked, finest)
        expected = response_times(facts, as_of=known_at) if state is None else own_figures(facts, state, as_of=known_at)  # type: ignore[arg-type]
        assert response_times_of(finest, as_of=known_at, state=expected.state) == expected
