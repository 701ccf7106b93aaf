"""Counts one group of clocks: share within target, median, percentiles, mean; what is open is never left out."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

NOT_MET = math.inf
"""The time of a clock that nothing has met yet: longer than any other."""


class Timed(NamedTuple):
    """One clock, ready to be counted: its time in seconds (NOT_MET: open), and how it stands to its target."""

    seconds: float
    has_target: bool
    within: bool
    not_yet_due: bool  # open, and its target time is still to come


@dataclass(slots=True)
class Tally:
    """Clocks that are counted together, as they come."""

    seconds: list[float] = field(default_factory=list)
    with_target: int = 0
    within: int = 0
    not_yet_due: int = 0

    def add(self, one: Timed) -> None:
        """Count one clock more."""
        self.seconds.append(one.seconds)
        self.with_target += one.has_target
        self.within += one.within
        self.not_yet_due += one.not_yet_due


@dataclass(frozen=True, slots=True)
class Figures:
    """What is said of one group; times in seconds.

    A percentile of None in a group that is not empty means "not recorded": it falls among the clocks that nothing has
    met. The mean is of the recorded times alone, so it says too little while some are open: `open` stands beside it.
    """

    n: int
    with_target: int
    within_target: int
    recorded: int
    open: int
    not_yet_due: int  # of the open ones; they count as not within target until they are met
    median: float | None
    p90: float | None
    p95: float | None
    mean: float | None

    @property
    def share(self) -> float | None:
        """The share within target of all that have one, from 0 to 1; None when none has."""
        return self.within_target / self.with_target if self.with_target else None


def figures(tallies: Sequence[Tally]) -> Figures:
    """Count one group, made of any number of tallies."""
    times = sorted(chain.from_iterable(tally.seconds for tally in tallies))
    recorded = times[: bisect_left(times, NOT_MET)]
    return Figures(
        n=len(times),
        with_target=sum(tally.with_target for tally in tallies),
        within_target=sum(tally.within for tally in tallies),
        recorded=len(recorded),
        open=len(times) - len(recorded),
        not_yet_due=sum(tally.not_yet_due for tally in tallies),
        median=_median(times),
        p90=_percentile(times, 90),
        p95=_percentile(times, 95),
        mean=math.fsum(recorded) / len(recorded) if recorded else None,
    )


def _median(times: Sequence[float]) -> float | None:
    """Take the middle one, or the mean of the two in the middle."""
    if not times:
        return None
    upper = len(times) // 2
    lower = upper if len(times) % 2 else upper - 1
    return _recorded((times[lower] + times[upper]) / 2)


def _percentile(times: Sequence[float], percent: int) -> float | None:
    """Take the least time within which this share of all was met (the nearest rank; nothing is interpolated)."""
    if not times:
        return None
    rank = -(-len(times) * percent // 100)  # rounded up, in whole numbers
    return _recorded(times[rank - 1])


def _recorded(seconds: float) -> float | None:
    return None if seconds == NOT_MET else seconds
