"""Ticks: wakes the worker, measures the clock, sends the heartbeat, starts daily chores; keeps no state of its own."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler


def _awaited(call: Callable[[], Any | Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
    """Wrap a call so that the scheduler runs it in the event loop, and waits for it where it must be waited for.

    What is no coroutine function it would run in a thread, and drop the coroutine that a lambda gives back.
    """

    async def tick() -> None:
        given = call()
        if inspect.isawaitable(given):
            await given

    return tick


class Ticker:
    """Calls functions at intervals. All due work lives in the outbox: a missed tick loses nothing."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def every(self, seconds: float, call: Callable[[], Any | Awaitable[Any]]) -> None:
        """Call a function again and again; never twice at once, a late call runs once."""
        self._scheduler.add_job(
            _awaited(call), "interval", seconds=seconds, misfire_grace_time=None, coalesce=True, max_instances=1
        )

    def daily(self, hour: int, call: Callable[[], Any | Awaitable[Any]]) -> None:
        """Call a function once a day, at this hour UTC."""
        self._scheduler.add_job(
            _awaited(call), "cron", hour=hour, misfire_grace_time=None, coalesce=True, max_instances=1
        )

    def start(self) -> None:
        """Start ticking, in the running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking."""
        self._scheduler.shutdown(wait=False)
