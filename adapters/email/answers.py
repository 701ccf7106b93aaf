"""Reads what the relay answered and says whose problem it is (reference: delivery E9, E10)."""

from __future__ import annotations

import re
from enum import StrEnum

from notify.errors import DeliveryError, FailureKind


class Stage(StrEnum):
    """How far the transaction had come when the answer arrived."""

    CONNECT = "connect"  # greeting, TLS, sign-in
    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    CONTENT = "DATA"


_ENHANCED = re.compile(r"\s*[245]\.(\d{1,3})\.(\d{1,3})\b")
_ANSWER_LIMIT = 500
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_FULL = re.compile(r"mailbox (is )?full|over ?quota|quota exceeded|insufficient storage", re.IGNORECASE)
_UNKNOWN_USER = re.compile(
    r"user unknown|unknown user|no such (user|mailbox|recipient|address)|mailbox (not found|unavailable|disabled)"
    r"|does not exist|unknown (recipient|mailbox|address)|recipient (unknown|not found)|invalid (recipient|mailbox)"
    r"|account (is )?(disabled|closed|inactive)",
    re.IGNORECASE,
)
_OUR_SETUP = re.compile(r"relay(ing)? (access )?(is )?(denied|not permitted|not allowed)|authentication", re.IGNORECASE)
_REPUTATION = re.compile(
    r"\b(spf|dkim|dmarc|spam|reputation|block(ed|list)|blacklist(ed)?|denylist|rbl|dnsbl|policy|banned|listed)\b",
    re.IGNORECASE,
)
_SIGN_IN = frozenset({530, 534, 535, 538})
_PROTOCOL = frozenset({500, 501, 502, 503, 504, 555})


def shown_answer(text: str) -> str:
    """Write what the relay said so that it can be stored and shown: real characters on one line, not too many.

    The client hands over bytes that are no UTF-8 as halves of characters, which no database takes.
    """
    said = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(_CONTROLS.sub(" ", said).split())[:_ANSWER_LIMIT]


def read_answer(code: int, text: str, stage: Stage) -> DeliveryError:
    """Turn a refusing SMTP answer into the error that crosses the channel seam; the text is untrusted."""
    kind, permanent = _judge(code, text, stage)
    shown = shown_answer(text)
    return DeliveryError(
        f"the mail relay refused at {stage.value}: {code} {shown}".rstrip(),
        permanent=permanent,
        kind=kind,
        status=code,
        answer=shown,
    )


def _judge(code: int, text: str, stage: Stage) -> tuple[FailureKind, bool]:
    if code in _SIGN_IN or code in _PROTOCOL:
        return FailureKind.OURS, False
    if 400 <= code < 500:
        return FailureKind.TEMPORARY, False
    # Before RCPT no recipient was named, so the problem is between us and our relay; it may be mended meanwhile.
    if stage in (Stage.CONNECT, Stage.SENDER):
        return FailureKind.OURS, False
    match = _ENHANCED.match(text)
    if match is not None:
        judged = _judge_enhanced(int(match[1]), int(match[2]), text)
        if judged is not None:
            return judged
    return _judge_text(text, stage)


def _judge_enhanced(subject: int, detail: int, text: str) -> tuple[FailureKind, bool] | None:
    if (subject, detail) == (2, 2):
        return FailureKind.TEMPORARY, False
    if subject == 7:
        return FailureKind.OURS, not _OUR_SETUP.search(text)
    # 5.1.7 and 5.1.8 speak of the sender's address, which is ours.
    if subject == 1:
        return (FailureKind.OURS, False) if detail in (7, 8) else (FailureKind.RECIPIENT, True)
    if subject in (2, 4):
        return FailureKind.RECIPIENT, True
    if subject in (3, 6):
        return FailureKind.OURS, True
    if subject == 5:
        return FailureKind.OURS, False
    return None


def _judge_text(text: str, stage: Stage) -> tuple[FailureKind, bool]:
    if _FULL.search(text):
        return FailureKind.TEMPORARY, False
    if _UNKNOWN_USER.search(text):
        return FailureKind.RECIPIENT, True
    if _OUR_SETUP.search(text):
        return FailureKind.OURS, False
    if _REPUTATION.search(text) or stage is Stage.CONTENT:
        return FailureKind.OURS, True
    return FailureKind.RECIPIENT, True
