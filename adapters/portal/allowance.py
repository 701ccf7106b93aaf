"""Counts what one client or link does within a minute, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

WINDOW_SECONDS = 60
MOST_KEYS = 10_000


class Allowance:
    """Grants each key a number of turns in each minute; the longest-known keys are forgotten first."""

    def __init__(self, per_minute: int, ticks: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._ticks = ticks
        self._used: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Take one turn; False when there is none left in this minute."""
        now = self._ticks()
        began, used = self._used.get(key, (now, 0))
        if now - began >= WINDOW_SECONDS:
            began, used = now, 0
            self._used.pop(key, None)
        if used >= self._per_minute:
            return False
        self._used[key] = (began, used + 1)
        if len(self._used) > MOST_KEYS:
            self._used.popitem(last=False)
        return True
