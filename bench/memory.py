"""Shows how much memory a process holds that serves and sends 1,000 mails and 1,000 webhooks."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from bench.databases import KINDS, Databases, databases
from bench.processes import prepare, process
from bench.sinks import Sinks, sinks
from tests.builders import report_from

TARGET = 150


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Send once on each database: memory hardly differs between rounds."""
    return asyncio.run(_measure(200 if quick else 1000))


async def _measure(number: int) -> dict[str, Any]:
    result: dict[str, Any] = {"contacts": number, "target_megabytes": TARGET}
    with databases() as kept, sinks() as receivers:
        for kind in KINDS:
            result[kind] = await _on(kind, kept, receivers, number)
    return result


async def _on(kind: str, kept: Databases, receivers: Sinks, number: int) -> dict[str, float]:
    with kept.fresh(kind) as (url, folder):
        ready = await prepare(url, folder, receivers, contacts=number)
        async with process(ready, "serve") as ours, aiohttp.ClientSession() as session:
            idle = ours.memory_megabytes("VmRSS")
            mails, hooks = receivers.mails() + number, receivers.webhooks.count + number
            headers = {"Authorization": f"Bearer {ready.tokens[0]}", "Idempotency-Key": "k"}
            async with session.post(
                f"{ours.url}/api/v1/cases", json=report_from("KE", "UG"), headers=headers
            ) as answer:
                answer.raise_for_status()
            await receivers.until(mails, hooks)
            return {"idle_megabytes": idle, "most_megabytes": ours.memory_megabytes()}
