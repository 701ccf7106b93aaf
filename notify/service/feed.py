"""Feeds a reader the events of the cases it may read, in the order of the log, from any position on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from notify.account import Account, Right, require
from notify.errors import NotFound
from notify.events import SERVICE_CHAIN
from notify.inquiry import is_inquiry, may_read
from notify.ports import Ports, UnitOfWork
from notify.reader import Reader, Sight
from notify.rows import LogRow
from notify.service.timeline import log_view, timeline_view
from notify.words import CaseReference

BATCH = 500

View = Callable[[LogRow], dict[str, Any] | None]
"""Shows a row as far as a reader may know it; None: not at all."""

SETTLED_AFTER = timedelta(seconds=10)
"""A position left out for longer than this was given to a transaction that came to nothing."""


@dataclass(frozen=True, slots=True)
class FeedBatch:
    """The next events that a reader may know; `position` is how far the log was read for them."""

    position: int
    events: tuple[dict[str, Any], ...]


def settled(rows: Sequence[LogRow], position: int, now: datetime) -> list[LogRow]:
    """Take the rows after a position up to the first gap that may still be filled.

    Two transactions that write at once may commit in another order than that of their positions; what comes after a
    fresh gap waits, so that no reader skips a row.
    """
    taken: list[LogRow] = []
    for row in rows:
        if row.position != position + 1 and now - row.at < SETTLED_AFTER:
            break
        taken.append(row)
        position = row.position
    return taken


async def feed_position(account: Account, ports: Ports) -> int:
    """Give the position after which a reader that starts now begins."""
    require(account, Right.READ_EVENTS)
    async with ports.database.read() as work:
        return await work.log.last_position()


async def read_feed(position: int, account: Account, ports: Ports) -> FeedBatch:
    """Read the next events after a position; rows that the account may not know are passed over."""
    require(account, Right.READ_EVENTS)
    async with ports.database.read() as work:
        rows = settled(await work.log.after(position, BATCH), position, ports.clock.now())
        views: dict[CaseReference, View] = {}
        events = []
        for row in rows:
            if row.chain not in views:
                views[row.chain] = await _view_of(row.chain, account, work)
            shown = views[row.chain](row)
            if shown is not None:
                events.append({"position": row.position, "case_reference": row.chain, **shown})
    return FeedBatch(rows[-1].position if rows else position, tuple(events))


async def _view_of(chain: CaseReference, account: Account, work: UnitOfWork) -> View:
    """Say how a reader sees the rows of a chain: whole, in part, or not at all."""
    if chain == SERVICE_CHAIN:
        return lambda row: None
    try:
        if is_inquiry(chain):
            inquiry = (await work.inquiries.get(chain)).inquiry
            return log_view if may_read(Reader.of(account), inquiry) is Sight.CONTENT else lambda row: None
        return await timeline_view(chain, account, work)
    except NotFound:
        return lambda row: None
