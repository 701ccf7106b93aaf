"""Runs small changes that wait at the same moment in one transaction: many answers cost the disk one wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from adapters.database.unit_of_work import SqlUnitOfWork
from notify.errors import Article17Error

MOST_IN_A_GROUP = 100

Change = Callable[[Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One change, and who waits for it to be durable."""

    change: Change
    done: asyncio.Future[Any]


class GroupWriter:
    """Runs changes one after the other, each in a savepoint of its own; one that is refused leaves the others alone.

    After any other error the transaction is given up as a whole, and each change runs once more, alone.
    """

    def __init__(self, write: Callable[[], AbstractAsyncContextManager[SqlUnitOfWork]]) -> None:
        self._write = write
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def run(self, change: Change) -> Any:
        """Run a change with the next group; return what it gave when that is durable, or raise what it raised."""
        waiting = Waiting(change, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="group writer")
        return await waiting.done

    async def settle(self) -> None:
        """Wait until nothing waits to be written."""
        if self._writing is not None:
            await asyncio.wait([self._writing])

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_IN_A_GROUP], self._waiting[MOST_IN_A_GROUP:]
            await self._write_group([waiting for waiting in group if not waiting.done.done()])

    async def _write_group(self, group: Sequence[Waiting]) -> None:
        gave: list[tuple[Waiting, Any]] = []
        try:
            async with self._write() as work:
                for waiting in group:
                    try:
                        gave.append((waiting, await _run_in(work, waiting, is_only=len(group) == 1)))
                    except Article17Error as error:
                        _tell(waiting, error)
                if gave:
                    await work.commit()
        except Exception as error:
            left = [waiting for waiting in group if not waiting.done.done()]
            if len(left) > 1:
                # Nothing of this transaction is left: a fault of the database may have undone more than one change.
                for waiting in left:
                    await self._write_group([waiting])
            elif left:
                _tell(left[0], error)
        else:
            for waiting, result in gave:
                if not waiting.done.done():
                    waiting.done.set_result(result)


async def _run_in(work: SqlUnitOfWork, waiting: Waiting, *, is_only: bool) -> Any:
    return await waiting.change(work) if is_only else await work.alone(waiting.change)


def _tell(waiting: Waiting, error: Exception) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)
