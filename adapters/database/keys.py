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
    """One Ed25519 key that signs webhooks until it retires; it still verifies what it signed."""

    id: str
    public: bytes
    private: bytes
    created_at: datetime
    retires_at: datetime | None = None

    def signs(self, now: datetime) -> bool:
        """Tell whether webhooks are signed with it."""
        return self.retires_at is None or now < self.retires_at


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

    async def retire_all(self, until: datetime) -> None:
        """Let every key sign until then at most."""
        ends = service_key.c.retires_at
        await self._connection.execute(
            sa.update(service_key).where(sa.or_(ends.is_(None), ends > until)).values(retires_at=until)
        )

    async def all(self) -> list[ServiceKey]:
        """List the keys, newest first."""
        found = await self._connection.execute(
            sa.select(service_key).order_by(service_key.c.created_at.desc(), service_key.c.id.desc())
        )
        return [
            ServiceKey(row.id, row.public, self._unseal(row.private), row.created_at, row.retires_at) for row in found
        ]
