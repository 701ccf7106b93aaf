"""Time on the wall, in calendar days and on working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.working_time import Calendar, Duration, Unit, due_at

AMSTERDAM = Calendar("Europe/Amsterdam", frozenset({6, 7}))
CAIRO = Calendar("Africa/Cairo", frozenset({5, 6}))
UTC_WEEK = Calendar()


def local(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def due(calendar: Calendar, start: str, duration: str, *, working: bool = True, share: float = 1.0) -> str:
    begun = local(calendar.time_zone, start)
    found = due_at(begun, Duration.parse(duration), share=share, calendar=calendar, working=working)
    assert found.tzinfo is UTC
    return found.astimezone(ZoneInfo(calendar.time_zone)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize("text", ["8 s", "15 min", "4 h", "10 d", "3 wd", "0.5 s", "1.25 h"])
def test_a_duration_is_written_as_it_was_read(text: str) -> None:
    assert str(Duration.parse(text)) == text
    assert Duration.parse(str(Duration.parse(text))) == Duration.parse(text)


def test_a_duration_needs_no_space() -> None:
    assert Duration.parse("72h") == Duration(72, Unit.HOURS)


@pytest.mark.parametrize(
    "text", ["", "4", "h", "-4 h", "0 h", "4 hours", "1e3 s", "4 h 5 min", "9999 d", "nan h", "٤ h"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|must be"):
        Duration.parse(text)


def test_the_wall_clock_runs_through_the_weekend() -> None:
    assert due(AMSTERDAM, "2026-11-06 22:00", "12 h", working=False) == "2026-11-07 10:00"


def test_working_hours_stand_still_on_the_weekend() -> None:
    assert due(AMSTERDAM, "2026-11-06 22:00", "12 h") == "2026-11-09 10:00"


def test_working_days_stand_still_whatever_the_severity() -> None:
    assert due(AMSTERDAM, "2026-11-06 22:00", "1 wd", working=False) == "2026-11-09 22:00"


def test_what_begins_on_a_weekend_counts_from_the_first_working_moment() -> None:
    assert due(AMSTERDAM, "2026-11-07 15:00", "2 h") == "2026-11-09 02:00"


def test_what_ends_with_the_week_is_due_at_its_end() -> None:
    assert due(AMSTERDAM, "2026-11-06 00:00", "1 wd") == "2026-11-07 00:00"


def test_shares_are_of_the_24_hours_of_a_working_day() -> None:
    assert due(AMSTERDAM, "2026-11-06 18:00", "3 wd", share=0.25) == "2026-11-09 12:00"


def test_a_weekend_may_be_friday_and_saturday() -> None:
    assert due(CAIRO, "2026-11-05 12:00", "1 wd") == "2026-11-08 12:00"


def test_a_public_holiday_stands_still_too() -> None:
    holiday = Calendar("Europe/Amsterdam", frozenset({6, 7}), frozenset({date(2026, 11, 9)}))
    assert due(holiday, "2026-11-06 12:00", "1 wd") == "2026-11-10 12:00"


def test_a_calendar_day_runs_through_the_weekend_to_the_same_local_time() -> None:
    assert due(AMSTERDAM, "2026-11-06 12:00", "1 d") == "2026-11-07 12:00"
    assert due(AMSTERDAM, "2026-03-28 12:00", "1 d") == "2026-03-29 12:00"
    assert due(AMSTERDAM, "2026-11-06 12:00", "7 d", working=False, share=0.5) == "2026-11-10 00:00"


def test_a_local_day_of_23_hours_gives_23_hours_of_working_time() -> None:
    sundays_count = Calendar("Europe/Amsterdam", frozenset({5}))
    assert due(sundays_count, "2026-03-29 00:00", "24 h") == "2026-03-30 01:00"


def test_a_local_day_of_25_hours_gives_25_hours_of_working_time() -> None:
    sundays_count = Calendar("Europe/Amsterdam", frozenset({5}))
    assert due(sundays_count, "2026-10-25 00:00", "24 h") == "2026-10-25 23:00"


def test_a_day_whose_midnight_does_not_exist_begins_with_the_jump() -> None:
    # In Cairo the clock jumped from 00:00 to 01:00 on Friday 28 April 2023; here Friday is a working day.
    friday_counts = Calendar("Africa/Cairo", frozenset({4}))
    assert due(friday_counts, "2023-04-27 12:00", "1 h") == "2023-04-28 02:00"


def test_the_repeated_hour_is_told_apart() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    found = due_at(second, Duration.parse("1 d"), share=0.0, calendar=AMSTERDAM, working=True)
    assert found == second


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        # It is Saturday on Kiritimati while it is still Friday in UTC, and still Sunday at Pago Pago on Monday in UTC.
        ("Pacific/Kiritimati", datetime(2026, 11, 6, 10, 0, tzinfo=UTC), datetime(2026, 11, 8, 11, 0, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2026, 11, 9, 10, 0, tzinfo=UTC), datetime(2026, 11, 9, 12, 0, tzinfo=UTC)),
    ],
)
def test_the_local_day_counts_at_both_edges_of_the_world(zone: str, start: datetime, expected: datetime) -> None:
    found = due_at(start, Duration.parse("1 h"), calendar=Calendar(zone), working=True)
    assert found == expected


def test_a_start_without_time_zone_is_refused() -> None:
    naive = datetime(2026, 11, 6)
    with pytest.raises(ValueError, match="time zone"):
        due_at(naive, Duration.parse("1 h"), calendar=UTC_WEEK, working=True)


def test_a_negative_share_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        due_at(datetime(2026, 11, 6, tzinfo=UTC), Duration.parse("1 h"), share=-1, calendar=UTC_WEEK, working=True)


def test_a_weekend_of_seven_days_is_refused() -> None:
    with pytest.raises(ValueError, match="no day to work"):
        Calendar("UTC", frozenset(range(1, 8)))


ZONES = ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Amsterdam", "Africa/Cairo", "America/Havana"]
ZONES += ["America/Santiago", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Apia", "Asia/Kathmandu"]
CALENDARS = st.builds(
    Calendar,
    st.sampled_from(ZONES),
    st.sampled_from([frozenset({6, 7}), frozenset({5, 6}), frozenset({5}), frozenset({7}), frozenset({4, 5})]),
    st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=4),
)
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
DURATIONS = st.builds(Duration, st.integers(1, 30), st.sampled_from([Unit.MINUTES, Unit.HOURS, Unit.WORKING_DAYS]))
ANY_DURATIONS = st.builds(Duration, st.integers(1, 30), st.sampled_from(list(Unit)))
SHARES = st.floats(0, 4)


@settings(max_examples=150, deadline=None)
@given(CALENDARS, STARTS, ANY_DURATIONS, SHARES, SHARES, st.booleans())
def test_a_larger_share_is_never_due_earlier(
    calendar: Calendar, start: datetime, duration: Duration, one: float, other: float, working: bool
) -> None:
    less, more = sorted((one, other))
    early = due_at(start, duration, share=less, calendar=calendar, working=working)
    late = due_at(start, duration, share=more, calendar=calendar, working=working)
    assert start <= early <= late


@settings(max_examples=150, deadline=None)
@given(CALENDARS, STARTS, DURATIONS, SHARES)
def test_what_runs_on_working_days_is_due_on_one(
    calendar: Calendar, start: datetime, duration: Duration, share: float
) -> None:
    found = due_at(start, duration, share=share, calendar=calendar, working=True)
    just_before = found - timedelta(microseconds=1)  # what ends with a day is due at its end
    zone = ZoneInfo(calendar.time_zone)
    assert any(calendar.is_working_day(moment.astimezone(zone).date()) for moment in (found, just_before))


@settings(max_examples=150, deadline=None)
@given(CALENDARS, STARTS, st.integers(1, 5000), st.integers(1, 5000))
def test_two_stretches_of_working_time_are_as_long_as_both_together(
    calendar: Calendar, start: datetime, one: int, other: int
) -> None:
    def after(begin: datetime, minutes: int) -> datetime:
        return due_at(begin, Duration(minutes, Unit.MINUTES), calendar=calendar, working=True)

    assert after(after(start, one), other) == after(start, one + other)


@settings(max_examples=100, deadline=None)
@given(CALENDARS, STARTS, st.integers(1, 200))
def test_exactly_the_working_time_passes(calendar: Calendar, start: datetime, hours: int) -> None:
    found = due_at(start, Duration(hours, Unit.HOURS), calendar=calendar, working=True)
    zone = ZoneInfo(calendar.time_zone)
    quarter, passed, moment = timedelta(minutes=15), timedelta(0), start
    while moment < found:
        # Every midnight of these zones falls on a quarter of an hour.
        following = min(moment + quarter - (moment - datetime(2026, 1, 1, tzinfo=UTC)) % quarter, found)
        if calendar.is_working_day(moment.astimezone(zone).date()):
            passed += following - moment
        moment = following
    assert passed == timedelta(hours=hours)
