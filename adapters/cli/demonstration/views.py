"""Shows the play to a person: live on a terminal, in plain lines elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol, Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live

from adapters.cli.demonstration.board import Board

FRAME = 0.1
"""Seconds between two drawings."""

PAUSE = 0.2
PAUSES_IN_ALL = 6.0
"""Seconds that a person may look at one moment, and at all of them together."""


class View(Protocol):
    """A place where the play is shown."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *reason: object) -> None: ...

    def say(self, text: str) -> None: ...

    async def look(self) -> None: ...


class PlainView:
    """Prints a line for each thing that is said."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *reason: object) -> None:
        return None

    def say(self, text: str) -> None:
        """Print the line."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=not self._console.is_terminal)

    async def look(self) -> None:
        """Print nothing: the timeline follows at the end."""


class LiveView:
    """Redraws the board while the play goes on."""

    def __init__(self, console: Console, board: Board, read_log: Callable[[], Awaitable[None]]) -> None:
        """Take what reads the case's log, so that deliveries are seen while they are under way."""
        self._board = board
        self._read_log = read_log
        self._console = console
        self._live = Live(self, console=console, auto_refresh=False, vertical_overflow="crop")
        self._drawing: asyncio.Task[None] | None = None
        self._paused = 0.0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._board.draw(console.width, console.height)

    async def __aenter__(self) -> Self:
        self._live.start()
        self._drawing = asyncio.create_task(self._draw(), name="live view")
        return self

    async def __aexit__(self, *reason: object) -> None:
        if self._drawing is not None:
            self._drawing.cancel()
            with suppress(asyncio.CancelledError):
                await self._drawing
        self._live.refresh()
        self._live.stop()

    async def _draw(self) -> None:
        while True:
            await self._read_log()
            self._live.refresh()
            await asyncio.sleep(FRAME)

    def say(self, text: str) -> None:
        """Show the line under the board."""
        self._board.last_words.append(text)

    async def look(self) -> None:
        """Give a person time to look."""
        if self._paused < PAUSES_IN_ALL:
            self._paused += PAUSE
            await asyncio.sleep(PAUSE)
