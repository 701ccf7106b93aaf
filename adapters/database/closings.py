"""Keeps the announced closes of cases: which States were asked, what they said, and what came of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import closing
from notify.closing import CloseResult, Closing, StateAsked
from notify.errors import StaleVersion
from notify.sentence import Sentence
from notify.words import CaseReference

_PLAIN = (
    "id",
    "case_reference",
    "account",
    "announced_at",
    "ended_at",
    "reopened_at",
    "instruction",
    "evidence",
    "version",
)


def _row(kept: Closing) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(kept, name) for name in _PLAIN}
    row["states"] = [asked.to_json() for asked in kept.states]
    row["result"] = kept.result
    row["reasons"] = [reason.to_json() for reason in kept.reasons]
    return row


def _closing(row: Any) -> Closing:
    values = {name: getattr(row, name) for name in _PLAIN}
    return Closing(
        states=[StateAsked.from_json(asked) for asked in row.states],
        result=None if row.result is None else CloseResult(row.result),
        reasons=tuple(Sentence.from_json(reason) for reason in row.reasons or ()),
        **values,
    )


class SqlClosings:
    """The announced closes on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, kept: Closing) -> None:
        await self._connection.execute(sa.insert(closing), _row(kept))

    async def latest(self, reference: CaseReference) -> Closing | None:
        found = await self._connection.execute(
            sa.select(closing)
            .where(closing.c.case_reference == reference)
            .order_by(closing.c.announced_at.desc(), closing.c.id.desc())
            .limit(1)
        )
        row = found.first()
        return None if row is None else _closing(row)

    async def save(self, kept: Closing) -> None:
        result = await self._connection.execute(
            sa.update(closing)
            .where(closing.c.id == kept.id, closing.c.version == kept.version)
            .values(_row(kept) | {"version": kept.version + 1})
        )
        if result.rowcount == 0:
            raise StaleVersion("the close was changed meanwhile")
        kept.version += 1
