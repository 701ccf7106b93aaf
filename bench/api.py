"""Times calls of the API while the same process sends a case to 1,000 contacts by mail and webhook."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp

from bench.databases import KINDS, Databases, databases
from bench.machine import median, share
from bench.processes import prepare, process
from bench.sinks import Sinks, sinks
from tests.builders import report_from

CLIENTS = 4
PAUSE = 0.01
TARGET = 50.0
PATHS = ("/api/v1/cases", "/api/v1/cases/{reference}", "/api/v1/states")


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Take the rounds on both databases in turn."""
    return asyncio.run(_measure(rounds, 200 if quick else 1000))


async def _measure(rounds: int, number: int) -> dict[str, Any]:
    taken: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    with databases() as kept, sinks() as receivers:
        for _ in range(rounds):
            for kind in KINDS:
                taken[kind].append(await _round(kind, kept, receivers, number))
    result: dict[str, Any] = {"contacts": number, "clients": CLIENTS, "target_p99_milliseconds": TARGET}
    for kind in KINDS:
        result[kind] = {name: median([one[name] for one in taken[kind]], 1) for name in taken[kind][0]}
    return result


async def _round(kind: str, kept: Databases, receivers: Sinks, number: int) -> dict[str, float]:
    with kept.fresh(kind) as (url, folder):
        ready = await prepare(url, folder, receivers, contacts=number)
        async with process(ready, "serve") as ours:
            headers = {"Authorization": f"Bearer {ready.tokens[0]}"}
            async with aiohttp.ClientSession(ours.url, headers=headers) as session:
                async with session.get(PATHS[0]) as answer:  # the first call of all opens the connections
                    answer.raise_for_status()
                return await _during(session, receivers, number)


async def _during(session: aiohttp.ClientSession, receivers: Sinks, number: int) -> dict[str, float]:
    mails, hooks = receivers.mails() + number, receivers.webhooks.count + number
    began = time.perf_counter()
    async with session.post("/api/v1/cases", json=report_from("KE", "UG"), headers={"Idempotency-Key": "k"}) as answer:
        answer.raise_for_status()
        reference = (await answer.json())["reference"]
    submitting = time.perf_counter() - began
    taken: list[float] = []
    ended = asyncio.Event()

    async def call(n: int) -> None:
        while not ended.is_set():
            path = PATHS[n % len(PATHS)].format(reference=reference)
            n += 1
            at = time.perf_counter()
            async with session.get(path) as answer:
                answer.raise_for_status()
                await answer.read()
            taken.append(time.perf_counter() - at)
            await asyncio.sleep(PAUSE)

    calls = [asyncio.create_task(call(n)) for n in range(CLIENTS)]
    await receivers.until(mails, hooks)
    seconds = time.perf_counter() - began
    ended.set()
    await asyncio.gather(*calls)
    figures = {f"p{part}_milliseconds": share(taken, part / 100) * 1000 for part in (50, 95, 99)}
    return {**figures, "calls": len(taken), "fan_out_seconds": seconds, "report_milliseconds": submitting * 1000}
