"""Keeps the service's own signing keys; the private parts are sealed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import service_key


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """One Ed25519 key that signs webhooks; a retired one still verifies what it signed."""

    id: str
    public: bytes
    private: bytes
    created_at: datetime
    retired_at: datetime | None = None


class SqlKeys:
    """The signing keys on one connection."""

    def __init__(
        self, connection: AsyncConnection, seal: Callable[[bytes], bytes], unseal: Callable[[bytes], bytes]
    ) -> None:
        self._connection = connection
        self._seal = seal
        self._unseal = unseal

    async def add(self, key: ServiceKey) -> None:
        """Add a key."""
        row = {"id": key.id, "public": key.public, "private": self._seal(key.private), "created_at": key.created_at}
        await self._connection.execute(sa.insert(service_key), row)

    async def all(self) -> list[ServiceKey]:
        """List the keys, newest first."""
        found = await self._connection.execute(sa.select(service_key).order_by(service_key.c.created_at.desc()))
        return [
            ServiceKey(row.id, row.public, self._unseal(row.private), row.created_at, row.retired_at) for row in found
        ]
