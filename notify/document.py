"""Reads a small document as it is handed in (a message, a request, a measure, an inquiry): gives it, or every fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, PlainValidator, ValidationError, WithJsonSchema

from notify.errors import Fault, InvalidDocument
from notify.reader import SECRETARIAT_TOO, CaseStates, Visibility
from notify.report_faults import faults_of
from notify.report_structure import cleaned
from notify.report_types import Line, Part

IsCode = Callable[[str], bool]
_Document = TypeVar("_Document", bound=Part)

MOST_FAULTS = 200


def _short(line: str) -> str:
    if len(line) > 200:
        raise ValueError("must be at most 200 characters on one line")
    return line


Name = Annotated[Line, AfterValidator(_short)]
"""The name of a person or an office: one line."""


def _visible_to(given: Any) -> str | tuple[str, ...]:
    if given == "all":
        return "all"
    named = isinstance(given, list) and len(given) <= 200 and all(isinstance(one, str) for one in given)
    if not named or not all(one == SECRETARIAT_TOO or re.fullmatch("[A-Z]{2}", one) for one in given):
        raise ValueError('must be "all", or a list of States of the case such as ["KE", "UG"], and "secretariat"')
    return tuple(given)


VisibleTo = Annotated[
    str | tuple[str, ...],
    PlainValidator(_visible_to),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "all"},
                {"type": "array", "items": {"type": "string", "pattern": "^([A-Z]{2}|secretariat)$"}},
            ]
        }
    ),
]
"""`all` States of the case, or those named."""


def visibility_of(value: str | tuple[str, ...], case: CaseStates) -> Visibility:
    """Take whom a document names; raise InvalidDocument for each that is no State of the case."""
    visibility = Visibility.from_json(value)
    outside = visibility.named - case.everyone - {SECRETARIAT_TOO}
    if outside:
        places = [index for index, one in enumerate(value) if one in outside]
        raise InvalidDocument([Fault(f"/visible_to/{index}", "is no State of this case") for index in places])
    return visibility


def read_document(
    document: object,
    model: type[_Document],
    *,
    needed: Mapping[str, str],
    rules: Callable[[Mapping[str, Any]], Iterable[Fault]],
) -> _Document:
    """Read a document of this model; `needed` says by pointer what a field that is missing should have held.

    `rules` look at the document as it was given, whatever it is, for what the model cannot see. Raises
    InvalidDocument, and nothing else, with every fault and its place.
    """
    if not isinstance(document, dict):
        raise InvalidDocument([Fault("", "must be a JSON object")])
    clean, refused = cleaned(document)
    found: list[Fault] = []
    read: _Document | None = None
    try:
        read = model.model_validate(clean)
    except ValidationError as error:
        found = faults_of(error, clean, needed)
    places = {fault.pointer for fault in found}
    found += [fault for fault in rules(clean) if fault.pointer not in places]
    # What stands at or under a refused place has its fault already.
    at_refused = [fault.pointer for fault in refused]
    found = [f for f in found if not any(f"{f.pointer}/".startswith(f"{place}/") for place in at_refused)]
    faults = list(dict.fromkeys([*refused, *found]))
    if faults or read is None:
        raise InvalidDocument(faults[:MOST_FAULTS])
    return read


def no_state_faults(value: object, pointer: str, is_state: IsCode) -> list[Fault]:
    """Name a code that is text and addresses no State; what is no text is the model's to refuse."""
    if isinstance(value, str) and not is_state(value):
        return [Fault(pointer, "this code is not in the list of addressees; please choose the State to be addressed")]
    return []


def is_said(value: object) -> bool:
    """Tell whether a text, a language map or a list of a document says anything."""
    return bool(value.strip()) if isinstance(value, str) else bool(value)
