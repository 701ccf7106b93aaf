"""Names places of a JSON document by pointer (RFC 6901)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Path = tuple[str | int, ...]
"""The keys and indexes that lead to a place."""

ABSENT: Any = object()
"""What `value_at` gives where the document has nothing."""


def pointer_of(path: Iterable[str | int]) -> str:
    """Write a path as a pointer; "" is the whole document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def path_of(pointer: str, document: Any) -> Path | None:
    """Read a pointer as a path of this document, or None when the document has no such place."""
    if pointer == "":
        return ()
    if not pointer.startswith("/"):
        return None
    place = document
    path: list[str | int] = []
    for part in pointer[1:].split("/"):
        step = _step(part.replace("~1", "/").replace("~0", "~"), place)
        if step is None:
            return None
        place = place[step]
        path.append(step)
    return tuple(path)


def value_at(document: Any, path: Iterable[str | int]) -> Any:
    """Give what stands at a path, or ABSENT."""
    place = document
    for step in path:
        fits = (
            step in place
            if isinstance(place, dict)
            else isinstance(place, list) and isinstance(step, int) and 0 <= step < len(place)
        )
        if not fits:
            return ABSENT
        place = place[step]
    return place


def _step(part: str, place: Any) -> str | int | None:
    if isinstance(place, dict):
        return part if part in place else None
    # An index is written without leading zeros, in ASCII digits, and short: "01" and "²" name nothing.
    is_index = part.isascii() and part.isdigit() and len(part) < 10 and str(int(part)) == part
    if isinstance(place, list) and is_index and int(part) < len(place):
        return int(part)
    return None
