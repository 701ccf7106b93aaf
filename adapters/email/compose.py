"""Composes one mail as bytes: what readers share is encoded once per notice, what is a reader's own each time."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from adapters.email.addresses import check_address
from adapters.email.blocks import OwnBlocks, OwnLines, SharedBlocks, own_lines, reason_with_office, shared_blocks
from adapters.email.cap_part import CapParts
from adapters.email.headers import UnsafeHeader, address_header, check_block, text_header, token_header
from adapters.languages.catalogues import available_languages, spoken_language, translator
from notify.delivery import Dispatch, Notice, NoticeKind, Recipient
from notify.exchange import CaseMessage
from notify.words import DeliveryId

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_URGENT_KINDS = frozenset(
    {
        NoticeKind.NOTIFICATION,
        NoticeKind.REMINDER,
        NoticeKind.ESCALATION,
        NoticeKind.REPORT,
        NoticeKind.WITHDRAWN,
        NoticeKind.UNREACHED,
        NoticeKind.TASK,
        NoticeKind.ALARM,
    }
)

# Quoted-printable writes "=" as "=3D" and base64 has no "_", so "=_" can stand in no part (RFC 2045, 6.7).
_ALTERNATIVE = b'multipart/alternative; boundary="=_alternative"\r\n'
_MIXED = b'Content-Type: multipart/mixed; boundary="=_mixed"\r\n\r\n--=_mixed\r\n'
_TEXT = (
    b"\r\n--=_alternative\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_HTML = (
    b"\r\n--=_alternative\r\nContent-Type: text/html; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_END_ALTERNATIVE = b"\r\n--=_alternative--\r\n"
_BEFORE_ATTACHMENT = b"\r\n--=_mixed\r\n"
_END_MIXED = b"\r\n--=_mixed--\r\n"

# Auto-Submitted keeps out-of-office replies away (RFC 3834); "All" would also suppress non-delivery reports (E13).
_AUTOMATIC = b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n"
_URGENT = b"Importance: high\r\nX-Priority: 1\r\n"
_VERSION = b"MIME-Version: 1.0\r\n"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Under whose name mails go out: From with its name, where replies go, and the domain of message ids.

    The name is said in the reader's language where the catalogues know it. `takes_answers` says that the service
    reads replies, so that mails name the agreed words by which a reply acknowledges.
    """

    address: str
    name: str
    reply_to: str
    domain: str
    takes_answers: bool = False


@dataclass(frozen=True, slots=True)
class ComposedMail:
    """One mail ready to send; `international` says that its address needs SMTPUTF8."""

    recipient: str
    content: bytes
    international: bool


class Composer:
    """Composes mails and remembers the shared part of the notices used last."""

    def __init__(
        self,
        letterhead: Letterhead,
        *,
        registry_names: Mapping[str, str] | None = None,
        remembered: int = 64,
        cap: Callable[[CaseMessage], bytes] | None = None,
        reply_address: Callable[[DeliveryId], str] | None = None,
    ) -> None:
        """Take the letterhead and our own names of States by code (used in English, else a fallback).

        `cap` writes the message of a case as CAP, which is then attached. `reply_address` gives each mail a Reply-To
        of its own, checked and in ASCII, in the place of the letterhead's; it raises ValueError.
        """
        self._letterhead = letterhead
        self._registry_names = dict(registry_names or {})
        self._remembered = remembered
        self._shared: OrderedDict[str, SharedBlocks] = OrderedDict()
        self._own: OrderedDict[tuple[object, ...], OwnLines] = OrderedDict()
        self._from_headers = _from_headers(letterhead)
        self._reply_to = _reply_to_header(letterhead.reply_to)
        self._reply_address = reply_address
        self._cap = CapParts(cap, remembered)
        message_id("probe", letterhead.domain)

    def use_reply_to(self, address: str) -> None:
        """Name where replies go from the next mail on. Raises InvalidAddress, and then nothing changes."""
        self._reply_to = _reply_to_header(address)
        self._letterhead = replace(self._letterhead, reply_to=address)

    def compose(self, dispatch: Dispatch, now: datetime) -> ComposedMail:
        """Compose the mail of one delivery; `now` is its date.

        Raises InvalidAddress when the recipient's address cannot be written to, UnsafeHeader when a check fails.
        """
        address = check_address(dispatch.recipient.email)
        shared, is_new = self._shared_of(dispatch.notice)
        headers, expected = self._headers(dispatch, shared, address.wire, now)
        check_block(headers, expected)
        own = self._own_of(dispatch.notice, dispatch.recipient)
        attachments = [b"" if dispatch.recipient.given_in_confidence else shared.attachment, self._cap.part(dispatch)]
        content = b"".join((headers, *_body(shared, own, _BEFORE_ATTACHMENT.join(filter(None, attachments)))))
        if is_new:
            _check_whole(content, expected, shared)
            _remember(self._shared, dispatch.notice.key, shared, self._remembered)
        return ComposedMail(address.wire, content, address.international)

    def _shared_of(self, notice: Notice) -> tuple[SharedBlocks, bool]:
        shared = self._shared.get(notice.key)
        if shared is None:
            return shared_blocks(notice, self._registry_names), True
        self._shared.move_to_end(notice.key)
        return shared, False

    def _own_of(self, notice: Notice, recipient: Recipient) -> OwnBlocks:
        key = (notice.key, *_what_its_lines_say(recipient))
        lines = self._own.get(key)
        if lines is None:
            answers = self._letterhead.takes_answers
            lines = own_lines(notice, recipient, self._registry_names, takes_answers=answers)
            _remember(self._own, key, lines, self._remembered)
        return lines.of(recipient)

    def _headers(
        self, dispatch: Dispatch, shared: SharedBlocks, address: str, now: datetime
    ) -> tuple[bytes, list[bytes]]:
        spoken = spoken_language(dispatch.notice.language)
        fields = [
            self._from_headers[spoken],
            self._reply_to_of(dispatch.delivery_id),
            address_header("To", address, dispatch.recipient.office),
            shared.subject,
            _date_header(now.replace(microsecond=0)),
            token_header("Message-ID", [message_id(dispatch.delivery_id, self._letterhead.domain)]),
        ]
        expected = [b"From", b"Reply-To", b"To", b"Subject", b"Date", b"Message-ID"]
        if dispatch.thread:
            earlier = [message_id(each, self._letterhead.domain) for each in dict.fromkeys(dispatch.thread)]
            fields += [token_header("In-Reply-To", earlier[-1:]), token_header("References", earlier)]
            expected += [b"In-Reply-To", b"References"]
        fields += [_AUTOMATIC, _language_header(spoken)]
        expected += [b"Auto-Submitted", b"X-Auto-Response-Suppress", b"Content-Language"]
        if dispatch.urgent and dispatch.notice.kind in _URGENT_KINDS:
            fields.append(_URGENT)
            expected += [b"Importance", b"X-Priority"]
        fields.append(_VERSION)
        expected.append(b"MIME-Version")
        return b"".join(fields), expected

    def _reply_to_of(self, delivery_id: DeliveryId) -> bytes:
        if self._reply_address is None:
            return self._reply_to
        try:
            return address_header("Reply-To", self._reply_address(delivery_id))
        except ValueError as error:
            raise UnsafeHeader(str(error)) from error


def _remember(memory: OrderedDict[Any, Any], key: object, value: object, at_most: int) -> None:
    memory[key] = value
    while len(memory) > at_most:
        memory.popitem(last=False)


def _what_its_lines_say(recipient: Recipient) -> tuple[object, ...]:
    """Name all that a reader's own lines depend on, but for its link and its office."""
    sentences = [reason_with_office(recipient, ""), recipient.standing]
    return (
        recipient.acknowledge_url is None,
        recipient.status,
        recipient.state,
        # An office is named only where it stands for an organization.
        recipient.organization or (recipient.office if recipient.status == "organization" else ""),
        recipient.roles,
        recipient.due_at,
        recipient.time_zone,
        recipient.given_in_confidence,
        *(None if sentence is None else str(sentence.to_json()) for sentence in sentences),
    )


def _from_headers(letterhead: Letterhead) -> dict[str, bytes]:
    """Write From, with the name in each language."""
    sender = check_address(letterhead.address).wire
    names = {language: translator(language).gettext(letterhead.name) for language in available_languages()}
    return {language: address_header("From", sender, name) for language, name in names.items()}


def _reply_to_header(address: str) -> bytes:
    return address_header("Reply-To", check_address(address).wire)


def message_id(delivery_id: str, domain: str) -> str:
    """Give the fixed Message-ID of a delivery, the same at each attempt. Raises UnsafeHeader."""
    if not _ID.fullmatch(delivery_id) or not _ID.fullmatch(domain):
        raise UnsafeHeader(f"no message id can be made of {delivery_id!r} and {domain!r}")
    return f"<{delivery_id}@{domain}>"


def _body(shared: SharedBlocks, own: OwnBlocks, attachment: bytes) -> tuple[bytes, ...]:
    alternative = (
        b"Content-Type: ",
        _ALTERNATIVE,
        _TEXT,
        shared.text_opening,
        own.text,
        shared.text_rest,
        _HTML,
        shared.html_opening,
        own.html,
        shared.html_rest,
        _END_ALTERNATIVE,
    )
    if not attachment:
        return alternative
    return (_MIXED, *alternative, _BEFORE_ATTACHMENT, attachment, _END_MIXED)


def _check_whole(content: bytes, expected: list[bytes], shared: SharedBlocks) -> None:
    parsed = message_from_bytes(content)
    names = [name.encode() for name in parsed.keys()]  # noqa: SIM118 - a message is no mapping: names repeat
    if names != [*expected, b"Content-Type"]:
        raise UnsafeHeader(f"the mail reads back with other headers: {names}")
    text, html = _alternatives(parsed)
    opening, rest = (_as_sent(part) for part in (shared.opening_text, shared.rest_text))
    if not text.startswith(opening) or not text.endswith(rest) or not html.rstrip().endswith("</html>"):
        raise UnsafeHeader("the mail reads back with another text")


def _alternatives(parsed: Message) -> tuple[str, str]:
    parts = [part for part in parsed.walk() if part.get_content_maintype() == "text"]
    if [part.get_content_subtype() for part in parts] != ["plain", "html"]:
        raise UnsafeHeader("the mail does not read back as text and HTML")
    text, html = (part.get_payload(decode=True) for part in parts)
    if not isinstance(text, bytes) or not isinstance(html, bytes):
        raise UnsafeHeader("a part of the mail does not read back as text")
    return text.decode(), html.decode()


def _as_sent(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines.encode(errors="replace").decode().replace("\n", "\r\n")


@lru_cache(maxsize=64)
def _date_header(now: datetime) -> bytes:
    return token_header("Date", [format_datetime(now)])


@lru_cache(maxsize=64)
def _language_header(language: str) -> bytes:
    return text_header("Content-Language", language)
