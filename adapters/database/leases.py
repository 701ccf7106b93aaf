"""Keeps leases: the right of one process at a time to do a thing, which runs out by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import lease


class SqlLeases:
    """The leases on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, name: str, *, holder: str, now: datetime, until: datetime) -> bool:
        """Take a lease, or hold it for longer; False while another holds it."""
        dialect: Any = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        wanted = {"name": name, "holder": holder, "held_until": until}
        is_free = sa.or_(lease.c.holder == holder, lease.c.held_until <= now)
        taken = await self._connection.execute(
            dialect.insert(lease)
            .values(wanted)
            .on_conflict_do_update(index_elements=["name"], set_={"holder": holder, "held_until": until}, where=is_free)
            .returning(lease.c.name)
        )
        return taken.first() is not None
