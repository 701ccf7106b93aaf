"""Rules of an inquiry: whoever sees signs asks the presumed State of origin whether the LMO is its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from contacts.model import StateCode
from notify import case as cases
from notify.account import Role
from notify.document import IsCode, Name, is_said, no_state_faults, read_document
from notify.errors import Conflict, Fault, NotAllowed
from notify.escalation import EscalationStep, StepTime, due_step, step_times
from notify.policy import ClockKind, Policy
from notify.reader import Reader, Sight
from notify.report_parts import (
    Attachment,
    Detection,
    Finding,
    InformationContact,
    LivingModifiedOrganism,
    NamedState,
    several,
)
from notify.report_types import Line, Part, Title, Told, unsaid
from notify.words import AccountId, CaseReference, Severity
from notify.working_time import Calendar

PREFIX, EXERCISE_PREFIX = "INQ17", "EXINQ17"


class AskerKind(StrEnum):
    """Who may ask."""

    STATE = "state"
    LABORATORY_NETWORK = "laboratory_network"  # through the secretariat, in its own name
    SECRETARIAT = "secretariat"


class InquiryAnswer(StrEnum):
    """What the asked State answers."""

    NO_EVENT = "no_event"  # it looked, and knows of no occurrence
    KNOWN = "known"  # it is the occurrence of a case that is here already
    BECOMES_CASE = "becomes_case"  # it files a report; the case is named once it is open


class InquiryState(StrEnum):
    """What stands, derived from what was said."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


def _case_reference(text: str) -> str:
    if re.fullmatch(r"(A17|EX17)-[0-9]{4}-[0-9]{4,12}", text):
        return text
    raise ValueError("must be the reference of a case, such as A17-2026-0001")


CaseNamed = Annotated[Line, AfterValidator(_case_reference)]


class InquiryDocument(Part):
    """One inquiry as it is handed in."""

    title: Title = Field(description="What it is about, as a language map")
    asked: NamedState = Field(description="The presumed State of origin, which is asked; never called responsible")
    signs: Told = Field(description="What was seen, and why it points there")
    laboratory_network: Name | None = Field(None, description="The network that asks through the secretariat")
    severity: Severity = Field(Severity.HIGH, description="Handling priority; high where nothing is known")
    lmos: tuple[LivingModifiedOrganism, ...] = several("What is known of the LMO")
    findings: tuple[Finding, ...] = several("Where it was found")
    detection: Detection | None = Field(None, description="How it was detected")
    attachments: tuple[Attachment, ...] = several("Files uploaded before, named by their digest")
    contact_for_information: InformationContact = Field(description="Whom to ask for more")


class InquiryAnswerDocument(Part):
    """One answer of the asked State as it is handed in."""

    answer: InquiryAnswer = Field(description="no_event, known or becomes_case")
    text: Told = unsaid("What was looked at, or what is known")
    case_reference: CaseNamed | None = Field(None, description="The case that it is, or becomes")
    by: Name = Field(description="Who answers")
    office: Name = Field(description="For which office")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a State, a laboratory network by its name, or the secretariat for itself."""

    kind: AskerKind
    name: str = ""  # the code of the State, the name of the network

    def __str__(self) -> str:
        return self.name or self.kind


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of the asked State, kept as it was given."""

    answer: InquiryAnswer
    at: datetime
    account: AccountId
    by: str
    office: str
    text: str | Mapping[str, str] = ""
    case_reference: CaseReference | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question to a presumed State of origin, with every answer to it, in order."""

    reference: str
    asker: Asker
    asked: StateCode
    severity: Severity
    asked_at: datetime
    exercise: bool = False
    answers: tuple[Answered, ...] = ()
    withdrawn_at: datetime | None = None

    @property
    def urgent(self) -> bool:
        """Tell whether its messages are claimed first: never those of an exercise."""
        return self.severity.urgent and not self.exercise


_NEEDED = {
    "/title": 'is needed: the title as a language map, such as {"en": "…"}',
    "/asked": "is needed: the presumed State of origin",
    "/signs": "is needed: what was seen, and why it points there",
    "/contact_for_information": "is needed: office and e-mail of whom to ask for more",
}
_ANSWER_NEEDED = {
    "/answer": f"is needed: one of {', '.join(InquiryAnswer)}",
    "/by": "is needed: your name",
    "/office": "is needed: your office",
}


def inquiry_reference(year: int, number: int, *, exercise: bool = False) -> str:
    """Write the reference of an inquiry: `INQ17-2026-0001`."""
    return cases.reference(EXERCISE_PREFIX if exercise else PREFIX, year, number)


def is_inquiry(reference: str) -> bool:
    """Tell the reference of an inquiry from that of a case."""
    return reference.startswith((f"{PREFIX}-", f"{EXERCISE_PREFIX}-"))


def check_inquiry(document: object, *, is_state: IsCode) -> InquiryDocument:
    """Read an inquiry; raise InvalidDocument with every fault."""
    return read_document(
        document,
        InquiryDocument,
        needed=_NEEDED,
        rules=lambda given: no_state_faults(given.get("asked"), "/asked", is_state),
    )


def check_inquiry_answer(document: object) -> InquiryAnswerDocument:
    """Read an answer; raise InvalidDocument with every fault."""
    return read_document(document, InquiryAnswerDocument, needed=_ANSWER_NEEDED, rules=_answer_faults)


def _answer_faults(given: Mapping[str, Any]) -> Iterator[Fault]:
    answer, reference = given.get("answer"), given.get("case_reference")
    if answer == InquiryAnswer.NO_EVENT:
        if not is_said(given.get("text")):
            yield Fault("/text", "is needed: what was looked at")
        if reference is not None:
            yield Fault("/case_reference", "names no case when there is no occurrence; please leave it out")
    if answer == InquiryAnswer.KNOWN and reference is None:
        yield Fault("/case_reference", "is needed: the case that it is")


def asker_of(writer: Reader, laboratory_network: str | None, asked: str) -> Asker:
    """Say in whose name a writer asks; raise NotAllowed when it may not.

    An authority or a contact asks for its own State, the secretariat for itself or for a laboratory network.
    """
    if writer.role is Role.SECRETARIAT:
        if laboratory_network is not None:
            return Asker(AskerKind.LABORATORY_NETWORK, laboratory_network)
        return Asker(AskerKind.SECRETARIAT)
    if writer.role not in (Role.AUTHORITY, Role.CONTACT) or writer.state is None:
        raise NotAllowed("a State, a laboratory network through the secretariat, or the secretariat asks")
    if laboratory_network is not None:
        raise NotAllowed("a laboratory network asks through the secretariat")
    if writer.state == asked:
        raise NotAllowed("a State that sees signs at home files a report; it does not ask itself")
    return Asker(AskerKind.STATE, writer.state)


def may_read(reader: Reader, inquiry: Inquiry) -> Sight:
    """Say how much a reader sees of an inquiry: who asks, who is asked, and the secretariat; others know nothing."""
    if reader.role in (Role.SECRETARIAT, Role.OPERATOR):
        return Sight.CONTENT
    own = {inquiry.asked} | ({inquiry.asker.name} if inquiry.asker.kind is AskerKind.STATE else set())
    speaks = reader.role in (Role.AUTHORITY, Role.CONTACT) and reader.state in own
    return Sight.CONTENT if speaks else Sight.NOTHING


def state_of(inquiry: Inquiry) -> InquiryState:
    """Say what stands of an inquiry."""
    if inquiry.answers:
        return InquiryState.ANSWERED
    return InquiryState.OPEN if inquiry.withdrawn_at is None else InquiryState.WITHDRAWN


def answer_inquiry(inquiry: Inquiry, answered: Answered, writer: Reader) -> Inquiry:
    """Enter an answer; the asked State may change it later, and said twice it is harmless.

    Raises NotAllowed for any writer but the asked State's, Conflict when the inquiry was withdrawn before.
    """
    if writer.role not in (Role.AUTHORITY, Role.CONTACT) or writer.state != inquiry.asked:
        raise NotAllowed("only the State that is asked answers")
    if state_of(inquiry) is InquiryState.WITHDRAWN:
        raise Conflict("this inquiry was withdrawn; there is nothing to answer")
    if answered.case_reference is not None and answered.case_reference.startswith("EX") is not inquiry.exercise:
        raise Conflict("an exercise and a real occurrence are never the same; please name another case")
    if (
        inquiry.answers
        and replace(answered, at=inquiry.answers[-1].at, account=inquiry.answers[-1].account) == (inquiry.answers[-1])
    ):
        return inquiry
    return replace(inquiry, answers=(*inquiry.answers, answered))


def withdraw_inquiry(inquiry: Inquiry, writer: Reader, now: datetime) -> Inquiry:
    """Take an inquiry back; twice is harmless. Raises NotAllowed for anybody but the asker, Conflict when answered."""
    own = inquiry.asker.kind is AskerKind.STATE
    asks_for_state = writer.role in (Role.AUTHORITY, Role.CONTACT) and writer.state == inquiry.asker.name
    if not (asks_for_state if own else writer.role is Role.SECRETARIAT):
        raise NotAllowed("only who asked takes an inquiry back")
    if inquiry.answers:
        raise Conflict("this inquiry is answered already")
    return inquiry if inquiry.withdrawn_at is not None else replace(inquiry, withdrawn_at=now)


def answer_due_at(inquiry: Inquiry, policy: Policy, calendar: Calendar) -> datetime | None:
    """Say by when an answer is due (the clock of a request), or None when the policy sets none."""
    return policy.due_at(ClockKind.ANSWER, inquiry.severity, inquiry.asked_at, calendar)


def answered_at(inquiry: Inquiry) -> datetime | None:
    """Say when the clock was met: at the first answer; later ones change nothing about that."""
    return inquiry.answers[0].at if inquiry.answers else None


def ladder(inquiry: Inquiry, policy: Policy, calendar: Calendar) -> list[StepTime]:
    """Lay out the steps of an unanswered inquiry: the ladder of a receipt, in shares of the answer's time."""
    if policy.target(ClockKind.ANSWER, inquiry.severity) is None:
        return []
    # An answer takes the place of the receipt: the ladder is one and the same.
    clocks = {**policy.clocks, ClockKind.ACKNOWLEDGEMENT: policy.clocks[ClockKind.ANSWER]}
    return step_times(replace(policy, clocks=clocks), inquiry.severity, inquiry.asked_at, calendar)


def step_due(
    inquiry: Inquiry, times: Sequence[StepTime], now: datetime, last_fired: EscalationStep | None
) -> EscalationStep | None:
    """Find the step to fire now; none once it is answered or withdrawn."""
    return due_step(times, now, last_fired) if state_of(inquiry) is InquiryState.OPEN else None
