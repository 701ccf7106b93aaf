"""Counts the acknowledgements that are durably entered in a second, through the use case that API and links call."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bench.burst import submit_many
from bench.databases import KINDS, Databases, databases
from bench.machine import median
from bench.ours import load_contacts, service
from bench.sinks import Sinks, sinks
from notify.account import Role
from notify.service.access import create_account
from notify.service.acknowledging import acknowledge_by_account

AT_ONCE = 100
TARGET = 1000


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Take the rounds on both databases in turn."""
    return asyncio.run(_measure(rounds, 100 if quick else 1000))


async def _measure(rounds: int, number: int) -> dict[str, Any]:
    taken: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    with databases() as kept, sinks() as receivers:
        for _ in range(rounds):
            for kind in KINDS:
                taken[kind].append(await _round(kind, kept, receivers, number))
    result: dict[str, Any] = {"notifications": number, "target_per_second": TARGET, "rounds": rounds}
    for kind in KINDS:
        result[kind] = {name: median([one[name] for one in taken[kind]], 1) for name in taken[kind][0]}
    return result


async def _round(kind: str, kept: Databases, receivers: Sinks, number: int) -> dict[str, float]:
    with kept.fresh(kind) as (url, folder):
        async with service(url, folder, receivers) as (system, watch):
            await load_contacts(system, receivers, 1)
            account = await create_account("Uganda", Role.CONTACT, "UG", system.ports)
            references = await submit_many(system, number)
            async with system.database.read() as work:
                told = [n for reference in references for n in await work.notifications.of_case(reference)]
            mine = [n.id for n in told if n.addressee.code == "UG"]
            limit, watch.commits = asyncio.Semaphore(AT_ONCE), 0
            document = {"grade": "received", "by": "Desk officer", "office": "Biosafety office"}

            async def answer(notification: Any) -> None:
                async with limit:
                    await acknowledge_by_account(notification, document, account, system.ports)

            began = time.perf_counter()
            await asyncio.gather(*(answer(notification) for notification in mine))
            seconds = time.perf_counter() - began
            return {"per_second": len(mine) / seconds, "transactions": watch.commits, "entered": len(mine)}
