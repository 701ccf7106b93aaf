"""Folds the log of one case into the small document that statistics are read from, and reads facts from it.

The document is only a shorthand of the log, made again from the log alone whenever that grew. It is kept small, as ten
thousand of them are read for one answer: times are whole microseconds after the opening of the case (that one is after
1970), and what is as it was when the case opened is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import fmean, median
from typing import Any

from contacts.model import StateCode
from notify.case_clocks import clocks
from notify.case_history import CaseHistory, ClockKey, NotificationHistory, facts_of
from notify.clock_rules import SubjectKind
from notify.clocks import ClockKind
from notify.deadline import Clock
from notify.exercise import is_exercise
from notify.policy import Policy
from notify.statistics.facts import CaseFact, ClockFact, Completeness, Section
from notify.statistics.figures import NOT_MET, Tally
from notify.statistics.response_times import NO_CHANNEL, Group
from notify.statistics.volume import ITEMS
from notify.words import CaseReference, NotificationClass, NotificationId, Severity
from notify.working_time import Calendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ANY = Calendar()

RegionOf = Callable[[str], str]
Document = Mapping[str, Any]


def _after(moment: datetime | None, since: datetime = EPOCH) -> int | None:
    return None if moment is None else (moment - since) // _MICROSECOND


def fold(history: CaseHistory, policy: Policy) -> dict[str, Any] | None:
    """Write down what is counted of one case; None while it has not opened. The times of the clocks are the log's."""
    if history.opened_at is None or not history.reports:
        return None
    final = [report.fact.at for report in history.reports if report.kind == "final"]
    first, opened = history.reports[0], history.opened_at
    return {
        "state": history.reporting_state,
        "severity": first.fact.severity,
        "class": first.notification_class,
        "opened": _after(opened),
        "voluntary": history.voluntary,
        "knew_on": first.knew_on,
        "release_types": list(dict.fromkeys(one for report in history.reports for one in report.release_types)),
        "organisms": list(history.reports[-1].organisms),
        "completeness": [
            [_after(report.fact.at, opened), *(report.shares.get(letter, 0.0) for letter in ITEMS)]
            for report in history.reports
        ],
        "final": _after(final[-1], opened) if final else None,
        "clocks": _clock_rows(history, policy, opened),
    }


def _clock_rows(history: CaseHistory, policy: Policy, opened: datetime) -> list[list[Any]]:
    """Write the clocks; those that differ only by State and by when they were met stand under one head."""
    grouped: dict[tuple[Any, ...], tuple[list[str], list[int | None]]] = {}
    for clock in clocks(facts_of(history, policy), lambda _: _ANY):
        key = ClockKey(clock.kind, clock.subject.kind, clock.subject.id, clock.round)
        told = None
        if clock.subject.kind is SubjectKind.NOTIFICATION:
            told = history.notifications[NotificationId(clock.subject.id)]
        # The BCH and organizations are no States and are not counted.
        if key in history.started and (told is None or told.climbs):
            states, met = grouped.setdefault(_head(clock, key, told, history, opened), ([], []))
            states.append(told.addressee if told is not None else str(clock.owner))
            met.append(None if clock.met_at is None else _after(max(clock.met_at, clock.starts[0].at), opened))
    return [[*head, ",".join(states), met] for head, (states, met) in grouped.items()]


def _head(
    clock: Clock, key: ClockKey, told: NotificationHistory | None, history: CaseHistory, opened: datetime
) -> tuple[Any, ...]:
    start, first = clock.starts[0], history.reports[0]
    in_class = _class_at(history, start.at)
    return (
        clock.kind,
        None if start.severity is first.fact.severity else start.severity,
        None if in_class is first.notification_class else in_class,
        _channel(told, clock.met_at) if told is not None else None,
        _after(start.at, opened),
        _after(history.started[key], opened),
        # What the end of the case stopped before it was due is not counted; a notification always is.
        _after(clock.stopped_at, opened) if told is None else None,
    )


def _class_at(history: CaseHistory, at: datetime) -> NotificationClass:
    known = [report.notification_class for report in history.reports if report.fact.at <= at]
    return known[-1] if known else history.reports[0].notification_class


def _channel(told: NotificationHistory, until: datetime | None) -> str | None:
    """Name by what a State was told until it answered; both channels are one group."""
    used = {
        each.channel
        for each in told.deliveries
        if each.accepted_at is not None and (until is None or each.accepted_at <= until)
    }
    return "+".join(sorted(used)) or None


def clock_facts(case: CaseReference, document: Document, region_of: RegionOf, as_of: datetime) -> Iterator[ClockFact]:
    """Read the clocks of one case as they were known at a time."""
    opened = EPOCH + timedelta(microseconds=document["opened"])
    limit = _after(as_of, opened) or 0
    for kind, severity, in_class, channel, started, due, stopped, states, times in document["clocks"]:
        for state, met in zip(states.split(","), times, strict=True):
            if not _was_stopped(due, met, stopped, limit):
                yield ClockFact(
                    clock=ClockKind(kind),
                    case=case,
                    state=StateCode(state),
                    region=region_of(state),
                    severity=Severity(severity or document["severity"]),
                    notification_class=NotificationClass(in_class or document["class"]),
                    started_at=opened + timedelta(microseconds=started),
                    due_at=None if due is None else opened + timedelta(microseconds=due),
                    met_at=None if met is None else opened + timedelta(microseconds=met),
                    channel=channel,
                    exercise=is_exercise(case),
                    non_party=document["voluntary"],
                )


def _was_stopped(due: int | None, met: int | None, stopped: int | None, limit: int) -> bool:
    """Tell whether the end of its case stopped a clock before it was due or met, as it was known at a time."""
    if stopped is None or stopped > limit or (due is not None and stopped > due):
        return False
    return met is None or met > limit


@dataclass(frozen=True, slots=True)
class Question:
    """Which clocks are counted, as they were known when; times in whole microseconds."""

    as_of: int
    start: int
    end: int
    state: StateCode | None

    @classmethod
    def asked(
        cls, as_of: datetime, start: datetime | None, end: datetime | None, state: StateCode | None = None
    ) -> Question:
        """Ask for the clocks that began from `start` on, before `end` and not after `as_of`."""
        after = (_after(as_of) or 0) + 1
        limit = after if end is None else min(after, _after(end) or 0)
        return cls(after - 1, 0 if start is None else _after(start) or 0, limit, state)


def count_clocks(
    case: CaseReference, document: Document, region_of: RegionOf, asked: Question, finest: dict[Group, Tally]
) -> None:
    """Count the clocks of one case: the same as `response_times` of its `clock_facts`, without making each of them."""
    opened, only = document["opened"], asked.state
    as_of, start, end = asked.as_of - opened, asked.start - opened, asked.end - opened
    section = _section(case, document)
    for kind, severity, in_class, channel, started, due, stopped, states, times in document["clocks"]:
        if not start <= started < end:
            continue
        month = (EPOCH + timedelta(microseconds=opened + started)).isoformat()[:7]
        clock, level, by = ClockKind(kind), severity or document["severity"], channel or NO_CHANNEL
        stated = in_class or document["class"]
        for state, met in zip(states.split(","), times, strict=True):
            if (only is not None and state != only) or _was_stopped(due, met, stopped, as_of):
                continue
            tally = finest[section, clock, level, region_of(state), month, by, stated]
            if met is None or met > as_of:
                tally.seconds.append(NOT_MET)
                tally.not_yet_due += due is not None and due > as_of
            else:
                tally.seconds.append(max(met - started, 0) / 1_000_000)
                tally.within += due is not None and met <= due
            tally.with_target += due is not None


def _section(case: CaseReference, document: Document) -> Section:
    if is_exercise(case):
        return Section.EXERCISES
    return Section.VOLUNTARY if document["voluntary"] else Section.REPORTS


def case_fact(case: CaseReference, document: Document, region_of: RegionOf) -> CaseFact:
    """Read one case."""
    opened = EPOCH + timedelta(microseconds=document["opened"])
    final = document["final"]
    return CaseFact(
        case=case,
        reporting_state=StateCode(document["state"]),
        region=region_of(document["state"]),
        severity=Severity(document["severity"]),
        notification_class=NotificationClass(document["class"]),
        opened_at=opened,
        release_types=tuple(document["release_types"]),
        organisms=tuple(document["organisms"]),
        completeness=tuple(
            Completeness(opened + timedelta(microseconds=at), dict(zip(ITEMS, shares, strict=True)))
            for at, *shares in document["completeness"]
        ),
        final_at=None if final is None else opened + timedelta(microseconds=final),
        exercise=is_exercise(case),
        non_party=document["voluntary"],
    )


@dataclass(frozen=True, slots=True)
class FilingInterval:
    """The time from knowledge to filing, over all real reports together; it has no allowance and no target.

    Days; `cases` of `of`: those that stated to the day when the reporting State knew.
    """

    cases: int
    of: int
    median: float | None
    mean: float | None

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON."""
        return {"cases": self.cases, "of": self.of, "median_days": self.median, "mean_days": self.mean}


def days_to_filing(case: CaseReference, document: Document, asked: Question) -> int | None:
    """Count the days from knowledge to filing of one real report, or None; -1 where it did not state the day."""
    opened = document["opened"]
    if _section(case, document) is not Section.REPORTS or not asked.start <= opened < asked.end:
        return None
    if document["knew_on"] is None:
        return -1
    filed = (EPOCH + timedelta(microseconds=opened)).date()
    return max((filed - date.fromisoformat(document["knew_on"])).days, 0)


def filing_interval(counted: Sequence[int]) -> FilingInterval:
    """Compute the time from knowledge to filing from what `days_to_filing` counted; published only as a total."""
    days = [one for one in counted if one >= 0]
    return FilingInterval(
        len(days), len(counted), median(days) if days else None, round(fmean(days), 2) if days else None
    )
