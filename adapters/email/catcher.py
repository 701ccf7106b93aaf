"""Catches mail on loopback for development and the demonstration: a real SMTP server that keeps what it is given."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

_SIZE_LIMIT = 20_000_000


@dataclass(frozen=True)
class CaughtMail:
    """One mail as it came over SMTP."""

    envelope_from: str
    to: str
    content: bytes = field(repr=False)
    received_at: datetime

    @cached_property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        """The text part, decoded; empty when there is none."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part, decoded; empty when there is none."""
        return self._part("html")

    def _part(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


class MailCatcher:
    """Runs in the caller's event loop and keeps the last `keep` mails.

    `refuse` may answer a recipient with an SMTP reply such as "550 5.1.1 no such user"; None accepts.
    With `tls` it takes mail only after STARTTLS.
    """

    def __init__(
        self,
        *,
        keep: int = 5000,
        refuse: Callable[[str], str | None] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._mails: deque[CaughtMail] = deque(maxlen=keep)
        self._refuse = refuse
        self._clock = clock
        self.tls = tls
        self._server: asyncio.Server | None = None
        self._protocols: set[_Protocol] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self.connections = 0
        self.received = 0

    @property
    def mails(self) -> list[CaughtMail]:
        """The mails kept, oldest first."""
        return list(self._mails)

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._server is None:
            raise RuntimeError("the mail catcher is not started")
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes any free port."""
        self._server = await asyncio.get_running_loop().create_server(self._protocol, host, port)

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        if self._server is None:
            return
        self._server.close()
        for protocol in list(self._protocols):
            protocol.hang_up()
        await self._quiet.wait()
        await self._server.wait_closed()
        self._server = None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept or refuse one recipient."""
        refusal = self._refuse(address) if self._refuse else None
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail, once for each recipient."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        for recipient in envelope.rcpt_tos:
            self._mails.append(CaughtMail(envelope.mail_from or "", recipient, content, self._clock()))
            self.received += 1
        return "250 2.0.0 kept"

    def _protocol(self) -> _Protocol:
        return _Protocol(self)

    def connection_opened(self, protocol: _Protocol) -> None:
        """Remember an open connection, so that `stop` can close it."""
        self.connections += protocol not in self._protocols
        self._protocols.add(protocol)
        self._quiet.clear()

    def connection_closed(self, protocol: _Protocol) -> None:
        """Forget a closed connection."""
        self._protocols.discard(protocol)
        if not self._protocols:
            self._quiet.set()


class _Protocol(SMTP):
    def __init__(self, catcher: MailCatcher) -> None:
        super().__init__(
            catcher,
            data_size_limit=_SIZE_LIMIT,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="article17 mail catcher",
            tls_context=catcher.tls,
            require_starttls=catcher.tls is not None,
            loop=asyncio.get_running_loop(),
        )
        self._catcher = catcher
        self._is_settled = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # It is called a second time when the TLS handshake is done.
        self._is_settled = self._original_transport is not None or self._catcher.tls is None
        super().connection_made(transport)
        self._catcher.connection_opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._catcher.connection_closed(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        # A client that leaves during the handshake is reported to nobody, so the loss is said here.
        if self._original_transport is not None and not self._is_settled:
            self.connection_lost(None)
            return
        transport: Any = self.transport
        if transport is not None:
            transport.close()
