"""Limits how often something may be done: one bucket of turns for each key, refilled all the time."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable

from adapters.api.problems import TooManyRequests

MOST_KEYS = 10_000


class Buckets:
    """Gives each key a number of turns a minute, in bounded memory: the keys used longest ago are forgotten first."""

    def __init__(self, turns_a_minute: int, ticks: Callable[[], float]) -> None:
        """Take the number of turns, and a clock in seconds that never goes back."""
        self._most = float(max(1, turns_a_minute))
        self._ticks = ticks
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Take one turn; raise TooManyRequests with the seconds until the next one."""
        now = self._ticks()
        left, since = self._left.pop(key, (self._most, now))
        left = min(self._most, left + (now - since) * self._most / 60)
        allowed = left >= 1
        self._left[key] = (left - 1 if allowed else left, now)
        if len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)
        if not allowed:
            raise TooManyRequests(math.ceil((1 - left) * 60 / self._most))
