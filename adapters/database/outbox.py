"""Keeps the outbox: one claim statement for both databases, leases, retries, parking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import outbox
from notify.errors import NotFound
from notify.events import Event
from notify.outbox import Lane, Message, NewMessage, Urgency
from notify.words import CaseReference, OutboxId

_WAITING = sa.and_(outbox.c.done_at.is_(None), outbox.c.parked_at.is_(None))


def _due(now: Any) -> sa.ColumnElement[bool]:
    free = sa.or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now)
    return sa.and_(_WAITING, outbox.c.due_at <= now, free)


def claim_statement() -> sa.Update:
    """Build the claim: a materialised choice of due rows, skipping locked ones, then one UPDATE … RETURNING.

    SQLite leaves out the lock clause; there the transaction already holds the only write lock.
    """
    now = sa.bindparam("now", type_=outbox.c.due_at.type)
    at_most = sa.bindparam("at_most", type_=sa.Integer)
    # One choice for each urgency, so that the index gives the rows in order however many wait for later.
    choices = [
        sa.select(outbox.c.id)
        .where(outbox.c.lane == sa.bindparam("in_lane"), outbox.c.urgency == urgency, _due(now))
        .order_by(outbox.c.due_at)
        .limit(at_most)
        .with_for_update(skip_locked=True)
        .cte(f"chosen_{urgency.name.lower()}")
        .prefix_with("MATERIALIZED", dialect="postgresql")
        for urgency in Urgency
    ]
    chosen = sa.union_all(*(sa.select(choice.c.id) for choice in choices)).limit(at_most).subquery()
    until = sa.bindparam("until", type_=outbox.c.claimed_until.type)
    return (
        sa.update(outbox)
        .where(outbox.c.id.in_(sa.select(chosen.c.id)))
        .values(claimed_by=sa.bindparam("claim"), claimed_until=until)
        .returning(outbox)
    )


_CLAIM = claim_statement()

# Statements of the hot path are built once; building them anew costs more than running them.
_NOW = sa.bindparam("now", type_=outbox.c.due_at.type)
_HELD = sa.and_(
    outbox.c.id == sa.bindparam("message"),
    outbox.c.claimed_by == sa.bindparam("claim"),
    outbox.c.claimed_until > _NOW,
    _WAITING,
)
_COMPLETE = (
    sa.update(outbox)
    .where(
        outbox.c.id.in_(sa.bindparam("messages", expanding=True)),
        outbox.c.claimed_by == sa.bindparam("claim"),
        outbox.c.claimed_until > _NOW,
        _WAITING,
    )
    .values(done_at=_NOW)
    .returning(outbox.c.id)
)
_PUT_BACK: dict[str, Any] = {"attempts": outbox.c.attempts + 1, "claimed_by": None, "claimed_until": None}
_ERROR: sa.BindParameter[Any] = sa.bindparam("error")
_RETRY = (
    sa.update(outbox)
    .where(_HELD)
    .values(
        **_PUT_BACK, due_at=sa.bindparam("at", type_=outbox.c.due_at.type), last_error=_ERROR, urgency=Urgency.RETRY
    )
)
_POSTPONE = (
    sa.update(outbox)
    .where(_HELD)
    .values(claimed_by=None, claimed_until=None, due_at=sa.bindparam("at", type_=outbox.c.due_at.type))
)
_REPEAT = (
    sa.update(outbox)
    .where(_HELD)
    .values(
        **_PUT_BACK | {"attempts": 0},
        due_at=sa.bindparam("at", type_=outbox.c.due_at.type),
        first_at=sa.bindparam("at", type_=outbox.c.due_at.type),
        last_error=None,
    )
)
_BRING_FORWARD = (
    sa.update(outbox)
    .where(
        outbox.c.case_reference == sa.bindparam("case"),
        outbox.c.handler == sa.bindparam("of_handler"),
        outbox.c.claimed_until.is_(None),
        _WAITING,
    )
    .values(
        due_at=sa.case(
            (outbox.c.due_at > sa.bindparam("at", type_=outbox.c.due_at.type), sa.bindparam("at")),
            else_=outbox.c.due_at,
        )
    )
)
_PARK = sa.update(outbox).where(_HELD).values(**_PUT_BACK, parked_at=_NOW, last_error=_ERROR)
_RENEW = (
    sa.update(outbox)
    .where(
        outbox.c.lane == sa.bindparam("in_lane"),
        outbox.c.claimed_until > _NOW,
        outbox.c.claimed_by.in_(sa.bindparam("claims", expanding=True)),
        _WAITING,
    )
    .values(claimed_until=sa.bindparam("until", type_=outbox.c.claimed_until.type))
    .returning(outbox.c.claimed_by)
)
_IN_LANE = sa.and_(_WAITING, outbox.c.lane == sa.bindparam("in_lane"))
# Each part is the first row of an index: what is free by urgency, what is claimed by the end of its lease.
_NEXT_DUE = sa.union_all(
    *(
        sa.select(sa.func.min(outbox.c.due_at)).where(
            _IN_LANE, outbox.c.urgency == urgency, outbox.c.claimed_until.is_(None)
        )
        for urgency in Urgency
    ),
    sa.select(sa.func.min(outbox.c.claimed_until)).where(_IN_LANE, outbox.c.claimed_until.isnot(None)),
)


_OLDEST = sa.union_all(
    *(sa.select(sa.func.min(outbox.c.due_at)).where(_IN_LANE, outbox.c.urgency == urgency) for urgency in Urgency)
)


class SqlOutbox:
    """The outbox on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, messages: Sequence[tuple[str, NewMessage]]) -> None:
        """Add one row per (event, handler)."""
        if not messages:
            return
        await self._connection.execute(
            sa.insert(outbox),
            [
                {
                    "event_id": event_id,
                    "handler": message.handler,
                    "lane": message.lane,
                    "urgency": message.urgency,
                    "case_reference": message.event.case_reference,
                    "event_kind": message.event.kind,
                    "event_at": message.event.at,
                    "event_body": message.event.body(),
                    "due_at": message.due_at,
                    "first_at": message.due_at,
                    "attempts": 0,
                }
                for event_id, message in messages
            ],
        )

    async def claim(self, lane: Lane, *, claim: str, now: datetime, until: datetime, limit: int) -> list[Message]:
        values = {"in_lane": lane, "now": now, "until": until, "claim": claim, "at_most": limit}
        rows = await self._connection.execute(_CLAIM, values)
        # While an upgrade runs, a newer process may leave events of which this one knows nothing; they wait for it.
        known = [_message(row) for row in rows if row.event_kind in Event.NAMES]
        return sorted(known, key=lambda m: (m.urgency, m.due_at, m.id))

    async def complete(self, ids: Sequence[OutboxId], *, claim: str, now: datetime) -> set[OutboxId]:
        rows = await self._connection.execute(_COMPLETE, {"messages": list(ids), "claim": claim, "now": now})
        return {OutboxId(row.id) for row in rows}

    async def retry(self, message_id: OutboxId, *, claim: str, now: datetime, due_at: datetime, error: str) -> bool:
        values = {"message": message_id, "claim": claim, "now": now, "at": due_at, "error": error[:2000]}
        return bool((await self._connection.execute(_RETRY, values)).rowcount)

    async def postpone(self, message_id: OutboxId, *, claim: str, now: datetime, due_at: datetime) -> None:
        await self._connection.execute(_POSTPONE, {"message": message_id, "claim": claim, "now": now, "at": due_at})

    async def repeat(self, message_id: OutboxId, *, claim: str, now: datetime, due_at: datetime) -> bool:
        values = {"message": message_id, "claim": claim, "now": now, "at": due_at}
        return bool((await self._connection.execute(_REPEAT, values)).rowcount)

    async def bring_forward(self, reference: CaseReference, handler: str, due_at: datetime) -> bool:
        values = {"case": reference, "of_handler": handler, "at": due_at}
        return bool((await self._connection.execute(_BRING_FORWARD, values)).rowcount)

    async def park(self, message_id: OutboxId, *, claim: str, now: datetime, error: str) -> bool:
        values = {"message": message_id, "claim": claim, "now": now, "error": error[:2000]}
        return bool((await self._connection.execute(_PARK, values)).rowcount)

    async def renew(self, lane: Lane, claims: Sequence[str], *, now: datetime, until: datetime) -> set[str]:
        values = {"in_lane": lane, "claims": list(claims), "now": now, "until": until}
        return {row.claimed_by for row in await self._connection.execute(_RENEW, values)}

    async def release(self, ids: Sequence[OutboxId], *, owner: str) -> None:
        await self._connection.execute(
            sa.update(outbox)
            .where(outbox.c.id.in_(ids), outbox.c.claimed_by.startswith(f"{owner}:", autoescape=True), _WAITING)
            .values(claimed_by=None, claimed_until=None)
        )

    async def free(self, message_id: OutboxId, now: datetime) -> Message:
        rows = await self._connection.execute(
            sa.update(outbox)
            .where(outbox.c.id == message_id, outbox.c.parked_at.isnot(None))
            .values(parked_at=None, due_at=now, first_at=now, urgency=Urgency.ORDINARY)
            .returning(outbox)
        )
        row = rows.first()
        if row is None:
            raise NotFound(f"there is no parked message {message_id}")
        return _message(row)

    async def parked(self) -> list[tuple[Message, datetime, str]]:
        rows = await self._connection.execute(
            sa.select(outbox).where(outbox.c.parked_at.isnot(None)).order_by(outbox.c.parked_at)
        )
        return [(_message(row), row.parked_at, row.last_error or "") for row in rows]

    async def next_due(self, lanes: Sequence[Lane]) -> datetime | None:
        """Look at the first row of each lane and urgency, so that the index answers alone."""
        soonest: list[datetime] = []
        for lane in lanes:
            found = await self._connection.execute(_NEXT_DUE, {"in_lane": lane})
            soonest += [moment for (moment,) in found if moment is not None]
        return min(soonest, default=None)

    async def oldest_overdue(self, lanes: Sequence[Lane], now: datetime) -> datetime | None:
        oldest: list[datetime] = []
        for lane in lanes:
            found = await self._connection.execute(_OLDEST, {"in_lane": lane})
            oldest += [moment for (moment,) in found if moment is not None and moment <= now]
        return min(oldest, default=None)

    async def counts(self, now: datetime) -> dict[str, int]:
        waiting = await self._connection.scalar(sa.select(sa.func.count()).select_from(outbox).where(_WAITING))
        due = await self._connection.scalar(
            sa.select(sa.func.count()).select_from(outbox).where(_WAITING, outbox.c.due_at <= now)
        )
        parked = await self._connection.scalar(
            sa.select(sa.func.count()).select_from(outbox).where(outbox.c.parked_at.isnot(None))
        )
        return {"waiting": int(waiting or 0), "due": int(due or 0), "parked": int(parked or 0)}


def _message(row: Any) -> Message:
    event = Event.read(row.event_kind, row.case_reference, row.event_at, row.event_body)
    return Message(
        id=OutboxId(row.id),
        handler=row.handler,
        lane=Lane(row.lane),
        urgency=Urgency(row.urgency),
        event=event,
        due_at=row.due_at,
        attempts=row.attempts,
        first_at=row.first_at,
        claim=row.claimed_by or "",
        claimed_until=row.claimed_until or row.due_at,
    )
