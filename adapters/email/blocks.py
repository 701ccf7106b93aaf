"""Renders the parts of a mail from the templates and encodes them so that they can be joined at line ends."""

from __future__ import annotations

import json
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from adapters.email.headers import text_header
from adapters.email.lines import as_html, as_text
from adapters.email.own_page import write_own
from adapters.email.page import page_for
from adapters.email.shared_page import rest_sections, subject, write_opening
from adapters.languages.formatting import direction
from notify.delivery import Notice, NoticeKind, Recipient

# An attachment of the report only while the mail stays small; the BCH record always (E16).
REPORT_LIMIT = 200_000
RECORD_LIMIT = 1_000_000
_SUBJECT_LIMIT = 220


@dataclass(frozen=True, slots=True)
class SharedBlocks:
    """All that is the same for every reader of one notice, encoded once."""

    subject: bytes
    text_opening: bytes
    text_rest: bytes
    html_opening: bytes
    html_rest: bytes
    attachment: bytes
    opening_text: str
    rest_text: str


@dataclass(frozen=True, slots=True)
class OwnBlocks:
    """What only one reader gets, encoded."""

    text: bytes
    html: bytes


def shared_blocks(notice: Notice, registry_names: Mapping[str, str]) -> SharedBlocks:
    """Render and encode what every reader of a notice gets alike."""
    page = page_for(notice.language, registry_names)
    line = subject(page, notice)
    write_opening(page, notice)
    sections = list(rest_sections(page.fresh(), notice))
    frame = {"language": page.language, "direction": direction(page.language), "subject": line}
    opening_text = _render("opening.txt", lines=page.lines)
    rest_text = _render("rest.txt", sections=sections).rstrip() + "\n"
    return SharedBlocks(
        subject=text_header("Subject", line, _SUBJECT_LIMIT),
        text_opening=quoted_printable(opening_text),
        text_rest=quoted_printable(rest_text),
        html_opening=quoted_printable(_render("opening.html", lines=page.lines, **frame)),
        html_rest=quoted_printable(_render("rest.html", sections=sections)),
        attachment=_attachment(notice),
        opening_text=opening_text,
        rest_text=rest_text,
    )


def own_blocks(notice: Notice, recipient: Recipient, registry_names: Mapping[str, str]) -> OwnBlocks:
    """Render and encode the lines that only this reader gets."""
    page = page_for(notice.language, registry_names)
    write_own(page, notice, recipient)
    return OwnBlocks(quoted_printable(as_text(page.lines)), quoted_printable(str(as_html(page.lines))))


def quoted_printable(text: str) -> bytes:
    """Encode a block of whole lines; two blocks can be joined, as each ends with a line end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if not lines.endswith("\n"):
        lines += "\n"
    return b2a_qp(lines.replace("\n", "\r\n").encode(errors="replace"), istext=True)


def attachment_part(filename: str, document: Any, limit: int) -> bytes:
    """Write a document as a JSON attachment; nothing when it is `limit` bytes or longer."""
    content = json.dumps(document, ensure_ascii=False, indent=1).encode(errors="replace")
    if len(content) >= limit:
        return b""
    return (
        b"Content-Type: application/json\r\n"
        + f'Content-Disposition: attachment; filename="{filename}"\r\n'.encode("ascii")
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + encodebytes(content).replace(b"\n", b"\r\n")
    )


def _attachment(notice: Notice) -> bytes:
    if notice.kind is NoticeKind.RECORD and notice.details.get("record") is not None:
        return attachment_part("record.json", notice.details["record"], RECORD_LIMIT)
    if notice.kind is NoticeKind.NOTIFICATION and notice.report and not notice.report.get("confidential"):
        return attachment_part("report.json", dict(notice.report), REPORT_LIMIT)
    return b""


# One environment for all languages: the pages come translated, the templates hold no words.
_ENVIRONMENT = Environment(
    loader=PackageLoader("adapters.email"),
    autoescape=select_autoescape(["html"], default=False),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
)
_ENVIRONMENT.filters["as_text"] = as_text
_ENVIRONMENT.filters["as_html"] = as_html


def _render(template: str, **values: Any) -> str:
    return _ENVIRONMENT.get_template(template).render(**values)
