"""A small SMTP server for tests that says what it is told to say, and writes down every command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

LOCAL = "127.0.0.1"
DSN = ("SIZE 10000000", "8BITMIME", "SMTPUTF8", "DSN")


class ScriptedServer:
    """Answers by the first word of a command; a reply that is None hangs up instead, and keeps nothing."""

    def __init__(
        self, *, offers: tuple[str, ...] = (), greeting: str = "220 relay.test", replies: Mapping[str, str | None] = {}
    ) -> None:
        self.offers, self.greeting, self.replies = offers, greeting, dict(replies)
        self.commands: list[str] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[ScriptedServer]:
        server = await asyncio.start_server(self._talk, LOCAL, port)
        self.port = int(server.sockets[0].getsockname()[1])
        try:
            yield self
        finally:
            server.close()
            self.hang_up()
            await server.wait_closed()

    def hang_up(self) -> None:
        """Close every connection."""
        for writer in self._open:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        with suppress(ConnectionError):
            await self._say(writer, self.greeting)
            while (line := await reader.readline()) and await self._answer(line.decode().strip(), reader, writer):
                pass
        self._open.discard(writer)
        writer.close()

    async def _answer(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        verb = line[:4].upper()
        self.commands.append(line)
        reply = self.replies.get(verb, "250 OK")
        if reply is None:
            return False
        if verb == "EHLO" and reply == "250 OK":
            names = ["relay.test", *self.offers]
            reply = "\r\n".join([f"250-{name}" for name in names[:-1]] + [f"250 {names[-1]}"])
        if verb == "DATA" and reply == "250 OK":
            await self._say(writer, "354 go on")
            self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
            reply = self.replies.get("END", "250 2.0.0 kept")
            if reply is None:
                return False
        await self._say(writer, reply)
        return verb != "QUIT"

    async def _say(self, writer: asyncio.StreamWriter, text: str) -> None:
        writer.write(text.encode() + b"\r\n")
        await writer.drain()

    def said(self, verb: str) -> list[str]:
        """List the commands that begin so."""
        return [command for command in self.commands if command.upper().startswith(verb)]
