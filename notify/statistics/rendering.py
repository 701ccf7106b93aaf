"""Writes statistics as the cells of a table, as JSON, and as CSV in which no cell can start a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from notify.statistics.figures import Figures
from notify.statistics.network import NetworkRow
from notify.statistics.response_times import ResponseRow, ResponseTimes
from notify.statistics.volume import Volume

NOT_RECORDED = "not recorded"
COLUMNS = (
    "section", "clock", "by", "value", "n", "with target", "within target", "share", "median", "p90", "p95", "mean",
    "recorded", "open", "not yet due",
)  # fmt: skip
_CSV_COLUMNS = (
    "section", "clock", "by", "value", "n", "with_target", "within_target", "share", "median_seconds", "p90_seconds",
    "p95_seconds", "mean_seconds", "recorded", "open", "not_yet_due",
)  # fmt: skip

# A cell that begins so is a formula to a spreadsheet; blanks before it do not help, and where another separator is
# in use, a cell may begin in the middle of ours. The wide forms are read as the plain ones in some languages.
_FORMULA = re.compile(r"(^|[,;|\t\r\n\"])([\s'\"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def table_rows(times: ResponseTimes) -> list[tuple[str, ...]]:
    """Give the cells of the table for people, under `COLUMNS`."""
    return [
        (
            row.section,
            row.clock,
            row.dimension,
            row.value,
            str(row.figures.n),
            str(row.figures.with_target),
            str(row.figures.within_target),
            share_text(row.figures.share),
            *(_time_text(row.figures, seconds) for seconds in _times(row.figures)),
            str(row.figures.recorded),
            str(row.figures.open),
            str(row.figures.not_yet_due),
        )
        for row in times.rows
    ]


def _times(counted: Figures) -> tuple[float | None, ...]:
    return counted.median, counted.p90, counted.p95, counted.mean


def _time_text(counted: Figures, seconds: float | None) -> str:
    if seconds is None:
        return NOT_RECORDED if counted.n else ""
    return duration_text(seconds)


def share_text(share: float | None) -> str:
    """Write a share as per cent with one decimal; rounding never makes all, or nothing, of what is not quite so."""
    if share is None:
        return ""
    if 0 < share < 1:
        return f"{min(max(share * 100, 0.1), 99.9):.1f} %"
    return f"{share * 100:.0f} %"


_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def duration_text(seconds: float) -> str:
    """Write a time in its two largest units, such as `1 d 4 h`, rounded down; below a second, `0 s`."""
    left = int(seconds)
    parts: list[str] = []
    for length, unit in _UNITS:
        count, left = divmod(left, length)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts)


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def as_json(
    times: ResponseTimes, counted: Volume | None = None, network: Iterable[NetworkRow] | None = None
) -> dict[str, Any]:
    """Write statistics as JSON; a time of null where n is not 0 means that it is not recorded."""
    document: dict[str, Any] = {
        "as_of": _stamp(times.as_of),
        "from": _stamp(times.start),
        "to": _stamp(times.end),
        "state": times.state,
        "headline": {
            "share_acknowledged_within_target": times.headline.share,
            "n": times.headline.n,
        },
        "response_times": [_row_json(row) for row in times.rows],
    }
    if counted is not None:
        document["volume"] = [
            {"section": row.section, "by": row.dimension, "value": row.value, "cases": row.cases}
            for row in counted.rows
        ]
        document["completeness"] = [
            {"section": row.section, "at": row.mark, "item": row.item, "share": row.share, "n": row.n}
            for row in counted.completeness
        ]
    if network is not None:
        document["network"] = [
            {"group": row.group, "figure": row.figure, "states": row.states, "n": row.n, "share": row.share}
            for row in network
        ]
    return document


def _row_json(row: ResponseRow) -> dict[str, Any]:
    return dict(zip(_CSV_COLUMNS, _values(row), strict=True))


def _values(row: ResponseRow) -> tuple[Any, ...]:
    counted = row.figures
    return (
        row.section.value,
        row.clock.value,
        row.dimension.value,
        str(row.value),
        counted.n,
        counted.with_target,
        counted.within_target,
        counted.share,
        *_times(counted),
        counted.recorded,
        counted.open,
        counted.not_yet_due,
    )


def csv_text(times: ResponseTimes) -> str:
    """Write the response times as CSV (RFC 4180), one line for each row, times in seconds, empty where not recorded."""
    return write_csv(_CSV_COLUMNS, (_values(row) for row in times.rows))


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write any rows as CSV with cells made harmless."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return written.getvalue()


def csv_cell(value: object) -> str:
    """Write one cell that no spreadsheet takes for a formula: what would begin one gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value) if value >= 0 else f"'{value!r}"
    return _FORMULA.sub(r"\1\2'", _BREAKS.sub(" ", str(value)))
