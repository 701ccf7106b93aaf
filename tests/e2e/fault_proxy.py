"""Stands between a client and a server and spoils their connections: cuts in the middle, delays, refusals."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class _Carried:
    """One connection on its way: its two ends, and how many bytes may still pass (None: all)."""

    ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    left: int | None


class FaultProxy:
    """A TCP proxy on loopback; a seed decides which connections are cut, and after how many bytes.

    `cut_share` of the new connections are cut; each piece waits up to `delay` seconds; `refusing` takes none.
    """

    def __init__(self, port: int, seed: int, *, most_bytes: int = 16_000) -> None:
        self.cut_share, self.delay, self.refusing = 0.0, 0.0, False
        self.cuts: list[float] = []  # when, by the wall clock
        self._target, self._most_bytes = port, most_bytes
        self._chance = random.Random(seed)
        self._carried: set[_Carried] = set()
        self._tasks: set[asyncio.Task[None] | None] = set()

    async def start(self) -> int:
        """Listen on a free port; give it."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and close what is open."""
        self._server.close()
        self.cut_all()
        await asyncio.gather(*(task for task in self._tasks if task), return_exceptions=True)

    def cut_all(self) -> None:
        """Cut every open connection now."""
        for carried in list(self._carried):
            self._cut(carried)

    def _cut(self, carried: _Carried) -> None:
        if carried in self._carried:
            self._carried.discard(carried)
            self.cuts.append(time.time())
        for end in carried.ends:
            end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(task := asyncio.current_task())
        try:
            if self.refusing:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return self._tasks.discard(task)
        is_cut = self._chance.random() < self.cut_share
        carried = _Carried((writer, far_writer), self._chance.randrange(self._most_bytes) if is_cut else None)
        self._carried.add(carried)
        await asyncio.gather(self._pump(reader, far_writer, carried), self._pump(far_reader, writer, carried))
        self._carried.discard(carried)
        for end in carried.ends:
            end.close()
        self._tasks.discard(task)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, carried: _Carried) -> None:
        try:
            while piece := await source.read(4096):
                if self.delay:
                    await asyncio.sleep(self._chance.uniform(0, self.delay))
                if carried.left is not None:
                    piece, carried.left = piece[: carried.left], carried.left - len(piece)
                sink.write(piece)
                await sink.drain()
                if carried.left is not None and carried.left <= 0:
                    return self._cut(carried)
            sink.write_eof()
        except (OSError, RuntimeError):
            for end in carried.ends:
                end.transport.abort()
