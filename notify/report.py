"""Reads a report as it is handed in: gives it, or every fault with its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import TypeVar

from pydantic import ValidationError

from notify.confidentiality import check_marks
from notify.errors import Fault, InvalidDocument
from notify.report_faults import faults_of
from notify.report_model import AnyReport, LaterReport, Report, ReportType, report_schema
from notify.report_rules import Codes, Warning_, report_warnings, rule_faults
from notify.report_structure import cleaned

__all__ = [
    "LaterReport",
    "Report",
    "ReportType",
    "Warning_",
    "draft_faults",
    "parse_later_report",
    "parse_report",
    "report_schema",
]

MOST_FAULTS = 1000

IsCode = Callable[[str], bool]
_Either = TypeVar("_Either", bound=AnyReport)


def parse_report(document: object, *, is_state: IsCode, is_place: IsCode) -> tuple[Report, tuple[Warning_, ...]]:
    """Read an initial report, with what looks wrong in it and does not block.

    Raises InvalidDocument, and nothing else, with every fault of whatever was handed in.
    """
    return _parse(document, Report, Codes(is_state, is_place))


def parse_later_report(
    document: object, *, is_state: IsCode, is_place: IsCode
) -> tuple[LaterReport, tuple[Warning_, ...]]:
    """Read a report that follows another: type and reason are needed, all else states what changes.

    Raises InvalidDocument, and nothing else, with every fault.
    """
    return _parse(document, LaterReport, Codes(is_state, is_place))


def draft_faults(document: object, *, is_state: IsCode, is_place: IsCode) -> list[Fault]:
    """List every fault that keeps a draft, initial or later, from being submitted."""
    stated = document.get("type") if isinstance(document, dict) else None
    is_later = isinstance(stated, str) and stated in set(ReportType) - {ReportType.INITIAL}
    codes = Codes(is_state, is_place)
    return _check(document, LaterReport, codes)[1] if is_later else _check(document, Report, codes)[1]


def _parse(document: object, model: type[_Either], codes: Codes) -> tuple[_Either, tuple[Warning_, ...]]:
    report, faults = _check(document, model, codes)
    if report is None:
        raise InvalidDocument(faults)
    return report, report_warnings(report.document())


def _check(document: object, model: type[_Either], codes: Codes) -> tuple[_Either | None, list[Fault]]:
    if not isinstance(document, dict):
        return None, [Fault("", "must be a JSON object: one report")]
    clean, refused = cleaned(document)
    report: _Either | None = None
    found: list[Fault] = []
    try:
        report = model.model_validate(clean)
    except ValidationError as error:
        found = faults_of(error, clean)
    marks = check_marks(clean)
    if marks:
        # The rules of marks say more about a mark than the model does.
        found = [fault for fault in found if not fault.pointer.startswith("/confidential/")]
    faults = _each_once(refused, [*found, *rule_faults(clean, codes), *marks])
    return (None if faults else report), faults


def _each_once(refused: list[Fault], found: Iterable[Fault]) -> list[Fault]:
    """Join the faults; what stands at or under a refused place has its fault already."""
    places = {fault.pointer for fault in refused}
    kept = [fault for fault in found if places.isdisjoint(_places_above(fault.pointer))]
    faults = list({(fault.pointer, fault.detail): fault for fault in [*refused, *kept]}.values())
    if len(faults) > MOST_FAULTS:
        more = f"has {len(faults) - MOST_FAULTS} more faults; please mend these first"
        return [*faults[:MOST_FAULTS], Fault("", more)]
    return faults


def _places_above(pointer: str) -> list[str]:
    """List the pointer itself and those of all that holds it."""
    steps = pointer.split("/")
    return ["/".join(steps[:length]) for length in range(1, len(steps) + 1)]


def stored_digest(document: object, known: object = None) -> str:
    """Give the SHA-256 of a report as it is stored, with what is known by it where that is more."""
    return digest(document if known is None else {"report": document, "known": known})


def digest(document: object) -> str:
    """Give the SHA-256 of a document's canonical JSON."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
