"""Says how the durable queue and the log are kept; each docstring is a contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from notify.outbox import Lane, Message
from notify.rows import (
    LogRow,
)
from notify.words import CaseReference, OutboxId


class OutboxStore(Protocol):
    """The durable queue: claim, complete, retry, park. Times are given, never taken."""

    async def claim(self, lane: Lane, *, claim: str, now: datetime, until: datetime, limit: int) -> list[Message]:
        """Lease due messages, most urgent first; no other claim can hold one of them until the lease ends.

        Messages of events that this version does not know are left to one that does.
        """
        ...

    async def complete(self, ids: Sequence[OutboxId], *, claim: str, now: datetime) -> set[OutboxId]:
        """Mark messages done that this claim still holds; give those ids. The others were lost to another worker."""
        ...

    async def retry(self, message_id: OutboxId, *, claim: str, now: datetime, due_at: datetime, error: str) -> bool:
        """Put a message back for later; False if the claim was lost."""
        ...

    async def postpone(self, message_id: OutboxId, *, claim: str, now: datetime, due_at: datetime) -> None:
        """Give a message back untried, to be claimed later."""
        ...

    async def repeat(self, message_id: OutboxId, *, claim: str, now: datetime, due_at: datetime) -> bool:
        """Let a message that was handled wait for its next time, as if it were new; False if the claim was lost."""
        ...

    async def bring_forward(self, reference: CaseReference, handler: str, due_at: datetime) -> bool:
        """Let the message of a case that waits for this handler be due by then; False when none waits unclaimed."""
        ...

    async def park(self, message_id: OutboxId, *, claim: str, now: datetime, error: str) -> bool:
        """Lay a message aside for a person; False if the claim was lost."""
        ...

    async def renew(self, lane: Lane, claims: Sequence[str], *, now: datetime, until: datetime) -> set[str]:
        """Hold claims for longer; give those that are still ours, those that ran out are not taken back."""
        ...

    async def release(self, ids: Sequence[OutboxId], *, owner: str) -> None:
        """Give unstarted messages back at once (graceful stop), those that this worker still holds."""
        ...

    async def free(self, message_id: OutboxId, now: datetime) -> Message:
        """Make a parked message due again; raise NotFound."""
        ...

    async def parked(self) -> list[tuple[Message, datetime, str]]:
        """List parked messages with when and why."""
        ...

    async def next_due(self, lanes: Sequence[Lane]) -> datetime | None:
        """Say when the next message of these lanes may be claimed."""
        ...

    async def oldest_overdue(self, lanes: Sequence[Lane], now: datetime) -> datetime | None:
        """Give the due time of the most overdue message of these lanes, done ones aside."""
        ...

    async def counts(self, now: datetime) -> dict[str, int]:
        """Count waiting, due and parked messages."""
        ...


class LogStore(Protocol):
    """Reads the log; only a commit writes it."""

    async def rows(self, chain: CaseReference) -> list[LogRow]: ...

    async def after(self, position: int, limit: int) -> list[LogRow]:
        """List rows of all chains after a position."""
        ...

    async def last_position(self) -> int: ...

    async def heads(self, chains: Sequence[CaseReference]) -> dict[CaseReference, tuple[int, str]]:
        """Give sequence and hash of each chain's last row."""
        ...

    async def hold(self, chain: CaseReference) -> None:
        """Let nobody else add to a chain until this unit of work ends."""
        ...

    def broken(self) -> AsyncIterator[tuple[CaseReference, int, str]]:
        """Verify every chain; give each break as chain, sequence and what is wrong."""
        ...
