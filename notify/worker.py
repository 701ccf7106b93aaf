"""Runs the outbox: claims what is due in each lane, runs or sends it, records the result; one loop a lane."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakSet

from notify.errors import DatabaseAway, NotDueYet, StaleVersion, clean
from notify.handlers import BY_NAME, LOOKS
from notify.lanes import Lease, SendingLane
from notify.outbox import HELD_BY_THE_BRAKE, Lane, Message, handler_retry_at
from notify.pacing import Pace, Pacer
from notify.ports import Channel, Ports
from notify.prepared import Prepared
from notify.preparing import Operator
from notify.recording import Recorder
from notify.sending import Sender, parked
from notify.words import ChannelName, OutboxId

logger = logging.getLogger("article17.worker")

RENEW_AFTER = 1 / 3
"""The share of a lease after which it is renewed."""

SENDING_LANES = (Lane.SERVICE, Lane.EMAIL, Lane.WEBHOOK, Lane.EXERCISE)
EXERCISE_SENDERS = 4


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How much a worker takes at once; times in seconds."""

    lease: float = 15.0  # renewed while the work is in hand
    poll: float = 5.0  # the safety net under the wake-up
    batch: int = 100
    senders: Mapping[Lane, int] = field(
        default_factory=lambda: {Lane.SERVICE: 2, Lane.EMAIL: 20, Lane.WEBHOOK: 100, Lane.EXERCISE: EXERCISE_SENDERS}
    )
    per_receiver: int = 4  # webhooks at one time to one host
    paces: Sequence[Pace] = ()  # of mail, by domain; each process keeps them by itself
    stop_within: float = 10.0


class Worker:
    """One process's share of the work. Any number may run on one database."""

    def __init__(
        self,
        ports: Ports,
        channels: Mapping[ChannelName, Channel],
        operator: Operator,
        *,
        name: str,
        limits: WorkerLimits | None = None,
    ) -> None:
        self._ports = ports
        self._limits = limits or WorkerLimits()
        self._sender = Sender(ports, channels, operator, lease=self._limits.lease)
        self._recorder = Recorder(ports, self.wake)
        self.name = name
        self._claims = 0
        self._leases: WeakSet[Lease] = WeakSet()
        self._stopped = asyncio.Event()
        self._lanes = {lane: self._sending_lane(lane) for lane in SENDING_LANES}
        self._wakes = {lane: asyncio.Event() for lane in Lane}
        self._stopping = False

    def _sending_lane(self, lane: Lane) -> SendingLane:
        return SendingLane(
            self._sender,
            self._recorder,
            self._ports.clock,
            lambda prepared, error: self._fail(prepared.message, error),
            senders=self._limits.senders[lane],
            per_place=self._limits.per_receiver,
            # The service's own mails, such as alarms, wait for no pace.
            pacer=Pacer(self._limits.paces if lane in (Lane.EMAIL, Lane.EXERCISE) else ()),
        )

    def wake(self, lanes: Iterable[Lane] = tuple(Lane)) -> None:
        """Look for due messages now; called after a commit that left some in these lanes."""
        for lane in lanes:
            self._wakes[lane].set()

    async def run(self) -> None:
        """Run all lanes until `stop`; if one dies, all end and the error is raised."""
        for lane in self._lanes.values():
            lane.start()
        async with asyncio.TaskGroup() as loops:
            for name in Lane:
                loops.create_task(self._run_lane(name), name=f"lane {name}")
            loops.create_task(self._renew_leases(), name="leases")

    async def stop(self) -> None:
        """Start nothing new, finish what is in hand, and give the rest back."""
        self._stopping = True
        self.wake()
        for lane in self._lanes.values():
            lane.close()
        try:
            async with asyncio.timeout(self._limits.stop_within):
                for lane in self._lanes.values():
                    await lane.settle()
        except TimeoutError:
            logger.warning("sends in hand took too long; their leases run out and they are claimed again")
        self._stopped.set()
        for lane in self._lanes.values():
            await lane.stop()
        left = [prepared.message.id for lane in self._lanes.values() for prepared in lane.take_back()]
        if left:
            await self._give_back(left)

    async def drain(self, lanes: Sequence[Lane] = tuple(Lane)) -> int:
        """Run until nothing is due at the present time; give the number of messages run (tests, the demo)."""
        sending = [self._lanes[lane] for lane in lanes if lane in self._lanes]
        for lane in sending:
            lane.start()
        total = 0
        try:
            while count := sum([await self._step(lane) for lane in lanes]):
                for lane in sending:
                    await lane.settle()
                total += count
        finally:
            for lane in sending:
                await lane.stop()
        return total

    async def _run_lane(self, lane: Lane) -> None:
        while not self._stopping:
            self._wakes[lane].clear()
            try:
                claimed = await self._step(lane)
            except Exception:
                logger.exception("lane %s cannot claim; it tries again", lane)
                await asyncio.sleep(self._limits.poll)
                continue
            if claimed == 0 and not self._stopping:
                await self._rest(lane)

    async def _rest(self, lane: Lane) -> None:
        """Sleep until the next due time, a wake-up, or the poll."""
        seconds = self._limits.poll
        due_at = await self._next_due(lane)
        if due_at is not None:
            until_due = (due_at - self._ports.clock.now()).total_seconds()
            # A due message that could not be claimed (the brake, a lost race) is not asked for without pause.
            seconds = min(seconds, until_due) if until_due > 0 else min(seconds, 0.5)
        try:
            async with asyncio.timeout(seconds):
                await self._wakes[lane].wait()
        except TimeoutError:
            return

    async def _next_due(self, lane: Lane) -> datetime | None:
        try:
            async with self._ports.database.read(brief=True) as work:
                return await work.outbox.next_due([lane])
        except Exception:
            logger.exception("lane %s cannot look ahead; the poll goes on", lane)
            return None

    async def _step(self, lane: Lane) -> int:
        """Claim one batch of a lane and run it; give its size."""
        self._claims += 1
        lease = Lease(f"{self.name}:{self._claims}", lane, time.monotonic() + self._limits.lease)
        messages = await self._claim(lease, self._limits.batch)
        if messages:
            self._leases.add(lease)
        if lane is Lane.FLOW:
            for message in messages:
                await self._run_handler(message)
        elif messages:
            await self._lanes[lane].put(await self._prepare(messages), lease)
        return len(messages)

    async def _renew_leases(self) -> None:
        """Hold for longer what is still in hand, so that a lease may be short and a dead worker is soon followed."""
        while not self._stopped.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.lease * RENEW_AFTER):
                    await self._stopped.wait()
            try:
                await self.renew()
            except DatabaseAway:
                logger.warning("leases could not be renewed; what they cover may be claimed by another worker")

    async def renew(self) -> None:
        """Renew every lease that covers work in hand."""
        held = {lease.claim: lease for lease in self._leases}
        now, ends = self._ports.clock.now(), time.monotonic() + self._limits.lease
        until = now + timedelta(seconds=self._limits.lease)
        for lane in {lease.lane for lease in held.values()}:
            claims = [lease.claim for lease in held.values() if lease.lane is lane]
            async with self._ports.database.write() as work:
                kept = await work.outbox.renew(lane, claims, now=now, until=until)
                await work.commit()
            for claim in kept:
                held[claim].ends = ends

    async def _give_back(self, ids: Sequence[OutboxId]) -> None:
        try:
            async with self._ports.database.write() as work:
                await work.outbox.release(ids, owner=self.name)
                await work.commit()
        except Exception:
            logger.exception("claims are left to run out")

    async def _claim(self, lease: Lease, limit: int) -> list[Message]:
        now = self._ports.clock.now()
        until = now + timedelta(seconds=self._limits.lease)
        async with self._ports.database.write() as work:
            held = await work.brake.current() if lease.lane in HELD_BY_THE_BRAKE else None
            if held is not None and held.paused_until > now:
                return []
            messages = await work.outbox.claim(lease.lane, claim=lease.claim, now=now, until=until, limit=limit)
            if messages:
                await work.commit()
        return messages

    async def _prepare(self, messages: Sequence[Message]) -> list[Prepared]:
        """Prepare a batch; one that cannot be built must not hold up the others."""
        try:
            return await self._sender.prepare(messages)
        except Exception as error:
            if len(messages) == 1:
                await self._fail(messages[0], error)
                return []
        return [prepared for message in messages for prepared in await self._prepare([message])]

    async def _run_handler(self, message: Message) -> None:
        try:
            look = LOOKS.get(message.handler)
            found = () if look is None else (await look(message.event, self._ports),)
            async with self._ports.database.write() as work:
                again_at = await BY_NAME[message.handler](message.event, work, self._ports, *found)
                now = self._ports.clock.now()
                if again_at is not None:
                    held = await work.outbox.repeat(message.id, claim=message.claim, now=now, due_at=again_at)
                else:
                    held = bool(await work.outbox.complete([message.id], claim=message.claim, now=now))
                if held:
                    await work.commit()
        except NotDueYet as early:
            await self._postpone(message, early.due_at)
        except Exception as error:
            await self._fail(message, error)

    async def _postpone(self, message: Message, due_at: datetime) -> None:
        async with self._ports.database.write() as work:
            now = self._ports.clock.now()
            await work.outbox.postpone(message.id, claim=message.claim, now=now, due_at=due_at)
            await work.commit()

    async def _fail(self, message: Message, error: Exception) -> None:
        """Put a message back after a fault of our own; a lost race is none."""
        if isinstance(error, StaleVersion):
            logger.info("%s lost a race and runs again", message.handler)
        else:
            logger.error(
                "%s failed (%s, message %s)", message.handler, message.case_reference, message.id, exc_info=error
            )
        try:
            await self._put_back(message, error)
        except Exception:
            # The database is away: the lease runs out, and whoever is well claims the message again.
            logger.exception("message %s is left to its next claim", message.id)

    async def _put_back(self, message: Message, error: Exception) -> None:
        kind, said = type(error).__name__, clean(f"{type(error).__name__}: {error}")
        present = self._ports.clock.now()
        retry_at = handler_retry_at(present, message.attempts + 1)
        async with self._ports.database.write() as work:
            if retry_at is not None:
                await work.outbox.retry(message.id, claim=message.claim, now=present, due_at=retry_at, error=said)
                self.wake([message.lane])
            elif await work.outbox.park(message.id, claim=message.claim, now=present, error=said):
                work.record(parked(message, present, kind))
            await work.commit()
