"""Keeps deliveries and their attempts; results are entered batch by batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import attempt, delivery
from contacts.model import ContactId
from notify.delivery import FINAL_STATES, DeliveryState, NoticeKind
from notify.errors import NotFound, StaleVersion
from notify.rows import Attempt, DeliveryRow
from notify.sentence import Sentence
from notify.words import CaseReference, ChannelName, DeliveryId, NotificationId

_NAMES = [each.name for each in fields(DeliveryRow)]
STILL_WAITING = (DeliveryState.QUEUED, DeliveryState.DELAYED)
_ACCEPTED = (DeliveryState.ACCEPTED, DeliveryState.RELAYED, DeliveryState.DELIVERED)


def _row(queued: DeliveryRow) -> dict[str, Any]:
    row = {name: getattr(queued, name) for name in _NAMES}
    row["roles"] = list(queued.roles)
    row["reason"] = None if queued.reason is None else queued.reason.to_json()
    return row


def read_delivery(row: Any) -> DeliveryRow:
    """Read a delivery whose columns stand in the order of its fields."""
    # By position: naming every value costs more than reading it, and a fan-out reads thousands.
    read = DeliveryRow(*row)
    read.roles = tuple(read.roles)
    read.reason = None if read.reason is None else Sentence(**read.reason)  # type: ignore[arg-type]
    read.channel = ChannelName(read.channel)
    read.kind = NoticeKind(read.kind)
    read.state = DeliveryState(read.state)
    return read


_ALL = sa.select(*(delivery.c[name] for name in _NAMES)).order_by(delivery.c.queued_at, delivery.c.id)
# Statements of the hot path are built once; building them anew costs more than running them.
_MANY = _ALL.where(delivery.c.id.in_(sa.bindparam("ids", expanding=True)))


_OF_AN_ATTEMPT = [column.name for column in attempt.columns]
_TRIED = sa.insert(attempt)
_STAYS: Mapping[DeliveryState, tuple[DeliveryState, ...]] = {
    # What was cancelled meanwhile stays so, unless it had got through.
    DeliveryState.CANCELLED: (DeliveryState.DELAYED,),
    # What had got through keeps its state when it is sent again by hand and that fails.
    DeliveryState.ACCEPTED: (DeliveryState.DELAYED, DeliveryState.FAILED),
    # A report may come before the relay's own answer is recorded: it says more.
    DeliveryState.BOUNCED: (DeliveryState.ACCEPTED,),
    DeliveryState.RELAYED: (
        DeliveryState.ACCEPTED, DeliveryState.DELAYED, DeliveryState.FAILED, DeliveryState.BOUNCED,
    ),
    DeliveryState.DELIVERED: (
        DeliveryState.ACCEPTED, DeliveryState.DELAYED, DeliveryState.FAILED, DeliveryState.BOUNCED,
    ),
}  # fmt: skip
"""States that a delivery keeps, and the results of a try that do not change them."""

_REACHED = sa.bindparam("reached", type_=sa.String())
_IS_KEPT = sa.or_(
    *((delivery.c.state == state) & (result == _REACHED) for state, results in _STAYS.items() for result in results)
)
_REACH = (
    sa.update(delivery)
    .where(delivery.c.id == sa.bindparam("tried"))
    .values(
        state=sa.case((_IS_KEPT, delivery.c.state), else_=_REACHED),
        accepted_at=sa.func.coalesce(
            delivery.c.accepted_at, sa.bindparam("accepted", type_=delivery.c.accepted_at.type)
        ),
        ended_at=sa.case((_IS_KEPT, delivery.c.ended_at), else_=sa.bindparam("ended", type_=delivery.c.ended_at.type)),
    )
)
_CANCEL = (
    sa.update(delivery)
    .where(
        delivery.c.notification_id == sa.bindparam("told"),
        delivery.c.state.in_(STILL_WAITING),
        # A mail that a relay took and reports as delayed is on its way: it cannot be called back.
        delivery.c.accepted_at.is_(None),
        delivery.c.kind.in_(sa.bindparam("kinds", expanding=True)),
    )
    .values(state=DeliveryState.CANCELLED, ended_at=sa.bindparam("at", type_=delivery.c.ended_at.type))
)
_READERS: sa.BindParameter[Any] = sa.bindparam("readers", expanding=True)
_EARLIER = (
    sa.select(delivery.c.case_reference, sa.func.coalesce(delivery.c.contact, delivery.c.recipient), delivery.c.id)
    .where(
        delivery.c.case_reference.in_(sa.bindparam("cases", expanding=True)),
        sa.or_(delivery.c.contact.in_(_READERS), delivery.c.recipient.in_(_READERS)),
        delivery.c.channel == ChannelName.EMAIL,
    )
    .order_by(delivery.c.queued_at, delivery.c.id)
)


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
        return [read_delivery(row) for row in await self._connection.execute(_ALL.where(*where))]

    async def many(self, ids: Sequence[DeliveryId]) -> list[DeliveryRow]:
        return [read_delivery(row) for row in await self._connection.execute(_MANY, {"ids": list(ids)})]

    async def of_case(self, reference: CaseReference) -> list[DeliveryRow]:
        return await self._select(delivery.c.case_reference == reference)

    async def with_step(self, reference: CaseReference, beginning: str) -> list[DeliveryId]:
        found = await self._connection.execute(
            sa.select(delivery.c.id).where(
                delivery.c.case_reference == reference, delivery.c.step.startswith(beginning, autoescape=True)
            )
        )
        return [DeliveryId(row.id) for row in found]

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
        await self._connection.execute(
            _TRIED, [{name: getattr(tried, name) for name in _OF_AN_ATTEMPT} for tried in attempts]
        )
        await self._connection.execute(
            _REACH,
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

    async def reach(
        self, delivery_id: DeliveryId, state: DeliveryState, at: datetime, *, before: Collection[DeliveryState]
    ) -> None:
        values: dict[str, Any] = {"state": state, "ended_at": at if state in FINAL_STATES else None}
        if state in _ACCEPTED:
            values["accepted_at"] = sa.func.coalesce(delivery.c.accepted_at, at)
        moved = await self._connection.execute(
            sa.update(delivery).where(delivery.c.id == delivery_id, delivery.c.state.in_(list(before))).values(values)
        )
        if moved.rowcount == 0:
            raise StaleVersion("the delivery has another state meanwhile")

    async def cancel(self, notification_id: NotificationId, kinds: Collection[NoticeKind], at: datetime) -> int:
        values = {"told": notification_id, "kinds": list(kinds), "at": at}
        result = await self._connection.execute(_CANCEL, values)
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

    async def earlier(
        self, cases: Sequence[CaseReference], readers: Sequence[str]
    ) -> dict[tuple[CaseReference, str], list[DeliveryId]]:
        found = await self._connection.execute(_EARLIER, {"cases": list(cases), "readers": list(readers)})
        threads: dict[tuple[CaseReference, str], list[DeliveryId]] = {}
        for case, reader, delivery_id in found:
            threads.setdefault((case, reader), []).append(delivery_id)
        return threads
