"""Tells whether the service keeps its promises: due steps on time, an unbroken log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notify.delivery import NoticeKind
from notify.events import SERVICE_CHAIN
from notify.outbox import HELD_BY_THE_BRAKE, Lane
from notify.policy import ClockKind
from notify.ports import Ports
from notify.queueing import Queue
from notify.report import digest
from notify.words import CaseReference

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
    """Look at the outbox. A mail that only waits to be tried again is late once its notification should be out.

    What the brake holds is not late: somebody wanted it so.
    """
    now = ports.clock.now()
    async with ports.database.read() as work:
        counts = await work.outbox.counts(now)
        pause = await work.brake.current()
        held = HELD_BY_THE_BRAKE if pause is not None and pause.paused_until > now else frozenset()
        oldest = [await work.outbox.oldest_overdue([lane for lane in Lane if lane not in held], now)]
        if not held:
            oldest.append(await work.notifications.oldest_unmet(ClockKind.DISPATCH, now))
    lateness = max(((now - moment).total_seconds() for moment in oldest if moment is not None), default=0.0)
    return QueueState(counts, lateness)


async def alarm_if_late(ports: Ports) -> bool:
    """Tell the operator, once an hour, that due steps are late: the relay, a worker or the database is failing."""
    state = await queue_state(ports)
    if state.on_time:
        return False
    now = ports.clock.now()
    lines = [f"A due step is {state.lateness:.0f} s late.", f"Outbox: {state.counts}", "See /readyz and the log."]
    await _tell_operator(ports, f"alarm:late:{now:%Y-%m-%dT%H}", lines)
    return True


async def _tell_operator(ports: Ports, step: str, lines: list[str]) -> None:
    queue = Queue(ports, SERVICE_CHAIN, sequence=0, urgent=True, now=ports.clock.now())
    queue.to_operator(step[:200], NoticeKind.ALARM, {"lines": lines})
    async with ports.database.write() as work:
        await queue.write(work)
        await work.commit()


async def find_breaks(ports: Ports, heads: Sequence[tuple[str, int, str]] = ()) -> list[str]:
    """Verify the whole log: every chain row by row, that no case lost its chain, that each report is as it was filed.

    `heads` are chain, sequence and hash as they were printed in mails: nobody could change these.
    """
    async with ports.database.read() as work:
        found = [f"{chain}, row {number}: {problem}" async for chain, number, problem in work.log.broken()]
        for reference in await work.cases.without_log():
            found.append(f"{reference}: the case has no log any more")
        async for report in work.cases.all_reports():
            if digest(report.document) != report.sha256:
                found.append(f"{report.case_reference}, report {report.sequence}: it was changed after it was filed")
        for chain, sequence, expected in heads:
            rows = await work.log.rows(CaseReference(chain))
            if not any(row.sequence == sequence and row.hash == expected for row in rows):
                found.append(f"{chain}, row {sequence}: the log does not hold what was printed in a mail")
    return found


async def verify_log(ports: Ports) -> list[str]:
    """Verify the log; the operator is told of the breaks."""
    breaks = await find_breaks(ports)
    if breaks:
        await _tell_operator(ports, f"alarm:log:{breaks[0]}", ["The case log does not verify:", *breaks[:50]])
    return breaks
