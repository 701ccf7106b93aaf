"""Writes lines as plain text and as simple HTML; both parts of a mail say the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from markupsafe import Markup

from adapters.email.page import Line

_LINE_END = re.compile(r"\r\n|\r|\n")


def as_text(lines: Iterable[Line]) -> str:
    """Write each line as one line of text, its lead before it; each ends with a line end."""
    return "".join(f"{line.lead} {line.text}\n" if line.lead else f"{line.text}\n" for line in lines)


def as_html(lines: Iterable[Line]) -> Markup:
    """Write each line as a paragraph, escaped; a text in another language carries its language and direction."""
    return Markup("".join(map(_paragraph, lines)))  # noqa: S704 - every value is escaped below


def _paragraph(line: Line) -> str:
    lead = f"<strong>{escape(line.lead)}</strong> " if line.lead else ""
    return f"<p>{lead}{_value(line)}</p>\n"


def _value(line: Line) -> str:
    text = escape(line.text)
    if line.is_link:
        return f'<a href="{text}">{text}</a>'
    if "\n" in text or "\r" in text:
        text = _LINE_END.sub("<br>\n", text)
    if line.language:
        return f'<span lang="{escape(line.language)}" dir="{line.direction}">{text}</span>'
    return f"<strong>{text}</strong>" if line.is_strong else f'<span dir="auto">{text}</span>'
