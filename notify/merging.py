"""Merges a later report into what was known before: the present state of knowledge of a case."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from notify.matching import pairs_of
from notify.pointer import ABSENT, Path, path_of, pointer_of, value_at
from notify.words import Audience, NotificationClass

OF_THE_REPORT_ALONE = frozenset({"type", "reason", "material"})
"""What a later report says of itself; it is no knowledge of the case."""

# Objects of which a later report may state a part. Everything else (texts, dates, lists) is replaced as a whole.
# The fields named here say what the object is about: where one of them changes, nothing of the old object stays,
# so that a new office does not keep an old telephone number.
_MERGED: dict[Path, tuple[str, ...]] = {
    ("authority",): ("name",),
    ("sender",): ("name",),
    ("origin",): ("state",),
    ("knowledge",): (),
    ("severity_inputs",): (),
    ("severity_override",): ("level",),
    ("determination",): ("outcome",),
    ("quantity",): ("text", "value", "unit", "minimum", "maximum"),
    ("lmo_use",): ("use",),
    ("release",): (),
    ("release", "place"): ("name", "latitude", "longitude"),
    ("detection",): ("method",),
    ("assistance",): (),
    ("first_public_statement",): ("url",),
    ("contact_for_information",): ("office",),
}
_KEEPS_NULL: frozenset[Path] = frozenset({("knowledge",)})
_CONFIDENTIAL = "confidential"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def merged(base: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """Give the present state of knowledge: what a later report states replaces what stood, all else stands.

    `base` is the initial report or what earlier reports made of it. An empty list empties a list; null says the
    same as leaving out. A mark stays with what it marks until the same pointer is marked again; an entry of a
    new list that cannot be told from a marked one is marked like it.
    """
    document: dict[str, Any] = copy.deepcopy(dict(base))
    stated = {name: value for name, value in later.items() if name not in OF_THE_REPORT_ALONE | {_CONFIDENTIAL}}
    for name, value in stated.items():
        if value is not None:
            document[name] = _merged_value(document.get(name, ABSENT), value, (name,))
    if document.get("notification_class") != NotificationClass.ILLEGAL_MOVEMENT and "illegal_status" not in later:
        # Of a class it has left, a case keeps no status.
        document.pop("illegal_status", None)
    marks = _marks(base, document, later.get(_CONFIDENTIAL))
    if marks or _CONFIDENTIAL in document:
        document[_CONFIDENTIAL] = marks
    return document


def knowledge(chain: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Give what a whole chain of reports, the initial one first, says together."""
    first, *others = chain
    return reduce(merged, others, copy.deepcopy(dict(first)))


def remarked(document: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Give what an earlier report said, or what was known then, under the marks that hold now, the narrower of two.

    So a field that a later report marks confidential is kept from those who read the chain from then on.
    """
    own = document.get(_CONFIDENTIAL)
    marks: dict[str, Any] = dict(own) if isinstance(own, dict) else {}
    for pointer, mark in _marks(known, document, None).items():
        marks[pointer] = _narrower(marks.get(pointer), mark)
    return {**document, _CONFIDENTIAL: marks} if marks else dict(document)


def _narrower(one: Any, other: Any) -> Any:
    if one is None:
        return other
    order = list(Audience)
    return min(one, other, key=lambda mark: order.index(Audience(mark["audience"])))


def normalised(raw: Any, checked: Any) -> Any:
    """Take of a checked document what the raw one stated, in its checked form, to be stored."""
    if isinstance(raw, dict) and isinstance(checked, dict):
        return {name: normalised(value, checked[name]) for name, value in raw.items() if name in checked}
    return checked


def _merged_value(before: Any, stated: Any, path: Path) -> Any:
    if path not in _MERGED or not isinstance(before, dict) or not isinstance(stated, dict):
        return copy.deepcopy(stated)
    if any(_is_another(before.get(head), stated.get(head)) for head in _MERGED[path]):
        return copy.deepcopy(stated)
    whole = dict(before)
    for name, value in stated.items():
        if value is not None or path in _KEEPS_NULL:
            whole[name] = _merged_value(before.get(name, ABSENT), value, (*path, name))
    return whole


def _is_another(before: Any, stated: Any) -> bool:
    return before is not None and stated is not None and before != stated


def _marks(base: Mapping[str, Any], document: Mapping[str, Any], stated: Any) -> dict[str, Any]:
    """Carry the marks that stood over to the document as it is now, then add the new ones."""
    before = base.get(_CONFIDENTIAL)
    kept: dict[str, Any] = {}
    for pointer, mark in before.items() if isinstance(before, dict) else ():
        path = path_of(pointer, dict(base))
        for place in _places_now(path, base, document) if path else ():
            kept[pointer_of(place)] = mark
    return kept | (stated if isinstance(stated, dict) else {})


def _places_now(path: Path, base: Mapping[str, Any], document: Mapping[str, Any]) -> list[Path]:
    """Find where a marked place stands now; in a list that was stated anew, wherever it may stand."""
    places: list[Path] = [()]
    for position, step in enumerate(path):
        if isinstance(step, str):
            places = [one for place in places for one in _fields_now(path[:position], step, place, base, document)]
        else:
            places = [one for place in places for one in _entries_now(path[:position], step, place, base, document)]
    return places


def _fields_now(was: Path, name: str, now: Path, base: Mapping[str, Any], document: Mapping[str, Any]) -> list[Path]:
    before, after = value_at(base, was), value_at(document, now)
    if isinstance(after, dict) and name in after:
        return [(*now, name)]
    if not isinstance(before, dict) or not all(_LANGUAGE.fullmatch(key) for key in before):
        return []
    # A text that was marked in one language is kept as narrow in whatever language it is told now.
    if isinstance(after, dict):
        return [(*now, key) for key in after if key not in before]
    return [now] if isinstance(after, str) else []


def _entries_now(
    was: Path, index: int, now: Path, base: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterable[Path]:
    before, after = value_at(base, was), value_at(document, now)
    if not isinstance(before, list) or not isinstance(after, list):
        return []
    pairs = pairs_of(was, before, after)
    partner = next((new for old, new in pairs if old == index and new is not None), None)
    if partner is not None:
        return [(*now, partner)]
    # It may have been stated anew in other words: whatever is new in the list is kept as narrow as it was.
    return [(*now, new) for old, new in pairs if old is None and new is not None]
