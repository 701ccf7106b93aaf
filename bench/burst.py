"""Times 1,000 cases of three deliveries each, from all committed to the last result durable."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Any

from bench.databases import KINDS, Databases, databases
from bench.machine import median
from bench.ours import load_contacts, service, submit, worker_of
from bench.sinks import Sinks, sinks

AT_ONCE = 20
TARGETS = {"deliveries_per_second": 900, "seconds": 4}


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Take the rounds on both databases in turn."""
    return asyncio.run(_measure(rounds, 100 if quick else 1000))


async def _measure(rounds: int, number: int) -> dict[str, Any]:
    taken: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    with databases() as kept, sinks() as receivers:
        for _ in range(rounds):
            for kind in KINDS:
                taken[kind].append(await _round(kind, kept, receivers, number))
    result: dict[str, Any] = {"cases": number, "targets": TARGETS, "rounds": rounds}
    for kind in KINDS:
        result[kind] = {name: median([one[name] for one in taken[kind]]) for name in taken[kind][0]}
    return result


async def submit_many(system: Any, number: int, *states: str, severity: str = "high") -> list[Any]:
    """File many reports, some at a time."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(n: int) -> Any:
        async with limit:
            return await submit(system, f"case-{time.time_ns()}-{n}", *states, severity=severity)

    return await asyncio.gather(*(one(n) for n in range(number)))


async def _round(kind: str, kept: Databases, receivers: Sinks, number: int) -> dict[str, float]:
    with kept.fresh(kind) as (url, folder):
        async with service(url, folder, receivers) as (system, watch):
            await load_contacts(system, receivers, 1)
            began = time.perf_counter()
            await submit_many(system, number)
            submitting = time.perf_counter() - began
            gc.collect()
            watch.commits = 0
            began = time.perf_counter()
            async with worker_of(system):
                await watch.until_all_ended()
                seconds = time.perf_counter() - began
            return {
                "seconds": seconds,
                "deliveries": watch.ended,
                "deliveries_per_second": watch.ended / seconds,
                "transactions": watch.commits,
                "reports_taken_per_second": number / submitting,
            }
