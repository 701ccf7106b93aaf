"""Checks a request and an answer as they are handed in, with every fault by its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from contacts.model import StateCode
from notify.consultation.lane import ConsultationLane, LaneKind
from notify.consultation.request import Answer, RequestKind
from notify.document import is_said, read_document
from notify.errors import Fault, InvalidDocument
from notify.reader import CaseStates
from notify.report_parts import Attachment, NamedState, several
from notify.report_types import Part, Told, unsaid


class RequestDocument(Part):
    """One request as it is handed in."""

    lane: LaneKind = Field(
        description="joint: all States of the case read it; private: one State and the reporting State"
    )
    state: NamedState | None = Field(
        None, description="With which State the private lane runs; its own may be left out"
    )
    to: NamedState | None = Field(
        None, description="The State that is asked; needed by the reporting State in the joint lane"
    )
    kind: RequestKind = Field(
        RequestKind.INFORMATION, description="What is asked for; disposal is that of Article 25(2)"
    )
    text: Told = Field(description="What is asked, as text or language map")
    attachments: tuple[Attachment, ...] = several("Files uploaded before, named by their digest")


class AnswerDocument(Part):
    """One answer to a request, or one word of the asking State to an answer, as it is handed in."""

    answer: Answer = Field(
        description="Of the asked State: answered, agreed, partly_agreed, declined; of the asking State: more_needed, "
        "settled, withdrawn"
    )
    text: Told = unsaid("What is answered, or what is needed still")
    reason: Told = unsaid("Why it is declined, or agreed to in part only")
    attachments: tuple[Attachment, ...] = several("Files uploaded before, named by their digest")


_REQUEST_NEEDED = {"/lane": "is needed: joint or private", "/text": "is needed: what is asked"}
_ANSWER_NEEDED = {"/answer": f"is needed: one of {', '.join(Answer)}"}


def check_request(document: object) -> RequestDocument:
    """Read a request; raise InvalidDocument with every fault."""
    return read_document(document, RequestDocument, needed=_REQUEST_NEEDED, rules=lambda _: ())


def check_answer(document: object) -> AnswerDocument:
    """Read an answer; raise InvalidDocument with every fault."""
    return read_document(document, AnswerDocument, needed=_ANSWER_NEEDED, rules=_answer_faults)


def _answer_faults(given: Mapping[str, Any]) -> Iterator[Fault]:
    answer = given.get("answer")
    if answer == Answer.ANSWERED and not is_said(given.get("text")) and not is_said(given.get("attachments")):
        yield Fault("/text", "is needed, unless there is an attachment: the answer")
    if answer == Answer.MORE_NEEDED and not is_said(given.get("text")):
        yield Fault("/text", "is needed: what is needed still")
    if answer in (Answer.DECLINED, Answer.PARTLY_AGREED) and not is_said(given.get("reason")):
        yield Fault("/reason", "is needed: why it is declined, or agreed to in part only")


def asked_state(document: RequestDocument, lane: ConsultationLane, by_state: StateCode, case: CaseStates) -> StateCode:
    """Find the State that a request asks; raise InvalidDocument when it names none, itself, or one outside the lane.

    In a private lane it is the other State; an addressed State that names nobody asks the reporting State.
    """
    others = lane.states(case) - {by_state}
    if document.to is not None:
        if document.to not in others:
            text = "this State is not in the lane; please ask another State of it"
            raise InvalidDocument([Fault("/to", text)])
        return StateCode(document.to)
    if len(others) == 1:
        return next(iter(others))
    if by_state != case.reporting:
        return case.reporting
    raise InvalidDocument([Fault("/to", "is needed: the State that is asked")])
