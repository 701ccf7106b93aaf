"""Takes a mail apart within bounds: its headers as text, its parts with their decoded bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message

from adapters.email.inbound.charsets import readings_of, text_of

RAW_LIMIT = 512 * 1024
_PART_LIMIT = 200
_BOUNDARY_LIMIT = 40
_VALUE_LIMIT = 20_000

PARSE_FAULTS = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MessageError, NameError, RuntimeError,
    StopIteration, TypeError, ValueError,
)  # fmt: skip
"""What the standard library and flufl.bounce have been seen to raise on mails that are broken on purpose."""

_CONTENT_TYPE = re.compile(rb"^(content-type[ \t]*:)([^\n]*(?:\n[ \t][^\n]*)*+)", re.IGNORECASE | re.MULTILINE)
_TYPE_LIMIT = 2_000
_KEPT_AS_TEXT = "text/enclosed-"
# It would also decode by whatever codec the mail names; charsets does that, with those that are safe.
_CHARSET = re.compile(rb"\bcharset\b", re.IGNORECASE)
_KEPT_CHARSET = "declared-charset"


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a mail, its transfer encoding undone."""

    kind: str  # "text/plain", in lower case
    content: bytes
    charset: str
    is_attachment: bool

    @property
    def text(self) -> str:
        """Its likeliest text."""
        return text_of(self.content, self.charset)

    @property
    def readings(self) -> list[str]:
        """Its text in each way that may be meant."""
        return readings_of(self.content, self.charset)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail taken apart; `headers` are its own, raw and unfolded, by lower-case name."""

    headers: tuple[tuple[str, str], ...]
    kind: str
    report_type: str
    kinds: frozenset[str]  # of every part, multiparts included
    parts: tuple[Part, ...]  # the leaves, in order

    def values(self, name: str) -> list[str]:
        """Each value of a header, topmost first."""
        return [value for header, value in self.headers if header == name]

    def value(self, name: str) -> str:
        """The topmost value of a header, or nothing."""
        return next(iter(self.values(name)), "")


class TooManyParts(ValueError):
    """The mail has more parts than anybody writes."""


def take_apart(raw: bytes) -> Mail:
    """Take a mail apart; what lies beyond 512 KiB or 200 parts is not read. Raises one of PARSE_FAULTS."""
    lines = raw[:RAW_LIMIT].replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    # The time that the parser takes grows with the lines times the boundaries.
    if lines.lower().count(b"boundary") > _BOUNDARY_LIMIT:
        raise TooManyParts(f"more than {_BOUNDARY_LIMIT} parts")
    message: Message = message_from_bytes(_CONTENT_TYPE.sub(_tamed, lines), policy=policy.compat32)
    everything = list(_walk(message))
    return Mail(
        headers=tuple(
            (name.lower(), " ".join(value[:_VALUE_LIMIT].split("\n"))) for name, value in message.raw_items()
        ),
        kind=_kind(message),
        report_type=_parameter(message, "report-type"),
        kinds=frozenset(_kind(part) for part in everything),
        parts=tuple(_leaf(part) for part in everything if not isinstance(part.get_payload(), list)),
    )


def headers_in(text: str) -> Iterator[tuple[str, str]]:
    """Read header fields, names in lower case, up to the first empty line."""
    name, value = "", ""
    for line in text.lstrip("\r\n").splitlines():
        if not line.strip():
            break
        if line[0] in " \t":
            value = f"{value} {line.strip()}"[:_VALUE_LIMIT]
            continue
        if name:
            yield name, value
        name, colon, value = line.partition(":")
        name, value = (name.strip().lower(), value.strip()[:_VALUE_LIMIT]) if colon else ("", "")
    if name:
        yield name, value


def _tamed(match: re.Match[bytes]) -> bytes:
    # The time that the parser takes grows with the square of the parameters.
    value = _CHARSET.sub(_KEPT_CHARSET.encode(), match[2][:_TYPE_LIMIT].lstrip())
    # It would take an enclosed mail apart as a mail of its own; kept as text, the part can be read whole.
    if value[:8].lower() == b"message/":
        value = _KEPT_AS_TEXT.encode() + value[8:]
    return match[1] + b" " + value


def _walk(message: Message) -> Iterator[Message]:
    waiting, seen = [message], 0
    while waiting and seen < _PART_LIMIT:
        part = waiting.pop()
        seen += 1
        yield part
        payload = part.get_payload()
        # A digest holds mails of others; they are not looked into.
        if isinstance(payload, list) and not _kind(part).startswith("message/"):
            waiting += [child for child in reversed(payload) if isinstance(child, Message)]


def _kind(part: Message) -> str:
    kind = part.get_content_type().lower()
    return f"message/{kind.removeprefix(_KEPT_AS_TEXT)}" if kind.startswith(_KEPT_AS_TEXT) else kind


def _parameter(part: Message, name: str) -> str:
    value = part.get_param(name)
    return str(value[2] if isinstance(value, tuple) else value or "").strip().lower()


def _leaf(part: Message) -> Part:
    content = part.get_payload(decode=True)
    disposition = str(part.get("content-disposition", "")).strip().lower()
    return Part(
        kind=_kind(part),
        content=content if isinstance(content, bytes) else b"",
        charset=_parameter(part, _KEPT_CHARSET),
        is_attachment=disposition.startswith("attach"),
    )
