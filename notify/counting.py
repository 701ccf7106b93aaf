"""Writes down what clocks and statistics need of a report, so that the log alone can be counted."""

from __future__ import annotations

from datetime import datetime

from notify.case import Case
from notify.clock_events import ReportCounted
from notify.completeness import completeness
from notify.deadline import is_complete
from notify.report_model import Report
from notify.vocabulary import OTHER, UNKNOWN

LONGEST = 80
"""Characters of an organism's name that are counted as one."""


def report_counted(case: Case, report: Report, *, sequence: int, at: datetime) -> ReportCounted:
    """Say of a report, as the case stands with it, what is counted of it."""
    found = completeness(report)
    release = report.release
    return ReportCounted(
        case_reference=case.reference,
        at=at,
        sequence=sequence,
        shares={letter: round(item["share"], 4) for letter, item in found.items()},
        release_types=tuple(dict.fromkeys(_code(each) for each in release.types)) if release else (),
        organisms=tuple(dict.fromkeys(_organism(lmo.scientific_name, lmo.common_name) for lmo in report.lmos)),
        complete=is_complete(found, case.policy),
        knew_on=_knew_on(report),
    )


def _code(choice: object) -> str:
    return choice if isinstance(choice, str) else OTHER


def _organism(*names: str | None) -> str:
    """Name an organism as reports do most alike: by genus and species, without author."""
    name = next((name for name in names if name), UNKNOWN)
    return " ".join(name.split()[:2])[:LONGEST]


def _knew_on(report: Report) -> str | None:
    """Give the day from which the reporting State knew, or None where it stated none to the day."""
    known = report.knowledge
    for date in (known.reported_to_authority, known.first_indication, known.confirmed):
        if date is not None and date.value is not None and date.precision in ("day", "hour"):
            return str(date.value)[:10]
    return None
