"""Records what came of tries in groups: many results, one transaction; results of lost claims leave no trace."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from notify.events import DeliveryAccepted
from notify.policy import ClockKind
from notify.ports import Ports, UnitOfWork
from notify.sending import Outcome
from notify.words import OutboxId


async def record(work: UnitOfWork, outcomes: Sequence[Outcome], ports: Ports) -> None:
    """Record a group of outcomes in one transaction; those whose claim was lost leave no trace."""
    now = ports.clock.now()
    kept: list[Outcome] = []
    for claim in {outcome.message.claim for outcome in outcomes}:
        mine = [outcome for outcome in outcomes if outcome.message.claim == claim]
        kept += await _close_messages(work, mine, claim, now)
    await work.deliveries.enter([outcome.attempt for outcome in kept if outcome.attempt is not None])
    accepted = [
        event.notification_id
        for outcome in kept
        for event in outcome.events
        if isinstance(event, DeliveryAccepted) and event.notification_id is not None
    ]
    if accepted:
        await work.notifications.meet(accepted, ClockKind.DISPATCH, now)
    for outcome in kept:
        work.record(*outcome.events)
    await work.commit()


async def _close_messages(work: UnitOfWork, outcomes: Sequence[Outcome], claim: str, now: datetime) -> list[Outcome]:
    ended: dict[OutboxId, Outcome] = {}
    kept = []
    for outcome in outcomes:
        if outcome.retry_at is not None:
            held = await work.outbox.retry(
                outcome.message.id, claim=claim, now=now, due_at=outcome.retry_at, error=outcome.error
            )
        elif outcome.park is not None:
            held = await work.outbox.park(outcome.message.id, claim=claim, now=now, error=outcome.park)
        else:
            ended[outcome.message.id] = outcome
            continue
        if held:
            kept.append(outcome)
    if ended:
        done = await work.outbox.complete(list(ended), claim=claim, now=now)
        kept += [outcome for message_id, outcome in ended.items() if message_id in done]
    return kept


class Recorder:
    """Records outcomes in groups: one transaction for all that came in while the last one was being written."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._group: list[Outcome] = []
        self._current: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def record(self, outcome: Outcome) -> None:
        """Record one outcome; return when it is durable, raise what kept its group from being written."""
        self._group.append(outcome)
        if self._next is None:
            self._next = asyncio.create_task(self._write(after=self._current), name="recorder")
        await asyncio.shield(self._next)

    async def _write(self, after: asyncio.Task[None] | None) -> None:
        if after is not None:
            await asyncio.wait([after])
        group, self._group = self._group, []
        self._current, self._next = self._next, None
        async with self._ports.database.write() as work:
            await record(work, group, self._ports)
