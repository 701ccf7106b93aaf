"""Keeps what States say of themselves, whatever the means, as one history for each State."""

from __future__ import annotations

from contacts.model import StateCode
from notify.acknowledgement import Acknowledgement
from notify.assessment import Statement, history
from notify.case import Case
from notify.consultation_events import AssessmentGiven
from notify.ports import Ports, UnitOfWork
from notify.reader import ALL_STATES, Visibility


async def keep_answer(
    answer: Acknowledgement,
    state: StateCode,
    case: Case,
    work: UnitOfWork,
    ports: Ports,
    visible_to: Visibility | None = None,
) -> None:
    """Keep what an acknowledgement says of its State, if anything; `visible_to`: whom the State now lets read it."""
    if answer.assessment is None:
        return
    own = await statements_of(state, case, work)
    statement = Statement(
        id=ports.new_id("sta"),
        state=state,
        assessment=answer.assessment,
        at=answer.at,
        means=answer.means,
        contact=answer.contact,
        account=answer.account,
        visible_to=visible_to or chosen_before(own),
    )
    await keep_statement(statement, case, work, by=answer.by, office=answer.office, acknowledgement_id=answer.id)


async def statements_of(state: StateCode, case: Case, work: UnitOfWork) -> list[Statement]:
    """Read all that one State of a case said of itself, oldest first."""
    return [one for one in await work.statements.of_case(case.reference) if one.state == state]


def chosen_before(own: list[Statement]) -> Visibility:
    """Give whom a State let read it before; an answer that says nothing of readers changes none."""
    by_account = [one.visible_to for one in own if one.account is not None]
    return by_account[-1] if by_account else ALL_STATES


async def keep_statement(
    statement: Statement,
    case: Case,
    work: UnitOfWork,
    *,
    by: str,
    office: str,
    acknowledgement_id: str | None = None,
) -> None:
    """Keep one statement, unless it says nothing new."""
    own = await statements_of(statement.state, case, work)
    if all(step.statement.id != statement.id for step in history([*own, statement])):
        return
    await work.statements.add(case.reference, statement, by=by, office=office, acknowledgement_id=acknowledgement_id)
    work.record(
        AssessmentGiven(
            case_reference=case.reference,
            at=statement.at,
            urgent=case.urgent,
            statement_id=statement.id,
            by_state=statement.state,
            means=statement.means,
            account=statement.account,
            contact=statement.contact,
        )
    )
