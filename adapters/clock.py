"""Gives the time: the machine's, the database's, or a stepped one for tests and the demonstration."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class DatabaseClock:
    """The database's clock, measured from time to time and carried on by the machine's own monotonic clock.

    All processes on one database so agree on what is due, whatever their machines' clocks say; a machine clock
    that is set back or forth changes nothing.
    """

    def __init__(self) -> None:
        self._at = datetime.now(UTC)
        self._since = time.monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._since)

    async def measure(self, ask: Callable[[], Awaitable[datetime]]) -> None:
        """Ask the database for its time; half of the way there and back is taken off."""
        began = time.monotonic()
        told = await ask()
        ended = time.monotonic()
        self._at = told.astimezone(UTC) + timedelta(seconds=(ended - began) / 2)
        self._since = ended


class SteppedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Move to a moment, forward or back."""
        self._now = moment

    def advance(self, **amount: float) -> None:
        """Move forward by an amount, as `timedelta` takes it."""
        self._now += timedelta(**amount)
