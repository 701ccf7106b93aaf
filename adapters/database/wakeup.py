"""Carries wake-ups between processes by PostgreSQL's LISTEN and NOTIFY; the poll is the net under it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from notify.outbox import Lane

logger = logging.getLogger("article17.wakeup")

CHANNEL = "article17_outbox"
_NOTIFY = sa.text("SELECT pg_notify(:channel, :lanes)")
RETRY_SECONDS = 2.0


async def announce(connection: AsyncConnection, lanes: Collection[Lane]) -> None:
    """Say, when this transaction commits, in which lanes it left messages; SQLite has one process and needs no word."""
    if lanes and connection.dialect.name == "postgresql":
        await connection.execute(_NOTIFY, {"channel": CHANNEL, "lanes": ",".join(sorted(lanes))})


async def listen(engine: AsyncEngine, wake: Callable[[Collection[Lane]], None]) -> None:
    """Call `wake` for every announcement, until cancelled; a lost connection is opened again."""
    _, address = engine.dialect.create_connect_args(engine.url)
    options: dict[str, Any] = {**address, "autocommit": True}
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(**options)
            async with connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                wake(tuple(Lane))  # what was announced while nobody listened
                async for notice in connection.notifies():
                    known = set(Lane)
                    wake([Lane(lane) for lane in notice.payload.split(",") if lane in known])
        except psycopg.OperationalError as error:
            logger.warning("wake-ups are lost for a moment, the poll goes on: %s", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
