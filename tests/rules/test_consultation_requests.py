"""Requests between two States: who says what and when, what stands, and which clock ran."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.account import Role
from notify.consultation import (
    JOINT,
    Answer,
    Request,
    RequestKind,
    RequestState,
    Round,
    answer_request,
    asked_state,
    check_request,
    may_answer,
    private,
    rounds_of,
    state_of,
)
from notify.errors import Conflict, InvalidDocument, NotAllowed
from notify.reader import Reader
from tests.rules.consultation_builders import (
    CASE,
    KENYA,
    SECRETARIAT,
    START,
    TANZANIA,
    UGANDA,
    act,
    faults,
    hours,
    request,
    state,
)

READERS = {"KE": KENYA, "UG": UGANDA}
ASKED = frozenset({Answer.ANSWERED, Answer.AGREED, Answer.PARTLY_AGREED, Answer.DECLINED})


def said(asked: Request, *answers: tuple[Answer, float]) -> Request:
    """Say these answers, each by the State whose it is to say."""
    for answer, after in answers:
        by = asked.to_state if answer in ASKED else asked.by_state
        asked = answer_request(asked, act(answer, by, after, f"at {after}"), READERS[by], CASE)
    return asked


@pytest.mark.parametrize(
    ("answers", "stands"),
    [
        ([], "open"),
        ([Answer.ANSWERED], "answered"),
        ([Answer.DECLINED], "declined"),
        ([Answer.ANSWERED, Answer.MORE_NEEDED], "more_needed"),
        ([Answer.DECLINED, Answer.ANSWERED], "answered"),
        ([Answer.DECLINED, Answer.MORE_NEEDED], "more_needed"),
        ([Answer.ANSWERED, Answer.ANSWERED], "answered"),
        ([Answer.ANSWERED, Answer.MORE_NEEDED, Answer.ANSWERED, Answer.SETTLED], "settled"),
        ([Answer.SETTLED], "settled"),
        ([Answer.WITHDRAWN], "withdrawn"),
    ],
)
def test_what_stands_follows_from_what_was_said(answers: list[Answer], stands: str) -> None:
    assert state_of(said(request(), *((answer, place) for place, answer in enumerate(answers, 1)))) == stands


def test_only_what_is_unanswered_is_open() -> None:
    assert [one for one in RequestState if one.is_open] == [RequestState.OPEN, RequestState.MORE_NEEDED]


# What each side may say to a request for information, by what stands.
MAY_SAY = {
    (): ({"answered", "declined"}, {"settled", "withdrawn"}),
    (Answer.ANSWERED,): ({"answered", "declined"}, {"more_needed", "settled"}),
    (Answer.DECLINED,): ({"answered", "declined"}, {"more_needed", "settled"}),
    (Answer.ANSWERED, Answer.MORE_NEEDED): ({"answered", "declined"}, {"settled", "withdrawn"}),
    (Answer.SETTLED,): (set(), set()),
    (Answer.WITHDRAWN,): (set(), set()),
}


@pytest.mark.parametrize("before", MAY_SAY)
def test_who_may_say_what(before: tuple[Answer, ...]) -> None:
    asked = said(request(), *((answer, place) for place, answer in enumerate(before, 1)))
    by_the_asked, by_the_asking = MAY_SAY[before]
    assert may_answer(asked, KENYA, CASE) == by_the_asked
    assert may_answer(asked, UGANDA, CASE) == by_the_asking
    for other in (TANZANIA, SECRETARIAT, Reader(Role.OPERATOR), Reader(Role.BCH_FOCAL_POINT, state("KE"))):
        assert may_answer(asked, other, CASE) == frozenset()


@pytest.mark.parametrize("before", MAY_SAY)
@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("by", ["KE", "UG"])
def test_what_may_not_be_said_is_refused(before: tuple[Answer, ...], answer: Answer, by: str) -> None:
    asked = said(request(), *((one, place) for place, one in enumerate(before, 1)))
    word = act(answer, by, 9, "new")
    if answer in may_answer(asked, READERS[by], CASE):
        assert answer_request(asked, word, READERS[by], CASE).acts == (*asked.acts, word)
    else:
        with pytest.raises((Conflict, NotAllowed)):
            answer_request(asked, word, READERS[by], CASE)


def test_nobody_answers_in_the_name_of_another() -> None:
    for writer in (UGANDA, TANZANIA, SECRETARIAT, Reader(Role.OPERATOR)):
        with pytest.raises(NotAllowed):
            answer_request(request(), act(Answer.ANSWERED, "KE"), writer, CASE)
    with pytest.raises(NotAllowed):
        answer_request(request(), act(Answer.ANSWERED, "TZ"), TANZANIA, CASE)
    with pytest.raises(NotAllowed, match="was asked"):
        answer_request(request(), act(Answer.ANSWERED, "UG"), UGANDA, CASE)
    with pytest.raises(NotAllowed, match="State that asks"):
        answer_request(request(), act(Answer.SETTLED, "KE"), KENYA, CASE)


def test_an_answer_said_twice_is_harmless() -> None:
    once = said(request(), (Answer.ANSWERED, 1))
    again = answer_request(once, act(Answer.ANSWERED, "KE", 5, "at 1"), KENYA, CASE)
    assert again == once


@pytest.mark.parametrize("kind", [RequestKind.ASSISTANCE, RequestKind.OFFER_OF_ASSISTANCE, RequestKind.DISPOSAL])
def test_a_request_for_a_deed_is_agreed_to_in_part_or_declined(kind: RequestKind) -> None:
    asked = request(kind=kind)
    assert may_answer(asked, KENYA, CASE) == {"agreed", "partly_agreed", "declined"}
    with pytest.raises(Conflict, match="agreed, declined, partly_agreed"):
        answer_request(asked, act(Answer.ANSWERED, "KE"), KENYA, CASE)


def test_each_time_an_answer_is_owed_has_a_clock_of_its_own() -> None:
    asked = said(request(), (Answer.ANSWERED, 3), (Answer.MORE_NEEDED, 5), (Answer.DECLINED, 9))
    assert rounds_of(asked) == (Round(START, hours(3)), Round(hours(5), hours(9)))


def test_a_second_answer_does_not_move_the_time_of_the_first() -> None:
    assert rounds_of(said(request(), (Answer.ANSWERED, 3), (Answer.ANSWERED, 8))) == (Round(START, hours(3)),)


def test_what_is_withdrawn_or_settled_without_an_answer_was_not_missed() -> None:
    assert rounds_of(said(request(), (Answer.WITHDRAWN, 2))) == (Round(START, None, hours(2)),)
    settled = said(request(), (Answer.ANSWERED, 1), (Answer.SETTLED, 2))
    assert rounds_of(settled) == (Round(START, hours(1)),)


@given(st.lists(st.tuples(st.sampled_from(Answer), st.sampled_from(["KE", "UG"])), max_size=12))
def test_whatever_is_said_in_any_order_the_rounds_agree_with_what_stands(words: list[tuple[Answer, str]]) -> None:
    asked = request()
    for place, (answer, by) in enumerate(words, 1):
        before = asked
        try:
            asked = answer_request(asked, act(answer, by, place, f"{place}"), READERS[by], CASE)
        except (Conflict, NotAllowed):
            assert asked == before
    rounds = rounds_of(asked)
    running = [one for one in rounds if one.met_at is None and one.ended_at is None]
    assert bool(running) == state_of(asked).is_open
    assert all(one.met_at is not None for one in rounds[:-1])
    times = [time for one in rounds for time in (one.started_at, one.met_at or one.ended_at) if time is not None]
    assert times == sorted(times)


def test_the_state_that_is_asked_follows_from_the_lane() -> None:
    plain = check_request({"lane": "private", "text": "How much seed?"})
    assert asked_state(plain, private(state("UG")), state("UG"), CASE) == "KE"
    assert asked_state(plain, private(state("UG")), state("KE"), CASE) == "UG"
    assert asked_state(plain, JOINT, state("UG"), CASE) == "KE"
    named = check_request({"lane": "joint", "to": "TZ", "text": "How much seed?"})
    assert asked_state(named, JOINT, state("UG"), CASE) == "TZ"


@pytest.mark.parametrize(
    ("to", "lane", "by"),
    [(None, JOINT, "KE"), ("RW", JOINT, "KE"), ("UG", JOINT, "UG"), ("TZ", private(state("UG")), "UG")],
)
def test_a_request_asks_another_state_of_its_lane(to: str | None, lane: object, by: str) -> None:
    document = check_request({"lane": "joint", "to": to, "text": "How much seed?"})
    with pytest.raises(InvalidDocument) as refused:
        asked_state(document, lane, state(by), CASE)  # type: ignore[arg-type]
    assert list(faults(refused.value)) == ["/to"]
