"""Tells the States that may read it what a State did, and what it said of itself."""

from __future__ import annotations

from notify import assessment as assessments
from notify import measure as measures
from notify.account import Role
from notify.consultation_events import AssessmentGiven, MeasureChanged, MeasureReported
from notify.consultation_telling import States, excerpt
from notify.delivery import NoticeKind
from notify.ports import Ports, UnitOfWork
from notify.reader import ALL_STATES, Reader, Sight


async def tell_of_measure(event: MeasureReported | MeasureChanged, work: UnitOfWork, ports: Ports) -> None:
    """Tell the States that may read it that a State reported a measure, or how far it has come."""
    case = await work.cases.get(event.case_reference)
    measure = await work.measures.get(event.measure_id)
    is_change = isinstance(event, MeasureChanged)
    states = States(case, work, ports)
    everyone = await states.read()
    readers = [
        state
        for state in everyone.everyone - {measure.state}
        if measures.may_read(Reader(Role.AUTHORITY, state), measure, everyone) is Sight.CONTENT
    ]
    status = measure.history[event.number - 1] if isinstance(event, MeasureChanged) else measure.history[0]
    details = {
        "state": measure.state,
        "id": measure.id,
        "type": measure.type,
        "status": status.status,
        "text": excerpt(measure.description or ""),
        "actor": excerpt(measure.actor or ""),
        "effectiveness": excerpt(status.effectiveness or ""),
        "at": status.at.isoformat(),
        "url": ports.url(f"/api/v1/cases/{case.reference}/measures"),
    }
    kind = NoticeKind.MEASURE_CHANGED if is_change else NoticeKind.MEASURE
    number = event.number if isinstance(event, MeasureChanged) else 1
    await states.tell(readers, f"measure:{measure.id}/{number}", kind, details)
    await states.queue.write(work)


async def tell_of_assessment(event: AssessmentGiven, work: UnitOfWork, ports: Ports) -> None:
    """Tell the other States that may read it what a State says of itself; the filer is told of each answer as such."""
    case = await work.cases.get(event.case_reference)
    states = States(case, work, ports)
    everyone = await states.read()
    own = [one for one in await work.statements.of_case(case.reference) if one.state == event.by_state]
    steps = assessments.history(own)
    step = next((one for one in steps if one.statement.id == event.statement_id), None)
    if step is None:
        return
    chosen = [one.statement.visible_to for one in steps if not one.preliminary]
    visible_to = chosen[-1] if chosen else ALL_STATES
    readers = [
        state
        for state in everyone.addressed - {event.by_state}
        if assessments.may_read(Reader(Role.AUTHORITY, state), step, visible_to, everyone) is Sight.CONTENT
    ]
    details = {
        "state": event.by_state,
        "assessment": step.statement.assessment.value,
        "at": step.statement.at.isoformat(),
        "url": ports.url(f"/api/v1/cases/{case.reference}/assessments"),
    }
    await states.tell(readers, f"assessment:{event.statement_id}", NoticeKind.ASSESSED, details)
    await states.queue.write(work)
