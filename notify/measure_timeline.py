"""Lays the measures of States side by side in time, and writes lessons that name nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contacts.model import StateCode
from notify.measure import Measure
from notify.report_types import PartialDate
from notify.vocabulary import code_of

LEFT_OUT = "[…]"
"""Stands where a name was."""


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One status of one measure; `after` is counted from when its State was told (None: it never was)."""

    at: datetime
    state: StateCode
    measure_id: str
    type: str
    status: str
    after: timedelta | None
    since: str | PartialDate | None  # as the State says


@dataclass(frozen=True, slots=True)
class Milestones:
    """How soon one State came how far with one type of measure, each counted from when it was told.

    The State of release knows before others are told: its time runs from the opening of the case. None: not yet.
    """

    state: StateCode
    type: str
    measures: int
    reported: timedelta | None
    under_way: timedelta | None
    completed: timedelta | None
    statuses: tuple[str, ...]  # of each of its measures of this type, as they stand now


def timeline(measures: Iterable[Measure], told_at: Mapping[StateCode, datetime]) -> tuple[TimelineRow, ...]:
    """List every status of every measure in order of time.

    `told_at`: when each State was told; for the reporting State, when the case was opened.
    """
    rows = [
        TimelineRow(
            at=status.at,
            state=measure.state,
            measure_id=measure.id,
            type=code_of(measure.type),
            status=code_of(status.status),
            after=_after(status.at, told_at.get(measure.state)),
            since=status.since,
        )
        for measure in measures
        for status in measure.history
    ]
    return tuple(sorted(rows, key=lambda row: (row.at, row.state, row.measure_id)))


def comparison(measures: Iterable[Measure], told_at: Mapping[StateCode, datetime]) -> tuple[Milestones, ...]:
    """Compare the States: for each type of measure and each State, how soon it was reported, under way, completed."""
    groups: dict[tuple[str, StateCode], list[Measure]] = {}
    for measure in measures:
        groups.setdefault((code_of(measure.type), measure.state), []).append(measure)
    return tuple(
        Milestones(
            state=state,
            type=kind,
            measures=len(group),
            reported=_after(min(measure.reported_at for measure in group), told_at.get(state)),
            under_way=_after(_first(group, "under_way"), told_at.get(state)),
            completed=_after(_first(group, "completed"), told_at.get(state)),
            statuses=tuple(code_of(measure.status) for measure in sorted(group, key=lambda one: one.reported_at)),
        )
        for (kind, state), group in sorted(groups.items())
    )


def _first(group: Sequence[Measure], status: str) -> datetime | None:
    return min((s.at for measure in group for s in measure.history if code_of(s.status) == status), default=None)


def _after(at: datetime | None, told_at: datetime | None) -> timedelta | None:
    return None if at is None or told_at is None else max(at - told_at, timedelta(0))


_ADDRESSES = re.compile(
    r"\S+@\S+"  # mail
    r"|(?:https?://|www\.)\S+"
    r"|\+?\(?\d[\d\s()/.-]{6,}\d"  # telephone
    r"|\b(?:A17|EX17|INQ17|EXINQ17)-\d{4}-\d+\b"
)


def without_names(text: str, names: Iterable[str]) -> str:
    """Leave the given names out of a text, and every address, telephone number and case reference.

    Names of three letters or fewer (State codes) are looked for as written, longer ones in any case.
    """
    # What could be a date stays: years and days are part of the lesson.
    kept = _ADDRESSES.sub(lambda found: found[0] if _is_date(found[0]) else LEFT_OUT, text)
    known = sorted({name.strip() for name in names if len(name.strip()) > 1}, key=lambda name: (-len(name), name))
    if not known:
        return kept
    short = [_pattern(name) for name in known if len(name) <= 3]
    long = [_pattern(name) for name in known if len(name) > 3]
    if long:
        kept = re.sub("|".join(long), LEFT_OUT, kept, flags=re.IGNORECASE)
    return re.sub("|".join(short), LEFT_OUT, kept) if short else kept


def _is_date(found: str) -> bool:
    date = r"\d{4}-\d{2}(-\d{2})?|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}\s*-\s*\d{4}"
    return re.fullmatch(date, found.strip()) is not None


def _pattern(name: str) -> str:
    # Scripts without capitals write words together: there a name is found inside a word too.
    before = r"(?<!\w)" if name[0].lower() != name[0].upper() else ""
    after = r"(?!\w)" if name[-1].lower() != name[-1].upper() else ""
    return before + r"\s+".join(re.escape(part) for part in name.split()) + after


def lesson(
    lessons: Mapping[str, str],
    names: Iterable[str],
    measures: Iterable[Measure],
    told_at: Mapping[StateCode, datetime],
    **circumstances: Any,
) -> dict[str, Any]:
    """Write the lessons of a final report for everybody: no State, office, person or case, but how soon what was done.

    `names`: all that may name somebody in this case. `circumstances`: codes such as the class and the release types.
    """
    known = list(names)
    compared = comparison(measures, told_at)
    rows = [
        {
            "type": one.type,
            "reported_after": _seconds(one.reported),
            "under_way_after": _seconds(one.under_way),
            "completed_after": _seconds(one.completed),
            "statuses": sorted(one.statuses),
        }
        for one in compared
    ]
    return {
        **circumstances,
        "lessons": {language: without_names(text, known) for language, text in lessons.items()},
        # In an order that follows no State's name.
        "measures": sorted(rows, key=lambda row: (str(row["type"]), str(row["reported_after"]), str(row))),
    }


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())
