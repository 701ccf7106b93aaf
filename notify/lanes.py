"""Sends what a lane has claimed: a fixed number of senders on one queue, and a busy receiver holds up nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from notify.ports import Clock
from notify.preparing import Prepared
from notify.recording import Recorder
from notify.sending import Outcome, Sender
from notify.words import ChannelName

MOST_WAITING = 200
"""Deliveries to one busy receiver that wait here; more are given back for a moment, to hold nobody up."""

GIVEN_BACK_FOR = timedelta(seconds=1)

Fail = Callable[[Prepared, Exception], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery made ready, and when its lease ends on the monotonic clock."""

    prepared: Prepared
    lease_ends: float


def place_of(prepared: Prepared) -> str:
    """Name the receiver whose slowness must not spread: an endpoint's host; mail has one relay, which queues itself."""
    if prepared.delivery.channel is not ChannelName.WEBHOOK or prepared.dispatch is None:
        return ""
    return urlsplit(prepared.dispatch.recipient.webhook_url or "").netloc


class SendingLane:
    """The senders of one lane."""

    def __init__(
        self, sender: Sender, recorder: Recorder, clock: Clock, fail: Fail, *, senders: int, per_place: int
    ) -> None:
        self._sender = sender
        self._recorder = recorder
        self._clock = clock
        self._fail = fail
        self._number = senders
        self._per_place = per_place
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

    async def put(self, deliveries: Iterable[Prepared], lease_ends: float) -> None:
        """Hand over deliveries; waits while the senders have enough."""
        for prepared in deliveries:
            await self._queue.put(Claimed(prepared, lease_ends))

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
            place = place_of(claimed.prepared)
            if place and self._busy[place] >= self._per_place:
                self._set_aside(place, claimed)
                continue
            self._busy[place] += 1
            following: Claimed | None = claimed
            while following is not None:
                await self._try(following)
                queue = self._waiting.get(place)
                following = queue.popleft() if queue else None
            self._busy[place] -= 1

    def _set_aside(self, place: str, claimed: Claimed) -> None:
        queue = self._waiting.setdefault(place, deque())
        if len(queue) < MOST_WAITING:
            queue.append(claimed)
            return
        back_at = self._clock.now() + GIVEN_BACK_FOR
        self._recorder.add(Outcome(claimed.prepared.message, postponed_to=back_at))
        self._queue.task_done()

    async def _try(self, claimed: Claimed) -> None:
        try:
            if self._closing:
                self._left.append(claimed.prepared)
                return
            outcome = await self._sender.send(claimed.prepared, claimed.lease_ends)
            if outcome is not None:
                self._recorder.add(outcome)
        except Exception as error:
            await self._fail(claimed.prepared, error)
        finally:
            self._queue.task_done()
