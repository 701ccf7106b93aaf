"""Reads what a call says outside its body: headers, query parameters, versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from adapters.api.problems import BadRequest
from contacts.model import StateCode
from contacts.registry import Registry

ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""How an id looks: it holds no character that could surprise a database."""

REFERENCE = r"(?:A17|EX17)-[0-9]{4}-[0-9]{4,12}"
"""How the reference of a case looks."""

INQUIRY = r"(?:INQ17|EXINQ17)-[0-9]{4}-[0-9]{4,12}"
"""How the reference of an inquiry looks."""

_NAME = re.compile(ID)
# Servers take away the blanks around the value of a header.
_KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
_POSITION = re.compile(r"[0-9]{1,18}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One header or query parameter of a call, as its documentation names it."""

    name: str
    place: str  # "query" or "header"
    text: str
    needed: bool = False
    shape: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})  # as JSON Schema


def matching(pattern: str) -> Mapping[str, Any]:
    """Describe a text that matches this pattern as a whole."""
    return {"type": "string", "pattern": f"^{pattern}$"}


def one_of(choices: Iterable[str]) -> Mapping[str, Any]:
    """Describe a text that is one of these."""
    return {"type": "string", "enum": [str(choice) for choice in choices]}


IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    "1 to 255 printable ASCII characters of your choice. The same key with the same body gives the same case, for "
    "good; with another body it is a conflict.",
    needed=True,
    shape=matching(_KEY.pattern),
)
CONFIRMATION = Parameter(
    "Confirmation",
    "header",
    "The value of `confirmation` from a 428 answer: it says that so many States or cases are meant.",
)
IF_MATCH = Parameter(
    "If-Match",
    "header",
    "The `ETag` of the version that you read. If somebody changed it meanwhile, the answer is 412 and nothing changes.",
    shape=matching(r'(?:"[0-9]{1,9}"|\*)'),
)
LAST_EVENT_ID = Parameter(
    "Last-Event-ID",
    "header",
    "The id of the last event that you have; you get those after it.",
    shape=matching(_POSITION.pattern),
)
LANGUAGE = Parameter(
    "language",
    "query",
    "The language of the document, such as fr; without it, the original language of the case, and English where we "
    "do not speak the language.",
    shape=matching(_LANGUAGE.pattern),
)
BEFORE = Parameter(
    "before",
    "query",
    "The `next` of the page before; without it, or when it is empty, the list begins at its start.",
    shape=matching(f"(?:{ID})?"),
)


def limit_parameter(most: int, default: int) -> Parameter:
    """Describe how many entries a page of this list may have."""
    text = f"The most entries that you want in one page: 1 to {most}; {default} unless you say."
    return Parameter("limit", "query", text, shape={"type": "integer", "minimum": 1, "maximum": most})


def query_of(request: web.Request, known: Sequence[Parameter]) -> dict[str, str]:
    """Give the query parameters; raise BadRequest on unknown and repeated ones."""
    names = [parameter.name for parameter in known if parameter.place == "query"]
    given = [name for name, _ in request.query.items()]
    for name in given:
        if name not in names:
            hint = f"those known are: {', '.join(names)}" if names else "it knows none"
            raise BadRequest(f"this call does not know the query parameter “{name[:60]}”; {hint}")
    if len(set(given)) < len(given):
        raise BadRequest("a query parameter is given twice; only one can be meant")
    return dict(request.query.items())


def chosen(query: Mapping[str, str], name: str, choices: Iterable[str]) -> str | None:
    """Give a query parameter that must be one of these choices."""
    value, known = query.get(name), list(choices)
    if value is not None and value not in known:
        raise BadRequest(f"the query parameter “{name}” must be one of: {', '.join(known)}")
    return value


def named(query: Mapping[str, str], name: str) -> str | None:
    """Give a query parameter that must be an id or a reference."""
    value = query.get(name)
    if value is not None and not _NAME.fullmatch(value):
        raise BadRequest(f"the query parameter “{name}” holds no reference or id")
    return value


def cursor_of(query: Mapping[str, str]) -> str | None:
    """Give the `next` of the page before; None for the first page, which may also be asked for by an empty one."""
    return named(query, BEFORE.name) if query.get(BEFORE.name) else None


def state_of(query: Mapping[str, str], registry: Registry) -> StateCode | None:
    """Give a query parameter that must be the code of a State."""
    code = query.get("state")
    if code is not None and not registry.is_state(code):
        raise BadRequest("the query parameter “state” must be the code of a State of the registry, such as KE")
    return StateCode(code) if code is not None else None


def limit_of(query: Mapping[str, str], default: int, most: int) -> int:
    """Give how many entries a page may have."""
    text = query.get("limit", str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= most:
        raise BadRequest(f"the query parameter “limit” must be a whole number from 1 to {most}")
    return int(text)


def moment_of(query: Mapping[str, str], name: str) -> datetime | None:
    """Give a point in time (RFC 3339); a date is its first moment, and what names no zone is meant in UTC."""
    if name not in query:
        return None
    try:
        # A plus sign that was not escaped arrives as a space.
        moment = datetime.fromisoformat(re.sub(r" (?=\d\d:?\d\d$)", "+", query[name]))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"the query parameter “{name}” must be a time such as 2026-08-01T12:00:00Z") from error


def idempotency_key(request: web.Request) -> str:
    """Give the key under which a submission is known for good."""
    key = request.headers.get(IDEMPOTENCY_KEY.name)
    if key is None:
        raise BadRequest("the header Idempotency-Key is needed: choose one for each report, and use it for each retry")
    if not _KEY.fullmatch(key):
        raise BadRequest("the header Idempotency-Key must be 1 to 255 printable ASCII characters, no blank at an end")
    return key


def expected_version(request: web.Request) -> int | None:
    """Give the version that If-Match asks for; None when any will do, -1 when it names one that never was."""
    text = request.headers.get(IF_MATCH.name)
    if text is None or text.strip() == "*":
        return None
    if "," in text:
        raise BadRequest("the header If-Match must name one version")
    # Only a strong tag of ours can match (RFC 9110, 13.1.1).
    tag = re.fullmatch(r'"([0-9]{1,9})"', text.strip())
    return int(tag[1]) if tag else -1


def last_position(request: web.Request) -> int | None:
    """Give the log position after which a stream resumes, or None for one that begins now."""
    text = request.headers.get(LAST_EVENT_ID.name)
    if text is None or text == "":
        return None
    if not _POSITION.fullmatch(text):
        raise BadRequest("the header Last-Event-ID must be the id of an event that you had from here")
    return int(text)


def page_of(entries: Sequence[dict[str, Any]], name: str, query: Mapping[str, str], most: int) -> dict[str, Any]:
    """Cut one page out of a list whose entries have an `id`; `next` leads to the following page."""
    limit, before = limit_of(query, most, most), cursor_of(query)
    ids = [entry["id"] for entry in entries]
    if before is not None and before not in ids:
        raise BadRequest("the query parameter “before” must be the `next` of the page before")
    start = 0 if before is None else ids.index(before) + 1
    page = list(entries[start : start + limit])
    return {name: page, "next": page[-1]["id"] if start + limit < len(entries) else None}


def language_of(query: Mapping[str, str]) -> str | None:
    """Read the language wanted; raise BadRequest."""
    wanted = query.get("language")
    if wanted is not None and not _LANGUAGE.fullmatch(wanted):
        raise BadRequest("the query parameter “language” must be a language tag, such as en, fr or es")
    return wanted
