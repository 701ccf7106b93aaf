"""Tries the wake-ups between processes on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import pytest

from adapters.database.wakeup import listen
from notify.outbox import Lane
from tests.builders import network, report_from
from tests.databases import plain_database
from tests.flow.story import Story


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_one_process_leaves_wakes_another_at_once(story: Story, database_url: str) -> None:
    other = plain_database(database_url)
    heard: asyncio.Queue[Collection[Lane]] = asyncio.Queue()
    listener = asyncio.create_task(listen(other.reader, heard.put_nowait))
    try:
        async with asyncio.timeout(10):
            assert set(await heard.get()) == set(Lane)  # on connecting: look everywhere
            await story.load(network("UG"))
            await story.submit(report_from("KE", "UG"))
            lanes: set[Lane] = set()
            while Lane.EMAIL not in lanes:
                lanes |= set(await heard.get())
    finally:
        listener.cancel()
        await other.close()
    assert Lane.EMAIL in lanes
