"""Reads what was tried for a contact, and makes ready what a person sends again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.deliveries import read_delivery
from adapters.database.tables import attempt, delivery, outbox
from contacts.model import ContactId
from notify.delivery import DeliveryState, NoticeKind
from notify.errors import FailureKind
from notify.events import SERVICE_CHAIN
from notify.outbox import Lane
from notify.rows import Attempt, DeliveryRow
from notify.words import ChannelName, DeliveryId

_OF_A_DELIVERY = [each.name for each in fields(DeliveryRow)]
_OF_AN_ATTEMPT = [each.name for each in fields(Attempt)]
_DELIVERY = [delivery.c[name] for name in _OF_A_DELIVERY]
# Labelled, because both tables may have a column of one name.
_ATTEMPT = [attempt.c[name].label(f"attempt_{name}") for name in _OF_AN_ATTEMPT]

_NOT_TAKEN = (DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.DELAYED, DeliveryState.UNKNOWN)
_TAKEN = (DeliveryState.ACCEPTED, DeliveryState.RELAYED, DeliveryState.DELIVERED)
_LANES = (Lane.EMAIL, Lane.WEBHOOK, Lane.EXERCISE)
_OPEN = sa.and_(outbox.c.done_at.is_(None), outbox.c.parked_at.is_(None))


class SqlResending:
    """What was tried, on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def attempts_of(
        self, contact: ContactId, channel: ChannelName | None, before: tuple[DeliveryId, int] | None, limit: int
    ) -> list[tuple[DeliveryRow, Attempt]]:
        place = sa.tuple_(attempt.c.started_at, attempt.c.delivery_id, attempt.c.number)
        wanted = [delivery.c.contact == contact]
        if channel is not None:
            wanted.append(delivery.c.channel == channel)
        if before is not None:
            last = sa.select(attempt.c.started_at).where(
                attempt.c.delivery_id == before[0], attempt.c.number == before[1]
            )
            wanted.append(place < sa.tuple_(last.scalar_subquery(), sa.literal(before[0]), sa.literal(before[1])))
        found = await self._connection.execute(
            sa.select(*_DELIVERY, *_ATTEMPT)
            .join(attempt, attempt.c.delivery_id == delivery.c.id)
            .where(*wanted)
            .order_by(attempt.c.started_at.desc(), attempt.c.delivery_id.desc(), attempt.c.number.desc())
            .limit(limit)
        )
        return [(read_delivery(row[: len(_DELIVERY)]), _attempt(row[len(_DELIVERY) :])) for row in found]

    async def missed(self, contact: ContactId, since: datetime, *, everything: bool, limit: int) -> list[DeliveryRow]:
        states = (*_NOT_TAKEN, *_TAKEN) if everything else _NOT_TAKEN
        found = await self._connection.execute(
            sa.select(*_DELIVERY)
            .where(
                delivery.c.contact == contact,
                delivery.c.channel == ChannelName.WEBHOOK,
                delivery.c.case_reference != SERVICE_CHAIN,
                delivery.c.kind != NoticeKind.TEST,
                delivery.c.state.in_(states),
                delivery.c.queued_at >= since,
            )
            .order_by(delivery.c.queued_at, delivery.c.id)
            .limit(limit)
        )
        return [read_delivery(row) for row in found]

    async def begin_again(self, deliveries: Sequence[DeliveryRow], now: datetime) -> dict[DeliveryId, int]:
        ids = sorted(row.id for row in deliveries)
        if not ids:
            return {}
        # Held until the end, so that two who ask at the same moment do not both send.
        await self._connection.execute(
            sa.select(delivery.c.id).where(delivery.c.id.in_(ids)).order_by(delivery.c.id).with_for_update()
        )
        busy = await self._end_waiting(deliveries, now)
        free = [delivery_id for delivery_id in ids if delivery_id not in busy]
        await self._connection.execute(
            sa.update(delivery)
            .where(delivery.c.id.in_(free), delivery.c.state.not_in(_TAKEN))
            .values(state=DeliveryState.QUEUED, ended_at=None)
        )
        number = sa.func.max(attempt.c.number)
        tried = await self._connection.execute(
            sa.select(attempt.c.delivery_id, number)
            .where(attempt.c.delivery_id.in_(free))
            .group_by(attempt.c.delivery_id)
        )
        return dict.fromkeys(free, 0) | {DeliveryId(name): int(most) for name, most in tried}

    async def _end_waiting(self, deliveries: Sequence[DeliveryRow], now: datetime) -> set[DeliveryId]:
        """Be done with what waits or is parked for deliveries; give those that a worker holds."""
        wanted = {row.id for row in deliveries}
        cases = {row.case_reference for row in deliveries}
        of_cases = sa.and_(outbox.c.case_reference.in_(cases), outbox.c.lane.in_(_LANES))
        waiting: dict[int, DeliveryId] = {}
        for where in (sa.and_(_OPEN, of_cases), sa.and_(outbox.c.parked_at.isnot(None), of_cases)):
            for row in await self._connection.execute(sa.select(outbox.c.id, outbox.c.event_body).where(where)):
                if row.event_body.get("delivery_id") in wanted:
                    waiting[row.id] = row.event_body["delivery_id"]
        if not waiting:
            return set()
        free = sa.or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now)
        ended = await self._connection.execute(
            sa.update(outbox)
            .where(outbox.c.id.in_(list(waiting)), free, outbox.c.done_at.is_(None))
            .values(done_at=now, parked_at=None)
            .returning(outbox.c.id)
        )
        done = {row.id for row in ended}
        return {delivery_id for message, delivery_id in waiting.items() if message not in done}


def _attempt(values: Sequence[Any]) -> Attempt:
    named = dict(zip(_OF_AN_ATTEMPT, values, strict=True))
    failure = named["failure"]
    return Attempt(
        **named | {"result": DeliveryState(named["result"]), "failure": FailureKind(failure) if failure else None}
    )
