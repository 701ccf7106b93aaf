"""The close of a case and its reopening: asked twice, proven, and never taking silence for agreement."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.model import StateCode
from notify.case import CaseStatus
from notify.closing import (
    ClosingAnswer,
    ClosingFacts,
    NextKind,
    StateAtClose,
    closes_at,
    closing_words,
    next_step,
    outcomes,
    second_ask_at,
    why_not_announce,
    why_not_reopen,
)
from notify.words import Assessment

DAY = timedelta(days=1)
START = datetime(2026, 11, 1, tzinfo=UTC)


def state(code: str = "UG", **changes: Any) -> StateAtClose:
    told = StateAtClose(
        StateCode(code),
        receipt_proven_at=START - DAY * 30,
        asked_at=(START,),
        told_proven_at=START,
        window_ends_at=START + DAY * 14,
    )
    return replace(told, **changes)


def affected(code: str = "UG", **changes: Any) -> StateAtClose:
    return state(code, **{"assessment": Assessment.AFFECTED, **changes})


def facts(*states: StateAtClose, **changes: Any) -> ClosingFacts:
    values: dict[str, Any] = {"status": CaseStatus.OPEN, "final_stands": True, "states_lessons": True}
    return ClosingFacts(**{**values, "states": states, **changes})


def words(sentences: object) -> str:
    return " ".join(map(str, sentences))  # type: ignore[call-overload]


def test_a_case_with_all_in_order_may_announce_its_close() -> None:
    assert why_not_announce(facts(state())) == ()
    assert why_not_announce(facts(state(), status=CaseStatus.REOPENED)) == ()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"status": CaseStatus.CLOSED}, "not open"),
        ({"status": CaseStatus.WITHDRAWN}, "not open"),
        ({"final_stands": False}, "final report is needed"),
        ({"states_lessons": False}, "lessons"),
        ({"open_requests": ("req_1", "req_2")}, "req_1, req_2"),
        ({"undetermined": True}, "not determined"),
    ],
)
def test_the_guard_says_what_keeps_a_case_open(changes: dict[str, Any], word: str) -> None:
    (reason,) = why_not_announce(facts(state(), **changes))
    assert word in str(reason)
    assert next_step(facts(state(), **changes), START + DAY * 99).kind is NextKind.GIVE_UP


def test_a_state_with_no_proven_receipt_keeps_the_case_open() -> None:
    case = facts(state("UG"), state("TZ", receipt_proven_at=None))
    assert "receipt of TZ" in words(why_not_announce(case))
    assert next_step(case, START + DAY * 99).kind is NextKind.GIVE_UP


def test_all_reasons_are_named_together() -> None:
    case = facts(state(receipt_proven_at=None), final_stands=False, open_requests=("r",), undetermined=True)
    assert len(why_not_announce(case)) == 4


def test_a_case_waits_for_the_end_of_the_window() -> None:
    case = facts(state())
    waits = next_step(case, START + DAY * 14 - timedelta(seconds=1))
    assert (waits.kind, waits.look_again_at) == (NextKind.WAIT, START + DAY * 14)
    assert next_step(case, START + DAY * 14).kind is NextKind.CLOSE


def test_an_affected_state_is_asked_twice() -> None:
    once = affected()
    assert second_ask_at(once) == START + DAY * 7
    assert next_step(facts(once), START + DAY * 6).look_again_at == START + DAY * 7
    asked = next_step(facts(once, state("TZ")), START + DAY * 7)
    assert (asked.kind, asked.states) == (NextKind.ASK_AGAIN, ("UG",))
    twice = affected(asked_at=(START, START + DAY * 7))
    assert next_step(facts(twice), START + DAY * 8).kind is NextKind.WAIT
    assert next_step(facts(twice), START + DAY * 14).kind is NextKind.CLOSE


def test_a_state_asked_late_the_second_time_has_what_was_left_of_its_window() -> None:
    late = affected(asked_at=(START, START + DAY * 20))
    assert closes_at(late) == START + DAY * 27
    assert next_step(facts(late), START + DAY * 20).kind is NextKind.WAIT
    assert next_step(facts(affected()), START + DAY * 20).kind is NextKind.ASK_AGAIN


@pytest.mark.parametrize("assessment", [None, *sorted(set(Assessment) - {Assessment.AFFECTED})])
def test_other_states_are_told_once(assessment: Assessment | None) -> None:
    assert second_ask_at(state(assessment=assessment)) is None


def test_silence_counts_only_after_proof_of_delivery() -> None:
    unproven = state(told_proven_at=None)
    waits = next_step(facts(unproven), START + DAY * 99)
    assert (waits.kind, waits.states) == (NextKind.WAIT, ("UG",))
    proven_late = state(told_proven_at=START + DAY * 20)
    assert next_step(facts(proven_late), START + DAY * 19).kind is NextKind.WAIT
    assert next_step(facts(proven_late), START + DAY * 20).kind is NextKind.CLOSE


def test_an_objection_gives_the_close_up() -> None:
    found = next_step(facts(state("UG", answer=ClosingAnswer.OBJECTS), state("TZ")), START + DAY * 99)
    assert (found.kind, found.states) == (NextKind.GIVE_UP, ("UG",))
    assert "UG objected" in words(found.reasons)


def test_a_case_whose_states_all_spoke_need_not_wait() -> None:
    spoke = affected(answer=ClosingAnswer.DOES_NOT_OBJECT, told_proven_at=None)
    assert next_step(facts(spoke), START).kind is NextKind.CLOSE
    assert next_step(facts(spoke, state("TZ")), START).kind is NextKind.WAIT


def test_a_case_that_told_nobody_closes_at_once() -> None:
    assert next_step(facts(), START).kind is NextKind.CLOSE


def test_a_state_that_was_never_asked_does_not_let_the_case_close() -> None:
    assert next_step(facts(state(asked_at=())), START + DAY * 99).kind is NextKind.WAIT


def test_silence_is_never_called_agreement() -> None:
    states = (state("UG"), state("TZ", answer=ClosingAnswer.DOES_NOT_OBJECT))
    text = words(closing_words(states))
    assert "No objection received from UG." in text
    assert "do not object: TZ." in text
    assert "without prejudice" in text
    for word in ("consent", "agree", "approv", "accept"):
        assert word not in text.lower()
    assert {code: outcome.value for code, outcome in outcomes(states).items()} == {
        "UG": "no_objection_received",
        "TZ": "did_not_object",
    }


def test_only_a_closed_case_with_new_evidence_reopens() -> None:
    assert why_not_reopen(CaseStatus.CLOSED, "found again in TZ") == ()
    assert "new evidence" in words(why_not_reopen(CaseStatus.CLOSED, "  "))
    for status in set(CaseStatus) - {CaseStatus.CLOSED}:
        assert why_not_reopen(status, "found again")


DAYS = st.integers(0, 40)
STATES = st.builds(
    lambda proven, told, is_affected, again, answer: state(
        receipt_proven_at=START if proven else None,
        told_proven_at=None if told is None else START + DAY * told,
        assessment=Assessment.AFFECTED if is_affected else None,
        asked_at=(START,) if again is None else (START, START + DAY * again),
        answer=answer,
    ),
    st.booleans(),
    st.none() | DAYS,
    st.booleans(),
    st.none() | DAYS,
    st.none() | st.sampled_from(ClosingAnswer),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STATES, max_size=4), DAYS)
def test_no_case_closes_before_every_state_was_told_and_had_its_time(states: list[StateAtClose], day: int) -> None:
    found = next_step(facts(*states), START + DAY * day)
    if found.kind is not NextKind.CLOSE:
        return
    for one in states:
        assert one.receipt_proven_at is not None
        assert one.answer is not ClosingAnswer.OBJECTS
        if one.answer is None:
            assert one.told_proven_at is not None
            assert START + DAY * day >= START + DAY * 14
            assert not one.affected or len(one.asked_at) == 2


@settings(max_examples=200, deadline=None)
@given(st.lists(STATES, max_size=4), DAYS)
def test_what_waits_says_when_to_look_again_or_what_it_waits_for(states: list[StateAtClose], day: int) -> None:
    now = START + DAY * day
    found = next_step(facts(*states), now)
    if found.kind is NextKind.WAIT:
        assert found.states or (found.look_again_at is not None and found.look_again_at > now)
