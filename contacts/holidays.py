"""Reads the public holidays of States from a file, with one clear fault for each bad line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contacts.model import StateCode
from contacts.registry import Registry

LARGEST = 1024 * 1024
MOST_A_YEAR = 60
"""More days off than this in one year and State are a slip, and would stop its clocks."""


@dataclass(frozen=True, slots=True)
class HolidayFault:
    """One fault: its line (from 1), and what is wrong and would be right."""

    line: int
    detail: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.detail}"


class InvalidHolidays(ValueError):
    """The file of holidays has faults."""

    def __init__(self, faults: tuple[HolidayFault, ...]) -> None:
        self.faults = faults
        super().__init__("; ".join(map(str, faults)))


def load_holidays(text: str, registry: Registry) -> Mapping[StateCode, frozenset[date]]:
    """Read CSV of `state,date` (a third column may name the day; lines that begin with # are passed over).

    All or nothing: raises InvalidHolidays with every fault and its line.
    """
    if len(text) > LARGEST:
        raise InvalidHolidays((HolidayFault(1, f"the file is longer than {LARGEST} characters"),))
    found: dict[StateCode, set[date]] = {}
    faults: list[HolidayFault] = []
    for line, row in _rows(text):
        read = _day_of(row, registry)
        if isinstance(read, str):
            faults.append(HolidayFault(line, read))
            continue
        state, day = read
        days = found.setdefault(state, set())
        days.add(day)
        if sum(other.year == day.year for other in days) == MOST_A_YEAR + 1:
            faults.append(HolidayFault(line, f"{state} has more than {MOST_A_YEAR} holidays in {day.year}"))
    if faults:
        raise InvalidHolidays(tuple(faults))
    return {state: frozenset(days) for state, days in found.items()}


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(io.StringIO(text.removeprefix("\ufeff")), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            row = [field.strip() for field in next(csv.reader([line.rstrip("\r\n")]), [])]
        except csv.Error:
            row = []
        if [name.lower() for name in row[:2]] != ["state", "date"]:
            yield number, row


def _day_of(row: list[str], registry: Registry) -> tuple[StateCode, date] | str:
    if len(row) not in (2, 3):
        return "needs a State and a date, such as KE,2026-12-12"
    if not registry.is_state(row[0]):
        return f"{row[0][:20]!r} is not in the registry of States"
    try:
        if len(row[1]) != 10:
            raise ValueError
        return StateCode(row[0]), date.fromisoformat(row[1])
    except ValueError:
        return f"{row[1][:20]!r} is no date such as 2026-12-12"
