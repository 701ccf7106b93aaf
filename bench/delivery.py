"""Times 1,000 mails and 1,000 webhooks from committed outbox to last result durable, beside floor and Alertmanager."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Any

from bench import alertmanager, floor
from bench.databases import KINDS, Databases, databases
from bench.machine import median, ratio
from bench.ours import count, load_contacts, service, submit, worker_of
from bench.sinks import HOSTS, Sinks, sinks

FSYNC = 0.002
LATENCY = 0.05
SMTP_TRIPS = 4  # MAIL, RCPT, DATA and the content, one after the other
CONNECTIONS, PER_HOST, HOOKS = 20, 4, 100  # our defaults

Round = dict[str, float]


async def ours(
    kind: str, kept: Databases, receivers: Sinks, number: int, *, pause: float = 0.0, hosts: int = 1
) -> Round:
    """Deliver one case to as many contacts, by mail and webhook."""
    with kept.fresh(kind) as (url, folder):
        async with service(url, folder, receivers) as (system, watch):
            await load_contacts(system, receivers, number, hosts=hosts)
            await submit(system, "the-case")
            gc.collect()
            watch.commits, watch.pause = 0, pause
            began, cpu = time.perf_counter(), time.process_time()
            async with worker_of(system):
                await watch.until_all_ended()
                seconds, spent = time.perf_counter() - began, time.process_time() - cpu
                commits = watch.commits
            waiting = await count(system, "SELECT count(*) FROM outbox WHERE handler = 'deliver' AND done_at IS NULL")
            if watch.failed or waiting or watch.ended < 2 * number:
                raise RuntimeError(f"{watch.failed} failed, {waiting} wait, {watch.ended} ended")
            each = {"deliveries": watch.ended, "cpu_milliseconds": spent / watch.ended * 1000}
            return {"seconds": seconds, "transactions": commits, **each}


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Take all rounds, opponents in turn with us."""
    return asyncio.run(_measure(rounds, 200 if quick else 1000))


async def _measure(rounds: int, number: int) -> dict[str, Any]:
    taken: dict[str, list[Any]] = {}

    def keep(name: str, value: Any) -> None:
        taken.setdefault(name, []).append(value)

    with databases() as kept:
        with sinks() as receivers:
            for kind in KINDS:
                await ours(kind, kept, receivers, 20)  # fills caches, counts for nothing
            for _ in range(rounds):
                keep("floor", await _floor(number, receivers))
                keep("script", await _floor(number, receivers, encoded_once=False))
                keep("alertmanager", await alertmanager.fan_out(number, receivers))
                for kind in KINDS:
                    keep(kind, await ours(kind, kept, receivers, number))
                    keep(f"{kind} slow disk", await ours(kind, kept, receivers, number, pause=FSYNC))
                    keep(f"{kind} hosts", await ours(kind, kept, receivers, number, hosts=HOSTS))
                keep("floor hosts", await _floor(number, receivers, hosts=HOSTS))
        with sinks(delay=LATENCY) as receivers:
            for _ in range(min(rounds, 3)):
                keep("floor far", await _floor(number, receivers, hosts=HOSTS))
                for kind in KINDS:
                    keep(f"{kind} far", await ours(kind, kept, receivers, number, hosts=HOSTS))
    return _result(taken, rounds, number)


async def _floor(number: int, receivers: Sinks, **options: Any) -> Round:
    gc.collect()
    return await floor.fan_out(number, receivers, **options)


def _result(taken: dict[str, list[Any]], rounds: int, number: int) -> dict[str, Any]:
    def middle(name: str, figure: str = "seconds", digits: int = 3) -> float | None:
        return median([one[figure] for one in taken[name]], digits)

    rival = median(taken["alertmanager"])
    bound = _bound(number)
    result: dict[str, Any] = {"mails": number, "webhooks": number, "rounds": rounds}
    for kind in KINDS:
        seconds = middle(kind)
        result[kind] = {
            "seconds": seconds,
            "floor_seconds": middle("floor"),
            "alertmanager_seconds": rival,
            "ratio_to_floor": ratio(seconds, middle("floor")),
            "ratio_to_alertmanager": ratio(seconds, rival),
            "cpu_milliseconds_each": middle(kind, "cpu_milliseconds"),
            "transactions": middle(kind, "transactions", 0),
            "slow_disk_seconds": middle(f"{kind} slow disk"),
            "slow_disk_ratio": ratio(middle(f"{kind} slow disk"), seconds),
            "many_hosts_seconds": middle(f"{kind} hosts"),
            "many_hosts_ratio_to_floor": ratio(middle(f"{kind} hosts"), middle("floor hosts")),
            "latency_seconds": middle(f"{kind} far"),
            "latency_bound_seconds": bound,
            "latency_ratio_to_bound": ratio(middle(f"{kind} far"), bound),
            "all_seconds": [round(one["seconds"], 3) for one in taken[kind]],
        }
    result["floor"] = {
        "cpu_milliseconds_each": median([one["cpu_seconds"] / number / 2 * 1000 for one in taken["floor"]]),
        "message_each_seconds": middle("script"),
        "many_hosts_seconds": middle("floor hosts"),
        "latency_seconds": middle("floor far"),
        "all_seconds": [round(one["seconds"], 3) for one in taken["floor"]],
        "alertmanager_all_seconds": [one and round(one, 3) for one in taken["alertmanager"]],
    }
    return result


def _bound(number: int) -> float:
    """Say what the number of connections sets: each waits for its answers, one after the other."""
    mails = number / CONNECTIONS * SMTP_TRIPS * LATENCY
    hooks = number / min(HOOKS, HOSTS * PER_HOST) * LATENCY
    return round(max(mails, hooks), 3)
