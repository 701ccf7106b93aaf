"""Speaks LMTP or SMTP with one mail server: bounded lines, an answer for each recipient, an orderly goodbye."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any, Protocol

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

CLOSING = "421 4.3.2 article17 is closing, please come back"
TOO_MANY = "421 4.3.2 too many connections, please come back"

# A line may have 998 octets, but bounces of real systems have longer ones, and refusing such a mail would lose it.
LONGEST_LINE = 65_536
LONGEST_COMMAND = 1000


class Host(Protocol):
    """Who is told of connections that open and close."""

    def connection_opened(self, conversation: Conversation) -> None:
        """Remember an open connection."""

    def connection_closed(self, conversation: Conversation) -> None:
        """Forget a closed connection."""


class Conversation(SMTP):
    """One connection over SMTP; `hooks` answers MAIL, RCPT and DATA."""

    line_length_limit = LONGEST_LINE
    command_size_limit = LONGEST_COMMAND

    def __init__(self, hooks: object, host: Host, *, most_bytes: int, idle_seconds: float, name: str) -> None:
        self._host = host
        self._leaves_after_transaction = False
        # The library changes this with each greeting and would share it with every server of the process.
        self.command_size_limits = defaultdict(lambda: LONGEST_COMMAND)
        super().__init__(
            hooks,
            data_size_limit=most_bytes,
            enable_SMTPUTF8=True,
            hostname=name,
            ident="article17",
            timeout=idle_seconds,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )

    @property
    def is_open(self) -> bool:
        """Whether an answer can still reach the other side."""
        transport: Any = self.transport
        return transport is not None and not transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to listen to the other side."""
        super().connection_made(transport)
        if self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(_look_at)
        self._host.connection_opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        """End, however it came about."""
        super().connection_lost(error)
        self._host.connection_closed(self)

    async def wait_until_ended(self) -> None:
        """Wait until nothing of this connection runs any more."""
        if self._handler_coroutine is not None:
            await asyncio.wait([self._handler_coroutine])

    def leave(self) -> None:
        """Say goodbye now, or after the transaction in hand."""
        if self.envelope is not None and self.envelope.mail_from:
            self._leaves_after_transaction = True
        elif self.is_open:
            self._say_goodbye()

    def abort(self) -> None:
        """Cut the connection."""
        transport: Any = self.transport
        if transport is not None:
            transport.abort()

    async def smtp_DATA(self, arg: str) -> None:
        """Take the mail, then leave if that was asked for."""
        await super().smtp_DATA(arg)
        self._leave_if_asked()

    async def smtp_RSET(self, arg: str) -> None:
        """Forget the transaction, then leave if that was asked for."""
        await super().smtp_RSET(arg)
        self._leave_if_asked()

    def _leave_if_asked(self) -> None:
        if self._leaves_after_transaction and self.is_open and not (self.envelope and self.envelope.mail_from):
            self._say_goodbye()

    def _say_goodbye(self) -> None:
        transport: Any = self.transport
        transport.write(CLOSING.encode() + b"\r\n")
        transport.close()


class LmtpConversation(Conversation, LMTP):
    """One connection over LMTP, where each recipient gets an answer of its own after DATA (RFC 2033, 4.2)."""

    _awaiting = 0

    async def push(self, status: Any) -> None:
        """Answer; what the library says once about a whole mail is said for each of its recipients."""
        if isinstance(status, str) and status.startswith("354"):
            self._awaiting = len(self.envelope.rcpt_tos) if self.envelope is not None else 0
        elif self._awaiting and isinstance(status, str):
            if "\r\n" not in status:
                status = "\r\n".join([status] * self._awaiting)
            self._awaiting = 0
        await super().push(status)


class Refusal(asyncio.Protocol):
    """A connection too many: it is told so, and closed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say that there are too many, and close."""
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(TOO_MANY.encode() + b"\r\n")
        transport.close()


def _look_at(task: asyncio.Task[None]) -> None:
    # A connection that breaks ends its task with an error, which is no news to anybody.
    if not task.cancelled():
        task.exception()
