"""Messages, requests, answers, conclusions and positions as they are handed in, and what follows from messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.account import Role
from notify.consultation import (
    JOINT,
    Conclusion,
    ConclusionState,
    Position,
    Stand,
    check_answer,
    check_conclusion,
    check_message,
    check_position,
    check_request,
    first_answer_at,
    first_answer_starts_at,
    opens_by_itself,
    outcome_of,
    private,
    take_position,
)
from notify.errors import InvalidDocument, NotAllowed
from notify.reader import Reader
from notify.words import NotificationClass
from tests.rules.consultation_builders import (
    ACCOUNT,
    ATTACHMENT,
    CASE,
    KENYA,
    REFERENCE,
    SECRETARIAT,
    START,
    TANZANIA,
    UGANDA,
    faults,
    hours,
    message,
    state,
)

Check = Callable[[object], object]
NAMED = {"by": "A. Officer", "office": "Biosafety desk"}
RIGHT: list[tuple[Check, dict[str, Any]]] = [
    (check_message, {"lane": "joint", "text": {"en": "Please see the map"}, "attachments": [ATTACHMENT]}),
    (check_message, {"lane": "private", "state": "UG", "attachments": [ATTACHMENT], "in_reply_to": "m1"}),
    (check_request, {"lane": "joint", "to": "TZ", "kind": "assistance", "text": "Can you sample?"}),
    (check_answer, {"answer": "answered", "attachments": [ATTACHMENT]}),
    (check_answer, {"answer": "declined", "reason": {"fr": "Secret"}}),
    (check_answer, {"answer": "settled"}),
    (check_conclusion, {"lane": "joint", "text": "Sampling goes on", **NAMED}),
    (check_position, {"stand": "dissents", "reason": "Too early", **NAMED}),
]
WRONG: list[tuple[Check, dict[str, Any], set[str]]] = [
    (check_message, {}, {"/lane", "/text"}),
    (check_message, {"lane": "public", "text": "x"}, {"/lane"}),
    (check_message, {"lane": "joint", "text": "  "}, {"/text"}),
    (check_message, {"lane": "joint", "text": {"en": ""}}, {"/text/en"}),
    (check_message, {"lane": "private", "state": "Uganda", "text": "x"}, {"/state"}),
    (check_message, {"lane": "joint", "text": "x\x00", "from": "KE"}, {"/text", "/from"}),
    (check_message, {"lane": "joint", "text": "x" * 20_001}, {"/text"}),
    (
        check_message,
        {"lane": "joint", "attachments": [ATTACHMENT | {"filename": "../x", "sha256": "12"}]},
        {"/attachments/0/filename", "/attachments/0/sha256"},
    ),
    (check_request, {"kind": "money"}, {"/lane", "/kind", "/text"}),
    (check_answer, {}, {"/answer"}),
    (check_answer, {"answer": "answered"}, {"/text"}),
    (check_answer, {"answer": "declined"}, {"/reason"}),
    (check_answer, {"answer": "partly_agreed", "reason": ""}, {"/reason"}),
    (check_answer, {"answer": "more_needed"}, {"/text"}),
    (check_answer, {"answer": ["answered"]}, {"/answer"}),
    (check_conclusion, {"lane": "joint"}, {"/text", "/by", "/office"}),
    (check_position, {"stand": "yes", "by": "x" * 201, "office": "a\nb"}, {"/stand", "/by", "/office"}),
]


@pytest.mark.parametrize(("check", "document"), RIGHT)
def test_a_right_document_is_read(check: Check, document: dict[str, Any]) -> None:
    check(document)


@pytest.mark.parametrize(("check", "document", "pointers"), WRONG)
def test_every_fault_of_a_document_is_named_by_its_place(
    check: Check, document: dict[str, Any], pointers: set[str]
) -> None:
    with pytest.raises(InvalidDocument) as refused:
        check(document)
    found = faults(refused.value)
    assert set(found) == pointers
    assert len(found) == len(refused.value.faults)
    assert not any("Input" in detail or "Value error" in detail for detail in found.values())


def test_what_is_missing_is_explained_and_not_in_the_words_of_a_report() -> None:
    with pytest.raises(InvalidDocument) as refused:
        check_answer({})
    assert faults(refused.value)["/answer"].startswith("is needed: one of answered, agreed")


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["lane", "text", "state", "to", "kind", "answer", "attachments", "reason", "stand", "by", "x"])


@settings(max_examples=100, deadline=None)
@given(ANY_JSON | st.dictionaries(FIELDS, ANY_JSON, max_size=6))
def test_whatever_is_handed_in_is_read_or_refused_with_faults(document: object) -> None:
    for check in (check_message, check_request, check_answer, check_conclusion, check_position):
        try:
            check(document)
        except InvalidDocument as refused:
            assert refused.faults
            json.dumps([(fault.pointer, fault.detail) for fault in refused.faults])


def test_dispatch_opens_the_consultation_of_article_17_alone() -> None:
    assert [one for one in NotificationClass if opens_by_itself(one)] == [NotificationClass.ARTICLE_17]


def test_the_reporting_state_answers_first_with_what_the_state_can_read() -> None:
    entries = [
        message("UG", JOINT, 1),
        message("KE", private(state("TZ")), 2),
        message("KE", private(state("UG")), 3),
        message("KE", JOINT, 4),
    ]
    assert first_answer_at(state("UG"), CASE, entries, START) == hours(3)
    assert first_answer_at(state("TZ"), CASE, entries, START) == hours(2)
    assert first_answer_at(state("EU"), CASE, entries, START) == hours(4)
    assert first_answer_at(state("EU"), CASE, entries[:3], START) is None


def test_the_clock_of_the_first_answer_begins_as_the_consultation_opens_or_on_request() -> None:
    entries = [message("TZ", JOINT, 1), message("UG", JOINT, 5), message("UG", JOINT, 2)]
    assert first_answer_starts_at(state("UG"), START, entries, on_request=False) == START
    assert first_answer_starts_at(state("UG"), START, entries, on_request=True) == hours(2)
    assert first_answer_starts_at(state("EU"), START, entries, on_request=True) is None
    assert first_answer_at(state("UG"), CASE, [message("KE", JOINT, 1)], hours(2)) is None


# Conclusions

WRITERS = {"KE": KENYA, "UG": UGANDA, "TZ": TANZANIA, "EU": Reader(Role.AUTHORITY, state("EU"))}


def proposed(lane: Any = JOINT) -> Conclusion:
    return Conclusion("c1", REFERENCE, lane, state("KE"), START, "Sampling goes on")


def position(by: str, stand: Stand, after: float = 1, reason: str = "") -> Position:
    return Position(state(by), stand, f"Officer of {by}", "Desk", ACCOUNT, hours(after), reason)


def with_positions(conclusion: Conclusion, *positions: Position) -> Conclusion:
    for one in positions:
        conclusion = take_position(conclusion, one, WRITERS[one.by_state], CASE)
    return conclusion


@pytest.mark.parametrize(
    ("agree", "stands"),
    [
        ("", ConclusionState.PROPOSED),
        ("KE", ConclusionState.PROPOSED),
        ("KE UG", ConclusionState.AGREED_BY_SOME),
        ("KE UG TZ EU", ConclusionState.AGREED),
    ],
)
def test_silence_is_no_agreement(agree: str, stands: ConclusionState) -> None:
    found = outcome_of(with_positions(proposed(), *(position(by, Stand.AGREES) for by in agree.split())), CASE)
    assert found.state is stands
    assert set(found.silent) == CASE.everyone - set(agree.split())


def test_a_private_conclusion_is_agreed_by_its_two_states() -> None:
    lane = private(state("UG"))
    both = with_positions(proposed(lane), position("KE", Stand.AGREES), position("UG", Stand.AGREES))
    assert outcome_of(both, CASE).state is ConclusionState.AGREED
    with pytest.raises(NotAllowed):
        take_position(both, position("TZ", Stand.DISSENTS), TANZANIA, CASE)


def test_dissent_is_recorded_by_name_with_its_reason() -> None:
    words = [position("KE", Stand.AGREES), position("UG", Stand.AGREES), position("TZ", Stand.DISSENTS, 2, "Too early")]
    found = outcome_of(with_positions(proposed(), *words), CASE)
    assert found.state is ConclusionState.AGREED_BY_SOME
    assert [(one.by_state, one.by, one.reason) for one in found.dissent] == [("TZ", "Officer of TZ", "Too early")]


def test_a_state_may_change_its_mind_and_what_it_said_is_kept() -> None:
    changed = with_positions(proposed(), position("UG", Stand.AGREES, 1), position("UG", Stand.DISSENTS, 2))
    assert [one.stand for one in changed.positions] == [Stand.AGREES, Stand.DISSENTS]
    assert outcome_of(changed, CASE).agree == ()
    assert with_positions(changed, position("UG", Stand.DISSENTS, 3)) == changed


def test_nobody_takes_a_position_for_another() -> None:
    for writer in (UGANDA, SECRETARIAT, Reader(Role.BCH_FOCAL_POINT, state("KE"))):
        with pytest.raises(NotAllowed):
            take_position(proposed(), position("KE", Stand.AGREES), writer, CASE)


def test_a_replaced_conclusion_says_so() -> None:
    everyone = with_positions(proposed(), *(position(by, Stand.AGREES) for by in WRITERS))
    assert outcome_of(replace(everyone, replaced_at=hours(5)), CASE).state is ConclusionState.SUPERSEDED
