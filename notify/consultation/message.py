"""Rules of a message: what it holds, when a consultation opens, and which one answers for the reporting State."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field

from contacts.model import StateCode
from notify.consultation.lane import ConsultationLane, Entry, LaneKind
from notify.document import is_said, read_document
from notify.errors import Fault
from notify.reader import CaseStates
from notify.report_parts import Attachment, NamedState, several
from notify.report_types import Line, Part, Told, unsaid
from notify.words import AccountId, CaseReference, NotificationClass


class MessageDocument(Part):
    """One message as it is handed in."""

    lane: LaneKind = Field(
        description="joint: all States of the case read it; private: one State and the reporting State"
    )
    state: NamedState | None = Field(
        None, description="With which State the private lane runs; its own may be left out"
    )
    text: Told = unsaid("What is said, as text or language map")
    attachments: tuple[Attachment, ...] = several("Files uploaded before, named by their digest")
    in_reply_to: Line | None = Field(None, description="The id of the message that it answers")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a State in a lane, kept as it was sent."""

    id: str
    case_reference: CaseReference
    lane: ConsultationLane
    by_state: StateCode
    account: AccountId
    at: datetime
    text: str | Mapping[str, str]
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: str | None = None


_NEEDED = {"/lane": "is needed: joint or private"}


def check_message(document: object) -> MessageDocument:
    """Read a message; raise InvalidDocument with every fault."""
    return read_document(document, MessageDocument, needed=_NEEDED, rules=_faults)


def _faults(given: Mapping[str, Any]) -> Iterator[Fault]:
    if not is_said(given.get("text")) and not is_said(given.get("attachments")):
        yield Fault("/text", "is needed, unless there is an attachment")


def opens_by_itself(notification_class: NotificationClass) -> bool:
    """Tell whether dispatch opens the consultation (Article 17(4)); else it opens when a State of the case asks."""
    return notification_class is NotificationClass.ARTICLE_17


def first_answer_starts_at(
    state: StateCode, opened_at: datetime, entries: Iterable[Entry], *, on_request: bool
) -> datetime | None:
    """Say when the clock of the reporting State's first answer to this State begins, or None: not yet.

    It begins as the consultation opens; where the policy says "on request", with the first thing the State says.
    """
    if not on_request:
        return opened_at
    return min((entry.at for entry in entries if entry.by_state == state), default=None)


def first_answer_at(
    state: StateCode, case: CaseStates, entries: Sequence[Entry], started_at: datetime
) -> datetime | None:
    """Say when the reporting State first said something that this State reads, or None: it has not."""
    said = (
        entry.at
        for entry in entries
        if entry.by_state == case.reporting and entry.at >= started_at and state in entry.lane.states(case)
    )
    return min(said, default=None)
