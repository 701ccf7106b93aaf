"""Rules of pace: a domain with one gets no more, those that wait come back one by one, and nobody else waits."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest

from notify.pacing import MOST_REMEMBERED, Pace, Pacer, domain_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def seconds(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - NOW).total_seconds()


def test_a_domain_without_a_pace_has_no_place_to_wait_in() -> None:
    assert Pacer(()).place_of("desk@gov.test") == ""
    pacer = Pacer([Pace("gov.test", at_once=2)])
    assert [pacer.place_of(f"desk@{domain}") for domain in ("gov.test", "GOV.test", "sub.gov.test")] == [
        "gov.test",
        "gov.test",
        "",
    ]
    assert (pacer.at_once("gov.test"), pacer.back_at("gov.test", NOW)) == (2, None)


def test_a_star_is_a_pace_for_each_other_domain_by_itself() -> None:
    pacer = Pacer([Pace("*", a_minute=1), Pace("gov.test", at_once=3)])
    assert pacer.at_once("gov.test") == 3
    assert pacer.at_once("other.test") == sys.maxsize
    assert [seconds(pacer.back_at(domain, NOW)) for domain in ("a.test", "b.test", "a.test")] == [None, None, 50.0]


def test_ten_seconds_worth_goes_at_once_and_the_rest_comes_back_one_by_one() -> None:
    pacer = Pacer([Pace("gov.test", a_minute=30)])
    turns = [seconds(pacer.back_at("gov.test", NOW)) for _ in range(9)]
    assert turns == [None] * 6 + [2.0, 4.0, 6.0]


def test_over_an_hour_no_more_goes_than_the_pace_allows_and_nobody_waits_for_ever() -> None:
    pacer = Pacer([Pace("gov.test", a_minute=6)])
    due = {number: NOW for number in range(200)}
    went: list[datetime] = []
    while due:
        number = min(due, key=lambda each: (due[each], each))
        back_at = pacer.back_at("gov.test", due[number])
        if back_at is None:
            went.append(due.pop(number))
        else:
            assert back_at > due[number]
            due[number] = back_at
    assert went[-1] - NOW <= timedelta(seconds=200 * 10)
    for first, last in zip(went, went[7:], strict=False):
        assert last - first >= timedelta(seconds=50)


@pytest.mark.parametrize(
    ("address", "domain"), [("Имя@Почта.РФ", "xn--80a1acny.xn--p1ai"), ("a@B.test", "b.test"), ("b.test", "b.test"),
                            (f"a@{'я' * 80}.test", f"{'я' * 80}.test")]
)  # fmt: skip
def test_a_domain_is_known_in_each_of_its_forms(address: str, domain: str) -> None:
    assert domain_of(address) == domain


def test_what_went_long_ago_is_forgotten() -> None:
    pacer = Pacer([Pace("*", a_minute=60)])
    for number in range(MOST_REMEMBERED + 1):
        pacer.back_at(f"d{number}.test", NOW)
    pacer.back_at("late.test", NOW + timedelta(minutes=5))
    assert len(pacer._next_turn) == 1
