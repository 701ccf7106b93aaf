"""Reads delivery reports block by block (RFC 3464, RFC 6533), also where they stand in the wrong kind of mail."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adapters.email.answers import shown_answer
from adapters.email.inbound.charsets import header_text
from adapters.email.inbound.fields import ADDRESS_LIMIT, without_comments
from adapters.email.inbound.parts import Mail, Part, headers_in, take_apart
from notify.inbound import DeliveryReport, ReportAction, ReportedRecipient

_STATUS_KINDS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED_KINDS = frozenset(
    {
        "message/rfc822", "message/global", "text/rfc822-headers", "text/rfc822", "message/rfc822-headers",
        "message/global-headers", "message/partial",
    }
)  # fmt: skip
_RECIPIENT_LIMIT = 50
_STATUS_LIMIT = 256 * 1024
_ID_LIMIT = 250
_WRAPPED_LIMIT = 2

_OF_RECIPIENT = frozenset({"original-recipient", "final-recipient", "action"})
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_UNITEXT = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_SMTP_ANSWER = re.compile(r"(?<![\w.])(?:[45]\d\d[ -]|[45]\.\d{1,3}\.\d{1,3}\b)")
_MESSAGE_ID = re.compile(
    r"^[ \t>]*message-id:\s{0,3}(<[^<>\s\x00-\x1f\x7f-\x9f]{1,250}>)", re.IGNORECASE | re.MULTILINE
)
_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f-\x9f]{1,250}>")
_SEARCHED = 64 * 1024

Block = list[tuple[str, str]]


def is_delivery_report(mail: Mail) -> bool:
    """Tell whether a mail says of itself that it is a delivery report, well made or not."""
    is_report = mail.kind == "multipart/report" and mail.report_type in ("delivery-status", "global-delivery-status")
    return is_report or bool(mail.kinds & _STATUS_KINDS)


def delivery_report_of(mail: Mail, wrapped: int = 0) -> DeliveryReport | None:
    """Read a delivery report; None when the mail holds none, or none that names a recipient or an action."""
    blocks = [block for part in mail.parts if part.kind in _STATUS_KINDS for block in _blocks_of(part)]
    said = words_of(mail)
    recipients = tuple(_recipient_of(block, said) for block in blocks if _speaks_of_recipient(block))
    if recipients:
        envelope_ids = [value for block in blocks for name, value in block if name == "original-envelope-id"]
        return DeliveryReport(
            recipients[:_RECIPIENT_LIMIT],
            envelope_id=shown_answer(next(iter(envelope_ids), ""))[:_ID_LIMIT],
            message_id=returned_message_id(mail),
        )
    # Some gateways enclose the whole report in a mail of their own.
    for part in mail.parts if wrapped < _WRAPPED_LIMIT else ():
        if part.kind in ("message/rfc822", "message/global"):
            inner = take_apart(part.content)
            if is_delivery_report(inner) and (found := delivery_report_of(inner, wrapped + 1)):
                return found
    return None


def returned_message_id(mail: Mail) -> str:
    """Find the Message-ID of the mail that came back: in the part that returns it, else somewhere in the text."""
    for part in mail.parts:
        if part.kind in _RETURNED_KINDS:
            for name, value in headers_in(part.text[:_SEARCHED]):
                if name == "message-id" and (match := _ID.search(value)):
                    return match[0]
    for part in mail.parts:
        if match := _MESSAGE_ID.search(part.text[:_SEARCHED]):
            return match[1]
    return ""


def words_of(mail: Mail) -> str:
    """Give the part of a report that is written for humans."""
    return next((part.text[:_SEARCHED] for part in mail.parts if part.kind.startswith(("text/", "multipart/"))), "")


def explanation_in(text: str, address: str = "") -> str:
    """Find what the other server answered in words for humans: the lines with an SMTP code, best after the address."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = [place for place, line in enumerate(lines) if address and address.lower() in line.lower()]
    candidates = [*(lines[place:][:6] for place in named), lines]
    for candidate in candidates:
        for place, line in enumerate(candidate):
            if _SMTP_ANSWER.search(line):
                return shown_answer(" ".join(candidate[place : place + 3]))
    return ""


def _blocks_of(part: Part) -> Iterator[Block]:
    block: Block = []
    for chunk in re.split(r"\n[ \t]*\n", part.text[:_STATUS_LIMIT].replace("\r\n", "\n")):
        for name, value in headers_in(chunk):
            # Where the empty line between two recipients is missing, a repeated field opens the next one.
            if name in _OF_RECIPIENT and any(name == earlier for earlier, _ in block):
                yield block
                block = []
            block.append((name, value))
        if block:
            yield block
        block = []


def _speaks_of_recipient(block: Block) -> bool:
    return any(name in _OF_RECIPIENT for name, _ in block)


def _recipient_of(block: Block, said: str) -> ReportedRecipient:
    fields = dict(reversed(block))
    final = _address_of(fields.get("final-recipient", ""))
    status = _STATUS.search(without_comments(fields.get("status", "")))
    explained = [
        re.sub(r"^\s*[\w.-]+\s*;\s*", "", header_text(value))
        for name, value in block
        if name in ("diagnostic-code", "x-supplementary-info")
    ]
    diagnostic = shown_answer(" ".join(text for text in explained if text))
    return ReportedRecipient(
        action=_action_of(fields.get("action"), status[0] if status else ""),
        status=status[0] if status else "",
        diagnostic=diagnostic or explanation_in(said, final),
        final_recipient=final,
        original_recipient=_address_of(fields.get("original-recipient", "")),
    )


def _action_of(value: str | None, status: str) -> ReportAction:
    if value is None:
        # Without an action only a permanent status is believed: it makes us act, not rest.
        return ReportAction.FAILED if status.startswith("5.") else ReportAction.UNKNOWN
    words = without_comments(value).lower().split()
    word = words[0].strip("\"'.;,") if words else ""
    # Old OpenSMTPD writes "error", a few gateways "failure".
    if word in ("error", "failure"):
        return ReportAction.FAILED
    return ReportAction(word) if word in set(ReportAction) else ReportAction.UNKNOWN


def _address_of(value: str) -> str:
    """Read `rfc822; a@b`, `utf-8; \\x{442}@b` (RFC 6533) or a bare address."""
    kind, separator, address = without_comments(value).partition(";")
    address = (address if separator else kind).strip()
    if separator and kind.strip().lower() == "utf-8":
        address = _UNITEXT.sub(_character, address)
    return shown_answer(header_text(address).strip("<>\" '"))[:ADDRESS_LIMIT]


def _character(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    is_character = number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
    return chr(number) if is_character else "\ufffd"
