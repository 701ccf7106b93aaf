"""Rules of the close and the reopening of a case: silence is not consent (Articles 9(4) and 10(5))."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from contacts.model import StateCode
from notify.case import CaseStatus
from notify.sentence import N_, Sentence
from notify.words import AccountId, Assessment, CaseReference

ASKED_AGAIN_AT = 0.5
"""At this share of the objection window a State that called itself affected is asked the second time (policy)."""

TIMES_ASKED = 2


class ClosingAnswer(StrEnum):
    """What a State says of the close."""

    OBJECTS = "objects"
    DOES_NOT_OBJECT = "does_not_object"


class CloseResult(StrEnum):
    """What came of a close that was announced."""

    CLOSED = "closed"
    KEPT_OPEN = "kept_open"


@dataclass(slots=True)
class StateAsked:
    """One State while a close is announced: when it was asked, until when it may object, and what it said."""

    state: StateCode
    asked_at: list[datetime]
    window_ends_at: datetime
    answer: ClosingAnswer | None = None
    answered_at: datetime | None = None
    by: str | None = None
    office: str | None = None
    means: str | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Write it as it is stored."""
        return {
            **dataclasses.asdict(self),
            "asked_at": [at.isoformat() for at in self.asked_at],
            "window_ends_at": self.window_ends_at.isoformat(),
            "answered_at": None if self.answered_at is None else self.answered_at.isoformat(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> StateAsked:
        """Read what `to_json` wrote."""
        answered_at, answer = document["answered_at"], document["answer"]
        read = {
            "asked_at": [datetime.fromisoformat(at) for at in document["asked_at"]],
            "window_ends_at": datetime.fromisoformat(document["window_ends_at"]),
            "answered_at": None if answered_at is None else datetime.fromisoformat(answered_at),
            "answer": None if answer is None else ClosingAnswer(answer),
        }
        return cls(**{**document, **read})


@dataclass(slots=True)
class Closing:
    """One announced close of a case, from its announcement to its end, and to the reopening if there is one."""

    id: str
    case_reference: CaseReference
    account: AccountId
    announced_at: datetime
    states: list[StateAsked]
    ended_at: datetime | None = None
    result: CloseResult | None = None
    reasons: tuple[Sentence, ...] = ()
    instruction: Mapping[str, Any] | None = None  # on which the secretariat acted for the reporting State
    reopened_at: datetime | None = None
    evidence: str | None = None  # why it was reopened
    version: int = 1

    @property
    def running(self) -> bool:
        """Tell whether it is still open what comes of it."""
        return self.ended_at is None

    def asked(self, state: str | None) -> StateAsked | None:
        """Find a State that was asked."""
        return next((one for one in self.states if one.state == state), None)


class StateOutcome(StrEnum):
    """How a State stood when the case closed."""

    DID_NOT_OBJECT = "did_not_object"  # it said so
    NO_OBJECTION_RECEIVED = "no_objection_received"  # it was told, proven, and said nothing


@dataclass(frozen=True, slots=True)
class StateAtClose:
    """One State that was told of the case.

    `receipt_proven_at`: its acknowledgement, or the proof of a delivery to it, whichever came first. `asked_at`:
    the times it was asked about this close (the first is when it was told of it); `window_ends_at`: its objection
    window; `told_proven_at`: the proof that it was told of the close.
    """

    state: StateCode
    receipt_proven_at: datetime | None = None
    assessment: Assessment | None = None
    asked_at: tuple[datetime, ...] = ()
    told_proven_at: datetime | None = None
    window_ends_at: datetime | None = None
    answer: ClosingAnswer | None = None

    @property
    def affected(self) -> bool:
        """It called itself affected, also if that is preliminary."""
        return self.assessment is Assessment.AFFECTED


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """What the guard of the close looks at.

    `final_stands`: a final report, with nothing of substance after it. `states_lessons`: it says what was learnt.
    `open_requests`: ids of requests that wait for an answer. `undetermined`: the list of affected States is said
    to be incomplete.
    """

    status: CaseStatus
    final_stands: bool
    states_lessons: bool
    open_requests: tuple[str, ...] = ()
    states: tuple[StateAtClose, ...] = ()
    undetermined: bool = False


def why_not_announce(facts: ClosingFacts) -> tuple[Sentence, ...]:
    """Say all that keeps the reporting State from announcing the close; nothing: the windows may begin."""
    reasons = []
    if facts.status not in (CaseStatus.OPEN, CaseStatus.REOPENED):
        reasons.append(Sentence("The case is not open."))
    if not facts.final_stands:
        reasons.append(Sentence("A final report is needed, and nothing of substance may have followed it."))
    elif not facts.states_lessons:
        reasons.append(Sentence("The final report must state lessons."))
    if facts.open_requests:
        text = N_("These requests wait for an answer: {requests}.")
        reasons.append(Sentence(text, {"requests": ", ".join(facts.open_requests)}))
    if facts.undetermined:
        reasons.append(Sentence("The affected States are not determined yet; please correct the report."))
    if silent := [one.state for one in facts.states if one.receipt_proven_at is None]:
        text = N_("There is no proven receipt of {states}; a case stays open until each State told has received it.")
        reasons.append(Sentence(text, {"states": ", ".join(silent)}))
    return tuple(reasons)


class NextKind(StrEnum):
    """What the closing of a case comes to next."""

    WAIT = "wait"
    ASK_AGAIN = "ask_again"
    CLOSE = "close"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Next:
    """One decision on a closing: what, for which States, why, and when to look again (None: a fact will tell)."""

    kind: NextKind
    states: tuple[StateCode, ...] = ()
    reasons: tuple[Sentence, ...] = ()
    look_again_at: datetime | None = None


def second_ask_at(one: StateAtClose) -> datetime | None:
    """Say when a State that called itself affected is asked again; None: it is not, or no window has begun."""
    if not one.affected or not one.asked_at or one.window_ends_at is None:
        return None
    return one.asked_at[0] + (one.window_ends_at - one.asked_at[0]) * ASKED_AGAIN_AT


def closes_at(one: StateAtClose) -> datetime | None:
    """Say when silence of this State has lasted long enough; None: something is still to be done or proven.

    After the second time it was asked it has what was left of the window then, however late it was asked.
    """
    if one.window_ends_at is None or not one.asked_at:
        return None
    if one.answer is ClosingAnswer.DOES_NOT_OBJECT:
        return one.asked_at[0]
    if one.told_proven_at is None:
        return None
    end = max(one.window_ends_at, one.told_proven_at)
    again = second_ask_at(one)
    if again is None:
        return end
    if len(one.asked_at) < TIMES_ASKED:
        return None
    return max(end, one.asked_at[TIMES_ASKED - 1] + (one.window_ends_at - again))


def next_step(facts: ClosingFacts, now: datetime) -> Next:
    """Decide what the closing of a case that was announced comes to now.

    An objection, and whatever would keep it from being announced, gives the close up; the case stays open.
    """
    if objecting := tuple(one.state for one in facts.states if one.answer is ClosingAnswer.OBJECTS):
        text = N_("{states} objected to the close; the case stays open for consultation.")
        return Next(NextKind.GIVE_UP, objecting, (Sentence(text, {"states": ", ".join(objecting)}),))
    if reasons := why_not_announce(facts):
        return Next(NextKind.GIVE_UP, (), reasons)
    waiting = [one for one in facts.states if one.answer is None]
    times = [at for one in waiting if len(one.asked_at) < TIMES_ASKED and (at := second_ask_at(one)) is not None]
    due = tuple(
        one.state
        for one in waiting
        if len(one.asked_at) < TIMES_ASKED and (at := second_ask_at(one)) is not None and at <= now
    )
    if due:
        return Next(NextKind.ASK_AGAIN, due)
    ends = [closes_at(one) for one in facts.states]
    unproven = tuple(one.state for one in waiting if one.told_proven_at is None)
    if all(end is not None and end <= now for end in ends):
        return Next(NextKind.CLOSE, reasons=closing_words(facts.states))
    later = [at for at in (*times, *ends) if at is not None and at > now]
    return Next(NextKind.WAIT, unproven, look_again_at=min(later, default=None))


def outcomes(states: Iterable[StateAtClose]) -> dict[StateCode, StateOutcome]:
    """Say how each State stood when the case closed; silence is only ever "no objection received"."""
    return {
        one.state: StateOutcome.DID_NOT_OBJECT
        if one.answer is ClosingAnswer.DOES_NOT_OBJECT
        else StateOutcome.NO_OBJECTION_RECEIVED
        for one in states
    }


def closing_words(states: Iterable[StateAtClose]) -> tuple[Sentence, ...]:
    """Say on what a case closed, in words that take no State's silence for its agreement."""
    found = outcomes(states)
    silent = [state for state, outcome in found.items() if outcome is StateOutcome.NO_OBJECTION_RECEIVED]
    spoke = [state for state, outcome in found.items() if outcome is StateOutcome.DID_NOT_OBJECT]
    words = []
    if spoke:
        words.append(Sentence("Said that they do not object: {states}.", {"states": ", ".join(spoke)}))
    if silent:
        words.append(Sentence("No objection received from {states}.", {"states": ", ".join(silent)}))
    words.append(
        Sentence(
            "The close is without prejudice to any State's position, to Article 25 or to liability;"
            " new evidence reopens the case."
        )
    )
    return tuple(words)


def why_not_reopen(status: CaseStatus, evidence: str) -> tuple[Sentence, ...]:
    """Say what keeps a case from being reopened; new evidence does it, at any time after the close."""
    reasons = []
    if status is CaseStatus.WITHDRAWN:
        reasons.append(Sentence("A withdrawn case is not reopened; please file a new report."))
    elif status is not CaseStatus.CLOSED:
        reasons.append(Sentence("The case is not closed."))
    if not evidence.strip():
        reasons.append(Sentence("Please say what the new evidence is."))
    return tuple(reasons)
