"""Pairs the entries of a list before and after a later report, so that each is compared with itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from notify.pointer import Path

Key = Callable[[Any], Hashable]
Pair = tuple[int | None, int | None]
"""An index before and an index after; None where the entry is only in the other list."""


def _by(*names: str) -> Key:
    """Identify an entry by these fields; an entry that lacks the first of them has no such identity."""

    def key(entry: Any) -> Hashable:
        if not isinstance(entry, dict) or not _stated(entry.get(names[0])):
            return None
        return tuple(_frozen(entry.get(name)) for name in names)

    return key


def _any_text(entry: Any) -> Hashable:
    return "text" if isinstance(entry, dict) else None


# What makes two entries the same thing, strictest first.
_KEYS: dict[str, tuple[Key, ...]] = {
    "affected_states": (_by("state"),),
    "lmos": tuple(
        _by(name)
        for name in ("unique_identifier", "bch_record", "event", "common_name", "scientific_name", "description")
    ),
    "consignments": (_by("lot"), _by("product", "from", "to"), _by("from", "to")),
    "findings": (_by("state", "place", "date"), _by("state", "date"), _by("state")),
    "measures": (_by("type", "actor", "date"), _by("type", "actor"), _by("type")),
    "effects": (_by("kind", "receptor"), _by("kind")),
    "risk_assessments": (_by("url"),),
    "attachments": (_by("sha256"), _by("filename")),
    "risk_management": (_any_text,),
}


def pairs_of(place: Path, before: Sequence[Any], after: Sequence[Any]) -> list[Pair]:
    """Pair the entries of the list at a place: equal ones first, then by what identifies them, in order.

    Each entry comes once; the pairs stand in the order of the list as it is now, what went last.
    """
    found: dict[int, int] = {}
    open_before, open_after = list(range(len(before))), list(range(len(after)))
    name = next((step for step in reversed(place) if isinstance(step, str)), "")
    for key in (_frozen, *_KEYS.get(name, ())):
        waiting: dict[Hashable, list[int]] = {}
        for index in open_before:
            waiting.setdefault(key(before[index]), []).append(index)
        for index in open_after:
            wanted = key(after[index])
            if wanted is not None and waiting.get(wanted):
                found[index] = waiting[wanted].pop(0)
        taken = set(found.values())
        open_before = [index for index in open_before if index not in taken]
        open_after = [index for index in open_after if index not in found]
    present: list[Pair] = [(found.get(index), index) for index in range(len(after))]
    return present + [(index, None) for index in open_before]


def _stated(value: Any) -> bool:
    return value not in (None, "", "unknown", "unidentified") and value != {}


def _frozen(value: Any) -> Hashable:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=repr)
