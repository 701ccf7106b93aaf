"""The worked cases of docs/statistics.md, computed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contacts.model import StateCode
from notify.policy import ClockKind
from notify.statistics import CaseFact, ClockFact, Completeness, response_times, share_text, table_rows, volume
from notify.statistics.rendering import COLUMNS
from notify.words import CaseReference, NotificationClass, Severity

PAGE = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
_, *PARTS = re.split(r"^### ", PAGE, flags=re.MULTILINE)
CASES = {part.partition("\n")[0]: part for part in PARTS}
COMPLETENESS = "Completeness of item (a)"
Rows = list[dict[str, str]]


def tables(part: str) -> list[Rows]:
    """Read every table of a part as rows by the names of its columns."""
    found: list[Rows] = []
    for block in re.findall(r"(?:^\|.*\|$\n?)+", part, flags=re.MULTILINE):
        head, _, *lines = ([cell.strip() for cell in line.split("|")[1:-1]] for line in block.splitlines())
        found.append([dict(zip(head, line, strict=True)) for line in lines])
    return found


def time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def as_of(part: str) -> datetime:
    (stated,) = re.findall(r"^As of (.+)$", part, flags=re.MULTILINE)
    return time(stated)


def fact(row: dict[str, str]) -> ClockFact:
    return ClockFact(
        ClockKind.ACKNOWLEDGEMENT,
        CaseReference(row["case"]),
        StateCode(row["State"]),
        row["region"],
        Severity(row["severity"]),
        NotificationClass.ARTICLE_17,
        time(row["started"]),
        None if row["due"] == "on request" else time(row["due"]),
        None if row["met"] == "open" else time(row["met"]),
        channel=row["channel"],
        exercise=row["report"] == "exercise",
        non_party=row["report"] == "non-Party",
    )


@pytest.mark.parametrize("name", sorted(CASES.keys() - {COMPLETENESS}))
def test_the_page_says_what_the_code_computes(name: str) -> None:
    facts, wanted = tables(CASES[name])
    computed = response_times(map(fact, facts), as_of=as_of(CASES[name]))
    rows = [dict(zip(COLUMNS, cells, strict=True)) for cells in table_rows(computed)]
    assert wanted
    for want in wanted:
        assert want in [{column: row[column] for column in want} for row in rows]


def test_the_page_has_its_worked_cases() -> None:
    assert len(CASES) == 6


def completeness_case(row: dict[str, str]) -> CaseFact:
    steps = [row[column].rsplit(" ", 1) for column in ("first", "later") if row[column] != "none"]
    return CaseFact(
        CaseReference(row["case"]),
        StateCode("KE"),
        "Africa",
        Severity.HIGH,
        NotificationClass.ARTICLE_17,
        time(row["opened"]),
        completeness=tuple(Completeness(time(at), {"a": float(share)}) for at, share in steps),
        final_at=None if row["final"] == "none" else time(row["final"]),
    )


def test_the_page_says_what_completeness_is() -> None:
    cases, wanted = tables(CASES[COMPLETENESS])
    computed = volume(map(completeness_case, cases), as_of=as_of(CASES[COMPLETENESS]))
    rows = [
        {"at": row.mark.value, "share": share_text(row.share), "n": str(row.n)}
        for row in computed.completeness
        if row.item == "a"
    ]
    assert rows == wanted
