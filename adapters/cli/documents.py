"""Reads a report from a file: strict JSON, with the line and column of what is wrong."""

from __future__ import annotations

import json
from typing import IO, Any

from adapters.cli.failing import Finding, InvalidInput


class _NotAllowed(ValueError):
    """JSON that could be read in more than one way, or is none by RFC 8259."""


def read_json(content: bytes, name: str) -> Any:
    """Parse a file strictly (RFC 8259): UTF-8, each name once in its object, no NaN; ends the command otherwise."""
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(name, "is no UTF-8 text", line, None) from error
    except json.JSONDecodeError as error:
        raise _unreadable(name, error.msg, error.lineno, error.colno) from error
    except _NotAllowed as error:
        raise _unreadable(name, str(error), None, None) from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, "a number or a nesting is too large to be read", None, None) from error


def _unreadable(name: str, detail: str, line: int | None, column: int | None) -> InvalidInput:
    places = [f"{word} {number}" for word, number in (("line", line), ("column", column)) if number is not None]
    text = f"{', '.join(places)}: {detail}" if places else detail
    found = Finding(text, {"line": line, "column": column, "detail": detail})
    return InvalidInput(f"{name} cannot be read as JSON", [found])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    names = [name for name, _ in pairs]
    if len(members) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise _NotAllowed(f"“{twice[:60]}” is named twice in one object, and only one can be meant")
    return members


def _no_constant(name: str) -> Any:
    raise _NotAllowed(f"{name} is no JSON")


def name_of(file: IO[Any]) -> str:
    """Name a file for a message."""
    name = getattr(file, "name", "<stdin>")
    return "standard input" if name == "<stdin>" else str(name)
