"""Every error that crosses a seam of the service.

Article17Error
├── InvalidDocument        a document handed in has faults, each with its place (400 or 422)
├── NotAllowed             the account may not do this (403)
├── NotFound               there is no such thing, or the reader may not know of it (404)
├── Conflict               the request contradicts what is stored (409)
│   ├── StaleVersion       somebody else changed the same thing first; try again
│   └── KeyTaken           another request binds the same idempotency key at this moment
├── ConfirmationNeeded     the brake asks for a second confirmation (428)
├── DatabaseAway           the database cannot be used at this moment; it comes back, try again (503)
├── ScannerAway            a file cannot be scanned at this moment; nothing was kept, send it again (503)
├── StoreAway              the store of files cannot be used at this moment; try again (503)
├── NotDueYet              a clock was corrected: the message goes back until its step is due
└── DeliveryError          one try of one delivery failed: reason, permanent or not, retry after
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a document: the JSON pointer of its place, and what is wrong and would be right."""

    pointer: str
    detail: str


class Article17Error(Exception):
    """Root of all errors of the service."""


class InvalidDocument(Article17Error):
    """The document has faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in self.faults))


class NotAllowed(Article17Error):
    """The account has no right to do this."""


class NotFound(Article17Error):
    """There is no such thing."""


class Conflict(Article17Error):
    """The request contradicts what is stored."""


class StaleVersion(Conflict):
    """It was changed by somebody else meanwhile."""


class KeyTaken(Conflict):
    """Another request binds the same idempotency key at this moment."""


class ConfirmationNeeded(Article17Error):
    """The brake asks for a second confirmation."""

    def __init__(self, message: str, confirmation: str) -> None:
        self.confirmation = confirmation
        super().__init__(message)


class DatabaseAway(Article17Error):
    """The database cannot be used at this moment; `reason` is for the operator, the message for everybody."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("the database does not answer at this moment; please try again")


class ScannerAway(Article17Error):
    """The scanner of files does not run to its end at this moment."""


class StoreAway(Article17Error):
    """The store of files cannot be used; `reason` is for the operator, the message for everybody."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("the store of files does not answer at this moment; please try again")


class NotDueYet(Article17Error):
    """The step is not due yet."""

    def __init__(self, due_at: datetime) -> None:
        self.due_at = due_at
        super().__init__(f"not due before {due_at.isoformat()}")


def clean(text: str) -> str:
    """Make text of the outside storable: half characters and NUL, which no database takes, become a replacement."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


class FailureKind(StrEnum):
    """Whose problem a failed try is; it decides who is told."""

    RECIPIENT = "recipient"  # the address or endpoint is wrong or gone: the next contact is told now
    TEMPORARY = "temporary"  # the other side is busy or down: try again
    OURS = "ours"  # our relay, our reputation, our configuration: the operator is told


class DeliveryError(Article17Error):
    """One try of one delivery failed; the only error that crosses the channel seam.

    `permanent`: no retry can help. `retry_after`: the least time the other side asked us to wait.
    `status`: the SMTP reply code or HTTP status, if there was one. `answer`: the first bytes of what
    the other side said, untrusted.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        kind: FailureKind | None = None,
        status: int | None = None,
        answer: str = "",
    ) -> None:
        self.reason = clean(reason)
        self.permanent = permanent
        self.retry_after = retry_after
        self.kind = kind or (FailureKind.RECIPIENT if permanent else FailureKind.TEMPORARY)
        self.status = status
        self.answer = clean(answer)
        super().__init__(self.reason)
