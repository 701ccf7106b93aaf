"""Writes dates, times, lists and the names of States and languages as the reader's language does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal

from adapters.languages.catalogues import say
from adapters.languages.directions import direction, isolated, locale_of
from adapters.languages.labels import label
from notify.sentence import Sentence


@lru_cache(maxsize=1024)
def zone_of(name: str | None) -> ZoneInfo:
    """Find a time zone by its IANA name; UTC when there is none of that name."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@lru_cache(maxsize=8192)
def date_time(moment: datetime, language: str, time_zone: str | None) -> str:
    """Write a moment in the reader's time zone and in UTC, both (24-hour clock, to the minute)."""
    zone = zone_of(time_zone)
    local, utc = moment.astimezone(zone), moment.astimezone(UTC)
    if zone.key == "UTC":
        return say(Sentence("{date}, {time} UTC", {"date": _day(utc, language), "time": f"{utc:%H:%M}"}), language)
    values = {
        "date": _day(local, language),
        "time": f"{local:%H:%M}",
        "zone": zone.key,
        "offset": f"UTC{_offset(local)}",
        "utc_date": _day(utc, language),
        "utc_time": f"{utc:%H:%M}",
    }
    if local.date() == utc.date():
        return say(Sentence("{date}, {time} ({zone}, {offset}), which is {utc_time} UTC", values), language)
    return say(Sentence("{date}, {time} ({zone}, {offset}), which is {utc_date}, {utc_time} UTC", values), language)


def partial_date(value: str | None, precision: str, language: str) -> str:
    """Write a date as precisely as it is known (hour, day, month, year, unknown); "2006-08" is August 2006."""
    if value is None or precision == "unknown":
        return label("unknown", language)
    try:
        if precision == "year":
            return format_skeleton("y", date(int(value[:4]), 1, 1), locale=locale_of(language))
        if precision == "month":
            return format_skeleton("yMMMM", date.fromisoformat(f"{value[:7]}-01"), locale=locale_of(language))
        if precision == "hour":
            return _hour(datetime.fromisoformat(value), language)
        return format_date(date.fromisoformat(value[:10]), "long", locale=locale_of(language))
    except ValueError:
        return value


@lru_cache(maxsize=4096)
def state_name(code: str, language: str, registry_name: str | None = None) -> str:
    """Name a State: in English as our registry does, else as CLDR does, else as the registry, else by its code."""
    if registry_name and locale_of(language).language == "en":
        return registry_name
    return locale_of(language).territories.get(code) or registry_name or code


def amount(number: object, language: str) -> str:
    """Write a number as the language does, with every digit that was given; any other text stays as it is."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return str(number)
    return format_decimal(Decimal(str(number)), locale=locale_of(language), decimal_quantization=False)


def language_name(code: str, language: str) -> str:
    """Name a language in the reader's language; its code when it has no name there."""
    languages = locale_of(language).languages
    return languages.get(code.replace("-", "_")) or languages.get(code.split("-")[0]) or code


@lru_cache(maxsize=64)
def own_name(code: str) -> str:
    """Name a language as its speakers do, as it begins a line."""
    name = locale_of(code).languages.get(code) or code
    return name[:1].upper() + name[1:]


def listed(texts: Iterable[str], language: str, *, with_and: bool = True) -> str:
    """Join texts to one list as the language does: "a, b and c", or "a, b, c"."""
    if direction(language) == "rtl":
        texts = map(isolated, texts)
    if with_and:
        return _joined(tuple(texts), language)
    # CLDR's style without "and" is for measures: it drops the commas in some languages and has none for Spanish.
    return _COMMAS.get(locale_of(language).language, ", ").join(texts)


_COMMAS = {"ar": "\u060c ", "zh": "\u3001"}


@lru_cache(maxsize=4096)
def _joined(texts: tuple[str, ...], language: str) -> str:
    return format_list(texts, locale=locale_of(language))


@lru_cache(maxsize=4096)
def _date_text(day: date, language: str) -> str:
    return format_date(day, "full", locale=locale_of(language))


def _day(moment: datetime, language: str) -> str:
    return _date_text(moment.date(), language)


def _hour(moment: datetime, language: str) -> str:
    day = format_date(
        moment.date() if moment.tzinfo is None else moment.astimezone(UTC).date(), "long", locale=locale_of(language)
    )
    if moment.tzinfo is None:
        return say(Sentence("{date}, {time} local time", {"date": day, "time": f"{moment:%H:%M}"}), language)
    return say(Sentence("{date}, {time} UTC", {"date": day, "time": f"{moment.astimezone(UTC):%H:%M}"}), language)


def _offset(local: datetime) -> str:
    shift = local.utcoffset() or timedelta()
    minutes = abs(shift) // timedelta(minutes=1)
    return f"{'-' if shift < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}"
