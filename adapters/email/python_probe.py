"""Tells whether this Python writes mail headers that nobody can break (delivery E17; CVE-2024-6923, CVE-2026-1299)."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.errors import MessageError
from email.generator import BytesGenerator
from email.message import EmailMessage
from io import BytesIO

_SUBJECTS = ("A \U0001f4a9 subject=?UTF-8?Q?=0A?=Bcc: injected@example.com", "trailing newline\n")

WARNING = (
    "This Python writes mail headers that a text can break (CVE-2024-6923, CVE-2026-1299). "
    "Our mails are checked all the same; still, install the newest patch release of it."
)


def writes_headers_safely() -> bool:
    """Write the subjects that are known to break headers, in both ways, and look whether another one comes of them.

    Our own mails do not go through this part of Python, and are checked on every version (`headers`).
    """
    return all(map(_modern_is_safe, _SUBJECTS)) and _old_is_safe()


def _modern_is_safe(subject: str) -> bool:
    message = EmailMessage(policy=policy.SMTP)
    try:
        message["Subject"] = subject
        written = message.as_bytes()
    except (ValueError, MessageError):
        return True
    return "Bcc" not in message_from_bytes(written) and written.count(b"\n") == written.count(b"\r\n")


def _old_is_safe() -> bool:
    """Ask the generator of bytes for a header that holds a line end."""
    message = EmailMessage(policy=policy.SMTP)
    message._headers = [("Subject", "x\nBcc: injected@example.com")]  # type: ignore[attr-defined]
    written = BytesIO()
    try:
        BytesGenerator(written, policy=policy.SMTP).flatten(message)
    except (ValueError, MessageError):
        return True
    return "Bcc" not in message_from_bytes(written.getvalue())
