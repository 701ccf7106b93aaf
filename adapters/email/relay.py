"""Keeps a pool of connections to the mail relay, each for a bounded batch (reference: delivery E5, E8)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

from aiosmtplib import SMTP, SMTPException


@dataclass(frozen=True, slots=True)
class Relay:
    """Where mail is handed over. Times are in seconds; `tls` "none" is for development only.

    `ca_file`: certificates of a private authority, in PEM, instead of the system's. `greeting`: our name in EHLO.
    """

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    connect_timeout: float = 30.0
    connections: int = 20
    ca_file: str | None = None
    greeting: str = "localhost"
    batch: int = 200
    batch_seconds: float = 60.0
    idle_seconds: float = 5.0

    @property
    def name(self) -> str:
        """Host and port, for people."""
        return f"{self.host}:{self.port}"


@dataclass(slots=True, eq=False)
class Connection:
    """One open connection and how far its batch has gone."""

    client: SMTP
    opened_at: float
    sent: int = 0
    idle_since: float = 0.0

    @property
    def is_fresh(self) -> bool:
        """Nothing was sent on it yet."""
        return self.sent == 0


class RelayPool:
    """Lends connections to the relay, at most `relay.connections` at once."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._places = asyncio.Semaphore(relay.connections)
        self._idle: list[Connection] = []
        self._farewells: set[asyncio.Task[None]] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._tls = None if relay.tls == "none" else _tls_context(relay.ca_file)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for one of the places of the pool and hold it."""
        async with self._places:
            yield

    async def take(self, *, fresh: bool = False) -> Connection:
        """Take an idle connection, or open one; with `fresh` always a new one. Raises what aiosmtplib raises."""
        while self._idle and not fresh:
            # The one used last is the least likely to be closed by the server.
            connection = self._idle.pop()
            if self._is_usable(connection):
                return connection
            self.discard(connection)
        return await self._open()

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for the next mail, or say goodbye when its batch is full."""
        if not self._is_usable(connection):
            self.discard(connection)
            return
        connection.idle_since = monotonic()
        self._idle.append(connection)
        if self._sweep is None:
            loop = asyncio.get_running_loop()
            self._sweep = loop.call_later(self._relay.idle_seconds, self._sweep_idle)

    def discard(self, connection: Connection) -> None:
        """Say goodbye on a connection without waiting for it."""
        task = asyncio.create_task(self._quit(connection.client))
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    def drop(self, connection: Connection) -> None:
        """Close a connection in the middle of a transaction, without a word."""
        connection.client.close()

    async def close(self) -> None:
        """Say goodbye on every idle connection and wait until all are closed."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        while self._idle:
            self.discard(self._idle.pop())
        await asyncio.gather(*self._farewells)

    async def _open(self) -> Connection:
        relay = self._relay
        client = SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.username,
            password=relay.password,
            timeout=relay.timeout,
            use_tls=relay.tls == "tls",
            # None would go on in clear text when the server does not offer STARTTLS (E5).
            start_tls=relay.tls == "starttls",
            tls_context=self._tls,
            local_hostname=relay.greeting,
        )
        try:
            await client.connect(timeout=relay.connect_timeout)
            # What the relay offers is known only after EHLO, and forgotten after STARTTLS.
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except BaseException:
            client.close()
            raise
        return Connection(client, opened_at=monotonic())

    def _is_usable(self, connection: Connection) -> bool:
        return (
            connection.client.is_connected
            and connection.sent < self._relay.batch
            and monotonic() - connection.opened_at < self._relay.batch_seconds
        )

    def _sweep_idle(self) -> None:
        limit = monotonic() - self._relay.idle_seconds
        for connection in [each for each in self._idle if each.idle_since <= limit]:
            self._idle.remove(connection)
            self.discard(connection)
        self._sweep = None
        if self._idle:
            wait = max(self._idle[0].idle_since - limit, 0.01)
            self._sweep = asyncio.get_running_loop().call_later(wait, self._sweep_idle)

    async def _quit(self, client: SMTP) -> None:
        with suppress(SMTPException, OSError, asyncio.TimeoutError):
            if client.is_connected:
                await client.quit(timeout=min(self._relay.timeout, 5.0))
        client.close()


def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
