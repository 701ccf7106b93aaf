"""Gives the demonstration its time: stepped while it is played, running once it is only looked at."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from adapters.clock import SteppedClock


class DemonstrationClock(SteppedClock):
    """A clock that is moved by hand until it is set going."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._going_since: float | None = None

    def now(self) -> datetime:
        stood_at = super().now()
        if self._going_since is None:
            return stood_at
        return stood_at + timedelta(seconds=time.monotonic() - self._going_since)

    def set_going(self) -> None:
        """Go on by itself from where it stands."""
        self._going_since = time.monotonic()
