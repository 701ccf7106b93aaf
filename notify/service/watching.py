"""Tells whether the service keeps its promises: due steps on time, an unbroken log."""

from __future__ import annotations

from dataclasses import dataclass

from notify.delivery import NoticeKind
from notify.events import SERVICE_CHAIN
from notify.ports import Ports
from notify.queueing import Queue

LATE_SECONDS = 60.0
"""A due step this late turns `/readyz` red and silences the heartbeat."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """The outbox at one moment; lateness in seconds."""

    counts: dict[str, int]
    lateness: float

    @property
    def on_time(self) -> bool:
        """Tell whether every due step is on time."""
        return self.lateness <= LATE_SECONDS


async def queue_state(ports: Ports) -> QueueState:
    """Look at the outbox. Messages that the brake holds are not late: somebody wanted it so."""
    now = ports.clock.now()
    async with ports.database.read() as work:
        counts = await work.outbox.counts(now)
        oldest = await work.outbox.oldest_overdue(now)
        pause = await work.brake.current()
    held = pause is not None and pause.paused_until > now
    return QueueState(counts, 0.0 if oldest is None or held else (now - oldest).total_seconds())


async def verify_log(ports: Ports) -> list[str]:
    """Verify every log chain; the operator is told of each break, once for each place."""
    async with ports.database.read() as work:
        breaks = [f"{chain}, row {sequence}: {problem}" async for chain, sequence, problem in work.log.broken()]
    if breaks:
        queue = Queue(ports, SERVICE_CHAIN, sequence=0, urgent=True, now=ports.clock.now())
        lines = ["The case log does not verify:", *breaks[:50]]
        queue.to_operator(f"alarm:log:{breaks[0]}"[:200], NoticeKind.ALARM, {"lines": lines})
        async with ports.database.write() as work:
            await queue.write(work)
            await work.commit()
    return breaks
