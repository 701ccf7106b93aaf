"""Keeps the health of endpoints: a row for each that ever failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import endpoint
from contacts.model import ContactId
from notify.breaker import Health

BEFORE_EVERYTHING = datetime(2000, 1, 1, tzinfo=UTC)

_NAMES = [each.name for each in fields(Health)]
_ALL = sa.select(*(endpoint.c[name] for name in _NAMES))
# Statements of the hot path are built once; building them anew costs more than running them.
# Written as a range, so that SQLite looks from the head of the index and walks no rows of those that are well.
_UNWELL = _ALL.where(endpoint.c.failing_since > BEFORE_EVERYTHING)
_OF = _ALL.where(endpoint.c.contact.in_(sa.bindparam("contacts", expanding=True)))
_OF_TO_CHANGE = _OF.order_by(endpoint.c.contact).with_for_update()


def _put(insert: Any) -> Any:
    row = insert(endpoint)
    changed = {name: row.excluded[name] for name in _NAMES if name != "contact"}
    return row.on_conflict_do_update(index_elements=["contact"], set_=changed)


_PUT = {"sqlite": _put(sqlite.insert), "postgresql": _put(postgresql.insert)}


class SqlEndpoints:
    """The health of endpoints on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _select(self, statement: sa.Select[Any], values: dict[str, Any]) -> dict[ContactId, Health]:
        found = await self._connection.execute(statement, values)
        return {ContactId(row.contact): Health(**row._mapping) for row in found}

    async def unwell(self) -> dict[ContactId, Health]:
        return await self._select(_UNWELL, {})

    async def of(self, contacts: Sequence[ContactId]) -> dict[ContactId, Health]:
        return await self._select(_OF, {"contacts": list(contacts)})

    async def of_to_change(self, contacts: Sequence[ContactId]) -> dict[ContactId, Health]:
        return await self._select(_OF_TO_CHANGE, {"contacts": list(contacts)})

    async def put(self, healths: Sequence[Health]) -> None:
        if not healths:
            return
        rows = [{name: getattr(health, name) for name in _NAMES} for health in healths]
        # In one order everywhere, so that two workers never wait for each other.
        rows.sort(key=lambda row: str(row["contact"]))
        await self._connection.execute(_PUT[self._connection.dialect.name], rows)
