"""Reads structured header fields: comments taken out, quoted strings kept together."""

from __future__ import annotations

from email.utils import getaddresses
from typing import NamedTuple

from adapters.email.inbound.charsets import header_text

ADDRESS_LIMIT = 320
_NAME_LIMIT = 200
_FIELD_LIMIT = 4_000


class Author(NamedTuple):
    """Who a header says wrote the mail."""

    name: str
    address: str


def without_comments(value: str) -> str:
    """Take out comments in brackets, nested ones too, but not from quoted strings (RFC 5322, 3.2.2)."""
    kept: list[str] = []
    depth, is_quoted, is_escaped = 0, False, False
    for character in value[:_FIELD_LIMIT]:
        if is_escaped or character == "\\":
            is_escaped = not is_escaped
        elif character == '"' and not depth:
            is_quoted = not is_quoted
        elif character == "(" and not is_quoted:
            depth += 1
        elif character == ")" and depth:
            depth -= 1
            kept.append(" ")
            continue
        if not depth:
            kept.append(character)
    return "".join(kept).strip()


def split_outside_quotes(value: str, separator: str = ";") -> list[str]:
    """Split at a separator that stands in no quoted string."""
    pieces, start = [], 0
    is_quoted, is_escaped = False, False
    for place, character in enumerate(value):
        if is_escaped or character == "\\":
            is_escaped = not is_escaped
        elif character == '"':
            is_quoted = not is_quoted
        elif character == separator and not is_quoted:
            pieces.append(value[start:place].strip())
            start = place + 1
    return [*pieces, value[start:].strip()]


def authors_of(values: list[str]) -> list[Author]:
    """Read who stands in From, every field and every address; the name is decoded after the address is known."""
    found = getaddresses([value[:_FIELD_LIMIT] for value in values])
    return [
        Author(header_text(name)[:_NAME_LIMIT], header_text(address)[:ADDRESS_LIMIT])
        for name, address in found
        if name or address
    ]
