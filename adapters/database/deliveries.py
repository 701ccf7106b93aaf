"""Keeps deliveries and their attempts; results are entered batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import attempt, delivery
from contacts.model import ContactId
from notify.delivery import FINAL_STATES, DeliveryState, NoticeKind
from notify.errors import NotFound
from notify.rows import Attempt, DeliveryRow
from notify.sentence import Sentence
from notify.words import CaseReference, ChannelName, DeliveryId, NotificationId

_NAMES = [column.name for column in delivery.columns]
STILL_WAITING = (DeliveryState.QUEUED, DeliveryState.DELAYED)
_ACCEPTED = (DeliveryState.ACCEPTED, DeliveryState.RELAYED, DeliveryState.DELIVERED)


def _row(queued: DeliveryRow) -> dict[str, Any]:
    row = {name: getattr(queued, name) for name in _NAMES}
    row["roles"] = list(queued.roles)
    row["reason"] = None if queued.reason is None else queued.reason.to_json()
    return row


def _delivery(row: Any) -> DeliveryRow:
    values = dict(row._mapping)
    values["roles"] = tuple(values["roles"])
    values["reason"] = None if values["reason"] is None else Sentence.from_json(values["reason"])
    values["channel"] = ChannelName(values["channel"])
    values["kind"] = NoticeKind(values["kind"])
    values["state"] = DeliveryState(values["state"])
    return DeliveryRow(**values)


class SqlDeliveries:
    """The deliveries on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, deliveries: Sequence[DeliveryRow]) -> set[DeliveryId]:
        if not deliveries:
            return set()
        keys = [queued.key for queued in deliveries]
        found = await self._connection.execute(sa.select(delivery.c.key).where(delivery.c.key.in_(keys)))
        known = {row.key for row in found}
        fresh = [queued for queued in deliveries if queued.key not in known]
        if fresh:
            # Another worker may have added the same key since: then this transaction fails and is tried again.
            await self._connection.execute(sa.insert(delivery), [_row(queued) for queued in fresh])
        return {queued.id for queued in fresh}

    async def _select(self, *where: sa.ColumnElement[bool]) -> list[DeliveryRow]:
        found = await self._connection.execute(
            sa.select(delivery).where(*where).order_by(delivery.c.queued_at, delivery.c.id)
        )
        return [_delivery(row) for row in found]

    async def many(self, ids: Sequence[DeliveryId]) -> list[DeliveryRow]:
        return await self._select(delivery.c.id.in_(ids))

    async def of_case(self, reference: CaseReference) -> list[DeliveryRow]:
        return await self._select(delivery.c.case_reference == reference)

    async def of_notification(self, notification_id: NotificationId) -> list[DeliveryRow]:
        return await self._select(delivery.c.notification_id == notification_id)

    async def attempts(self, reference: CaseReference) -> list[Attempt]:
        found = await self._connection.execute(
            sa.select(attempt)
            .join(delivery, delivery.c.id == attempt.c.delivery_id)
            .where(delivery.c.case_reference == reference)
            .order_by(attempt.c.started_at, attempt.c.delivery_id, attempt.c.number)
        )
        return [Attempt(**dict(row._mapping) | {"result": DeliveryState(row.result)}) for row in found]

    async def enter(self, attempts: Sequence[Attempt]) -> None:
        if not attempts:
            return
        names = [column.name for column in attempt.columns]
        await self._connection.execute(
            sa.insert(attempt), [{name: getattr(tried, name) for name in names} for tried in attempts]
        )
        await self._connection.execute(
            sa.update(delivery)
            .where(
                delivery.c.id == sa.bindparam("tried"),
                # What was cancelled meanwhile stays so, unless it had got through.
                sa.or_(delivery.c.state != DeliveryState.CANCELLED, sa.bindparam("reached") != DeliveryState.DELAYED),
            )
            .values(
                state=sa.bindparam("reached"),
                accepted_at=sa.func.coalesce(
                    delivery.c.accepted_at, sa.bindparam("accepted", type_=delivery.c.accepted_at.type)
                ),
                ended_at=sa.bindparam("ended", type_=delivery.c.ended_at.type),
            ),
            [
                {
                    "tried": tried.delivery_id,
                    "reached": tried.result,
                    "accepted": tried.started_at if tried.result in _ACCEPTED else None,
                    "ended": tried.started_at if tried.result in FINAL_STATES else None,
                }
                for tried in attempts
            ],
        )

    async def cancel(self, notification_id: NotificationId, keep: frozenset[str], at: datetime) -> int:
        result = await self._connection.execute(
            sa.update(delivery)
            .where(
                delivery.c.notification_id == notification_id,
                delivery.c.state.in_(STILL_WAITING),
                delivery.c.step.not_in(keep),
            )
            .values(state=DeliveryState.CANCELLED, ended_at=at)
        )
        return result.rowcount

    async def requeue(self, delivery_id: DeliveryId) -> None:
        await self._connection.execute(
            sa.update(delivery).where(delivery.c.id == delivery_id).values(state=DeliveryState.QUEUED, ended_at=None)
        )

    async def by_link(self, link_hash: str) -> DeliveryRow:
        found = await self._select(delivery.c.link_hash == link_hash, delivery.c.link_revoked_at.is_(None))
        if not found:
            raise NotFound("this link is not known, or it was revoked")
        return found[0]

    async def open_link(self, delivery_id: DeliveryId, at: datetime) -> None:
        await self._connection.execute(
            sa.update(delivery)
            .where(delivery.c.id == delivery_id, delivery.c.link_opened_at.is_(None))
            .values(link_opened_at=at)
        )

    async def revoke_links(self, contact: ContactId, at: datetime) -> None:
        await self._connection.execute(
            sa.update(delivery)
            .where(delivery.c.contact == contact, delivery.c.link_revoked_at.is_(None))
            .values(link_revoked_at=at)
        )

    async def earlier(self, reference: CaseReference, readers: Sequence[str]) -> dict[str, list[DeliveryId]]:
        reader = sa.func.coalesce(delivery.c.contact, delivery.c.recipient).label("reader")
        found = await self._connection.execute(
            sa.select(reader, delivery.c.id)
            .where(
                delivery.c.case_reference == reference,
                sa.or_(delivery.c.contact.in_(readers), delivery.c.recipient.in_(readers)),
                delivery.c.channel == ChannelName.EMAIL,
            )
            .order_by(delivery.c.queued_at, delivery.c.id)
        )
        threads: dict[str, list[DeliveryId]] = {}
        for row in found:
            threads.setdefault(row.reader, []).append(DeliveryId(row.id))
        return threads
