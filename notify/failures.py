"""Rules on whose problem a refused or returned mail is (reference: delivery E10)."""

from __future__ import annotations

import re
from typing import NamedTuple

from notify.errors import FailureKind
from notify.inbound import ReportedRecipient


class Judgement(NamedTuple):
    """Whose problem it is, and whether no retry can help."""

    kind: FailureKind
    permanent: bool


_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")

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


def judge_status(subject: int, detail: int, text: str) -> Judgement | None:
    """Judge an enhanced status code by its second and third number (RFC 3463); None when it says nothing (x.0.x)."""
    if (subject, detail) == (2, 2):
        return Judgement(FailureKind.TEMPORARY, False)
    if subject == 7:
        return Judgement(FailureKind.OURS, not _OUR_SETUP.search(text))
    # 5.1.7 and 5.1.8 speak of the sender's address, which is ours.
    if subject == 1:
        return Judgement(FailureKind.OURS, False) if detail in (7, 8) else Judgement(FailureKind.RECIPIENT, True)
    if subject in (2, 4):
        return Judgement(FailureKind.RECIPIENT, True)
    if subject in (3, 6):
        return Judgement(FailureKind.OURS, True)
    if subject == 5:
        return Judgement(FailureKind.OURS, False)
    return None


def judge_text(text: str) -> Judgement | None:
    """Judge the words of an answer; None when they say nothing that we know."""
    if _FULL.search(text):
        return Judgement(FailureKind.TEMPORARY, False)
    if _UNKNOWN_USER.search(text):
        return Judgement(FailureKind.RECIPIENT, True)
    if _OUR_SETUP.search(text):
        return Judgement(FailureKind.OURS, False)
    if _REPUTATION.search(text):
        return Judgement(FailureKind.OURS, True)
    return None


def failure_kind(reported: ReportedRecipient) -> FailureKind:
    """Say whose problem a reported failure is; what nobody explains is the address's, so that the ladder moves."""
    text = reported.diagnostic
    for source in (reported.status, text):
        match = _STATUS.search(source)
        kind = _kind_of_status(int(match[1]), int(match[2]), int(match[3]), text) if match else None
        if kind is not None:
            return kind
    judged = judge_text(text)
    return judged.kind if judged else FailureKind.RECIPIENT


def _kind_of_status(level: int, subject: int, detail: int, text: str) -> FailureKind | None:
    said = judge_text(text)
    # Many servers write 5.5.0 before "user unknown", so the words come first there.
    if subject == 5 and said is not None:
        return said.kind
    # A mail that expired after 4.3.x or 4.7.x met a busy server or a greylist, not a judgement on us.
    if level == 4 and subject in (3, 5, 6, 7):
        return FailureKind.OURS if said is not None and said.kind is FailureKind.OURS else FailureKind.TEMPORARY
    judged = judge_status(subject, detail, text)
    return judged.kind if judged else None
