"""Shows how soon new urgent cases are sent while 5,000 reminders wait."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bench.databases import KINDS, Databases, databases
from bench.machine import median
from bench.ours import count, load_contacts, service, submit, worker_of
from bench.sinks import HOSTS, Sinks, sinks
from notify.delivery import NoticeKind
from notify.ladder import routes_for
from notify.queueing import Queue

URGENT = 5
STEP = "reminder"


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Take the rounds on both databases in turn."""
    return asyncio.run(_measure(rounds, 500 if quick else 5000))


async def _measure(rounds: int, reminders: int) -> dict[str, Any]:
    taken: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    with databases() as kept, sinks() as receivers:
        for _ in range(rounds):
            for kind in KINDS:
                taken[kind].append(await _round(kind, kept, receivers, reminders))
    result: dict[str, Any] = {"reminders": reminders, "urgent_cases": URGENT, "rounds": rounds}
    for kind in KINDS:
        result[kind] = {name: median([one[name] for one in taken[kind]]) for name in taken[kind][0]}
    return result


async def _queue_reminders(system: Any, reference: Any, number: int) -> None:
    """Queue a reminder by mail and by webhook to each contact, as the ladder does."""
    now = system.ports.clock.now()
    async with system.database.write() as work:
        notification = next(n for n in await work.notifications.of_case(reference) if n.addressee.code == "UG")
        contacts = await work.contacts.of_states(["UG"])
        queue = Queue(system.ports, reference, sequence=1, urgent=True, now=now)
        queue.to_routes(notification, routes_for(notification, contacts), STEP, NoticeKind.REMINDER)
        await queue.write(work)
        await work.commit()


async def _round(kind: str, kept: Databases, receivers: Sinks, reminders: int) -> dict[str, float]:
    with kept.fresh(kind) as (url, folder):
        async with service(url, folder, receivers) as (system, watch):
            await load_contacts(system, receivers, 1)
            await load_contacts(system, receivers, 1, state="TZ")
            reference = await submit(system, "first")
            async with worker_of(system):
                await watch.until_all_ended()
                await load_contacts(system, receivers, reminders // 2, hosts=HOSTS)
                watch.ended, watch.queued = 0, 0
                watch.times.clear()
                began = time.perf_counter()
                await _queue_reminders(system, reference, reminders)
                queued_at = time.perf_counter()
                await watch.until(lambda w: w.ended >= reminders // 20)
                return await _urgent(system, watch, began, queued_at)


async def _urgent(system: Any, watch: Any, began: float, queued_at: float) -> dict[str, float]:
    submitted, firsts, lasts = [], [], []
    for n in range(URGENT):
        await asyncio.sleep(0.05)
        submitted.append((time.perf_counter(), await submit(system, f"urgent-{n}", "TZ", severity="critical")))
    await watch.until_all_ended()
    backlog_ended = time.perf_counter()
    for at, reference in submitted:
        firsts.append(watch.times[reference][0] - at)
        lasts.append(watch.times[reference][-1] - at)
    waiting = await count(system, "SELECT count(*) FROM outbox WHERE handler = 'deliver' AND done_at IS NULL")
    assert waiting == 0
    return {
        "first_result_seconds": max(firsts),
        "all_results_seconds": max(lasts),
        "backlog_seconds": backlog_ended - queued_at,
        "queueing_seconds": queued_at - began,
    }
