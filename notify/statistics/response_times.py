"""Groups the clocks of all notifications: by severity, region, period, channel, class, and for one State alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from contacts.model import StateCode
from notify.policy import ClockKind
from notify.statistics.facts import ClockFact, Section
from notify.statistics.figures import NOT_MET, Figures, Tally, Timed, figures
from notify.words import Severity


class Dimension(StrEnum):
    """By what clocks are grouped; the rows of each add up to the total."""

    TOTAL = "total"
    SEVERITY = "severity"
    REGION = "region"
    PERIOD = "period"
    CHANNEL = "channel"
    CLASS = "class"


ALL = "all"
NO_CHANNEL = "none"


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """The figures of one clock in one group of one section."""

    section: Section
    clock: ClockKind
    dimension: Dimension
    value: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """The response times as they were known at `as_of`, of clocks that began from `start` on and before `end`.

    `state`: the one State whose own figures these are, or None for all States.
    """

    as_of: datetime
    start: datetime | None
    end: datetime | None
    state: StateCode | None
    rows: tuple[ResponseRow, ...]

    def find(
        self,
        clock: ClockKind,
        dimension: Dimension = Dimension.TOTAL,
        value: str = ALL,
        section: Section = Section.REPORTS,
    ) -> Figures:
        """Give the figures of one row; those of an empty group when nothing is in it."""
        wanted = (section, clock, dimension, value)
        found = (row.figures for row in self.rows if (row.section, row.clock, row.dimension, row.value) == wanted)
        return next(found, figures(()))

    @property
    def headline(self) -> Figures:
        """The share of notifications acknowledged within target, with n: reports of Parties, no exercises."""
        return self.find(ClockKind.ACKNOWLEDGEMENT)


def response_times(
    facts: Iterable[ClockFact], *, as_of: datetime, start: datetime | None = None, end: datetime | None = None
) -> ResponseTimes:
    """Compute the response times of all States, as they were known at one time.

    The same facts give the same result, in whatever order they come; what happened after `as_of` is not known yet.
    """
    return _compute(facts, as_of, start, end, state=None)


def own_figures(
    facts: Iterable[ClockFact],
    state: StateCode,
    *,
    as_of: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
) -> ResponseTimes:
    """Compute the response times of one State, which are shown to that State."""
    own = (fact for fact in facts if fact.state == state)
    return _compute(own, as_of, start, end, state=state)


def timed(fact: ClockFact, as_of: datetime) -> Timed:
    """Read one clock as it was known at a time: met by a fact within its target, met late, or open."""
    due_at, met_at = fact.due_at, fact.met_at
    if met_at is None or met_at > as_of:
        return Timed(NOT_MET, due_at is not None, within=False, not_yet_due=due_at is not None and due_at > as_of)
    # A clock that was corrected backwards makes no negative time.
    seconds = max((met_at - fact.started_at).total_seconds(), 0.0)
    return Timed(seconds, due_at is not None, within=due_at is not None and met_at <= due_at, not_yet_due=False)


def in_period(fact: ClockFact, as_of: datetime, start: datetime | None, end: datetime | None) -> bool:
    """Tell whether a clock is counted: it began in the period, and not after the time of asking."""
    began = fact.started_at
    return began <= as_of and (start is None or began >= start) and (end is None or began < end)


_Key = tuple[Section, ClockKind, Dimension, str]
Group = tuple[Section, ClockKind, str, str, str, str, str]
"""Section, clock, severity, region, month, channel, class: the finest group."""

_GROUPED_BY = (Dimension.SEVERITY, Dimension.REGION, Dimension.PERIOD, Dimension.CHANNEL, Dimension.CLASS)


def _compute(
    facts: Iterable[ClockFact], as_of: datetime, start: datetime | None, end: datetime | None, state: StateCode | None
) -> ResponseTimes:
    # Each clock is read once, into the finest group; every row is a sum of such groups.
    finest: dict[Group, Tally] = defaultdict(Tally)
    for fact in facts:
        if in_period(fact, as_of, start, end):
            finest[_group(fact)].add(timed(fact, as_of))
    return response_times_of(finest, as_of=as_of, start=start, end=end, state=state)


def response_times_of(
    finest: Mapping[Group, Tally],
    *,
    as_of: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    state: StateCode | None = None,
) -> ResponseTimes:
    """Compute the response times of clocks that were counted by their finest groups already."""
    rows: dict[_Key, list[Tally]] = defaultdict(list)
    for (section, clock, *values), tally in finest.items():
        rows[section, clock, Dimension.TOTAL, ALL].append(tally)
        for dimension, value in zip(_GROUPED_BY, values, strict=True):
            rows[section, clock, dimension, value].append(tally)
    counted = tuple(ResponseRow(*key, figures(rows[key])) for key in sorted(rows, key=_place))
    return ResponseTimes(as_of, start, end, state, counted)


def _group(fact: ClockFact) -> Group:
    return (
        fact.section,
        fact.clock,
        fact.severity.value,
        fact.region,
        fact.started_at.astimezone(UTC).isoformat()[:7],
        fact.channel or NO_CHANNEL,
        fact.notification_class.value,
    )


_ORDERS: tuple[Sequence[str], ...] = (tuple(Section), tuple(ClockKind), tuple(Dimension))
_SEVERITIES = tuple(Severity)


def _place(key: _Key) -> tuple[int, int, int, int, str]:
    section, clock, dimension, value = key
    first, second, third = (order.index(one) for order, one in zip(_ORDERS, (section, clock, dimension), strict=True))
    rank = _SEVERITIES.index(value) if dimension is Dimension.SEVERITY else 0
    return first, second, third, rank, value
