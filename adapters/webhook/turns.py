"""Lets only a few deliveries at a time go to one host, so that a slow one does not take all connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from notify.errors import DeliveryError


@dataclass(slots=True)
class _Host:
    turns: asyncio.Semaphore
    waiting_or_sending: int = 0


class Turns:
    """Counts the deliveries of each host; a host is forgotten with its last one, so memory stays bounded."""

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._hosts: dict[str, _Host] = {}

    def __len__(self) -> int:
        return len(self._hosts)

    @asynccontextmanager
    async def turn(self, host: str, longest_wait_seconds: float) -> AsyncIterator[None]:
        """Wait for a turn at the host; a temporary DeliveryError when it takes too long."""
        known = self._hosts.setdefault(host, _Host(asyncio.Semaphore(self._per_host)))
        known.waiting_or_sending += 1
        try:
            await _acquire(known.turns, longest_wait_seconds)
            try:
                yield
            finally:
                known.turns.release()
        finally:
            known.waiting_or_sending -= 1
            if not known.waiting_or_sending:
                del self._hosts[host]


async def _acquire(turns: asyncio.Semaphore, longest_wait_seconds: float) -> None:
    try:
        async with asyncio.timeout(longest_wait_seconds):
            await turns.acquire()
    except TimeoutError:
        raise DeliveryError("earlier deliveries to this host are still under way") from None
