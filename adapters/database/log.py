"""Writes and verifies the log: one hash chain per case, one row per event, appended batch by batch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import case_log, log_head
from notify.events import Event
from notify.rows import LogRow
from notify.words import CaseReference

EMPTY = "0" * 64


def row_hash(previous: str, chain: str, sequence: int, at: datetime, kind: str, body: str) -> str:
    """Chain one row to the one before it (SHA-256 over both)."""
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return hashlib.sha256(f"{previous}\n{chain}\n{sequence}\n{stamp}\n{kind}\n{body}".encode()).hexdigest()


# Statements of the hot path are built once; building them anew costs more than running them.
_APPEND = sa.insert(case_log)
_BEGIN_CHAIN = {
    dialect: insert(log_head).on_conflict_do_nothing()
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_HEADS = (
    sa.select(log_head).where(log_head.c.chain.in_(sa.bindparam("chains", expanding=True))).order_by(log_head.c.chain)
)
_HEADS_LOCKED = _HEADS.with_for_update()
_MOVE_HEAD = (
    sa.update(log_head)
    .where(log_head.c.chain == sa.bindparam("head_chain"))
    .values(sequence=sa.bindparam("head_sequence"), hash=sa.bindparam("head_hash"))
)


class SqlLog:
    """The log chains on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def append(self, events: Sequence[tuple[str, Event]]) -> None:
        """Append events to their chains in order; the heads stay locked until the transaction ends."""
        chains = sorted({event.case_reference for _, event in events})
        heads = await self._lock_heads(chains)
        rows = []
        for event_id, event in events:
            sequence, previous = heads[event.case_reference]
            sequence += 1
            body = json.dumps(event.body(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            hashed = row_hash(previous, event.case_reference, sequence, event.at, event.kind, body)
            heads[event.case_reference] = (sequence, hashed)
            rows.append(
                {
                    "chain": event.case_reference,
                    "sequence": sequence,
                    "event_id": event_id,
                    "at": event.at,
                    "kind": event.kind,
                    "body": body,
                    "hash": hashed,
                }
            )
        await self._connection.execute(_APPEND, rows)
        await self._connection.execute(
            _MOVE_HEAD,
            [{"head_chain": chain, "head_sequence": heads[chain][0], "head_hash": heads[chain][1]} for chain in chains],
        )

    async def _lock_heads(self, chains: Sequence[CaseReference]) -> dict[CaseReference, tuple[int, str]]:
        await self._connection.execute(
            _BEGIN_CHAIN[self._connection.dialect.name],
            [{"chain": chain, "sequence": 0, "hash": EMPTY} for chain in chains],
        )
        heads = await self._connection.execute(_HEADS_LOCKED, {"chains": chains})
        return {CaseReference(row.chain): (row.sequence, row.hash) for row in heads}

    async def hold(self, chain: CaseReference) -> None:
        await self._lock_heads([chain])

    async def rows(self, chain: CaseReference) -> list[LogRow]:
        found = await self._connection.execute(
            sa.select(case_log).where(case_log.c.chain == chain).order_by(case_log.c.sequence)
        )
        return [_log_row(row) for row in found]

    async def after(self, position: int, limit: int) -> list[LogRow]:
        found = await self._connection.execute(
            sa.select(case_log).where(case_log.c.position > position).order_by(case_log.c.position).limit(limit)
        )
        return [_log_row(row) for row in found]

    async def last_position(self) -> int:
        found = await self._connection.scalar(sa.select(sa.func.max(case_log.c.position)))
        return int(found or 0)

    async def heads(self, chains: Sequence[CaseReference]) -> dict[CaseReference, tuple[int, str]]:
        found = await self._connection.execute(_HEADS, {"chains": list(chains)})
        return {CaseReference(row.chain): (row.sequence, row.hash) for row in found}

    async def broken(self) -> AsyncIterator[tuple[CaseReference, int, str]]:
        """Verify every chain row by row, and each chain's head."""
        heads = {row.chain: row for row in await self._connection.execute(sa.select(log_head))}
        chains = await self._connection.execute(sa.select(case_log.c.chain).distinct())
        for chain in sorted({row.chain for row in chains} | set(heads)):
            previous, number = EMPTY, 0
            rows = await self._connection.execute(
                sa.select(case_log).where(case_log.c.chain == chain).order_by(case_log.c.sequence)
            )
            for row in rows:
                number += 1
                if row.sequence != number:
                    yield CaseReference(chain), number, "a row is missing"
                    number = row.sequence
                expected = row_hash(previous, chain, row.sequence, row.at, row.kind, row.body)
                if row.hash != expected:
                    yield CaseReference(chain), row.sequence, "the row was changed after it was written"
                previous = row.hash
            head = heads.get(chain)
            if head is None or (head.sequence, head.hash) != (number, previous):
                yield CaseReference(chain), number, "the end of the chain was cut off or replaced"


def _log_row(row: sa.Row[tuple[object, ...]]) -> LogRow:
    return LogRow(row.position, row.chain, row.sequence, row.at, row.kind, json.loads(row.body), row.hash)
