"""Rules of an endpoint's health: when its retries wait, when a person is told that it fails, and when it is well again.

The figures are our defaults (policy). Nothing here switches an endpoint off in silence: each new event gets its first
try, whatever happened before; only an endpoint that says itself that it is gone (410) is left alone, and then a person
is told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from contacts.model import ContactId

FAILURES_TO_OPEN = 5
"""So many tries in a row must fail before retries wait for the endpoint."""

SHORTEST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)
SHARE_TO_WAIT = 0.25
"""Retries wait a quarter of the time for which the endpoint has been failing."""

TOLD_SOONEST = timedelta(minutes=5)
"""A burst that fails within seconds may be a restart: nobody is told before this much time."""

FAILING_AFTER = timedelta(hours=4)
"""An endpoint that fails for this long is told of, however few messages there were (a setting)."""

MOST_WITHOUT_DOUBT = 5
SHARE_IN_DOUBT = 0.5
"""When more endpoints than that, and half of all, fail at once, the fault is rather ours."""


class Condition(StrEnum):
    """How an endpoint fares."""

    WELL = "well"
    FAILING = "failing"  # the last try failed
    DEGRADED = "degraded"  # so many failed that retries wait for it
    GONE = "gone"  # it answered 410, and gets nothing before it has taken a test


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of one contact's endpoint; another URL is another endpoint and begins anew."""

    contact: ContactId
    url: str
    failures: int = 0  # tries in a row that failed
    failing_since: datetime | None = None  # None: well
    open_until: datetime | None = None  # until then retries wait
    gone_at: datetime | None = None  # it answered 410
    told_at: datetime | None = None  # when it was said to be failing
    recovered_at: datetime | None = None
    last_error: str | None = None

    @property
    def degraded(self) -> bool:
        """Tell whether the endpoint takes nothing at present: its messages go another way as well."""
        return self.gone_at is not None or self.failures >= FAILURES_TO_OPEN

    @property
    def condition(self) -> Condition:
        """Say in one word how it fares."""
        if self.failing_since is None:
            return Condition.WELL
        if self.gone_at is not None:
            return Condition.GONE
        return Condition.DEGRADED if self.degraded else Condition.FAILING


@dataclass(frozen=True, slots=True)
class Failure:
    """How one try failed by the endpoint's side."""

    at: datetime
    error: str
    gone: bool = False
    asked: timedelta | None = None  # what it asked us to wait, as far as we heed it


@dataclass(frozen=True, slots=True)
class EndpointTry:
    """What one try says of an endpoint: it took the message, or it failed."""

    contact: ContactId
    url: str
    at: datetime
    failure: Failure | None = None


def health_of(known: Health | None, contact: ContactId, url: str) -> Health:
    """Give what is known of this endpoint; nothing, when the contact had another URL."""
    return known if known is not None and known.url == url else Health(contact, url)


def after_success(health: Health, at: datetime) -> Health:
    """Close the breaker: one success is enough, for the message it took was a real one."""
    if health.failing_since is None:
        return health
    # Whether it recovered is said to those who were told that it fails.
    recovered_at = at if health.told_at is not None else health.recovered_at
    return Health(health.contact, health.url, recovered_at=recovered_at)


def after_failure(health: Health, failure: Failure, failing_after: timedelta = FAILING_AFTER) -> Health:
    """Count a failure; from the fifth in a row on retries wait, and a person is told once it has lasted."""
    since = health.failing_since or failure.at
    failures = health.failures + 1
    waits = [health.open_until] if health.open_until is not None else []
    if failures >= FAILURES_TO_OPEN:
        wait = (failure.at - since) * SHARE_TO_WAIT
        waits.append(failure.at + min(max(wait, SHORTEST_WAIT), LONGEST_WAIT))
    if failure.asked is not None:
        waits.append(failure.at + failure.asked)
    failed = replace(
        health,
        failures=failures,
        failing_since=since,
        open_until=max(waits, default=None),
        gone_at=health.gone_at or (failure.at if failure.gone else None),
        last_error=failure.error[:300],
    )
    return told_if_failing(failed, failure.at, failing_after)


def told_if_failing(health: Health, now: datetime, failing_after: timedelta = FAILING_AFTER) -> Health:
    """Enter that a person is to be told now, when it is time and nobody was told yet."""
    if health.told_at is not None or health.failing_since is None:
        return health
    lasted = now - health.failing_since
    burst = health.failures >= FAILURES_TO_OPEN and lasted >= TOLD_SOONEST
    if health.gone_at is not None or burst or lasted >= failing_after:
        return replace(health, told_at=now)
    return health


def after_tries(
    known: Mapping[ContactId, Health], tries: Iterable[EndpointTry], failing_after: timedelta = FAILING_AFTER
) -> dict[ContactId, Health]:
    """Give the health of each endpoint that changed by these tries, made in this order."""
    healths = dict(known)
    for tried in tries:
        before = healths.get(tried.contact)
        if tried.failure is not None:
            health = health_of(before, tried.contact, tried.url)
            healths[tried.contact] = after_failure(health, tried.failure, failing_after)
        elif before is not None:
            healths[tried.contact] = after_success(health_of(before, tried.contact, tried.url), tried.at)
    return {contact: health for contact, health in healths.items() if health != known.get(contact)}


def retries_wait_until(health: Health | None, now: datetime) -> datetime | None:
    """Say until when a retry to this endpoint waits, or None when it may go."""
    if health is None or health.open_until is None or health.open_until <= now:
        return None
    return health.open_until


def is_our_own_fault(failing: int, endpoints: int) -> bool:
    """Tell whether so many of all endpoints fail at once that our own network is the likelier reason."""
    return failing > MOST_WITHOUT_DOUBT and failing >= endpoints * SHARE_IN_DOUBT
