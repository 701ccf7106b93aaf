"""Ticks: wakes the worker, measures the clock, sends the heartbeat, starts daily chores; keeps no state of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler


class Ticker:
    """Calls functions at intervals. All due work lives in the outbox: a missed tick loses nothing."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def every(self, seconds: float, call: Callable[[], Any | Awaitable[Any]]) -> None:
        """Call a function again and again; never twice at once, a late call runs once."""
        self._scheduler.add_job(
            call, "interval", seconds=seconds, misfire_grace_time=None, coalesce=True, max_instances=1
        )

    def daily(self, hour: int, call: Callable[[], Any | Awaitable[Any]]) -> None:
        """Call a function once a day, at this hour UTC."""
        self._scheduler.add_job(call, "cron", hour=hour, misfire_grace_time=None, coalesce=True, max_instances=1)

    def start(self) -> None:
        """Start ticking, in the running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking."""
        self._scheduler.shutdown(wait=False)
