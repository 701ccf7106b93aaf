"""Tells whether the service keeps its promises: due steps on time, an unbroken log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from notify.breaker import Condition, told_if_failing
from notify.delivery import NoticeKind
from notify.endpoints import events_of, fault_is_ours
from notify.events import SERVICE_CHAIN
from notify.outbox import HELD_BY_THE_BRAKE, Lane
from notify.policy import ClockKind
from notify.ports import Ports
from notify.queueing import Queue
from notify.report import stored_digest
from notify.sentence import N_, Sentence
from notify.words import CaseReference

LATE_SECONDS = 60.0
"""A due step this late turns `/readyz` red and silences the heartbeat."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """The outbox at one moment; lateness in seconds."""

    counts: dict[str, int]
    lateness: float
    endpoints: Mapping[str, int] = field(default_factory=dict)  # those that are not well, by condition

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
        conditions = Counter(health.condition for health in (await work.endpoints.unwell()).values())
        pause = await work.brake.current()
        held = HELD_BY_THE_BRAKE if pause is not None and pause.paused_until > now else frozenset()
        # Exercises wait for real cases, and are not late for that.
        watched = [lane for lane in Lane if lane not in held and lane is not Lane.EXERCISE]
        oldest = [await work.outbox.oldest_overdue(watched, now)]
        if not held:
            oldest.append(await work.notifications.oldest_unmet(ClockKind.DISPATCH, now))
    endpoints = {condition.value: conditions[condition] for condition in Condition if condition is not Condition.WELL}
    lateness = max(((now - moment).total_seconds() for moment in oldest if moment is not None), default=0.0)
    return QueueState(counts, lateness, endpoints)


async def alarm_if_late(ports: Ports) -> bool:
    """Tell the operator, once an hour, that due steps are late: the relay, a worker or the database is failing."""
    state = await queue_state(ports)
    if state.on_time:
        return False
    now = ports.clock.now()
    lines = [
        Sentence("A due step is late by this many seconds: {seconds}.", {"seconds": f"{state.lateness:.0f}"}),
        Sentence("Outbox: {counts}", {"counts": str(state.counts)}),
        Sentence("See /readyz and the log."),
    ]
    await _tell_operator(ports, f"alarm:late:{now:%Y-%m-%dT%H}", lines)
    return True


async def watch_endpoints(ports: Ports) -> int:
    """Have States told of endpoints that fail for too long, also when nothing was tried since; give their number.

    When so many fail at once that the fault is rather ours, the operator is told, once an hour.
    """
    now = ports.clock.now()
    async with ports.database.read() as work:
        unwell = await work.endpoints.unwell()
        is_ours = await fault_is_ours(unwell, work)
    if is_ours:
        text = N_("Many webhook endpoints fail at once ({number}); please look at our own network.")
        line = Sentence(text, {"number": str(len(unwell))})
        await _tell_operator(ports, f"alarm:endpoints:{now:%Y-%m-%dT%H}", [line])
    if all(told_if_failing(health, now, ports.endpoint_fails_after) == health for health in unwell.values()):
        return 0
    async with ports.database.write() as work:
        known = await work.endpoints.of_to_change(sorted(unwell))
        looked_at = {name: told_if_failing(health, now, ports.endpoint_fails_after) for name, health in known.items()}
        told = {name: health for name, health in looked_at.items() if health != known[name]}
        await work.endpoints.put(list(told.values()))
        work.record(*events_of(known, told, now))
        await work.commit()
    return len(told)


async def _tell_operator(ports: Ports, step: str, lines: Sequence[Sentence | str]) -> None:
    queue = Queue(ports, SERVICE_CHAIN, sequence=0, urgent=True, now=ports.clock.now())
    written = [line.to_json() if isinstance(line, Sentence) else line for line in lines]
    queue.to_operator(step[:200], NoticeKind.ALARM, {"lines": written})
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
            if stored_digest(report.document, report.known) != report.sha256:
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
        await _tell_operator(ports, f"alarm:log:{breaks[0]}", [Sentence("The case log does not verify:"), *breaks[:50]])
    return breaks
