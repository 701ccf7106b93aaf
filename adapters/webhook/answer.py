"""Reads a receiver's answer: proof of delivery, or whose problem it is and when to try again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from adapters.outbound.client import Answer
from notify.delivery import RETRY_FOR, DeliveryState, Proof
from notify.errors import DeliveryError, FailureKind

_TEMPORARY = frozenset({408, 425, 429})
_MOVED_FOR_GOOD = frozenset({301, 308})
_MOST_DIGITS = 9


def proof_from(answer: Answer, now: datetime) -> Proof:
    """Take any 2xx as delivered; raise a DeliveryError for the rest.

    A redirect is a failure and never followed. 410 and most of 4xx are final; 415 means that the
    receiver does not understand our format, which is ours to mend; 408, 425, 429 and 5xx are tried again.
    """
    if 200 <= answer.status < 300:
        return Proof(DeliveryState.DELIVERED, answer.status, answer.text)
    reason, permanent, kind = _judge(answer.status)
    wait = None if permanent else retry_after(answer.headers.get("Retry-After"), now)
    raise DeliveryError(
        reason, permanent=permanent, retry_after=wait, kind=kind, status=answer.status, answer=answer.text
    )


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header, seconds or an HTTP date; None when absent, past or not readable, 72 hours at most."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        # So many digits that the number is beyond every use, and perhaps beyond what int() reads.
        wait = RETRY_FOR if len(text) > _MOST_DIGITS else timedelta(seconds=int(text))
    else:
        try:
            moment = parsedate_to_datetime(text)
            wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
    return min(wait, RETRY_FOR) if wait > timedelta(0) else None


def _judge(status: int) -> tuple[str, bool, FailureKind]:
    if status == 410:
        return "the endpoint is gone (410)", True, FailureKind.RECIPIENT
    if status == 415:
        return "the endpoint does not understand the format (415)", True, FailureKind.OURS
    if status in _MOVED_FOR_GOOD:
        return f"the endpoint has moved ({status}); redirects are not followed", True, FailureKind.RECIPIENT
    if 300 <= status < 400:
        return f"the endpoint redirects ({status}); redirects are not followed", False, FailureKind.TEMPORARY
    if 400 <= status < 500 and status not in _TEMPORARY:
        return f"the endpoint refuses the message ({status})", True, FailureKind.RECIPIENT
    return f"the endpoint is busy or out of order ({status})", False, FailureKind.TEMPORARY
