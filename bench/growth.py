"""Shows how cost grows with 10, 100, 1,000 and 10,000 cases in the database, and draws it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bench.burst import submit_many
from bench.databases import KINDS, databases
from bench.machine import median
from bench.ours import load_contacts, service, submit, worker_of
from bench.picture import draw
from bench.sinks import ROOT, Sinks, sinks
from notify.account import OPERATOR, Role
from notify.rows import CaseFilter
from notify.service.access import create_account
from notify.service.acknowledging import acknowledge_by_account
from notify.service.reading import list_cases, show_case

SIZES = (10, 100, 1_000, 10_000)
STEPS = (
    "report_milliseconds",
    "delivery_milliseconds",
    "answer_milliseconds",
    "list_milliseconds",
    "case_milliseconds",
)


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Fill a database step by step; at each size take the medians of single cases."""
    return asyncio.run(_measure(max(rounds, 5), SIZES[:2] if quick else SIZES))


async def _measure(rounds: int, sizes: tuple[int, ...]) -> dict[str, Any]:
    result: dict[str, Any] = {"cases": list(sizes), "rounds": rounds}
    with databases() as kept, sinks() as receivers:
        for kind in KINDS:
            with kept.fresh(kind) as (url, folder):
                result[kind] = await _grow(url, folder, receivers, rounds, sizes)
    if sizes == SIZES:
        draw(result, STEPS, ROOT / "docs" / "performance.svg")
    return result


async def _grow(url: str, folder: Any, receivers: Sinks, rounds: int, sizes: tuple[int, ...]) -> dict[str, Any]:
    figures: dict[str, Any] = {name: [] for name in STEPS}
    async with service(url, folder, receivers) as (system, watch):
        await load_contacts(system, receivers, 1)
        account = await create_account("Uganda", Role.CONTACT, "UG", system.ports)
        stored = 0
        async with worker_of(system):
            for size in sizes:
                await submit_many(system, size - stored)
                await watch.until_all_ended(600)
                taken = [await _one(system, watch, account, f"{size}-{n}") for n in range(rounds)]
                stored = size + rounds
                for name in STEPS:
                    figures[name].append(median([one[name] for one in taken], 2))
    return figures


async def _one(system: Any, watch: Any, account: Any, key: str) -> dict[str, float]:
    """Follow one new case: filed, delivered and recorded, answered, listed, shown."""
    began = time.perf_counter()
    reference = await submit(system, key)
    filed = time.perf_counter()
    await watch.until_all_ended()
    delivered = time.perf_counter()
    async with system.database.read() as work:
        told = await work.notifications.of_case(reference)
    mine = next(n for n in told if n.addressee.code == "UG")
    document = {"grade": "received", "by": "Desk officer", "office": "Biosafety office"}
    asked = time.perf_counter()
    await acknowledge_by_account(mine.id, document, account, system.ports)
    answered = time.perf_counter()
    await watch.until_all_ended()
    listing = time.perf_counter()
    await list_cases(CaseFilter(reader=OPERATOR), system.ports)
    listed = time.perf_counter()
    await show_case(reference, OPERATOR, system.ports)
    shown = time.perf_counter()
    seconds = (filed - began, delivered - filed, answered - asked, listed - listing, shown - listed)
    return {name: taken * 1000 for name, taken in zip(STEPS, seconds, strict=True)}
