"""Reads a mail that a human seems to have written: its new text, and whether it is an agreed word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from adapters.email.inbound.authentication import authentication_of
from adapters.email.inbound.charsets import header_text
from adapters.email.inbound.fields import Author, authors_of
from adapters.email.inbound.html_text import lines_of_html
from adapters.email.inbound.parts import Mail
from adapters.email.inbound.quoting import attribution_length, is_quoted, is_signature, opens_old_mail, visible
from notify.errors import clean
from notify.inbound import Reply
from notify.reply_words import agreed_answer

TEXT_LIMIT = 10_000
_LINE_LIMIT = 2_000
_SUBJECT_LIMIT = 300
_LISTED = 3


@dataclass(frozen=True, slots=True)
class NewText:
    """What the writer of a reply added, and its first line when that is certain."""

    text: str
    first_line: str = ""


def reply_of(mail: Mail, authserv_id: str, *, may_answer: bool) -> Reply:
    """Read a reply; `may_answer` False leaves it to a human whatever it says."""
    author = next(iter(authors_of(mail.values("from"))), Author("", ""))
    new = _likeliest(new_text(reading) for reading in readings_of(mail))
    return Reply(
        text=clean(new.text),
        answer=agreed_answer(new.first_line) if may_answer else None,
        authentication=authentication_of(mail, authserv_id),
        sender=clean(author.address),
        name=clean(author.name),
        subject=clean(header_text(mail.value("subject"))[:_SUBJECT_LIMIT]),
    )


def readings_of(mail: Mail) -> list[str]:
    """Give the body of a mail as plain lines, in each way its bytes may be meant; its plain part before its HTML."""
    shown = [part for part in mail.parts if not part.is_attachment]
    for part in shown:
        is_plain = part.kind == "text/plain" or part.kind.startswith("multipart/")
        if is_plain and part.text.strip():
            return part.readings
    for part in shown:
        if part.kind == "text/html":
            return [lines_of_html(reading) for reading in part.readings]
    return [""]


def new_text(body: str) -> NewText:
    """Cut away what the reply quotes and the signature; say which line is the first new one.

    Clients that wrap what they quote leave ends of quoted lines without a mark. So a line that follows a quoted one
    directly, or stands between quoted ones, is shown to a human but is no certain first line.
    """
    lines = [visible(line) for line in body[: TEXT_LIMIT * 10].splitlines()[:_LINE_LIMIT]]
    new: list[str] = []
    first, is_certain, is_below, place = "", True, False, 0
    while place < len(lines):
        line = lines[place]
        attribution = attribution_length(lines[place : place + 4])
        if opens_old_mail(lines[place : place + 9]) or (attribution and not _quotes_next(lines, place + attribution)):
            break
        if is_signature(line) and (new or line == "--"):
            break
        if is_quoted(line):
            # New lines between quoted ones answer question by question, which no single word does.
            is_certain = is_certain and not (first and is_below)
            is_below = is_below or not first
        elif not attribution and not (is_signature(line) and not new):
            is_certain = is_certain and not (line and not first and place and is_quoted(lines[place - 1]))
            first = first or line
            new.append(line)
        place += attribution or 1
    return NewText("\n".join(new).strip()[:TEXT_LIMIT], first if is_certain and not _is_list(new) else "")


def _quotes_next(lines: list[str], place: int) -> bool:
    following = next((line for line in lines[place:] if line), "")
    return is_quoted(following)


def _is_list(lines: list[str]) -> bool:
    # Three agreed words below each other are our own instruction, quoted without a mark.
    return len({answer for line in lines if (answer := agreed_answer(line))}) >= _LISTED


def _likeliest(found: Iterable[NewText]) -> NewText:
    candidates = list(found)
    answering = (new for new in candidates if agreed_answer(new.first_line))
    return next(answering, candidates[0])
