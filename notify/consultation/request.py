"""Rules of a request between two States: what was asked, who may answer what, and what stands now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from contacts.model import StateCode
from notify.consultation.lane import ConsultationLane, Entry
from notify.errors import Conflict, NotAllowed
from notify.reader import CaseStates, Reader, acts_for
from notify.report_parts import Attachment
from notify.words import AccountId, CaseReference


class RequestKind(StrEnum):
    """What a request asks for."""

    INFORMATION = "information"
    ASSISTANCE = "assistance"  # asks for help
    OFFER_OF_ASSISTANCE = "offer_of_assistance"  # offers help; agreeing takes it up
    DISPOSAL = "disposal"  # Article 25(2): dispose of the LMO at own expense, by repatriation or destruction


class Answer(StrEnum):
    """What the asked State answers, or the asking State says to an answer."""

    ANSWERED = "answered"
    AGREED = "agreed"
    PARTLY_AGREED = "partly_agreed"
    DECLINED = "declined"
    MORE_NEEDED = "more_needed"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


class RequestState(StrEnum):
    """What stands, derived from what was said."""

    OPEN = "open"
    ANSWERED = "answered"
    DECLINED = "declined"
    MORE_NEEDED = "more_needed"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Tell whether an answer is owed: its clock runs, and the case does not close."""
        return self in (RequestState.OPEN, RequestState.MORE_NEEDED)


@dataclass(frozen=True, slots=True)
class Act:
    """One answer, or one word of the asking State to it, kept as it was given."""

    answer: Answer
    by_state: StateCode
    account: AccountId
    at: datetime
    text: str | Mapping[str, str] = ""
    reason: str | Mapping[str, str] = ""
    attachments: tuple[Attachment, ...] = ()

    def says_the_same(self, other: Act) -> bool:
        """Tell whether the same State says the same once more."""
        return replace(self, account=other.account, at=other.at) == other


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a State to another in a lane, with all that was said to it, in order."""

    id: str
    case_reference: CaseReference
    lane: ConsultationLane
    kind: RequestKind
    by_state: StateCode
    to_state: StateCode
    account: AccountId
    at: datetime
    text: str | Mapping[str, str]
    attachments: tuple[Attachment, ...] = ()
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class LaneAct:
    """One answer as an entry of the lane in which it was given."""

    request_id: str
    lane: ConsultationLane
    act: Act

    @property
    def by_state(self) -> StateCode:
        """Which State said it."""
        return self.act.by_state

    @property
    def at(self) -> datetime:
        """When."""
        return self.act.at


@dataclass(frozen=True, slots=True)
class Round:
    """One time that an answer was owed: asked, and met by the first answer, or ended by the asking State, or open."""

    started_at: datetime
    met_at: datetime | None = None
    ended_at: datetime | None = None  # withdrawn or settled without an answer: no clock runs and none was missed


_ANSWERS = {
    RequestKind.INFORMATION: frozenset({Answer.ANSWERED, Answer.DECLINED}),
    RequestKind.ASSISTANCE: frozenset({Answer.AGREED, Answer.PARTLY_AGREED, Answer.DECLINED}),
    RequestKind.OFFER_OF_ASSISTANCE: frozenset({Answer.AGREED, Answer.PARTLY_AGREED, Answer.DECLINED}),
    RequestKind.DISPOSAL: frozenset({Answer.AGREED, Answer.PARTLY_AGREED, Answer.DECLINED}),
}
_BY_THE_ASKED = frozenset({Answer.ANSWERED, Answer.AGREED, Answer.PARTLY_AGREED, Answer.DECLINED})
_S = RequestState
_OPEN, _ANSWERED = frozenset({_S.OPEN, _S.MORE_NEEDED}), frozenset({_S.ANSWERED, _S.DECLINED})
# From which states each may be said, and what stands then. The asked State may add to its answer, or think again.
_STEPS: Mapping[Answer, tuple[frozenset[RequestState], RequestState]] = {
    Answer.ANSWERED: (_OPEN | _ANSWERED, _S.ANSWERED),
    Answer.AGREED: (_OPEN | _ANSWERED, _S.ANSWERED),
    Answer.PARTLY_AGREED: (_OPEN | _ANSWERED, _S.ANSWERED),
    Answer.DECLINED: (_OPEN | _ANSWERED, _S.DECLINED),
    Answer.MORE_NEEDED: (_ANSWERED, _S.MORE_NEEDED),
    Answer.SETTLED: (_OPEN | _ANSWERED, _S.SETTLED),
    Answer.WITHDRAWN: (_OPEN, _S.WITHDRAWN),
}


def state_of(request: Request) -> RequestState:
    """Say what stands of a request, from what was said to it alone."""
    return _STEPS[request.acts[-1].answer][1] if request.acts else RequestState.OPEN


def may_answer(request: Request, writer: Reader, case: CaseStates) -> frozenset[Answer]:
    """List what a writer may say to a request now; nothing when it is none of the two States."""
    state = acts_for(writer, case)
    stands = state_of(request)
    possible = {answer for answer, (before, _) in _STEPS.items() if stands in before}
    if state == request.to_state:
        return frozenset(possible & _ANSWERS[request.kind])
    if state == request.by_state:
        return frozenset(possible - _BY_THE_ASKED)
    return frozenset()


def answer_request(request: Request, act: Act, writer: Reader, case: CaseStates) -> Request:
    """Enter what a State says to a request; said twice it is harmless.

    Raises NotAllowed when the writer is not the State that may say this, Conflict when it may not be said now.
    """
    state = acts_for(writer, case)
    if state is None or state != act.by_state or state not in (request.by_state, request.to_state):
        raise NotAllowed("only the two States of a request answer it")
    asked = act.answer in _BY_THE_ASKED
    if state != (request.to_state if asked else request.by_state):
        raise NotAllowed(f"“{act.answer}” is for the State that {'was asked' if asked else 'asks'} to say")
    if request.acts and act.says_the_same(request.acts[-1]):
        return request
    if asked and act.answer not in _ANSWERS[request.kind]:
        raise Conflict(
            f"a request for {request.kind} is answered by one of: {', '.join(sorted(_ANSWERS[request.kind]))}"
        )
    if act.answer not in may_answer(request, writer, case):
        raise Conflict(f"the request is {state_of(request)}; “{act.answer}” cannot be said to it now")
    return replace(request, acts=(*request.acts, act))


def rounds_of(request: Request) -> tuple[Round, ...]:
    """List each time an answer was owed, from what was said alone; each has a clock of its own (policy: answer)."""
    rounds = [Round(request.at)]
    for act in request.acts:
        last = rounds[-1]
        is_running = last.met_at is None and last.ended_at is None
        if act.answer is Answer.MORE_NEEDED:
            rounds.append(Round(act.at))
        elif is_running and act.answer in _BY_THE_ASKED:
            rounds[-1] = replace(last, met_at=act.at)
        elif is_running:
            rounds[-1] = replace(last, ended_at=act.at)
    return tuple(rounds)


def entries_of(request: Request) -> tuple[Entry, ...]:
    """List a request and each word said to it as entries of its lane, each to be read by itself."""
    return (replace(request, acts=()), *(LaneAct(request.id, request.lane, act) for act in request.acts))
