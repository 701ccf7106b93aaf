"""Rules of what comes in by mail: what a mail means for one delivery, and what may be concluded from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from notify.delivery import DeliveryState
from notify.words import Assessment, Grade


class MailPurpose(StrEnum):
    """What an address of ours is for."""

    BOUNCE = "bounce"  # the return path of one mail: reports and automatic replies
    REPLY = "reply"  # the Reply-To of one mail: whoever writes there had the mail


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One mail as it came in, for one envelope recipient; kept whole before it is answered 250."""

    sender: str  # of the envelope; "" is the empty sender
    recipient: str  # of the envelope
    raw: bytes
    received_at: datetime
    source: str  # where it came from, for the evidence: "lmtp 127.0.0.1", "imap INBOX 4711"


class ReportAction(StrEnum):
    """What a delivery report says happened (RFC 3464, 2.3.3); the action decides, never the class of the status."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"
    UNKNOWN = "unknown"  # a value outside the standard proves nothing


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """What a delivery report says about one recipient; every text is untrusted and cut."""

    action: ReportAction
    status: str  # "5.1.1", "" when it gave none
    diagnostic: str
    final_recipient: str
    original_recipient: str


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A report of a mail system on a mail of ours (RFC 3464, RFC 6533, or an odd form)."""

    recipients: tuple[ReportedRecipient, ...]
    envelope_id: str = ""
    message_id: str = ""  # of the mail that was returned


@dataclass(frozen=True, slots=True)
class AutomaticReply:
    """An answer that no human wrote now: the mailbox exists, the person may be away (RFC 3834)."""

    sign: str  # what showed it
    text: str = ""


class Authentication(StrEnum):
    """What our own mail server found about the sender's domain (DMARC in Authentication-Results, RFC 8601)."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NONE = "none"  # not checked, or nothing to check against: possession of the mail only


@dataclass(frozen=True, slots=True)
class ReplyAnswer:
    """What the agreed words of a reply say."""

    grade: Grade | None  # None: "wrong contact"
    assessment: Assessment | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail that a human seems to have written."""

    text: str  # without the quoted part, cut
    answer: ReplyAnswer | None  # None: no agreed word, a human must read it
    authentication: Authentication
    sender: str  # the address in From
    name: str
    subject: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something came back and could not be understood: a human must look at it."""

    reason: str


Meaning = DeliveryReport | AutomaticReply | Reply | Unreadable


_OPEN = frozenset({DeliveryState.QUEUED, DeliveryState.ACCEPTED, DeliveryState.DELAYED, DeliveryState.UNKNOWN})

_REACHED_BY: dict[ReportAction, tuple[DeliveryState, frozenset[DeliveryState]]] = {
    ReportAction.DELAYED: (DeliveryState.DELAYED, frozenset({DeliveryState.QUEUED, DeliveryState.ACCEPTED})),
    ReportAction.RELAYED: (DeliveryState.RELAYED, _OPEN),
    # Handed on to the members of a list: nobody reports on them (RFC 3464, 2.3.3).
    ReportAction.EXPANDED: (DeliveryState.RELAYED, _OPEN),
    ReportAction.DELIVERED: (DeliveryState.DELIVERED, _OPEN | {DeliveryState.RELAYED}),
    # Behind a hop that cannot report a mail may still come back.
    ReportAction.FAILED: (DeliveryState.BOUNCED, _OPEN | {DeliveryState.RELAYED}),
}
"""The state that each action gives, and the states that it may follow: forward only."""


def state_after(current: DeliveryState, action: ReportAction) -> DeliveryState | None:
    """Say which state a delivery has after a report, or None when the report changes nothing.

    A report may come before the relay's own answer was recorded, so `queued` is as good a start as `accepted`.
    """
    state, follows = _REACHED_BY.get(action, (current, frozenset()))
    return state if current in follows else None
