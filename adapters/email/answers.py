"""Reads what the relay answered and says whose problem it is (reference: delivery E9, E10)."""

from __future__ import annotations

import re
from enum import StrEnum

from notify.errors import DeliveryError, FailureKind
from notify.failures import Judgement, judge_status, judge_text


class Stage(StrEnum):
    """How far the transaction had come when the answer arrived."""

    CONNECT = "connect"  # greeting, TLS, sign-in
    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    CONTENT = "DATA"


_ENHANCED = re.compile(r"\s*[245]\.(\d{1,3})\.(\d{1,3})\b")
_ANSWER_LIMIT = 500
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")

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


def _judge(code: int, text: str, stage: Stage) -> Judgement:
    if code in _SIGN_IN or code in _PROTOCOL:
        return Judgement(FailureKind.OURS, False)
    if 400 <= code < 500:
        return Judgement(FailureKind.TEMPORARY, False)
    if code == 552 and stage is Stage.SENDER:
        # The mail is larger than the relay takes, and will be so tomorrow.
        return Judgement(FailureKind.OURS, True)
    # Before RCPT no recipient was named, so the problem is between us and our relay; it may be mended meanwhile.
    if stage in (Stage.CONNECT, Stage.SENDER):
        return Judgement(FailureKind.OURS, False)
    match = _ENHANCED.match(text)
    judged = judge_status(int(match[1]), int(match[2]), text) if match else None
    # What is refused after DATA is the mail, not the address.
    otherwise = Judgement(FailureKind.OURS if stage is Stage.CONTENT else FailureKind.RECIPIENT, True)
    return judged or judge_text(text) or otherwise
