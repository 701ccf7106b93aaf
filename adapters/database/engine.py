"""Opens the database: SQLite (WAL, durable, one writer) or PostgreSQL, and the units of work on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.database.addresses import read_address
from adapters.database.away import leave_a_server_that_became_a_standby, told_as_away
from adapters.database.grouping import GroupWriter
from adapters.database.one_step import OneStepConnection
from adapters.database.tables import metadata
from adapters.database.unit_of_work import SqlUnitOfWork
from notify.events import Event
from notify.outbox import Lane, NewMessage

BUSY_SECONDS = 30
OPEN_TRANSACTION_SECONDS = 10


def async_url(url: str) -> sa.URL:
    """Read a database URL; `sqlite:///…` and `postgresql://…` mean the asynchronous drivers we use."""
    parsed = read_address(url)
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    return parsed.set(drivername=drivers.get(parsed.drivername, parsed.drivername))


def create_engine(url: str, *, write: bool, brief: bool = False, connections: int = 10) -> AsyncEngine:
    """Make an engine; on SQLite a writing one takes the write lock at BEGIN, so no transaction can deadlock.

    `brief` promises that its statements are short (see `one_step`).
    """
    parsed = async_url(url)
    if parsed.get_backend_name() != "sqlite":
        server = create_async_engine(
            parsed, hide_parameters=True, pool_size=connections, max_overflow=0, pool_pre_ping=True
        )
        sa.event.listen(server.sync_engine, "connect", _prepare_server)
        sa.event.listen(server.sync_engine, "handle_error", leave_a_server_that_became_a_standby)
        return server
    # One writing connection: writers queue in this process instead of polling a lock.
    engine = create_async_engine(
        parsed,
        hide_parameters=True,
        pool_size=1 if write else 4,
        max_overflow=0,
        connect_args={"async_creator_fn": partial(OneStepConnection, brief=brief)},
    )
    sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_immediate if write else _begin_deferred)
    return engine


def _prepare_server(connection: Any, _record: Any) -> None:
    # Our transactions last milliseconds: one that stands open belongs to a frozen process, and its locks must go.
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = {OPEN_TRANSACTION_SECONDS * 1000}")
    cursor.close()
    connection.commit()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event below opens transactions itself
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_SECONDS * 1000}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


Given = TypeVar("Given")

AfterCommit = Callable[[Sequence[Event], Collection[Lane]], None]
"""Is told which events were committed, and in which lanes they left messages."""


class SqlDatabase:
    """Opens units of work on one database."""

    def __init__(
        self,
        url: str,
        *,
        reactions: Callable[[Event], Sequence[NewMessage]],
        seal: Callable[[bytes], bytes],
        unseal: Callable[[bytes], bytes],
        after_commit: AfterCommit = lambda events, lanes: None,
    ) -> None:
        self.url = async_url(url)
        self.writer = create_engine(url, write=True, brief=True)
        self.reader = create_engine(url, write=False) if self.embedded else self.writer
        self._brief_reader = create_engine(url, write=False, brief=True) if self.embedded else self.writer
        self._reactions = reactions
        self._seals = (seal, unseal)
        self._group = GroupWriter(self.write)
        self.after_commit = after_commit

    @property
    def embedded(self) -> bool:
        """Tell whether this is the embedded database, which serves one process."""
        return self.url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlUnitOfWork]:
        """Open a unit of work that may change rows; raise DatabaseAway when the database cannot be used."""
        with told_as_away():
            async with self.writer.connect() as connection:
                work = SqlUnitOfWork(connection, self._reactions, self._seals)
                yield work
                if not work.committed:
                    await connection.rollback()
        if work.committed and work.events:
            self.after_commit(work.events, work.lanes)

    async def together(self, change: Callable[[SqlUnitOfWork], Awaitable[Given]]) -> Given:
        """Run a small change in one transaction with others that wait; return what it gave when that is durable."""
        given: Given = await self._group.run(change)
        return given

    @asynccontextmanager
    async def read(self, *, brief: bool = False) -> AsyncIterator[SqlUnitOfWork]:
        """Open a unit of work that only reads; raise DatabaseAway when the database cannot be used.

        `brief` promises that it reads little, by index.
        """
        with told_as_away():
            async with (self._brief_reader if brief else self.reader).connect() as connection:
                yield SqlUnitOfWork(connection, self._reactions, self._seals)

    async def create_tables(self) -> None:
        """Create every table that is missing, without migrations (tests, the demo)."""
        async with self.writer.begin() as connection:
            await connection.run_sync(metadata.create_all)

    async def close(self) -> None:
        """Close all connections, when what waits to be written is."""
        await self._group.settle()
        await self.writer.dispose()
        await self.reader.dispose()
        await self._brief_reader.dispose()
