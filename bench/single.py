"""Times one case on an idle system, from the report posted to the first mail and webhook at their receivers."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp

from bench.databases import KINDS, Databases, databases
from bench.machine import share
from bench.processes import CASES_OF_AN_ACCOUNT, prepare, process
from bench.sinks import Sinks, sinks
from tests.builders import report_from

TARGET = 50.0


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Take single cases, 0.2 s apart."""
    return asyncio.run(_measure(10 if quick else max(60, 10 * rounds)))


async def _measure(number: int) -> dict[str, Any]:
    result: dict[str, Any] = {"cases": number, "target_p95_milliseconds": TARGET}
    with databases() as kept, sinks(own=True) as receivers:
        for kind in KINDS:
            result[kind] = await _on(kind, kept, receivers, number)
    return result


async def _on(kind: str, kept: Databases, receivers: Sinks, number: int) -> dict[str, float]:
    mails, hooks, answers = [], [], []
    with kept.fresh(kind) as (url, folder):
        ready = await prepare(url, folder, receivers, contacts=1, accounts=number // CASES_OF_AN_ACCOUNT + 1)
        async with process(ready, "serve") as ours, aiohttp.ClientSession() as session:
            for n in range(number):
                token = ready.tokens[n // CASES_OF_AN_ACCOUNT]
                mail, hook, answer = await _one(session, ours.url, token, receivers)
                mails.append(mail)
                hooks.append(hook)
                answers.append(answer)
    figures = {}
    for name, taken in (("mail", mails), ("webhook", hooks), ("answer", answers)):
        figures[f"{name}_p50_milliseconds"] = round(share(taken, 0.5) * 1000, 1)
        figures[f"{name}_p95_milliseconds"] = round(share(taken, 0.95) * 1000, 1)
    return figures


async def _one(session: aiohttp.ClientSession, url: str, token: str, receivers: Sinks) -> tuple[float, float, float]:
    assert receivers.own_mails is not None
    await asyncio.sleep(0.2)
    seen = receivers.own_mails.count, receivers.webhooks.count
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"k{time.time_ns()}"}
    began = time.monotonic()
    async with session.post(f"{url}/api/v1/cases", json=report_from("KE", "UG"), headers=headers) as answer:
        if answer.status != 201:
            raise RuntimeError(await answer.text())
        answered = time.monotonic() - began
    # The filer's own mail is the second one.
    await receivers.until(seen[0] + 2, seen[1] + 1, within=20)
    mail, hook = receivers.own_mails.time_of(seen[0]), receivers.webhooks.time_of(seen[1])
    return mail - began, hook - began, answered
