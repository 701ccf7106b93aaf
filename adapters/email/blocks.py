"""Renders the parts of a mail from the templates and encodes them so that they can be joined at line ends."""

from __future__ import annotations

import json
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from secrets import token_hex
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from adapters.email.headers import text_header
from adapters.email.lines import as_html, as_text, html_of
from adapters.email.own_page import write_own
from adapters.email.page import on_one_line, page_for
from adapters.email.shared_page import rest_sections, subject, write_opening
from adapters.languages.directions import direction
from notify.clocks import Extent
from notify.delivery import Notice, NoticeKind, Recipient
from notify.sentence import Sentence

# Attachments only while all of them, encoded, stay below 1 MB together (E16); base64 adds a third.
REPORT_LIMIT = 200_000
RECORD_LIMIT = 700_000
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


# They stand for a reader's link and office while the rest of its lines is encoded; no report can guess them.
_LINK = f"link-{token_hex(16)}"
_OFFICE = f"office-{token_hex(16)}"


@dataclass(frozen=True, slots=True)
class OwnLines:
    """The lines of readers who differ in link and office alone: encoded, but for the few lines that hold them."""

    text: tuple[bytes | str, ...]
    html: tuple[bytes | str, ...]

    def of(self, recipient: Recipient) -> OwnBlocks:
        """Encode the lines for one reader."""
        link, office = recipient.acknowledge_url or "", on_one_line(recipient.office)
        return OwnBlocks(_filled(self.text, link, office), _filled(self.html, escape(link), escape(office)))


def shared_blocks(notice: Notice, registry_names: Mapping[str, str]) -> SharedBlocks:
    """Render and encode what every reader of a notice gets alike."""
    page = page_for(notice.language, registry_names)
    line = subject(page, notice)
    write_opening(page, notice)
    sections = list(rest_sections(page.fresh(), notice))
    frame = {"language": page.language, "direction": direction(page.language), "subject": line}
    opening_text = _render("opening.txt", lines=page.lines, language=page.language)
    rest_text = _render("rest.txt", sections=sections, language=page.language).rstrip() + "\n"
    return SharedBlocks(
        subject=text_header("Subject", line, _SUBJECT_LIMIT, with_isolates=True),
        text_opening=quoted_printable(opening_text),
        text_rest=quoted_printable(rest_text),
        html_opening=quoted_printable(_render("opening.html", lines=page.lines, **frame)),
        html_rest=quoted_printable(_render("rest.html", sections=sections, language=page.language)),
        attachment=_attachment(notice),
        opening_text=opening_text,
        rest_text=rest_text,
    )


def own_lines(
    notice: Notice, recipient: Recipient, registry_names: Mapping[str, str], *, takes_answers: bool
) -> OwnLines:
    """Render and encode the lines that readers like this one get, whatever their link is."""
    page = page_for(notice.language, registry_names)
    link = None if recipient.acknowledge_url is None else _LINK
    anyone = replace(recipient, acknowledge_url=link, reason=reason_with_office(recipient, _OFFICE))
    write_own(page, notice, anyone, takes_answers=takes_answers)
    return OwnLines(_unfilled(as_text(page.lines, page.language)), _unfilled(str(as_html(page.lines, page.language))))


def reason_with_office(recipient: Recipient, office: str) -> Sentence | None:
    """Give the reason why a reader is told, with another office in the place of its own."""
    reason = recipient.reason
    if reason is None or reason.values.get("office") != recipient.office:
        return reason
    return Sentence(reason.text, {**reason.values, "office": office})


def _unfilled(text: str) -> tuple[bytes | str, ...]:
    lines = [f"{line}\n" for line in text.split("\n")[:-1]]
    grouped = groupby(lines, key=lambda line: _LINK in line or _OFFICE in line)
    return tuple("".join(some) if is_own else quoted_printable("".join(some)) for is_own, some in grouped)


def _filled(parts: Iterable[bytes | str], link: str, office: str) -> bytes:
    return b"".join(
        part if isinstance(part, bytes) else quoted_printable(part.replace(_LINK, link).replace(_OFFICE, office))
        for part in parts
    )


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
    tells_all = notice.kind is NoticeKind.REPORT and notice.extent is Extent.WHOLE
    brings_report = notice.kind is NoticeKind.NOTIFICATION or tells_all
    if brings_report and notice.report and not notice.report.get("confidential"):
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
_ENVIRONMENT.filters["html_of"] = html_of


def _render(template: str, **values: Any) -> str:
    return _ENVIRONMENT.get_template(template).render(**values)
