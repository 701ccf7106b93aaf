"""Computes response-time curves: the share of all clocks of a group that was met after a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from notify.policy import ClockKind
from notify.statistics.facts import ClockFact, Section
from notify.statistics.figures import NOT_MET, Tally
from notify.statistics.response_times import ALL, NO_CHANNEL, Dimension, Group, in_period, timed
from notify.words import Severity


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """From this time on (seconds), this share of all was met."""

    seconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One rising step curve; what is open keeps it below 1."""

    name: str
    n: int
    points: tuple[CurvePoint, ...]

    def share_at(self, seconds: float) -> float:
        """Give the share that was met within this time."""
        return max((point.share for point in self.points if point.seconds <= seconds), default=0.0)


_VALUES: dict[Dimension, Callable[[ClockFact], str]] = {
    Dimension.TOTAL: lambda fact: ALL,
    Dimension.SEVERITY: lambda fact: fact.severity,
    Dimension.REGION: lambda fact: fact.region,
    Dimension.CHANNEL: lambda fact: fact.channel or NO_CHANNEL,
    Dimension.CLASS: lambda fact: fact.notification_class,
}


def curves(
    facts: Iterable[ClockFact],
    *,
    as_of: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    by: Dimension = Dimension.SEVERITY,
    clock: ClockKind = ClockKind.ACKNOWLEDGEMENT,
    section: Section = Section.REPORTS,
) -> tuple[Curve, ...]:
    """Compute a curve for each group of one clock, by name; severities stand in their own order."""
    groups: dict[str, list[float]] = defaultdict(list)
    value = _VALUES[by]
    for fact in facts:
        if fact.clock is clock and fact.section is section and in_period(fact, as_of, start, end):
            groups[value(fact)].append(timed(fact, as_of).seconds)
    order: list[str] = list(Severity)
    names = sorted(groups, key=lambda name: (order.index(name) if name in order else len(order), name))
    return tuple(curve(name, groups[name]) for name in names)


def curves_of(finest: Mapping[Group, Tally]) -> tuple[Curve, ...]:
    """Compute the curves of the acknowledgements of real reports, by severity, from counted groups."""
    times: dict[str, list[float]] = defaultdict(list)
    for (section, clock, severity, *_), tally in finest.items():
        if section is Section.REPORTS and clock is ClockKind.ACKNOWLEDGEMENT:
            times[severity] += tally.seconds
    return tuple(curve(level.value, times[level.value]) for level in Severity if level.value in times)


def curve(name: str, times: Iterable[float]) -> Curve:
    """Compute one curve from times in seconds; NOT_MET ones are part of n and meet nothing."""
    ordered = sorted(times)
    points: dict[float, float] = {}
    for count, seconds in enumerate(ordered, start=1):
        if seconds != NOT_MET:
            points[seconds] = count / len(ordered)
    return Curve(name, len(ordered), tuple(CurvePoint(seconds, share) for seconds, share in points.items()))
