"""Scores an exercise per State and channel, from its facts alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contacts.model import StateCode
from notify.words import ChannelName, Means


class Result(StrEnum):
    """How a State did in an exercise."""

    IN_TIME = "in_time"
    LATE = "late"
    NO_RECEIPT = "no_receipt"
    PENDING = "pending"  # no receipt, and the target has not passed yet


@dataclass(frozen=True, slots=True)
class ChannelFact:
    """What became of the deliveries to one State by one channel."""

    channel: ChannelName
    queued: int
    first_accepted_at: datetime | None = None
    first_proven_at: datetime | None = None
    failed: int = 0


@dataclass(frozen=True, slots=True)
class StateFact:
    """What is known of one State in an exercise."""

    state: StateCode
    issued_at: datetime
    due_at: datetime | None
    received_at: datetime | None = None
    assessed_at: datetime | None = None
    means: Means | None = None
    steps: tuple[str, ...] = ()  # of the ladder that fired
    channels: tuple[ChannelFact, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelScore:
    """How one channel reached one State; seconds from the issue, None when it never did."""

    channel: ChannelName
    reached: bool
    seconds_to_accept: float | None
    seconds_to_proof: float | None
    failed: int


@dataclass(frozen=True, slots=True)
class StateScore:
    """How one State did: result, times from the issue in seconds, the ladder it took, each channel."""

    state: StateCode
    result: Result
    seconds_to_receipt: float | None
    seconds_to_assessment: float | None
    means: Means | None
    steps: tuple[str, ...]
    channels: tuple[ChannelScore, ...]


def scores(facts: Iterable[StateFact], now: datetime) -> tuple[StateScore, ...]:
    """Score each State and channel from the facts alone, as they stand now, in the order of the codes."""
    return tuple(_score(fact, now) for fact in sorted(facts, key=lambda fact: fact.state))


def _result(fact: StateFact, now: datetime) -> Result:
    target = fact.due_at or now
    if fact.received_at is None:
        return Result.PENDING if now < target else Result.NO_RECEIPT
    return Result.LATE if fact.due_at is not None and fact.received_at > fact.due_at else Result.IN_TIME


def _score(fact: StateFact, now: datetime) -> StateScore:
    return StateScore(
        state=fact.state,
        result=_result(fact, now),
        seconds_to_receipt=_seconds(fact.issued_at, fact.received_at),
        seconds_to_assessment=_seconds(fact.issued_at, fact.assessed_at),
        means=fact.means,
        steps=fact.steps,
        channels=tuple(
            ChannelScore(
                channel=one.channel,
                # A mail that was taken over and never refused may have been read; only an answer or a proof says so.
                reached=one.first_proven_at is not None or one.first_accepted_at is not None,
                seconds_to_accept=_seconds(fact.issued_at, one.first_accepted_at),
                seconds_to_proof=_seconds(fact.issued_at, one.first_proven_at),
                failed=one.failed,
            )
            for one in fact.channels
        ),
    )


def _seconds(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else max((end - start).total_seconds(), 0.0)
