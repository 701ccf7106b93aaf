"""Counts time as the clocks do: on the wall, in calendar days, or only on working days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=3660)


class Unit(StrEnum):
    """What a duration counts."""

    SECONDS = "s"
    MINUTES = "min"
    HOURS = "h"
    CALENDAR_DAYS = "d"
    WORKING_DAYS = "wd"


_LENGTHS = {
    Unit.SECONDS: timedelta(seconds=1),
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.CALENDAR_DAYS: _ONE_DAY,
    Unit.WORKING_DAYS: _ONE_DAY,
}


@dataclass(frozen=True, slots=True)
class Duration:
    """An amount of time as a policy writes it, such as "4 h", "3 wd" or "8 s"."""

    amount: float
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read "15 min"; raises ValueError for anything but a positive number and one of s, min, h, d, wd."""
        found = re.fullmatch(r"\s*([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*(s|min|h|d|wd)\s*", text)
        if found is None:
            raise ValueError(f'{text!r} is no duration such as "8 s", "15 min", "4 h", "10 d" or "3 wd"')
        duration = cls(float(found[1]), Unit(found[2]))
        if not timedelta(0) < duration.length <= LONGEST:
            raise ValueError(f"{text!r} must be more than nothing and at most {LONGEST.days} days")
        return duration

    def __str__(self) -> str:
        return f"{self.amount:.6f}".rstrip("0").rstrip(".") + f" {self.unit}"

    @property
    def length(self) -> timedelta:
        """The time that must run; a day counts 24 hours."""
        return _LENGTHS[self.unit] * self.amount


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where and when time runs for one reader: an IANA time zone, ISO weekdays of the weekend, public holidays."""

    time_zone: str = "UTC"
    weekend: frozenset[int] = frozenset({6, 7})
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.weekend >= frozenset(range(1, 8)):
            raise ValueError("a weekend of seven days leaves no day to work")

    def is_working_day(self, day: date) -> bool:
        """Say whether time runs on this local day, from 00 to 24."""
        return day.isoweekday() not in self.weekend and day not in self.holidays


def due_at(start: datetime, duration: Duration, *, share: float = 1.0, calendar: Calendar, working: bool) -> datetime:
    """Say when a share of a duration that began at `start` has run, in UTC.

    `working`: hours, minutes and seconds run on working days only (moderate and low); otherwise on the wall clock.
    Working days always do, and calendar days never. What runs on working days ends on one: what ends with a
    Friday is due as it ends. Raises ValueError for a start without time zone or a negative share.
    """
    if start.tzinfo is None:
        raise ValueError("the start needs a time zone")
    if share < 0:
        raise ValueError("a share cannot be negative")
    start = start.astimezone(UTC)
    zone = ZoneInfo(calendar.time_zone)
    if duration.unit is Unit.CALENDAR_DAYS:
        return _after_days(start, duration.amount * share, zone)
    length = duration.length * share
    if working or duration.unit is Unit.WORKING_DAYS:
        return _after_working_time(start, length, calendar, zone)
    return start + length


def _after_working_time(start: datetime, length: timedelta, calendar: Calendar, zone: ZoneInfo) -> datetime:
    moment, day = start, start.astimezone(zone).date()
    while True:
        end = _midnight(day + _ONE_DAY, zone)
        if calendar.is_working_day(day):
            # A local day may have 23 or 25 hours: what counts is the time that really passes in it.
            left = max(end - moment, timedelta(0))
            if length <= left:  # what ends with the day is due then, not when the next working day begins
                return moment + length
            length -= left
        moment, day = max(moment, end), day + _ONE_DAY


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a local day, in UTC; where the clock jumps over midnight, the moment of the jump."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _after_days(start: datetime, days: float, zone: ZoneInfo) -> datetime:
    """Go on to the same local time so many days later; a part of a day is that part of the last one."""
    whole = int(days)
    before, after = (_same_time(start, whole + more, zone) for more in (0, 1))
    return before + (after - before) * (days - whole)


def _same_time(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    # Adding days to a local time keeps its reading; going through UTC for none of them keeps a repeated hour apart.
    return (start.astimezone(zone) + timedelta(days=days)).astimezone(UTC) if days else start
