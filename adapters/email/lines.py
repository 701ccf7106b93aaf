"""Writes lines as plain text and as simple HTML; both parts of a mail say the same."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from markupsafe import Markup

from adapters.email.page import Line

_QUOTATION = "border-inline-start:2px solid #999;padding-inline-start:8px;margin:4px 0 12px"


def as_text(lines: Iterable[Line]) -> str:
    """Write each line as one line of text, its lead before it; what has several lines is quoted, as replies are.

    So no text of a report can pass for a line of ours. Each ends with a line end.
    """
    return "".join(map(_text, lines))


def _text(line: Line) -> str:
    said = line.text.splitlines()
    if len(said) > 1:
        quoted = "".join(f"> {each}".rstrip() + "\n" for each in said)
        return f"{line.lead}\n{quoted}" if line.lead else quoted
    return f"{line.lead} {''.join(said)}".lstrip() + "\n"


def as_html(lines: Iterable[Line]) -> Markup:
    """Write each line as a paragraph, escaped; a text in another language carries its language and direction."""
    return Markup("".join(map(_paragraph, lines)))  # noqa: S704 - every value is escaped below


def _paragraph(line: Line) -> str:
    lead = f"<strong>{escape(line.lead)}</strong> " if line.lead else ""
    said = escape(line.text).splitlines()
    if len(said) > 1:
        quoted = _marked(line, "<br>\n".join(said))
        return f'<p>{lead}</p>\n<blockquote style="{_QUOTATION}">{quoted}</blockquote>\n'
    return f"<p>{lead}{_marked(line, ''.join(said))}</p>\n"


def _marked(line: Line, text: str) -> str:
    if line.is_link:
        return f'<a href="{text}">{text}</a>'
    if line.language:
        return f'<span lang="{escape(line.language)}" dir="{line.direction}">{text}</span>'
    return f"<strong>{text}</strong>" if line.is_strong else f'<span dir="auto">{text}</span>'
