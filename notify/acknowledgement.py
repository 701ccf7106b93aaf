"""Rules of an acknowledgement: a State says that it has received; it is not agreement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contacts.model import ContactId
from notify.errors import Fault, InvalidDocument
from notify.notification import Notification
from notify.words import AccountId, Assessment, Grade, Means, NotificationId

HASTE = timedelta(seconds=10)
"""A form completed this soon after the mail was accepted shows the sign of a machine."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """One answer of one addressee, kept as it was given."""

    id: str
    notification_id: NotificationId
    grade: Grade
    assessment: Assessment | None
    by: str
    office: str
    means: Means
    at: datetime
    contact: ContactId | None = None
    account: AccountId | None = None
    signs: tuple[str, ...] = ()  # signs of a machine: stored, they raise a task and do not void it
    late: bool = False
    preliminary: bool = False
    disputed_at: datetime | None = None
    source: str | None = None  # where it came from, hashed: to see one machine answer for many
    assurance: str | None = None  # of a reply: authenticated_mail, or possession_of_the_mail only


def check_answer(grade: object, assessment: object, by: object, office: object) -> tuple[Grade, Assessment | None]:
    """Check what was filled in; raise InvalidDocument with every fault."""
    faults = []
    if not isinstance(grade, str) or grade not in set(Grade):
        faults.append(Fault("/grade", "must be received, assessed or acting"))
    if assessment is not None and (not isinstance(assessment, str) or assessment not in set(Assessment)):
        faults.append(Fault("/assessment", "must be affected, potentially_affected, not_affected or cannot_say"))
    if grade == Grade.ASSESSED and assessment is None:
        faults.append(Fault("/assessment", "is needed with the grade assessed"))
    if grade == Grade.RECEIVED and assessment is not None:
        faults.append(Fault("/grade", "must be assessed or acting when an assessment is given"))
    for pointer, value, meaning in (("/by", by, "your name"), ("/office", office, "your office")):
        if not isinstance(value, str) or not value.strip():
            faults.append(Fault(pointer, f"is needed: {meaning}"))
        elif len(value) > 200 or any(ord(character) < 32 for character in value):
            faults.append(Fault(pointer, "must be at most 200 characters on one line"))
    if faults:
        raise InvalidDocument(faults)
    return Grade(str(grade)), Assessment(str(assessment)) if assessment is not None else None


def apply(notification: Notification, answer: Acknowledgement) -> Acknowledgement | None:
    """Enter an answer into its notification; give it back as recorded, or None when it says nothing new.

    A higher grade implies the lower ones. An assessment by link or reply is preliminary until an account or a
    second contact confirms it. Later answers may change the assessment; the history is kept by its rows.
    """
    late = notification.received_at is None and notification.due_at is not None and answer.at > notification.due_at
    by_mail_only = answer.assessment is not None and answer.means in (Means.LINK, Means.REPLY)
    confirms = _confirms(notification, answer)
    if not (_is_higher(notification, answer) or confirms or _changes_assessment(notification, answer)):
        return None
    notification.received_at = notification.received_at or answer.at
    notification.means = notification.means or answer.means
    if answer.grade is not Grade.RECEIVED:
        notification.assessed_at = notification.assessed_at or answer.at
    # What an account or a second contact confirmed stands until one of them says otherwise.
    stands = by_mail_only and notification.assessment is not None and not notification.assessment_preliminary
    if answer.assessment is not None and not stands:
        notification.assessment = answer.assessment
        notification.assessment_preliminary = by_mail_only and not confirms
        notification.assessed_by = answer.contact
    if answer.grade is Grade.ACTING:
        notification.acting_at = notification.acting_at or answer.at
    return replace(answer, late=late, preliminary=by_mail_only and not confirms)


def _is_higher(notification: Notification, answer: Acknowledgement) -> bool:
    order = list(Grade)
    return notification.grade is None or order.index(answer.grade) > order.index(notification.grade)


def _changes_assessment(notification: Notification, answer: Acknowledgement) -> bool:
    return answer.assessment is not None and answer.assessment != notification.assessment


def _confirms(notification: Notification, answer: Acknowledgement) -> bool:
    if not notification.assessment_preliminary or answer.assessment != notification.assessment:
        return False
    second_contact = answer.contact is not None and answer.contact != notification.assessed_by
    return answer.means in (Means.API, Means.PORTAL) or second_contact


def machine_signs(
    *, answered_at: datetime, accepted_at: datetime | None, page_was_opened: bool, answers_from_there: int
) -> tuple[str, ...]:
    """Name the signs that a machine and not a person completed the form (they raise a task, they do not void it)."""
    signs = []
    if accepted_at is None:
        signs.append("answered_before_delivery")
    elif answered_at - accepted_at < HASTE:
        signs.append("answered_within_seconds")
    if not page_was_opened:
        signs.append("page_never_opened")
    if answers_from_there >= 3:
        signs.append("several_answers_from_one_place")
    return tuple(signs)
