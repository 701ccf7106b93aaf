"""Writes lines as plain text and as simple HTML; both parts of a mail say the same."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from html import escape

from markupsafe import Markup

from adapters.email.page import Line
from adapters.languages.directions import direction, isolated, with_tags

_QUOTATION = "border-inline-start:2px solid #999;padding-inline-start:8px;margin:4px 0 12px"
# Some mail programs drop the element bdi; its direction survives everywhere as an attribute.
_APART = '<span dir="auto">'


def as_text(lines: Iterable[Line], language: str) -> str:
    """Write each line as one line of text, its lead before it; what has several lines is quoted, as replies are.

    So no text of a report can pass for a line of ours. Each ends with a line end. Only in a language written from
    right to left, isolates set apart what runs the other way, and an address stands bare on a line of its own.
    """
    write = _text_from_right if direction(language) == "rtl" else _text
    return "".join(map(write, lines))


def _text(line: Line) -> str:
    return _written(line.lead, line.text.splitlines())


def _text_from_right(line: Line) -> str:
    if line.is_link:
        return f"{line.lead}\n{line.text}\n" if line.lead else f"{line.text}\n"
    said = line.text.splitlines()
    return _written(line.lead, said if line.is_ours else [isolated(each) for each in said])


def _written(lead: str, said: list[str]) -> str:
    if len(said) > 1:
        quoted = "".join(f"> {each}".rstrip() + "\n" for each in said)
        return f"{lead}\n{quoted}" if lead else quoted
    return f"{lead} {''.join(said)}".lstrip() + "\n"


def as_html(lines: Iterable[Line], language: str) -> Markup:
    """Write each line as a paragraph, escaped; what is not in the reader's language carries its own and direction."""
    return Markup("".join(map(partial(_paragraph, language), lines)))  # noqa: S704 - every value is escaped below


def html_of(text: str, language: str) -> Markup:
    """Write one of our own texts, in which names and numbers of another direction are set apart."""
    return Markup(_ours(text, language))  # noqa: S704 - it is escaped there


def _paragraph(language: str, line: Line) -> str:
    lead = f"<strong>{_ours(line.lead, language)}</strong> " if line.lead else ""
    if line.is_ours:
        return f"<p>{lead}{_emphasised(line, _ours(line.text, language))}</p>\n"
    said = escape(line.text).splitlines()
    if len(said) > 1:
        quoted = _marked(line, "<br>\n".join(said), language)
        return f'<p>{lead}</p>\n<blockquote style="{_QUOTATION}">{quoted}</blockquote>\n'
    return f"<p>{lead}{_marked(line, ''.join(said), language)}</p>\n"


def _ours(text: str, language: str) -> str:
    return with_tags(escape(text), language, opening=_APART, closing="</span>")


def _emphasised(line: Line, html: str) -> str:
    return f"<strong>{html}</strong>" if line.is_strong else html


def _marked(line: Line, html: str, language: str) -> str:
    if line.is_link:
        return f'<a href="{html}" dir="ltr">{html}</a>'
    if line.language:
        return f'<span lang="{escape(line.language)}" dir="{line.direction}">{html}</span>'
    return _emphasised(line, f"{_APART}{with_tags(html, language, opening=_APART, closing='</span>')}</span>")
