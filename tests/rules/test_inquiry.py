"""Inquiries: who asks whom, what is answered, which clock runs, how the ladder climbs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from notify.account import Role
from notify.errors import Conflict, InvalidDocument, NotAllowed
from notify.escalation import EscalationStep
from notify.inquiry import (
    Answered,
    Asker,
    AskerKind,
    Inquiry,
    InquiryAnswer,
    InquiryState,
    answer_due_at,
    answer_inquiry,
    answered_at,
    asker_of,
    check_inquiry,
    check_inquiry_answer,
    inquiry_reference,
    ladder,
    may_read,
    state_of,
    step_due,
    withdraw_inquiry,
)
from notify.policy import load_policy
from notify.reader import Reader, Sight
from notify.words import CaseReference, Severity
from notify.working_time import Calendar
from tests.rules.consultation_builders import ACCOUNT, KENYA, SECRETARIAT, START, TANZANIA, UGANDA, faults, hours, state

POLICY = load_policy()
NAMED = {"by": "A. Officer", "office": "Desk"}
RIGHT: dict[str, Any] = {
    "title": {"en": "Orange petunias at a market"},
    "asked": "KE",
    "signs": {"en": "An unauthorised construct in three lots"},
    "contact_for_information": {"office": "Desk", "email": "desk@biosafety.example"},
}


def inquiry(asker: Asker | None = None, **more: Any) -> Inquiry:
    asks = asker or Asker(AskerKind.STATE, "UG")
    return Inquiry("INQ17-2026-0001", asks, state("KE"), Severity.HIGH, START, **more)


def answered(
    answer: InquiryAnswer = InquiryAnswer.NO_EVENT, after: float = 1, reference: str | None = None
) -> Answered:
    case = CaseReference(reference) if reference else None
    return Answered(answer, hours(after), ACCOUNT, "A. Officer", "Desk", "We looked", case)


def test_an_inquiry_has_a_number_of_its_own() -> None:
    assert inquiry_reference(2026, 1) == "INQ17-2026-0001"
    assert inquiry_reference(2026, 12345, exercise=True) == "EXINQ17-2026-12345"


def test_a_right_inquiry_is_read_and_is_high_where_nothing_is_known() -> None:
    read = check_inquiry(RIGHT, is_state=lambda code: True)
    assert (read.asked, read.severity) == ("KE", Severity.HIGH)
    finding = {"state": "UG", "date": "2026-11-01", "method": "screening_pcr"}
    check_inquiry(RIGHT | {"findings": [finding], "severity": "low"}, is_state=lambda code: True)


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"asked": "ZZ"}, {"/asked"}),
        ({"asked": "Kenya"}, {"/asked"}),
        ({"asked": None, "signs": None, "title": None}, {"/asked", "/signs", "/title"}),
        ({"severity": "dire", "guilty": "KE"}, {"/severity", "/guilty"}),
        ({"contact_for_information": {"office": "Desk"}}, {"/contact_for_information/email"}),
        ({"findings": [{"state": "Uganda"}]}, {"/findings/0/state", "/findings/0/date", "/findings/0/method"}),
    ],
)
def test_every_fault_of_an_inquiry_is_named_by_its_place(change: dict[str, Any], pointers: set[str]) -> None:
    with pytest.raises(InvalidDocument) as refused:
        check_inquiry(RIGHT | change, is_state=lambda code: code == "KE")
    assert set(faults(refused.value)) == pointers


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ({"answer": "no_event", "text": "We looked", **NAMED}, set()),
        ({"answer": "known", "case_reference": "A17-2026-0001", **NAMED}, set()),
        ({"answer": "becomes_case", **NAMED}, set()),
        ({"answer": "no_event", **NAMED}, {"/text"}),
        ({"answer": "no_event", "text": "x", "case_reference": "A17-2026-0001", **NAMED}, {"/case_reference"}),
        ({"answer": "known", **NAMED}, {"/case_reference"}),
        ({"answer": "known", "case_reference": "INQ17-2026-0001", **NAMED}, {"/case_reference"}),
        ({"answer": "perhaps"}, {"/answer", "/by", "/office"}),
    ],
)
def test_an_answer_says_what_it_must(document: dict[str, Any], pointers: set[str]) -> None:
    if not pointers:
        check_inquiry_answer(document)
        return
    with pytest.raises(InvalidDocument) as refused:
        check_inquiry_answer(document)
    assert set(faults(refused.value)) == pointers


def test_a_state_a_network_through_the_secretariat_or_the_secretariat_asks() -> None:
    assert asker_of(UGANDA, None, "KE") == Asker(AskerKind.STATE, "UG")
    assert asker_of(TANZANIA, None, "KE") == Asker(AskerKind.STATE, "TZ")
    assert str(asker_of(SECRETARIAT, "Network of laboratories", "KE")) == "Network of laboratories"
    assert str(asker_of(SECRETARIAT, None, "KE")) == "secretariat"


@pytest.mark.parametrize(
    ("writer", "network"),
    [
        (KENYA, None),
        (UGANDA, "Network"),
        (Reader(Role.READER), None),
        (Reader(Role.OPERATOR), None),
        (Reader(Role.BCH_FOCAL_POINT, state("UG")), None),
        (Reader(Role.AUTHORITY, None), None),
    ],
)
def test_nobody_else_asks(writer: Reader, network: str | None) -> None:
    with pytest.raises(NotAllowed):
        asker_of(writer, network, "KE")


@pytest.mark.parametrize(
    ("reader", "sees"),
    [
        (UGANDA, True),
        (KENYA, True),
        (Reader(Role.CONTACT, state("KE")), True),
        (SECRETARIAT, True),
        (TANZANIA, False),
        (Reader(Role.READER), False),
        (Reader(Role.BCH_FOCAL_POINT, state("KE")), False),
    ],
)
def test_who_asks_who_is_asked_and_the_secretariat_read_it(reader: Reader, sees: bool) -> None:
    assert may_read(reader, inquiry()) is (Sight.CONTENT if sees else Sight.NOTHING)


def test_a_network_that_is_called_like_a_state_code_opens_nothing_to_that_state() -> None:
    assert may_read(UGANDA, inquiry(Asker(AskerKind.LABORATORY_NETWORK, "UG"))) is Sight.NOTHING


def test_an_answer_may_change_and_the_clock_was_met_by_the_first() -> None:
    first = answer_inquiry(inquiry(), answered(), KENYA)
    second = answer_inquiry(first, answered(InquiryAnswer.BECOMES_CASE, 9, "A17-2026-0007"), KENYA)
    assert [one.answer for one in second.answers] == ["no_event", "becomes_case"]
    assert (state_of(second), answered_at(second)) == (InquiryState.ANSWERED, hours(1))
    assert answer_inquiry(second, answered(InquiryAnswer.BECOMES_CASE, 12, "A17-2026-0007"), KENYA) == second


def test_only_the_asked_state_answers() -> None:
    for writer in (UGANDA, TANZANIA, SECRETARIAT, Reader(Role.BCH_FOCAL_POINT, state("KE"))):
        with pytest.raises(NotAllowed):
            answer_inquiry(inquiry(), answered(), writer)


def test_an_exercise_is_never_answered_by_a_real_case_nor_the_other_way() -> None:
    known = answered(InquiryAnswer.KNOWN, 1, "A17-2026-0001")
    with pytest.raises(Conflict):
        answer_inquiry(inquiry(exercise=True), known, KENYA)
    with pytest.raises(Conflict):
        answer_inquiry(inquiry(), answered(InquiryAnswer.KNOWN, 1, "EX17-2026-0001"), KENYA)
    assert answer_inquiry(inquiry(), known, KENYA).answers == (known,)


def test_who_asked_takes_it_back_until_it_is_answered() -> None:
    back = withdraw_inquiry(inquiry(), UGANDA, hours(2))
    assert state_of(back) is InquiryState.WITHDRAWN
    assert withdraw_inquiry(back, UGANDA, hours(3)) == back
    assert withdraw_inquiry(inquiry(Asker(AskerKind.SECRETARIAT)), SECRETARIAT, hours(2)).withdrawn_at == hours(2)
    with pytest.raises(Conflict):
        answer_inquiry(back, answered(), KENYA)
    with pytest.raises(Conflict):
        withdraw_inquiry(answer_inquiry(inquiry(), answered(), KENYA), UGANDA, hours(2))
    for writer in (KENYA, TANZANIA, SECRETARIAT):
        with pytest.raises(NotAllowed):
            withdraw_inquiry(inquiry(), writer, hours(2))


def test_the_clock_is_that_of_a_request() -> None:
    assert answer_due_at(inquiry(), POLICY, Calendar()) == START + timedelta(hours=48)
    critical = replace(inquiry(), severity=Severity.CRITICAL)
    assert answer_due_at(critical, POLICY, Calendar()) == START + timedelta(hours=24)


def test_an_unanswered_inquiry_climbs_the_ladder() -> None:
    times = ladder(inquiry(), POLICY, Calendar())
    assert [(at - START) / timedelta(hours=1) for _, at in times] == [12, 24, 36, 48, 96, 144]
    assert step_due(inquiry(), times, hours(11), None) is None
    assert step_due(inquiry(), times, hours(12), None) is EscalationStep.REMINDER
    assert step_due(inquiry(), times, hours(50), EscalationStep.REMINDER) is EscalationStep.TELEPHONE


def test_nothing_of_the_ladder_fires_after_an_answer_or_a_withdrawal() -> None:
    times = ladder(inquiry(), POLICY, Calendar())
    for ended in (answer_inquiry(inquiry(), answered(), KENYA), withdraw_inquiry(inquiry(), UGANDA, hours(2))):
        assert step_due(ended, times, hours(1000), None) is None


def test_a_policy_without_a_time_for_an_answer_has_no_ladder() -> None:
    policy = load_policy('[clocks]\nanswer = "on request"\n')
    assert ladder(inquiry(), policy, Calendar()) == []
    assert answer_due_at(inquiry(), policy, Calendar()) is None
