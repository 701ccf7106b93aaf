"""Decodes text of foreign mails: bytes in a named charset, rightly named or not, and encoded words in headers."""

from __future__ import annotations

import codecs
import re
from email.errors import MessageError
from email.header import decode_header

_HEADER_LIMIT = 4_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")

# Names outside this list are no charsets of mails, and some Python codecs are slow or do more than decode.
_KNOWN = re.compile(
    r"(utf-?_?(7|8|16|32)([-_]?(le|be))?|us-ascii|ascii|iso-?_?8859[-_]\d{1,2}([-_][ei])?|(windows|cp|x-cp|ibm)-?\d{3,5}"
    r"|koi8[-_][rut]|gb-?_?18030|gbk|gb2312|gb_2312-80|x-gbk|hz-gb-2312|big5(-hkscs)?|euc-(jp|kr|cn|tw)"
    r"|iso-2022-[a-z0-9-]{2,6}|shift[-_]?jis|ks_c_5601-1987|tis-620|mac-?\w{3,12}|latin-?1)",
    re.IGNORECASE,
)
# What writers call by the narrower name is often written in the wider one.
_WIDER = {
    "us-ascii": "utf-8", "ascii": "utf-8", "utf_8": "utf-8",
    "gb2312": "gb18030", "gb_2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "euc-cn": "gb18030",
    "hz-gb-2312": "hz", "iso-8859-1": "windows-1252", "latin-1": "windows-1252", "latin1": "windows-1252",
    "iso-8859-6-i": "iso-8859-6", "iso-8859-6-e": "iso-8859-6", "ks_c_5601-1987": "cp949", "shift_jis": "cp932",
}  # fmt: skip
_WESTERN = frozenset({"windows-1252", "iso-8859-15"})
_GUESSES = ("windows-1252", "gb18030", "windows-1256", "windows-1251", "koi8-r", "iso-8859-6")


def text_of(content: bytes, charset: str = "") -> str:
    """Decode bytes as the charset says, else as UTF-8, else as Western text; never fails."""
    return readings_of(content, charset)[0]


def readings_of(content: bytes, charset: str = "") -> list[str]:
    """Decode bytes in each way that may be meant, the likeliest first; at least one reading.

    A charset that says nothing, or that does not fit the bytes, leaves several: many clients name a wrong one.
    """
    codec = _codec(charset)
    readings = [] if codec is None else _decoded(content, codec)
    if readings and (codec not in _WESTERN or content.isascii()):
        return readings
    # Bytes that are no ASCII and yet valid UTF-8 are UTF-8, whatever the mail says.
    if as_utf8 := _decoded(content, "utf-8"):
        return as_utf8
    guesses = [reading for guess in _GUESSES for reading in _decoded(content, guess)]
    return [*readings, *guesses] or [content.decode("utf-8", "replace")]


def header_text(value: str) -> str:
    """Decode a header's raw text, with its encoded words (RFC 2047) and raw bytes; on one line, cut."""
    unfolded = " ".join(_CONTROLS.sub(" ", _without_halves(value[:_HEADER_LIMIT])).split())
    if "=?" not in unfolded:
        return unfolded
    try:
        pieces = decode_header(unfolded)
    except (MessageError, ValueError, LookupError):
        return unfolded
    decoded = "".join(piece if isinstance(piece, str) else text_of(piece, name or "") for piece, name in pieces)
    return " ".join(_CONTROLS.sub(" ", decoded).split())


def _without_halves(value: str) -> str:
    return value if value.isascii() else text_of(value.encode("utf-8", "surrogateescape"))


def _codec(charset: str) -> str | None:
    name = charset.strip().strip("\"'").lower()
    if not _KNOWN.fullmatch(name):
        return None
    codec = _WIDER.get(name, name.removeprefix("x-"))
    try:
        codecs.lookup(codec)
    except LookupError:
        return None
    return codec


def _decoded(content: bytes, codec: str) -> list[str]:
    try:
        # UTF-7 may hold halves of characters, which nobody can store.
        return [content.decode(codec).encode("utf-8", "replace").decode("utf-8")]
    except ValueError:
        return []
