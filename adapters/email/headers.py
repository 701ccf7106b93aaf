"""Writes header fields that no text from outside can break (reference: delivery E17; RFC 5322, RFC 2047)."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence

# C0, DEL, C1, line and paragraph separators, surrogates, and the bidirectional marks that can disguise a name.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# The marks that set apart words of another direction; whoever keeps them has cleaned what stands between them.
_UNSAFE_BESIDE_ISOLATES = re.compile(_UNSAFE.pattern.replace("\u2066-\u2069", "\u2066"))
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_LINE = 76
# An encoded word has at most 75 characters: 12 of them frame it, 60 hold base64, which is 45 bytes of text.
_BYTES_PER_WORD = 45


class UnsafeHeader(ValueError):
    """A header block does not hold exactly the fields that were meant."""


def clean(text: str, limit: int = 1000, *, with_isolates: bool = False) -> str:
    """Make a text safe for a header: controls become spaces, `=?` is broken up, white space is collapsed.

    A text longer than `limit` characters is cut and ends with "…". `with_isolates` keeps our own isolates in it.
    """
    spaced = (
        (_UNSAFE_BESIDE_ISOLATES if with_isolates else _UNSAFE).sub(" ", text).replace("=?", "= ?").replace("?=", "? =")
    )
    collapsed = " ".join(spaced.split())
    return collapsed if len(collapsed) <= limit else collapsed[: limit - 1].rstrip() + "…"


def encode_words(text: str, used: int = 0) -> str:
    """Write a text as RFC 2047 encoded words, one per line, never cutting a character in two.

    `used` characters stand already on the first line.
    """
    words: list[str] = []
    chunk = b""
    room = min(_BYTES_PER_WORD, (_LINE - used - 12) // 4 * 3)
    for character in text:
        encoded = character.encode()
        if len(chunk) + len(encoded) > room:
            words.append(_encoded_word(chunk))
            chunk, room = b"", _BYTES_PER_WORD
        chunk += encoded
    words.append(_encoded_word(chunk))
    return "\r\n ".join(words)


def text_header(name: str, text: str, limit: int = 1000, *, with_isolates: bool = False) -> bytes:
    """Write an unstructured header field with any text in it, cleaned, encoded and folded."""
    return _field(name, _encode(clean(text, limit, with_isolates=with_isolates), len(name) + 2))


def address_header(name: str, address: str, display_name: str = "") -> bytes:
    """Write a header field with one address, which must be checked before, and the name to show for it."""
    shown = clean(display_name, 200)
    if not shown:
        return _field(name, address)
    if shown.isascii():
        escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
        phrase = f'"{escaped}"' if len(escaped) < 60 else encode_words(shown)
    else:
        phrase = encode_words(shown)
    fits = len(name) + len(phrase) + len(address) + 5 <= _LINE
    return _field(name, f"{phrase} <{address}>" if fits else f"{phrase}\r\n <{address}>")


def token_header(name: str, tokens: Sequence[str]) -> bytes:
    """Write a header field of tokens that we made ourselves, such as message ids, one per line."""
    return _field(name, "\r\n ".join(tokens))


def check_block(block: bytes, expected: Sequence[bytes]) -> None:
    """Refuse a header block that holds other fields than the expected ones, or a line that a server may break.

    Raises UnsafeHeader.
    """
    if block.count(b"\n") != block.count(b"\r\n") or block.count(b"\r") != block.count(b"\r\n") or b"\0" in block:
        raise UnsafeHeader("a header holds a control character")
    lines = block.split(b"\r\n")
    names = [line.partition(b":")[0] for line in lines if line and line[0] not in b" \t"]
    if names != list(expected):
        raise UnsafeHeader(f"the headers are {names}, not {list(expected)}")
    if max(map(len, lines)) > 998:
        raise UnsafeHeader("a header line is longer than 998 bytes")


def _encode(text: str, used: int) -> str:
    if not text.isascii() or max(map(len, text.split()), default=0) > _LINE - 2:
        return encode_words(text, used)
    lines, length = [""], used
    for word in text.split():
        if lines[-1] and length + 1 + len(word) > _LINE:
            lines.append(word)
            length = len(word) + 1
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
            length += len(word) + 1
    return "\r\n ".join(lines)


def _encoded_word(chunk: bytes) -> str:
    return f"=?utf-8?b?{b64encode(chunk).decode()}?="


# The name is a constant of ours and the value was cleaned and encoded above: this is the only place that joins them.
def _field(name: str, value: str) -> bytes:
    if not _NAME.fullmatch(name):
        raise UnsafeHeader(f"{name!r} is no header name")
    return f"{name}: {value}\r\n".encode()
