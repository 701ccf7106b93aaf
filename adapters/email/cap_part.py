"""Writes the message of a case as an attachment for warning systems (CAP 1.2), where the operator wants it."""

from __future__ import annotations

from base64 import encodebytes
from collections import OrderedDict
from collections.abc import Callable

from notify.delivery import Dispatch
from notify.exchange import CaseMessage, message_in

LIMIT = 100_000
"""Bytes; a larger message stays at the address of the case, so that the mail stays well below 1 MB (E16)."""


class CapParts:
    """Writes the attachment of one addressee once, for all its contacts; nothing without a writer."""

    def __init__(self, write: Callable[[CaseMessage], bytes] | None, remembered: int = 64) -> None:
        self._write = write
        self._remembered = remembered
        self._parts: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()

    def part(self, dispatch: Dispatch) -> bytes:
        """Give the part of one mail; empty for one that brings no message of a case, or a confidential one."""
        message = message_in(dispatch) if self._write is not None else None
        if message is None or self._write is None:
            return b""
        key = (message.notice.key, message.subject, message.told[-1].sequence)
        if key not in self._parts:
            self._parts[key] = _encoded(self._write(message))
            while len(self._parts) > self._remembered:
                self._parts.popitem(last=False)
        return self._parts[key]


def _encoded(document: bytes) -> bytes:
    if len(document) >= LIMIT:
        return b""
    return (
        b"Content-Type: application/cap+xml\r\n"
        b'Content-Disposition: attachment; filename="cap.xml"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    ) + encodebytes(document).replace(b"\n", b"\r\n")
