"""Counts cases: by class, release type, organism and region; and how complete they were at 24 h, 7 d and the final."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from notify.statistics.facts import CaseFact, Section
from notify.vocabulary import UNKNOWN

ITEMS = ("a", "b", "c", "d", "e")
"""The items of Article 17(3)."""


class Mark(StrEnum):
    """When completeness is looked at."""

    DAY = "24 h"
    WEEK = "7 d"
    FINAL = "final"


_AFTER = {Mark.DAY: timedelta(hours=24), Mark.WEEK: timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """How many cases are in one group; a case with two release types or organisms is in two groups of that kind."""

    section: Section
    dimension: str  # total, class, severity, release_type, organism, region
    value: str
    cases: int


@dataclass(frozen=True, slots=True)
class CompletenessRow:
    """The mean share given of one item at one mark, over the cases old enough (or closed) to have come there."""

    section: Section
    mark: Mark
    item: str
    share: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Volume:
    """How much happened in a period, and how complete it was, as it was known at `as_of`."""

    as_of: datetime
    start: datetime | None
    end: datetime | None
    rows: tuple[VolumeRow, ...]
    completeness: tuple[CompletenessRow, ...]


def volume(
    cases: Iterable[CaseFact], *, as_of: datetime, start: datetime | None = None, end: datetime | None = None
) -> Volume:
    """Count the cases opened from `start` on and before `end`, as they were known at `as_of`."""
    counted = [
        case
        for case in cases
        if case.opened_at <= as_of
        and (start is None or case.opened_at >= start)
        and (end is None or case.opened_at < end)
    ]
    counts = Counter((case.section, *group) for case in counted for group in _groups(case))
    order = tuple(Section)
    keys = sorted(counts, key=lambda key: (order.index(key[0]), _DIMENSIONS.index(key[1]), -counts[key], key[2]))
    rows = tuple(VolumeRow(*key, counts[key]) for key in keys)
    return Volume(as_of, start, end, rows, tuple(_completeness(counted, as_of)))


_DIMENSIONS = ("total", "class", "severity", "release_type", "organism", "region")


def _groups(case: CaseFact) -> Iterator[tuple[str, str]]:
    yield "total", "all"
    yield "class", case.notification_class.value
    yield "severity", case.severity.value
    yield "region", case.region
    # Each type and organism counts once in its case, however often the report names it.
    yield from (("release_type", one) for one in sorted(set(case.release_types)) or [UNKNOWN])
    yield from (("organism", one) for one in sorted(set(case.organisms)) or [UNKNOWN])


def _completeness(cases: list[CaseFact], as_of: datetime) -> Iterator[CompletenessRow]:
    shares: dict[tuple[Section, Mark, str], list[float]] = defaultdict(list)
    for case in cases:
        for mark in Mark:
            looked_at = _looked_at(case, mark)
            if looked_at is not None and looked_at <= as_of:
                given = _at(case, looked_at)
                for letter in ITEMS:
                    shares[case.section, mark, letter].append(given.get(letter, 0.0))
    present = {section for section, _, _ in shares}
    for section in (section for section in Section if section in present):
        for mark in Mark:
            for letter in ITEMS:
                found = shares.get((section, mark, letter), [])
                mean = math.fsum(found) / len(found) if found else None
                yield CompletenessRow(section, mark, letter, mean, len(found))


def _looked_at(case: CaseFact, mark: Mark) -> datetime | None:
    return case.final_at if mark is Mark.FINAL else case.opened_at + _AFTER[mark]


def _at(case: CaseFact, looked_at: datetime) -> dict[str, float]:
    known = [one for one in case.completeness if one.at <= looked_at]
    return dict(max(known, key=lambda one: one.at).shares) if known else {}
