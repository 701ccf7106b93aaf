"""Computes what changed from one state of knowledge to the next, field by field, as far as a reader may see it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from notify.confidentiality import visible
from notify.matching import pairs_of
from notify.pointer import ABSENT, Path, path_of, pointer_of, value_at
from notify.words import Audience


class Change(StrEnum):
    """What happened to a field."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that changed: what it was, what it is.

    `pointer` names it in the document as it is now (what was removed: as it was); `was` names it in the document
    before, where `/-` at the end is a new entry of a list (RFC 6902).
    """

    change: Change
    pointer: str
    was: str
    before: Any = None
    after: Any = None

    @property
    def field(self) -> str:
        """Name the field whatever its entry: `/lmos/*/event`."""
        steps = self.pointer.split("/")
        return "/".join("*" if step.isdigit() else step for step in steps)

    def to_json(self) -> dict[str, Any]:
        """Write it as the API does; what was not there has no `before`, what is gone no `after`."""
        written: dict[str, Any] = {"change": self.change.value, "pointer": self.pointer}
        if self.change is not Change.ADDED:
            written["before"] = self.before
        if self.change is not Change.REMOVED:
            written["after"] = self.after
        return written


@dataclass(frozen=True, slots=True)
class Seen:
    """What one audience may read of the changes, and the pointers of all that is withheld now, changed or not."""

    differences: tuple[Difference, ...]
    withheld: tuple[str, ...]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """List what changed, in the order of the document as it is now; the order of a list is no change."""
    return tuple(_compared(dict(before), dict(after), (), ()))


def differences_seen(before: Mapping[str, Any], after: Mapping[str, Any], audience: Audience) -> Seen:
    """List what changed as far as this audience may read it.

    What is withheld, before or now, is masked first, so that nothing that is shown depends on it.
    """
    masked_before, _ = _masked(before, audience)
    masked_after, withheld = _masked(after, audience)
    found = (_projected(one) for one in differences(masked_before, masked_after))
    kept = [one for one in found if one is not None and not one.pointer.startswith("/confidential")]
    return Seen(tuple(kept), withheld)


def applied(before: Mapping[str, Any], changes: Iterable[Difference]) -> dict[str, Any]:
    """Apply differences to the document they began from; gives the document as it is now, lists in their old order."""
    document: dict[str, Any] = copy.deepcopy(dict(before))
    listed = list(changes)
    # What goes is taken out last and from behind, so that the other pointers stay true meanwhile.
    removed = [path_of(one.was, before) for one in listed if one.change is Change.REMOVED]
    for one in listed:
        if one.change is Change.CHANGED:
            path = path_of(one.was, before)
            if path:
                value_at(document, path[:-1])[path[-1]] = copy.deepcopy(one.after)
        elif one.change is Change.ADDED:
            _add(document, one)
    for path in sorted((path for path in removed if path), key=_depth_last, reverse=True):
        del value_at(document, path[:-1])[path[-1]]
    return document


def _depth_last(path: Path) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]


def _add(document: dict[str, Any], one: Difference) -> None:
    head, _, last = one.was.rpartition("/")
    path = path_of(head, document)
    holder = value_at(document, path) if path is not None else ABSENT
    if isinstance(holder, list):
        holder.append(copy.deepcopy(one.after))
    elif isinstance(holder, dict):
        holder[last.replace("~1", "/").replace("~0", "~")] = copy.deepcopy(one.after)


def _compared(before: Any, after: Any, was: Path, now: Path) -> Iterator[Difference]:
    if before == after and type(before) is type(after):
        return
    if isinstance(before, dict) and isinstance(after, dict) and not (_is_whole(before) or _is_whole(after)):
        yield from _compared_objects(before, after, was, now)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _compared_lists(before, after, was, now)
    else:
        yield Difference(Change.CHANGED, pointer_of(now), pointer_of(was), before, after)


def _is_whole(value: dict[str, Any]) -> bool:
    """Tell what is one statement though it has parts: a date with its precision, a choice explained in words."""
    return bool(value) and (value.keys() <= {"value", "precision"} or value.keys() == {"code", "text"})


def _compared_objects(before: dict[str, Any], after: dict[str, Any], was: Path, now: Path) -> Iterator[Difference]:
    for key, value in after.items():
        if key in before:
            yield from _compared(before[key], value, (*was, key), (*now, key))
        else:
            yield Difference(Change.ADDED, pointer_of((*now, key)), pointer_of((*was, key)), after=value)
    for key, value in before.items():
        if key not in after:
            # Named as it was: the document as it is now has no such place.
            yield Difference(Change.REMOVED, pointer_of((*was, key)), pointer_of((*was, key)), before=value)


def _compared_lists(before: list[Any], after: list[Any], was: Path, now: Path) -> Iterator[Difference]:
    for old, new in pairs_of(now, before, after):
        if old is not None and new is not None:
            yield from _compared(before[old], after[new], (*was, old), (*now, new))
        elif new is not None:
            yield Difference(Change.ADDED, pointer_of((*now, new)), pointer_of((*was, "-")), after=after[new])
        elif old is not None:
            place = pointer_of((*was, old))
            yield Difference(Change.REMOVED, place, place, before=before[old])


_WITHHELD = "\ue000withheld\ue000"
"""Stands for each withheld value, so that all of them are equal; a private character that no report of ours shows."""


def _masked(document: Mapping[str, Any], audience: Audience) -> tuple[dict[str, Any], tuple[str, ...]]:
    shown = visible(dict(document), audience)
    masked: dict[str, Any] = copy.deepcopy(dict(document))
    for pointer in shown.withheld:
        path = path_of(pointer, masked)
        if path:
            value_at(masked, path[:-1])[path[-1]] = _WITHHELD
    masked.pop("confidential", None)
    return masked, shown.withheld


def _projected(one: Difference) -> Difference | None:
    before, after = _without_masks(one.before), _without_masks(one.after)
    hides = (one.before is not None and before is ABSENT) or (one.after is not None and after is ABSENT)
    if hides:
        return None
    return Difference(one.change, one.pointer, one.was, before, after)


def _without_masks(value: Any) -> Any:
    if value == _WITHHELD:
        return ABSENT
    if isinstance(value, dict):
        fields = {key: _without_masks(field) for key, field in value.items()}
        kept: Any = {key: field for key, field in fields.items() if field is not ABSENT}
    elif isinstance(value, list):
        kept = [entry for entry in map(_without_masks, value) if entry is not ABSENT]
    else:
        return value
    return ABSENT if value and not kept else kept
