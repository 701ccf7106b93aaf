"""Tells the faults that the model finds in plain words, each with the JSON pointer of its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from notify.errors import Fault
from notify.pointer import ABSENT, pointer_of, value_at
from notify.report_structure import readable
from notify.vocabulary import VOCABULARIES

# Lists the nine facts, so that a filer who lacks one is told what it is.
_NEEDED: Mapping[str, str] = {
    "/type": "is needed: initial for a first report",
    "/title": 'is needed: the title as a language map, such as {"en": "…"}',
    "/notification_class": f"is needed: one of {', '.join(VOCABULARIES['notification_class'])}",
    "/reporting_state": "is needed: the State that reports, such as KE",
    "/capacity": f"is needed: one of {', '.join(VOCABULARIES['capacity'])}",
    "/origin": 'is needed: the presumed State of origin, or {"state": "unknown"}',
    "/authority": "is needed: name and e-mail of the competent national authority",
    "/sender": "is needed: the name of the sender",
    "/knowledge": 'is needed: when the occurrence became known; each date may be null for "not stated"',
    "/severity_inputs": "is needed: crossing, containment and sensitive_receptor; each may be unknown",
    "/lmos": "is needed: at least one LMO",
    "/release": 'is needed: State and date of the release; the State may be unknown, the date {"precision": "unknown"}',
    "/contact_for_information": "is needed: office and e-mail of the point of contact for further information",
    "/reason": "is needed: why this report follows",
}

_PLAIN: Mapping[str, str] = {
    "missing": "is needed",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "dict_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "tuple_type": "must be a list",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
}

_TYPES = f"must be one of: {', '.join(VOCABULARIES['report_type'])}"


def faults_of(error: ValidationError, document: Any, needed: Mapping[str, str] = _NEEDED) -> list[Fault]:
    """List what the model found wrong with this document; `needed` says by pointer what a missing field is for."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [_fault(one["type"], one["loc"], one["msg"], document, needed) for one in found]


def _fault(kind: str, location: Sequence[str | int], message: str, document: Any, needed: Mapping[str, str]) -> Fault:
    pointer = _place(kind, location, document)
    return Fault(pointer, _plain(kind, pointer, location, message, needed))


def _place(kind: str, location: Sequence[str | int], document: Any) -> str:
    """Follow a location through the document; steps that only name a choice inside the model lead nowhere."""
    path: tuple[str | int, ...] = ()
    for step in location:
        if value_at(document, (*path, step)) is not ABSENT:
            path = (*path, step)
    # What is missing has no place yet, except where null was given.
    if kind == "missing" and path[-1:] != (location[-1],):
        path = (*path, location[-1])
    return pointer_of(path)


def _plain(kind: str, pointer: str, location: Sequence[str | int], message: str, needed: Mapping[str, str]) -> str:
    if kind == "missing":
        return needed.get(pointer, "is needed")
    if kind == "extra_forbidden":
        name = readable(str(location[-1]))
        return f"there is no field “{name}” here; please check its spelling or leave it out"
    if pointer == "/type" and needed is _NEEDED:
        return _TYPES
    if kind == "too_short":
        return "must have at least one entry"
    plain = message.removeprefix("Value error, ").replace("Input should be", "must be")
    for subject in ("String", "Dictionary", "Tuple", "Input"):
        plain = plain.replace(f"{subject} should have", "must have")
    return _PLAIN.get(kind, plain)
