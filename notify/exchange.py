"""Says what one message of a case is to systems that exchange it: what it says, to whom, and after which others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notify.delivery import Dispatch, Notice, NoticeKind, Told

OF_THE_CASE = frozenset(
    {NoticeKind.NOTIFICATION, NoticeKind.REMINDER, NoticeKind.ESCALATION, NoticeKind.REPORT, NoticeKind.WITHDRAWN}
)
"""The notices that bring the report itself; a reminder brings the same message once more."""


@dataclass(frozen=True, slots=True)
class CaseMessage:
    """One message of a case to one addressee, or its latest state as those see it who keep the file."""

    notice: Notice
    subject: str  # what all messages of the chain have in common: the notification, or the case
    addressee: str  # the code of a State, an organization, or "secretariat"
    is_addressed: bool  # False for those who keep the file: nothing is asked of them
    told: tuple[Told, ...]  # in order; the last is this message


def told_since(reports: Sequence[Told], issued_at: datetime | None) -> tuple[Told, ...]:
    """Say which messages an addressee was sent: the report as it stood when it was told first, and every later one.

    `reports` is the chain of the case, in order; None as time stands for those who have the whole of it.
    """
    if issued_at is None:
        return tuple(reports)
    before = [report for report in reports if report.at <= issued_at]
    later = [report for report in reports if report.at > issued_at]
    first = [Told(before[-1].sequence, before[-1].type, issued_at)] if before else []
    return (*first, *later)


def message_in(dispatch: Dispatch) -> CaseMessage | None:
    """Give the message of the case that a delivery brings; None when it brings none, or may not be passed on.

    What is confidential is read at the case itself (Article 21).
    """
    recipient, notice = dispatch.recipient, dispatch.notice
    addressee = recipient.organization or recipient.state
    if not dispatch.told or notice.kind not in OF_THE_CASE or addressee is None or dispatch.notification_id is None:
        return None
    if notice.confidential or recipient.given_in_confidence:
        return None
    return CaseMessage(notice, dispatch.notification_id, addressee, True, dispatch.told)
