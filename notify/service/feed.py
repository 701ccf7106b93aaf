"""Feeds a reader the events of the cases it may read, in the order of the log, from any position on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from notify.account import Account, Right, require
from notify.errors import NotFound
from notify.events import SERVICE_CHAIN
from notify.ports import Ports, UnitOfWork
from notify.rows import LogRow
from notify.service.reading import audience_in_case, concerns, log_view
from notify.words import Audience, CaseReference

BATCH = 500

View = Callable[[LogRow], bool]
"""Tells whether a reader may know a row."""

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
            if views[row.chain](row):
                events.append({"position": row.position, "case_reference": row.chain, **log_view(row)})
    return FeedBatch(rows[-1].position if rows else position, tuple(events))


async def _view_of(chain: CaseReference, account: Account, work: UnitOfWork) -> View:
    """Say which rows of a chain a reader may know: all, those that concern its State, or none."""
    if chain == SERVICE_CHAIN:
        return lambda row: False
    try:
        case = await work.cases.get(chain)
        audience = await audience_in_case(account, case, work)
    except NotFound:
        return lambda row: False
    if audience is Audience.SECRETARIAT:
        return lambda row: True
    told = await work.notifications.of_case(chain)
    own = {n.id for n in told if n.addressee.code == account.state}
    return lambda row: concerns(row, own)
