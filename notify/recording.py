"""Records what came of tries in groups: many results, one transaction; results of lost claims leave no trace."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from contacts.model import ContactId
from notify.breaker import Health, retries_wait_until
from notify.endpoints import changed_by, events_of, hold_back, known_of
from notify.events import DeliveryAccepted
from notify.outbox import Lane, Urgency
from notify.policy import ClockKind
from notify.ports import Ports, UnitOfWork
from notify.prepared import Prepared
from notify.sending import Outcome
from notify.words import OutboxId

logger = logging.getLogger("article17.recording")

MOST_IN_A_GROUP = 500
GATHER_SECONDS = 0.005


async def record(work: UnitOfWork, outcomes: Sequence[Outcome], ports: Ports) -> Mapping[ContactId, Health]:
    """Record a group of outcomes in one transaction; those whose claim was lost leave no trace.

    Give the health of each endpoint that changed.
    """
    now = ports.clock.now()
    known = await known_of(outcomes, work)
    changed = changed_by(outcomes, known, ports)
    hold_back(outcomes, changed)
    kept: list[Outcome] = []
    for claim in {outcome.message.claim for outcome in outcomes}:
        mine = [outcome for outcome in outcomes if outcome.message.claim == claim]
        kept += await _close_messages(work, mine, claim, now)
    if changed and len(kept) < len(outcomes):
        changed = changed_by(kept, known, ports)
    await work.endpoints.put(list(changed.values()))
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
    work.record(*events_of(known, changed, now))
    await work.commit()
    return changed


async def _close_messages(work: UnitOfWork, outcomes: Sequence[Outcome], claim: str, now: datetime) -> list[Outcome]:
    ended: dict[OutboxId, Outcome] = {}
    kept = []
    for outcome in outcomes:
        if outcome.postponed_to is not None:
            await work.outbox.postpone(outcome.message.id, claim=claim, now=now, due_at=outcome.postponed_to)
            continue
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

    def __init__(self, ports: Ports, wake: Callable[[Iterable[Lane]], None]) -> None:
        self._ports = ports
        self._wake = wake
        self._waiting: list[Outcome] = []
        self._healths: dict[ContactId, Health] = {}  # of endpoints, as last recorded here
        self._writing: asyncio.Task[None] | None = None

    def add(self, outcome: Outcome) -> None:
        """Take an outcome to be recorded soon; its claim guards it until then."""
        self._waiting.append(outcome)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="recorder")

    def retry_waits_until(self, prepared: Prepared) -> datetime | None:
        """Say until when a webhook tried again waits: its endpoint failed since it was made ready; else None."""
        contact, dispatch = prepared.delivery.contact, prepared.dispatch
        if not self._healths or prepared.message.urgency is not Urgency.RETRY or contact is None or dispatch is None:
            return None
        health = self._healths.get(contact)
        if health is None or health.url != dispatch.recipient.webhook_url:
            return None
        return retries_wait_until(health, self._ports.clock.now())

    async def flush(self) -> None:
        """Wait until everything taken so far is durable, or left to its next claim."""
        while self._writing is not None and not self._writing.done():
            await asyncio.wait([self._writing])

    async def _write(self) -> None:
        while self._waiting:
            # A moment's wait makes one transaction of many: each costs the disk a wait of its own.
            await asyncio.sleep(GATHER_SECONDS)
            group, self._waiting = self._waiting[:MOST_IN_A_GROUP], self._waiting[MOST_IN_A_GROUP:]
            await self._write_group(group)

    async def _write_group(self, group: Sequence[Outcome]) -> None:
        try:
            async with self._ports.database.write() as work:
                self._healths.update(await record(work, group, self._ports))
        except Exception:
            if len(group) == 1:
                # Its lease runs out, and it is claimed and sent again under the same id.
                logger.exception("the result of message %s is left to its next claim", group[0].message.id)
                return
            logger.warning("%d results could not be recorded together; each is tried alone", len(group), exc_info=True)
            for outcome in group:
                await self._write_group([outcome])
        else:
            self._wake({outcome.message.lane for outcome in group if outcome.retry_at is not None})
