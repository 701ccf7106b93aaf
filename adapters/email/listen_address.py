"""Reads where mail is taken in, as the setting names it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

FORMS = "write lmtp://HOST:PORT, smtp://HOST:PORT, or lmtp:///FOLDER/SOCKET"


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where a listener waits: `host` and `port` (0 takes any free port), or the `path` of a local socket."""

    lmtp: bool
    host: str = "127.0.0.1"
    port: int = 0
    path: str = ""

    @property
    def protocol(self) -> str:
        """The protocol that is spoken there."""
        return "lmtp" if self.lmtp else "smtp"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol}://{self.path or f'{host}:{self.port}'}"


def parse_listen_address(text: str) -> ListenAddress:
    """Read an address such as lmtp://127.0.0.1:8024; raises ValueError with what would be right."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}; {FORMS}") from error
    if parts.scheme not in ("lmtp", "smtp"):
        raise ValueError(f"{text!r} names neither lmtp nor smtp; {FORMS}")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError(f"{text!r} says more than an address does; {FORMS}")
    lmtp = parts.scheme == "lmtp"
    if not parts.netloc:
        if not parts.path.strip("/") or parts.path.endswith("/"):
            raise ValueError(f"{text!r} names neither a host nor a socket; {FORMS}")
        return ListenAddress(lmtp, host="", path=parts.path)
    if parts.path.strip("/"):
        raise ValueError(f"{text!r} names a host and a path; {FORMS}")
    if not parts.hostname:
        raise ValueError(f"{text!r} names no host; {FORMS}")
    if not port:
        raise ValueError(f"{text!r} names no port; {FORMS}")
    return ListenAddress(lmtp, host=parts.hostname, port=port)
