"""Compares two worker processes with one on PostgreSQL, to fast receivers and to some that take 50 ms to answer."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import sqlalchemy as sa

from bench.databases import Databases, databases
from bench.machine import median, ratio
from bench.ours import submit
from bench.processes import prepare, process
from bench.sinks import HOSTS, Sinks, sinks

TARGET = 1.6
SLOW = 0.05
_LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
_WAITING = "SELECT count(*) FROM outbox WHERE handler = 'deliver' AND done_at IS NULL"


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Take the rounds, one and two workers in turn."""
    return asyncio.run(_measure(rounds, 200 if quick else 2000))


async def _measure(rounds: int, number: int) -> dict[str, Any]:
    taken: dict[str, list[float]] = {}
    with databases() as kept:
        for name, delay in (("fast", 0.0), ("slow", SLOW)):
            with sinks(delay=delay) as receivers:
                for _ in range(rounds):
                    for workers in (1, 2):
                        seconds = await _round(kept, receivers, number, workers)
                        taken.setdefault(f"{name} {workers}", []).append(seconds)
    result: dict[str, Any] = {"mails": number, "webhooks": number, "target_ratio": TARGET, "rounds": rounds}
    for name in ("fast", "slow"):
        one, two = median(taken[f"{name} 1"]), median(taken[f"{name} 2"])
        result[name] = {"one_worker_seconds": one, "two_workers_seconds": two, "ratio": ratio(one, two)}
    return result


async def _round(kept: Databases, receivers: Sinks, number: int, workers: int) -> float:
    with kept.fresh("postgresql") as (url, folder):
        ready = await prepare(url, folder, receivers, contacts=number, hosts=HOSTS)
        async with ready.system() as system, AsyncExitStack() as stack:
            for _ in range(workers):
                await stack.enter_async_context(process(ready, "work"))
            await _until(system, _LISTENING, lambda found: found >= workers)
            await asyncio.sleep(0.5)
            await submit(system, "the-case")
            began = time.perf_counter()
            await _until(system, _WAITING, lambda found: found == 0)
            return time.perf_counter() - began


async def _until(system: Any, statement: str, enough: Any) -> None:
    async with asyncio.timeout(180), system.database.reader.connect() as connection:
        while not enough(await connection.scalar(sa.text(statement))):
            await connection.rollback()
            await asyncio.sleep(0.02)
