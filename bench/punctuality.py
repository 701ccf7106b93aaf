"""Shows how punctually steps fire while 1,000,000 rows wait, and 2,000 steps that are due at the same moment."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bench.burst import submit_many
from bench.databases import KINDS, databases
from bench.machine import median, share
from bench.ours import Watch, count, load_contacts, service, worker_of
from bench.sinks import Sinks, sinks

TARGETS = {"late_milliseconds": 100, "claimed_milliseconds": 500}
AHEAD = 1.5
"""Seconds from the start of the worker until the steps are due."""

_COLUMNS = "handler, lane, urgency, case_reference, event_kind, event_at, event_body, first_at, attempts"
_SERIES = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) ",
    "postgresql": "WITH n(i) AS (SELECT generate_series(1, {rows})) ",
}
_WAITING = (
    "INSERT INTO outbox (event_id, {columns}, due_at) {series}"
    "SELECT 'w' || i, {columns}, :due FROM outbox, n WHERE outbox.id = :model"
)


class ShiftedClock:
    """The machine's clock, moved; it can stand still, so that many cases are due at one moment."""

    def __init__(self) -> None:
        self._shift = timedelta(0)
        self._still: datetime | None = None

    def now(self) -> datetime:
        return self._still or datetime.now(UTC) + self._shift

    def stand_still(self) -> None:
        self._still = self.now()

    def go_on_from(self, moment: datetime) -> None:
        """Run again, from this moment on."""
        self._still, self._shift = None, moment - datetime.now(UTC)


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Take the rounds on both databases in turn; the waiting rows are inserted once for each database."""
    rows, steps = (10_000, 100) if quick else (1_000_000, 2_000)
    return asyncio.run(_measure(rounds, rows, steps))


async def _measure(rounds: int, rows: int, steps: int) -> dict[str, Any]:
    result: dict[str, Any] = {"waiting_rows": rows, "steps_at_once": steps, "targets": TARGETS, "rounds": rounds}
    with databases() as kept, sinks() as receivers:
        for kind in KINDS:
            with kept.fresh(kind) as (url, folder):
                result[kind] = await _on(url, folder, receivers, rounds, rows, steps)
    return result


async def _on(url: str, folder: Any, receivers: Sinks, rounds: int, rows: int, steps: int) -> dict[str, Any]:
    clock = ShiftedClock()
    async with service(url, folder, receivers, clock=clock) as (system, watch):
        await load_contacts(system, receivers, 1)
        await submit_many(system, 1)
        await _insert_waiting(system, rows)
        async with worker_of(system):
            lone = [await _fire(system, watch, clock, 1) for _ in range(rounds)]
            many = [await _fire(system, watch, clock, steps) for _ in range(min(rounds, 3))]
    return {
        "late_milliseconds": median([one["last_milliseconds"] for one in lone], 1),
        "late_worst_milliseconds": round(max(one["last_milliseconds"] for one in lone), 1),
        "many_claimed_milliseconds": median([one["claimed_milliseconds"] for one in many], 1),
        "many_first_milliseconds": median([one["first_milliseconds"] for one in many], 1),
        "many_middle_milliseconds": median([one["middle_milliseconds"] for one in many], 1),
        "many_fired_milliseconds": median([one["last_milliseconds"] for one in many], 1),
        "dropped": sum(one["dropped"] for one in (*lone, *many)),
    }


async def _insert_waiting(system: Any, rows: int) -> None:
    """Let as many steps wait that are due in years."""
    kind = system.database.writer.dialect.name
    statement = _WAITING.format(columns=_COLUMNS, series=_SERIES[kind].format(rows=rows))
    far = datetime.now(UTC) + timedelta(days=900)
    due = far.strftime("%Y-%m-%d %H:%M:%S.%f") if kind == "sqlite" else far
    async with system.database.writer.begin() as connection:
        model = await connection.scalar(sa.text("SELECT min(id) FROM outbox WHERE handler = 'climb_ladder'"))
        await connection.execute(sa.text(statement), {"due": due, "model": model})
    async with system.database.writer.connect() as connection:
        await connection.execute(sa.text("ANALYZE"))
        await connection.commit()


async def _fire(system: Any, watch: Watch, clock: ShiftedClock, number: int) -> dict[str, float]:
    """File as many cases at one moment, move to just before their first step, and watch the steps fire."""
    clock.stand_still()
    before = await count(system, "SELECT coalesce(max(id), 0) FROM outbox")
    references = set(await submit_many(system, number, severity="critical"))
    await watch.until_all_ended()  # the first mails are no part of this
    rows = f"id > {before} AND handler = 'climb_ladder' AND event_kind = 'NotificationIssued'"
    due = await _due(system, rows)
    fired: dict[str, float] = {}
    _listen(system, watch, references, fired)
    clock.go_on_from(due - timedelta(seconds=AHEAD))
    due_at = time.perf_counter() + AHEAD
    system.worker.wake()
    claimed_after = await _claimed(system, rows, number, due_at)
    await watch.until(lambda _: len(fired) >= number)
    await watch.until_all_ended()
    taken = [(at - due_at) * 1000 for at in fired.values()]
    return {
        "first_milliseconds": min(taken),
        "middle_milliseconds": share(taken, 0.5),
        "last_milliseconds": max(taken),
        "claimed_milliseconds": claimed_after * 1000,
        "dropped": number - len(fired),
    }


def _listen(system: Any, watch: Watch, references: set[Any], fired: dict[str, float]) -> None:
    """Note when each case's first step is committed."""

    def observe(events: Any) -> None:
        now = time.perf_counter()
        for event in events:
            if event.kind == "NotificationEscalated" and event.case_reference in references:
                fired.setdefault(event.case_reference, now)
        watch.observe(events)

    system.database.after_commit = system.after_commit(observe)


async def _claimed(system: Any, rows: str, number: int, due_at: float) -> float:
    """Say how long after their due time the last of the steps was claimed."""
    statement = f"SELECT count(*) FROM outbox WHERE {rows} AND claimed_until IS NOT NULL"
    async with asyncio.timeout(120):
        while await count(system, statement) < number:  # noqa: ASYNC110 — nothing is told of a claim
            await asyncio.sleep(0.02)
    return time.perf_counter() - due_at


async def _due(system: Any, rows: str) -> datetime:
    from adapters.database.tables import outbox

    async with system.database.reader.connect() as connection:
        found = await connection.scalar(sa.select(sa.func.min(outbox.c.due_at)).where(sa.text(rows)))
    assert isinstance(found, datetime)
    return found
