"""Decides which fields a filer may mark confidential, and what a reader of an audience may see (Article 21)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from notify.errors import Fault
from notify.pointer import ABSENT, Path, path_of, pointer_of, value_at
from notify.vocabulary import VOCABULARIES
from notify.words import Audience

_WIDENING = tuple(Audience)
_EVERY = "*"
Pattern = tuple[str, ...]


def _patterns(*pointers: str) -> tuple[Pattern, ...]:
    return tuple(tuple(pointer.split("/")[1:]) for pointer in pointers)


# Article 21(6) and 17(3) keep these open to every reader.
_OPEN = _patterns(
    "/authority",
    "/contact_for_information",
    "/release/state",
    "/release/date",
    "/lmos/*/common_name",
    "/lmos/*/scientific_name",
    "/lmos/*/traits",
    "/lmos/*/description",
    "/lmos/*/gene_drive",
    "/lmos/*/viability",
    "/effects",
    "/health",
    "/risk_assessments",
    "/risk_management",
    "/measures",
)
# Without these a report cannot be routed, ranked or read.
_STRUCTURE = _patterns(
    "/type",
    "/title",
    "/original_language",
    "/notification_class",
    "/illegal_status",
    "/reporting_state",
    "/capacity",
    "/affected_states/*/state",
    "/affected_states/*/status",
    "/affected_states_determined",
    "/severity_inputs",
    "/severity_override",
    "/status",
    "/material",
    "/confidential",
)
_IDENTITY = _patterns("/lmos/*/unique_identifier", "/lmos/*/bch_record", "/lmos/*/event", "/detection")
# Coordinates and names of operators start narrower than the public; a mark of their own may widen them.
_STARTS_AT_RECIPIENTS = _patterns(
    "/release/place/latitude",
    "/release/place/longitude",
    "/consignments/*/consignor",
    "/consignments/*/consignee",
    "/sender/name",
)


@dataclass(frozen=True, slots=True)
class Visible:
    """What one audience may read, and the pointers, in the report as filed, of what was left out."""

    document: dict[str, Any]
    withheld: tuple[str, ...]


def check_marks(document: dict[str, Any]) -> list[Fault]:
    """List what is wrong with the marks of a report, which may be incomplete (Article 21(1), (5), (6))."""
    marks = document.get("confidential")
    if marks is None:
        return []
    if not isinstance(marks, dict):
        return [Fault("/confidential", "must be a JSON object of marks by JSON pointer")]
    return [fault for pointer, mark in marks.items() for fault in _mark_faults(document, pointer, mark)]


def visible(document: dict[str, Any], audience: Audience) -> Visible:
    """Leave out of a report what this audience may not see.

    What is withheld is absent, and so is a list or object that it leaves empty. Pointers, also those of the
    marks that are still shown, are those of the report as filed.
    """
    hidden = {path for path, widest in _limits(document).items() if not _includes(widest, audience)}
    shown = _without(document, (), hidden)
    outermost = [path for path in hidden if not any(path[:length] in hidden for length in range(len(path)))]
    # That a mark is not shown follows from what it marks, and needs no pointer of its own.
    pointers = {pointer_of(path) for path in outermost if path[0] != "confidential"}
    return Visible(shown if isinstance(shown, dict) else {}, tuple(sorted(pointers)))


def holds_marked(document: dict[str, Any], audience: Audience) -> bool:
    """Say whether a reader of this audience reads a field that is marked confidential, and so kept from the public."""
    marks = document.get("confidential")
    if not isinstance(marks, dict) or audience is Audience.PUBLIC:
        return False
    shown = (pointer for pointer, mark in marks.items() if _includes(_audience_of(mark), audience))
    return any(path_of(pointer, document) is not None for pointer in shown)


def is_marked(document: dict[str, Any], pointer: str) -> bool:
    """Say whether a field, or what holds it, is marked confidential."""
    marks = document.get("confidential")
    return isinstance(marks, dict) and any(pointer == mark or pointer.startswith(f"{mark}/") for mark in marks)


def _mark_faults(document: dict[str, Any], pointer: str, mark: Any) -> Iterator[Fault]:
    place = ("confidential", pointer)
    audience = mark.get("audience") if isinstance(mark, dict) else None
    path = path_of(pointer, document)
    if path is None:
        yield Fault(pointer_of(place), "there is no such place in the report; please give the JSON pointer of a field")
    elif (reason := _why_not_markable(path, audience)) is not None:
        yield Fault(pointer_of(place), reason)
    if not isinstance(mark, dict):
        yield Fault(pointer_of(place), "must be a JSON object with audience and ground")
        return
    for name in ("audience", "ground"):
        if not isinstance(mark.get(name), str) or mark[name] not in VOCABULARIES[name]:
            yield Fault(pointer_of((*place, name)), f"must be one of: {', '.join(VOCABULARIES[name])}")
    for name in mark.keys() - {"audience", "ground"}:
        yield Fault(pointer_of((*place, name)), f"there is no field “{name[:60]}” here; please leave it out")


def _why_not_markable(path: Path, audience: Any) -> str | None:
    if any(_overlaps(path, pattern) for pattern in _STRUCTURE):
        return "may not be marked: without it, or a part of it, a report cannot be handled; please mark narrower"
    if any(_overlaps(path, pattern) for pattern in _OPEN):
        return (
            "may not be marked: it is, or holds, what Article 21(6) and 17(3) keep open to every reader;"
            " please mark a field that may be confidential"
        )
    if audience == Audience.SECRETARIAT and any(_overlaps(path, pattern) for pattern in _IDENTITY):
        return "identity and detection may be kept from all but the recipients at most; please use recipients"
    return None


def _overlaps(path: Path, pattern: Pattern) -> bool:
    """Say whether one of the two places holds the other."""
    return all(wanted in (_EVERY, step) for step, wanted in zip(path, pattern, strict=False))


def _limits(document: dict[str, Any]) -> dict[Path, Audience]:
    """Give the widest audience of each place that has one."""
    limits = {path: Audience.RECIPIENTS for pattern in _STARTS_AT_RECIPIENTS for path in _places(document, pattern)}
    marks = document.get("confidential")
    for pointer, mark in marks.items() if isinstance(marks, dict) else ():
        widest = _audience_of(mark)
        path = path_of(pointer, document)
        if path is not None:
            limits[path] = widest
        limits["confidential", pointer] = widest
    return limits


def _audience_of(mark: Any) -> Audience:
    stated = mark.get("audience") if isinstance(mark, dict) else None
    # A mark that cannot be read keeps its field as narrow as can be.
    return next((audience for audience in _WIDENING if audience == stated), Audience.SECRETARIAT)


def _includes(widest: Audience, reader: Audience) -> bool:
    return _WIDENING.index(reader) <= _WIDENING.index(widest)


def _places(document: Any, pattern: Pattern) -> Iterator[Path]:
    """Find the places of a document that fit a pattern."""
    if not pattern:
        yield ()
        return
    step, rest = pattern[0], pattern[1:]
    if step == _EVERY:
        here: list[str | int] = list(range(len(document))) if isinstance(document, list) else []
    else:
        here = [step] if isinstance(document, dict) and step in document else []
    for one in here:
        yield from ((one, *place) for place in _places(value_at(document, (one,)), rest))


def _without(value: Any, path: Path, hidden: set[Path]) -> Any:
    if path in hidden:
        return ABSENT
    if isinstance(value, dict):
        fields = {key: _without(field, (*path, key), hidden) for key, field in value.items()}
        kept: Any = {key: field for key, field in fields.items() if field is not ABSENT}
    elif isinstance(value, list):
        entries = [_without(entry, (*path, index), hidden) for index, entry in enumerate(value)]
        kept = [entry for entry in entries if entry is not ABSENT]
    else:
        return value
    return ABSENT if value and not kept else kept
