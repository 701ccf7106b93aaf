"""Keeps the service's own webhook keys: makes the first, changes them without a gap, publishes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from adapters.database.engine import SqlDatabase
from adapters.database.keys import ServiceKey
from adapters.webhook.signing import write_public_key
from adapters.wiring.secrets import new_id
from notify.account import OPERATOR
from notify.events import SERVICE_CHAIN, SigningKeyChanged
from notify.ports import Clock
from notify.service.reading import stamp


async def signing_keys(database: SqlDatabase, clock: Clock) -> list[ServiceKey]:
    """Read the keys, newest first; the first start makes one."""
    async with database.write() as work:
        keys = await work.keys.all()
        if not keys:
            keys = [_new_key(clock.now())]
            await work.keys.add(keys[0])
            await work.commit()
    return keys


async def change_signing_key(database: SqlDatabase, clock: Clock, both_for: timedelta) -> ServiceKey:
    """Make the key that signs from now on; the others sign beside it for `both_for`."""
    now = clock.now()
    key = _new_key(now)
    async with database.write() as work:
        await work.keys.retire_all(now + both_for)
        await work.keys.add(key)
        work.record(
            SigningKeyChanged(
                case_reference=SERVICE_CHAIN, at=now, key=key.id, others_until=now + both_for, account=OPERATOR.id
            )
        )
        await work.commit()
    return key


def signing(keys: Sequence[ServiceKey], now: datetime) -> list[Ed25519PrivateKey]:
    """Choose the keys that sign now."""
    return [Ed25519PrivateKey.from_private_bytes(key.private) for key in keys if key.signs(now)]


def published(keys: Sequence[ServiceKey], now: datetime) -> list[dict[str, Any]]:
    """Write the public keys for receivers; `retired_at` stands only at those that sign nothing any more."""
    return [
        {
            "id": key.id,
            "algorithm": "ed25519",
            "public_key": write_public_key(Ed25519PublicKey.from_public_bytes(key.public)),
            "created_at": stamp(key.created_at),
            "retires_at": stamp(key.retires_at) if key.signs(now) else None,
            "retired_at": None if key.signs(now) else stamp(key.retires_at),
        }
        for key in keys
    ]


def _new_key(now: datetime) -> ServiceKey:
    private = Ed25519PrivateKey.generate()
    return ServiceKey(new_id("key"), private.public_key().public_bytes_raw(), private.private_bytes_raw(), now)
