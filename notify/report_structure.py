"""Finds what no report may hold anywhere, whatever the field: bad characters, endless nesting, numbers beyond use."""

from __future__ import annotations

import math
import re
from typing import Any

from notify.errors import Fault
from notify.pointer import Path, pointer_of
from notify.report_types import LONGEST_LIST

DEEPEST = 12
MOST_FIELDS = 200
LARGEST = 10**15

# Control characters except the line feed and the tab, halves of a character (surrogates), and the two
# codes that no XML document may hold.
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def cleaned(document: Any) -> tuple[Any, list[Fault]]:
    """Copy a document of any kind with its line ends as line feeds, and list what it must not hold.

    In the copy each refused place holds something harmless, so that the other rules can be checked too.
    """
    faults: list[Fault] = []
    return _cleaned(document, (), faults), faults


def readable(text: str) -> str:
    """Write a text from outside so that a message can name it: no refused characters, and short."""
    clean = _REFUSED.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean if len(clean) <= 60 else clean[:59] + "…"


def _cleaned(value: Any, path: Path, faults: list[Fault]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _cleaned_text(value, path, faults)
    if isinstance(value, int | float):
        return _cleaned_number(value, path, faults)
    if not isinstance(value, dict | list):
        _refuse(path, "is not JSON", faults)
        return None
    if len(path) >= DEEPEST:
        _refuse(path, f"is nested more than {DEEPEST} levels deep; please use the shape of the schema", faults)
        return None
    if isinstance(value, list):
        return _cleaned_list(value, path, faults)
    return _cleaned_object(value, path, faults)


def _cleaned_text(text: str, path: Path, faults: list[Fault]) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _REFUSED.search(lines)
    if found is None:
        return lines
    code = f"U+{ord(found[0]):04X}"
    _refuse(path, f"holds the character {code}, which no text may hold; please remove it", faults)
    return _REFUSED.sub("\N{REPLACEMENT CHARACTER}", lines)


def _cleaned_number(number: int | float, path: Path, faults: list[Fault]) -> int | float:
    if isinstance(number, float) and not math.isfinite(number):
        _refuse(path, "must be a finite number", faults)
        return 0
    if abs(number) > LARGEST:
        _refuse(path, "is too large a number; please use a larger unit", faults)
        return 0
    return number


def _cleaned_list(entries: list[Any], path: Path, faults: list[Fault]) -> list[Any]:
    if len(entries) > LONGEST_LIST:
        _refuse(path, f"must have at most {LONGEST_LIST} entries", faults)
    return [_cleaned(entry, (*path, index), faults) for index, entry in enumerate(entries[:LONGEST_LIST])]


def _cleaned_object(fields: dict[Any, Any], path: Path, faults: list[Fault]) -> dict[str, Any]:
    if len(fields) > MOST_FIELDS:
        _refuse(path, f"must have at most {MOST_FIELDS} fields", faults)
    copy: dict[str, Any] = {}
    for key, value in list(fields.items())[:MOST_FIELDS]:
        name = str(key)
        if not isinstance(key, str) or _REFUSED.search(name):
            name = _REFUSED.sub("\N{REPLACEMENT CHARACTER}", name)
            _refuse((*path, name), "has a name with characters that no name may hold", faults)
        copy[name] = _cleaned(value, (*path, name), faults)
    return copy


def _refuse(path: Path, detail: str, faults: list[Fault]) -> None:
    faults.append(Fault(pointer_of(path), detail))
