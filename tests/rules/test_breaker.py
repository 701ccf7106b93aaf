"""The health of an endpoint: when retries wait, when somebody is told, when it is well again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.model import ContactId
from notify.breaker import (
    FAILING_AFTER,
    FAILURES_TO_OPEN,
    LONGEST_WAIT,
    SHORTEST_WAIT,
    TOLD_SOONEST,
    Condition,
    EndpointTry,
    Failure,
    Health,
    after_failure,
    after_success,
    after_tries,
    health_of,
    is_our_own_fault,
    retries_wait_until,
    told_if_failing,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
UG = ContactId("ug-1")
URL = "https://hook.ug.example/"
FRESH = Health(UG, URL)


def failed(*seconds: float, health: Health = FRESH, gone: bool = False, asked: timedelta | None = None) -> Health:
    """Let tries fail so many seconds after the beginning."""
    for second in seconds:
        at = NOW + timedelta(seconds=second)
        health = after_failure(health, Failure(at, "no connection", gone=gone, asked=asked))
    return health


def test_four_failures_in_a_row_open_nothing() -> None:
    health = failed(0, 3, 13, 43)
    assert (health.open_until, health.degraded, health.condition) == (None, False, Condition.FAILING)
    assert retries_wait_until(health, NOW) is None


def test_the_fifth_failure_in_a_row_lets_retries_wait() -> None:
    health = failed(0, 3, 13, 43, 163)
    assert health.degraded and health.condition is Condition.DEGRADED
    assert retries_wait_until(health, NOW + timedelta(seconds=164)) == health.open_until
    assert retries_wait_until(health, health.open_until or NOW) is None, "then one may try again"


def test_retries_wait_a_quarter_of_the_time_that_it_fails_within_bounds() -> None:
    def wait(lasted: timedelta) -> timedelta:
        last = NOW + lasted
        health = failed(0, 1, 2, 3, lasted.total_seconds())
        return (health.open_until or NOW) - last

    assert wait(timedelta(seconds=5)) == SHORTEST_WAIT
    assert wait(timedelta(minutes=40)) == timedelta(minutes=10)
    assert wait(timedelta(days=2)) == LONGEST_WAIT


def test_how_many_messages_there_were_does_not_lengthen_the_wait() -> None:
    assert failed(*[0] * 5).open_until == failed(*[0] * 500).open_until


def test_one_success_closes_it_wholly() -> None:
    health = after_success(failed(0, 0, 0, 0, 0, 0), NOW)
    assert health == FRESH


def test_a_success_between_failures_begins_the_count_anew() -> None:
    health = failed(5, 6, 7, 8, health=after_success(failed(0, 1, 2, 3), NOW))
    assert not health.degraded


def test_a_wait_that_was_asked_for_holds_retries_at_once_and_is_no_open_breaker() -> None:
    health = failed(0, asked=timedelta(minutes=7))
    assert retries_wait_until(health, NOW) == NOW + timedelta(minutes=7)
    assert not health.degraded


def test_a_longer_wait_that_was_asked_for_before_still_holds() -> None:
    health = failed(1, health=failed(0, asked=timedelta(hours=1)), asked=timedelta(seconds=1))
    assert health.open_until == NOW + timedelta(hours=1)


def test_one_that_is_gone_is_told_of_at_once() -> None:
    health = failed(0, gone=True)
    assert (health.told_at, health.condition, health.degraded) == (NOW, Condition.GONE, True)


def test_a_burst_within_seconds_tells_nobody() -> None:
    assert failed(*range(100)).told_at is None


def test_five_failures_over_five_minutes_are_told_of_once() -> None:
    health = failed(0, 3, 13, 43, 163, 463)
    assert health.told_at == NOW + timedelta(seconds=463)
    assert failed(600, health=health).told_at == health.told_at


def test_an_endpoint_that_fails_for_hours_is_told_of_however_few_tries_there_were() -> None:
    once = failed(0)
    assert told_if_failing(once, NOW + FAILING_AFTER - timedelta(seconds=1)) == once
    assert told_if_failing(once, NOW + FAILING_AFTER).told_at == NOW + FAILING_AFTER
    sooner = timedelta(hours=1)
    assert told_if_failing(once, NOW + sooner, sooner).told_at == NOW + sooner


def test_recovery_is_noted_only_where_somebody_was_told() -> None:
    assert after_success(failed(0, 1), NOW).recovered_at is None
    told = failed(0, gone=True)
    assert after_success(told, NOW + timedelta(hours=1)) == Health(UG, URL, recovered_at=NOW + timedelta(hours=1))


def test_another_url_is_another_endpoint() -> None:
    broken = failed(0, gone=True)
    assert health_of(broken, UG, URL) is broken
    assert health_of(broken, UG, "https://other.ug.example/") == Health(UG, "https://other.ug.example/")
    assert health_of(None, UG, URL) == FRESH


def test_tries_of_a_group_count_in_their_order() -> None:
    failure = Failure(NOW, "no connection")
    fails, works = EndpointTry(UG, URL, NOW, failure), EndpointTry(UG, URL, NOW)
    assert after_tries({}, [fails, fails, works, fails])[UG].failures == 1
    assert after_tries({}, [works, works]) == {}, "what was well and stays well is not written"
    assert after_tries({UG: failed(0)}, [works])[UG] == FRESH


def test_a_long_text_of_an_error_is_cut() -> None:
    assert len(after_failure(FRESH, Failure(NOW, "x" * 5000)).last_error or "") == 300


@pytest.mark.parametrize(
    ("failing", "endpoints", "ours"),
    [(5, 6, False), (6, 6, True), (6, 12, True), (6, 13, False), (1, 1, False), (60, 100, True)],
)
def test_many_endpoints_that_fail_at_once_point_to_our_own_network(failing: int, endpoints: int, ours: bool) -> None:
    assert is_our_own_fault(failing, endpoints) is ours


@given(
    st.lists(st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=3))), max_size=40),
    st.lists(st.timedeltas(timedelta(0), timedelta(hours=5)), min_size=40, max_size=40),
)
def test_whatever_happens_retries_are_never_held_for_longer_than_was_asked_or_half_an_hour(
    asked: list[timedelta | None], gaps: list[timedelta]
) -> None:
    health, now = FRESH, NOW
    for wish, gap in zip(asked, gaps, strict=False):
        now += gap
        health = after_failure(health, Failure(now, "busy", asked=wish))
        held = (health.open_until or now) - now
        assert held <= max([LONGEST_WAIT, *(each for each in asked if each is not None)])
        assert health.degraded == (health.failures >= FAILURES_TO_OPEN)
        assert health.told_at is None or health.told_at - (health.failing_since or now) >= TOLD_SOONEST
