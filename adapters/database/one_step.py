"""Runs a SQLite statement and fetches its rows in one step, in the database's thread or, where it is brief, at once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import aiosqlite

STEPS_WITHOUT_PAUSE = 16
"""Brief statements that one transaction runs at once before it lets other work of the process go on."""


class OneStepCursor:
    """What SQLAlchemy asks of an aiosqlite cursor; every row is fetched at once, so nothing stays open to be closed."""

    def __init__(self, run: Callable[[Callable[[sqlite3.Connection], Any]], Any]) -> None:
        self._run = run
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> OneStepCursor:
        return self

    async def execute(self, statement: str, parameters: Iterable[Any] = ()) -> OneStepCursor:
        await self._run(partial(self._take, sqlite3.Connection.execute, statement, parameters))
        return self

    async def executemany(self, statement: str, parameters: Iterable[Iterable[Any]]) -> OneStepCursor:
        await self._run(partial(self._take, sqlite3.Connection.executemany, statement, parameters))
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _take(
        self, execute: Callable[..., sqlite3.Cursor], statement: str, parameters: Any, connection: sqlite3.Connection
    ) -> None:
        cursor = execute(connection, statement, parameters)
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()


class OneStepConnection(aiosqlite.Connection):
    """An aiosqlite connection whose cursors take one step.

    With `brief`, the statements inside a transaction run at once: they are short, and two threads that hand the
    interpreter to and fro for each row cost several times more than the statements. What may wait for a lock or for
    the disk (BEGIN IMMEDIATE, COMMIT, ROLLBACK) always runs in the database's thread.
    """

    def __init__(self, database: str, *, brief: bool, **options: Any) -> None:
        open_it = partial(sqlite3.connect, database, **options | {"check_same_thread": False})
        super().__init__(open_it, iter_chunk_size=64)
        self._brief = brief
        self._steps = 0
        self._thread.daemon = True

    def cursor(self) -> OneStepCursor:  # type: ignore[override]
        return OneStepCursor(self._run)

    async def _run(self, step: Callable[[sqlite3.Connection], Any]) -> None:
        if not (self._brief and self._conn.in_transaction):
            await self._execute(step, self._conn)  # type: ignore[no-untyped-call]
            return
        step(self._conn)
        self._steps += 1
        if self._steps % STEPS_WITHOUT_PAUSE == 0:
            await asyncio.sleep(0)
