"""Sends what a lane has claimed: a fixed number of senders on one queue, and a busy receiver holds up nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from notify.outbox import Lane
from notify.pacing import Pacer
from notify.ports import Clock
from notify.prepared import Prepared
from notify.recording import Recorder
from notify.sending import Outcome, Sender
from notify.words import ChannelName

MOST_WAITING = 1000
"""Deliveries to one busy receiver that wait here; more are given back for a moment, to hold nobody up."""

GIVEN_BACK_FOR = timedelta(seconds=1)

Fail = Callable[[Prepared, Exception], Awaitable[None]]


@dataclass(eq=False, slots=True, weakref_slot=True)
class Lease:
    """One claim of this process; `ends` is on the monotonic clock, so that a process that was frozen notices it."""

    claim: str
    lane: Lane
    ends: float


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery made ready, and the lease under which it is sent."""

    prepared: Prepared
    lease: Lease


def place_of(prepared: Prepared, pacer: Pacer) -> str:
    """Name the receiver whose slowness must not spread: an endpoint's host, or a mail domain that has a pace.

    Other mail has none: the relay takes it, and queues by itself.
    """
    if prepared.dispatch is None:
        return ""
    if prepared.delivery.channel is ChannelName.WEBHOOK:
        return urlsplit(prepared.dispatch.recipient.webhook_url or "").netloc
    return pacer.place_of(prepared.dispatch.recipient.email)


class SendingLane:
    """The senders of one lane."""

    def __init__(
        self,
        sender: Sender,
        recorder: Recorder,
        clock: Clock,
        fail: Fail,
        *,
        senders: int,
        per_place: int,
        pacer: Pacer,
    ) -> None:
        self._sender = sender
        self._recorder = recorder
        self._clock = clock
        self._fail = fail
        self._number = senders
        self._per_place = per_place
        self._pacer = pacer
        # Claiming goes on while the last batch is being sent, and no further.
        self._queue: asyncio.Queue[Claimed] = asyncio.Queue(maxsize=max(senders, 100))
        self._busy: Counter[str] = Counter()
        self._waiting: dict[str, deque[Claimed]] = {}
        self._senders: list[asyncio.Task[None]] = []
        self._closing = False
        self._left: list[Prepared] = []  # what no sender began before closing

    def start(self) -> None:
        """Start the senders."""
        if not self._senders:
            self._senders = [asyncio.create_task(self._run(), name=f"sender {n}") for n in range(self._number)]

    async def put(self, deliveries: Iterable[Prepared], lease: Lease) -> None:
        """Hand over deliveries; waits while the senders have enough."""
        for prepared in deliveries:
            await self._queue.put(Claimed(prepared, lease))

    async def settle(self) -> None:
        """Wait until everything handed over was tried and recorded."""
        await self._queue.join()
        await self._recorder.flush()

    def close(self) -> None:
        """Begin no further try; `settle` then only waits for those in hand."""
        self._closing = True

    def take_back(self) -> list[Prepared]:
        """Give what was handed over and no sender began."""
        left, self._left = self._left, []
        return left

    async def stop(self) -> None:
        """End the senders; call `settle` before, so that none is in the middle of a try."""
        for task in self._senders:
            task.cancel()
        await asyncio.gather(*self._senders, return_exceptions=True)
        self._senders.clear()

    async def _run(self) -> None:
        while True:
            claimed = await self._queue.get()
            place = place_of(claimed.prepared, self._pacer)
            if place and self._busy[place] >= self._most_at(place, claimed.prepared):
                self._set_aside(place, claimed)
                continue
            self._busy[place] += 1
            following: Claimed | None = claimed
            while following is not None:
                await self._try(following, place)
                queue = self._waiting.get(place)
                following = queue.popleft() if queue else None
            self._busy[place] -= 1

    def _most_at(self, place: str, prepared: Prepared) -> int:
        by_mail = prepared.delivery.channel is ChannelName.EMAIL
        return self._pacer.at_once(place) if by_mail else self._per_place

    def _set_aside(self, place: str, claimed: Claimed) -> None:
        queue = self._waiting.setdefault(place, deque())
        if len(queue) < MOST_WAITING:
            queue.append(claimed)
            return
        back_at = self._clock.now() + GIVEN_BACK_FOR
        self._recorder.add(Outcome(claimed.prepared.message, postponed_to=back_at))
        self._queue.task_done()

    async def _try(self, claimed: Claimed, place: str) -> None:
        try:
            if self._closing:
                self._left.append(claimed.prepared)
                return
            back_at = self._turn_of(claimed.prepared, place)
            if back_at is not None:
                self._recorder.add(Outcome(claimed.prepared.message, postponed_to=back_at))
                return
            outcome = await self._sender.send(claimed.prepared, lambda: claimed.lease.ends)
            if outcome is not None:
                self._recorder.add(outcome)
        except Exception as error:
            await self._fail(claimed.prepared, error)
        finally:
            self._queue.task_done()

    def _turn_of(self, prepared: Prepared, place: str) -> datetime | None:
        if prepared.delivery.channel is ChannelName.WEBHOOK:
            return self._recorder.retry_waits_until(prepared)
        return self._pacer.back_at(place, self._clock.now()) if place else None
