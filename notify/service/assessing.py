"""Takes what States say of themselves (affected or not), and shows its history to whom each State chooses."""

from __future__ import annotations

from typing import Any

from notify.account import Account, Right, require
from notify.assessment import SeenAssessment, Statement, check_assessment, require_own, seen
from notify.document import visibility_of
from notify.errors import NotAllowed
from notify.ports import Ports
from notify.reader import acts_for
from notify.service.acknowledging import Answer, Source, enter_answer
from notify.service.consulting import require_running
from notify.service.reading import stamp
from notify.service.sight import place_of
from notify.service.statements import keep_statement
from notify.words import CaseReference, Grade, Means


async def assess(reference: CaseReference, document: object, account: Account, ports: Ports) -> dict[str, Any]:
    """Say whether one's State is affected, and who may read that; it confirms what came by mail. Twice is harmless.

    An addressed State acknowledges by it too; the reporting State keeps its own affected status in the same way.
    """
    require(account, Right.ACKNOWLEDGE)
    given = check_assessment(document)
    async with ports.database.write() as work:
        place = await place_of(reference, account, work)
        state = acts_for(place.reader, place.states)
        if state is None:
            raise NotAllowed("a State alone says whether it is affected, through those who act for it")
        require_own(place.reader, state, place.states)
        require_running(place.case)
        visible_to = visibility_of(given.visible_to, place.states)
        if state in place.notifications:
            answer = Answer(Grade.ASSESSED, given.assessment, given.by, given.office)
            source = Source(Means.API, account.id, visible_to=visible_to)
            await enter_answer(answer, source, place.notifications[state], place.case, work, ports)
        else:
            statement = Statement(
                id=ports.new_id("sta"),
                state=state,
                assessment=given.assessment,
                at=ports.clock.now(),
                means=Means.API,
                account=account.id,
                visible_to=visible_to,
            )
            await keep_statement(statement, place.case, work, by=given.by, office=given.office)
        await work.commit()
    return await list_assessments(reference, account, ports)


async def list_assessments(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """List what the States of a case said of themselves, with its history, as far as this reader may read it."""
    require(account, Right.READ_CASES)
    async with ports.database.read() as work:
        place = await place_of(reference, account, work)
        statements = await work.statements.of_case(reference)
        speakers = await work.statements.speakers(reference)
    shown: list[dict[str, Any]] = []
    for state in sorted({one.state for one in statements}):
        own = [one for one in statements if one.state == state]
        shown += [_view(one, speakers) for one in seen(place.reader, own, place.states)]
    return {"reference": reference, "assessments": shown}


def _view(one: SeenAssessment, speakers: dict[str, tuple[str, str]]) -> dict[str, Any]:
    view: dict[str, Any] = {"state": one.state, "at": stamp(one.at)}
    if one.stated is None:
        hidden = ("assessment", "preliminary", "took_effect", "means", "by", "office", "visible_to", "disputed_at")
        return view | dict.fromkeys(hidden)
    statement = one.stated.statement
    by, office = speakers[statement.id]
    return view | {
        "assessment": statement.assessment,
        "preliminary": one.stated.preliminary,
        "took_effect": one.stated.took_effect,
        "means": statement.means,
        "by": by,
        "office": office,
        "visible_to": statement.visible_to.to_json(),
        "disputed_at": stamp(statement.disputed_at),
    }
