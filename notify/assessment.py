"""Rules of what a State says of itself (affected or not): preliminary until confirmed, changed by that State alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from contacts.model import ContactId, StateCode
from notify.document import Name, VisibleTo, read_document
from notify.errors import NotAllowed
from notify.reader import ALL_STATES, CaseStates, Reader, Sight, Standing, Visibility, acts_for, sight_of, standing
from notify.report_types import Part
from notify.words import AccountId, Assessment, Means

BY_MAIL = frozenset({Means.LINK, Means.REPLY})
"""An assessment given so is preliminary: whoever holds the mail could have given it."""


class AssessmentDocument(Part):
    """What a State says of itself, as it is handed in."""

    assessment: Assessment = Field(description="affected, potentially_affected, not_affected or cannot_say")
    visible_to: VisibleTo = Field(
        "all", description="all States of the case, or those named; the reporting State always"
    )
    by: Name = Field(description="Who says so")
    office: Name = Field(description="For which office")


@dataclass(frozen=True, slots=True)
class Statement:
    """One assessment that was given in the name of a State, kept as it was given."""

    id: str
    state: StateCode
    assessment: Assessment
    at: datetime
    means: Means
    contact: ContactId | None = None
    account: AccountId | None = None
    visible_to: Visibility = ALL_STATES
    disputed_at: datetime | None = None  # "this was not us": shown beside it, and no end of it


@dataclass(frozen=True, slots=True)
class Stated:
    """One step of the history: what was said, whether it was preliminary, and whether it took the place of the last."""

    statement: Statement
    preliminary: bool
    took_effect: bool  # not, where it came by mail and something confirmed stood already


@dataclass(frozen=True, slots=True)
class SeenAssessment:
    """What a reader is shown of one step: all of it, or only that a State assessed, and when."""

    state: StateCode
    at: datetime
    stated: Stated | None


_NEEDED = {
    "/assessment": f"is needed: one of {', '.join(Assessment)}",
    "/by": "is needed: your name",
    "/office": "is needed: your office",
}


def check_assessment(document: object) -> AssessmentDocument:
    """Read what a State says of itself; raise InvalidDocument with every fault."""
    return read_document(document, AssessmentDocument, needed=_NEEDED, rules=lambda _: ())


def require_own(writer: Reader, state: StateCode, case: CaseStates) -> None:
    """Raise NotAllowed unless the writer acts for this State: nobody else says whether it is affected.

    The reporting State keeps its own affected status in the same way.
    """
    if acts_for(writer, case) != state:
        raise NotAllowed("a State alone says whether it is affected, through those who act for it")


def history(statements: Iterable[Statement]) -> tuple[Stated, ...]:
    """Give the history of one State's assessments, oldest first, without what says nothing new.

    By link or reply it is preliminary until an account or a second contact says the same; what is confirmed stands
    until an account, or a preliminary change that is confirmed in its turn, changes it.
    """
    steps: list[Stated] = []
    for statement in sorted(statements, key=lambda one: one.at):
        stands = _in_effect(steps)
        by_mail = statement.means in BY_MAIL
        confirms = stands is not None and _confirms(stands, statement)
        if stands is not None and not confirms and _says_the_same(stands.statement, statement, by_mail=by_mail):
            continue
        took_effect = not (by_mail and stands is not None and not stands.preliminary)
        steps.append(Stated(statement, preliminary=by_mail and not confirms, took_effect=took_effect))
    return tuple(steps)


def assessment_of(statements: Iterable[Statement]) -> Stated | None:
    """Give what stands of one State, or None when it has said nothing of itself."""
    return _in_effect(history(statements))


def _in_effect(steps: Sequence[Stated]) -> Stated | None:
    return next((step for step in reversed(steps) if step.took_effect), None)


def _confirms(stands: Stated, statement: Statement) -> bool:
    if not stands.preliminary or statement.assessment != stands.statement.assessment:
        return False
    second_contact = statement.contact is not None and statement.contact != stands.statement.contact
    return statement.means in (Means.API, Means.PORTAL) or second_contact


def _says_the_same(stands: Statement, statement: Statement, *, by_mail: bool) -> bool:
    if statement.assessment != stands.assessment:
        return False
    # An account may also change who reads it; a mail has no place to say so.
    return by_mail or statement.visible_to == stands.visible_to


def may_read(reader: Reader, stated: Stated, visible_to: Visibility, case: CaseStates) -> Sight:
    """Say how much a reader sees of one step; `visible_to`: whom the State lets read it now.

    A preliminary one is for the reporting State only (and the State itself). A confirmed one is an answer to the
    reporting State, which always reads it, and is seen by whom the State chooses: all States of the case by default.
    """
    owner = stated.statement.state
    if standing(reader, case) is Standing.REPORTING:
        return Sight.CONTENT
    return sight_of(reader, owner, Visibility(False) if stated.preliminary else visible_to, case)


def seen(reader: Reader, statements: Iterable[Statement], case: CaseStates) -> list[SeenAssessment]:
    """List what a reader is shown of one State's history; the State's latest choice of readers holds for all of it."""
    steps = history(statements)
    confirmed = [step.statement.visible_to for step in steps if not step.preliminary]
    visible_to = confirmed[-1] if confirmed else ALL_STATES
    shown = []
    for step in steps:
        sight = may_read(reader, step, visible_to, case)
        if sight is not Sight.NOTHING:
            content = step if sight is Sight.CONTENT else None
            shown.append(SeenAssessment(step.statement.state, step.statement.at, content))
    return shown
