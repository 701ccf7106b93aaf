"""Holds the group writer to its contract: durable together, refused alone, and nothing told as done that is undone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.database.engine import SqlDatabase
from notify.errors import Conflict
from notify.rows import PauseRow
from notify.words import AccountId
from tests.databases import plain_database

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[SqlDatabase]:
    opened = plain_database(database_url)
    await opened.create_tables()
    yield opened
    await opened.close()


def numbered(number: int) -> Any:
    async def change(work: Any) -> int:
        await work.leases.take(f"lease {number}", holder="me", now=NOW, until=NOW)
        return number

    return change


async def refused(work: Any) -> None:
    await work.brake.put(PauseRow(NOW, AccountId("operator"), "a reason"))
    raise Conflict("no")


async def names(database: SqlDatabase) -> set[str]:
    async with database.reader.connect() as connection:
        return set(await connection.scalars(sa.text("SELECT name FROM lease")))


async def test_changes_that_wait_together_are_durable_when_each_is_told(database: SqlDatabase) -> None:
    assert await asyncio.gather(*(database.together(numbered(n)) for n in range(20))) == list(range(20))
    assert await names(database) == {f"lease {n}" for n in range(20)}


async def test_a_refused_change_leaves_nothing_and_the_others_alone(database: SqlDatabase) -> None:
    first, no, last = await asyncio.gather(
        database.together(numbered(1)),
        database.together(refused),
        database.together(numbered(2)),
        return_exceptions=True,
    )
    assert (first, type(no), last) == (1, Conflict, 2)
    async with database.read() as work:
        assert await work.brake.current() is None


async def test_after_a_fault_of_the_database_each_change_is_told_what_became_of_it(database: SqlDatabase) -> None:
    async def breaks(work: Any) -> None:
        # The database itself gives the whole transaction up, as it does when its disk is full.
        await work._connection.rollback()
        await work._connection.execute(sa.text("SELECT nothing FROM nowhere"))

    told = await asyncio.gather(
        *(database.together(numbered(n)) for n in (1, 2)),
        database.together(breaks),
        *(database.together(numbered(n)) for n in (3, 4)),
        return_exceptions=True,
    )
    assert [one for one in told if isinstance(one, int)] == [1, 2, 3, 4]
    assert isinstance(told[2], Exception)
    assert not isinstance(told[2], asyncio.CancelledError)
    assert await names(database) == {f"lease {n}" for n in (1, 2, 3, 4)}, "what is told as done is done"
