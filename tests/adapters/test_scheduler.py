"""Checks that what the ticker calls really runs, in the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from adapters.scheduler import Ticker


@pytest.mark.parametrize("how", ["a function", "a coroutine function", "a function that gives a coroutine"])
async def test_what_is_called_runs_to_its_end_in_the_event_loop(how: str) -> None:
    ran, threads = asyncio.Event(), set[int]()

    def note() -> None:
        threads.add(threading.get_ident())
        ran.set()

    async def note_later() -> None:
        note()

    calls: dict[str, Callable[[], Awaitable[None] | None]] = {
        "a function": note,
        "a coroutine function": note_later,
        "a function that gives a coroutine": lambda: note_later(),
    }
    ticker = Ticker()
    ticker.every(0.01, calls[how])
    ticker.start()
    try:
        async with asyncio.timeout(10):
            await ran.wait()
    finally:
        ticker.stop()
    assert threads == {threading.get_ident()}
