"""Reads the JSON body of a request, so that nothing in it can surprise what comes after."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from aiohttp import web
from pydantic import BaseModel

from adapters.api.problems import BadRequest
from notify.errors import Fault, InvalidDocument
from notify.pointer import pointer_of
from notify.report_structure import cleaned, readable

LARGEST_BODY = 1024 * 1024
"""The most bytes that one body may have (1 MiB)."""

DEEPEST = 64
"""The most objects and lists that may stand in one another; no document of ours needs a quarter of it."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries: the model that documents it, and how it is read; one not needed may be left out."""

    model: type[BaseModel]
    read: Callable[[Any, type[BaseModel]], Any]
    needed: bool = True

    async def of(self, request: web.Request) -> Any:
        """Read the body of a request; raise BadRequest or InvalidDocument."""
        content = await _content(request)
        if not content and not self.needed:
            return {}
        if not _is_json(request.content_type):
            raise BadRequest("the body must be JSON: Content-Type: application/json", status=415)
        return self.read(parse(content), self.model)


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


async def _content(request: web.Request) -> bytes:
    too_large = BadRequest(f"the body is larger than {LARGEST_BODY} bytes", status=413)
    if (request.content_length or 0) > LARGEST_BODY:
        raise too_large
    content = bytearray()
    try:
        # The bytes are counted as they come: a compressed body may be small on the wire and endless here.
        async for chunk in request.content.iter_any():
            content += chunk
            if len(content) > LARGEST_BODY:
                raise too_large
    except (web.RequestPayloadError, OSError) as error:
        raise BadRequest("the body ended before it was complete, or is not encoded as it says") from error
    return bytes(content)


def parse(content: bytes) -> Any:
    """Parse JSON strictly (RFC 8259): UTF-8, each name once in its object, finite numbers; raise BadRequest."""
    try:
        document = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_float=_finite,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is not UTF-8: byte {error.start} fits no character") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadRequest(f"the body is no JSON: {error.msg} ({place})") from error
    except RecursionError as error:
        raise BadRequest("the body is nested too deep") from error
    except ValueError as error:
        raise BadRequest("the body holds a whole number that is too long") from error
    _refuse_depth(document)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise BadRequest(f"the body names “{readable(name)}” twice in one object; only one can be meant")
            seen.add(name)
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadRequest(f"the body holds the number {text[:40]}, which is too large")
    return number


def _no_constant(name: str) -> Any:
    raise BadRequest(f"the body holds {name}, which is no JSON")


def _refuse_depth(document: Any) -> None:
    """Refuse what is nested so deep that code which follows the nesting would fail on it."""
    level = [document]
    for _ in range(DEEPEST + 1):
        nested = [list(value.values()) if isinstance(value, dict) else value for value in level]
        level = [child for children in nested if isinstance(children, list) for child in children]
        level = [child for child in level if isinstance(child, dict | list)]
        if not level:
            return
    raise BadRequest(f"the body is nested more than {DEEPEST} levels deep")


def as_it_is(document: Any, model: type[BaseModel]) -> Any:
    """Take a report as it is: the rules of reports check all of it and name every fault."""
    return document


def as_object(document: Any, model: type[BaseModel]) -> dict[str, Any]:
    """Take an object without characters that no text may hold; raise InvalidDocument."""
    clean, faults = cleaned(document)
    if not isinstance(clean, dict):
        faults = [Fault("", "must be a JSON object")]
    if faults:
        raise InvalidDocument(faults)
    result: dict[str, Any] = clean
    return result


def as_texts(document: Any, model: type[BaseModel]) -> dict[str, Any]:
    """Take a small object whose fields are texts, whole numbers or true and false; raise InvalidDocument."""
    given = as_object(document, model)
    known = ", ".join(model.model_fields)
    faults = []
    for name, value in list(given.items()):
        if name not in model.model_fields:
            shown = readable(name)
            faults.append(Fault(pointer_of((name,)), f"there is no field “{shown}” here; the fields are: {known}"))
        elif value is not None and _is_number(model, name):
            # 2.0 is the whole number 2 in JSON; true is none.
            if isinstance(value, float) and value.is_integer():
                given[name] = int(value)
            elif type(value) is not int:
                faults.append(Fault(pointer_of((name,)), "must be a whole number"))
        elif _takes(model, name, bool):
            if not isinstance(value, bool | None):
                faults.append(Fault(pointer_of((name,)), "must be true or false"))
        elif not isinstance(value, str | None):
            faults.append(Fault(pointer_of((name,)), "must be text"))
    if faults:
        raise InvalidDocument(faults)
    return given


def _takes(model: type[BaseModel], field: str, kind: type) -> bool:
    return kind in get_args(model.model_fields[field].annotation)


def _is_number(model: type[BaseModel], field: str) -> bool:
    choices = get_args(model.model_fields[field].annotation)
    return any(get_origin(choice) is Annotated and get_args(choice)[0] is int for choice in choices)
