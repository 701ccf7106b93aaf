"""Rules of a task: what a person must do, who owns it, by when, and with what result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contacts.model import StateCode
from notify.sentence import Sentence
from notify.words import CaseReference, NotificationId, TaskId


class TaskKind(StrEnum):
    """Why a person is needed."""

    TELEPHONE_NOW = "telephone_now"
    LETTER = "letter"
    NO_CONTACT = "no_contact"
    UNDETERMINED_STATES = "undetermined_states"
    UNCONFIRMED_CONTACT = "unconfirmed_contact"
    CONTACT_DECLINED = "contact_declined"
    MACHINE_SIGNS = "machine_signs"
    DISPUTED_ANSWER = "disputed_answer"
    READ_REPLY = "read_reply"
    CLOCK_MISSED = "clock_missed"
    FAILING_ENDPOINT = "failing_endpoint"
    PARKED_MESSAGE = "parked_message"
    BCH_NOT_TOLD = "bch_not_told"
    UNANSWERED_REQUEST = "unanswered_request"


SECRETARIAT = "secretariat"
"""The owner of a task that is not a State's."""

ENDED_BY_AN_ANSWER = frozenset({TaskKind.TELEPHONE_NOW, TaskKind.LETTER, TaskKind.NO_CONTACT})
"""Tasks that only want a State to answer, and end when it does."""

_TIME_TO_DO = {
    TaskKind.TELEPHONE_NOW: timedelta(hours=1),
    TaskKind.NO_CONTACT: timedelta(hours=1),
    TaskKind.PARKED_MESSAGE: timedelta(hours=1),
    TaskKind.UNDETERMINED_STATES: timedelta(hours=4),
    TaskKind.BCH_NOT_TOLD: timedelta(hours=4),
    TaskKind.DISPUTED_ANSWER: timedelta(hours=4),
    TaskKind.READ_REPLY: timedelta(hours=4),
    TaskKind.MACHINE_SIGNS: timedelta(hours=12),
}
_OTHERWISE = timedelta(days=1)


@dataclass(slots=True)
class Task:
    """One thing a person must do; `owner` is `secretariat` or the code of the State that must do it."""

    id: TaskId
    kind: TaskKind
    case_reference: CaseReference
    notification_id: NotificationId | None
    owner: str
    state: StateCode | None  # the State it is about
    text: Sentence
    created_at: datetime
    due_at: datetime
    done_at: datetime | None = None
    done_by: str | None = None
    result: str | None = None


def task_due_at(kind: TaskKind, now: datetime) -> datetime:
    """Say by when a task of this kind wants a result."""
    return now + _TIME_TO_DO.get(kind, _OTHERWISE)
