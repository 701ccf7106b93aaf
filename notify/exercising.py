"""Runs exercises: opens each at its time, lets an answer confirm its contact, ends it, and purges it."""

from __future__ import annotations

from notify.account import Account, Role
from notify.case import Case, CaseStatus
from notify.errors import NotFound
from notify.event import SERVICE_CHAIN
from notify.events import ContactChanged, NotificationAcknowledged
from notify.exercise import LASTS, is_exercise, may_purge
from notify.exercise_events import ExerciseEnded, ExercisePlanned, ExercisePurged
from notify.ports import Ports, UnitOfWork
from notify.report import digest, parse_report
from notify.routing import plan_routes
from notify.rows import ExerciseRow
from notify.service.addressing import directory_for
from notify.service.issuing import Filing, open_case
from notify.severity import assess
from notify.words import AccountId, CaseReference

BY_DRILL = AccountId("operator")
"""Under whose name the log says that an answered exercise confirmed a contact."""


async def open_exercise(event: ExercisePlanned, work: UnitOfWork, ports: Ports) -> None:
    """File the report of an exercise, to its recipients and nobody else."""
    planned = await work.exercises.get(event.case_reference)
    if planned.scenario is None or planned.ended_at is not None or await _case_of(planned.reference, work) is not None:
        return
    registry, document = ports.registry, dict(planned.scenario)
    report, _ = parse_report(document, is_state=registry.is_state, is_place=registry.is_place)
    finding, directory = assess(report), await directory_for(report, work)
    plan = plan_routes(report, finding.level, directory, registry)
    account = Account(planned.account, "", Role.SECRETARIAT, None)
    filing = Filing(report, finding, plan, directory, digest(document))
    await open_case(filing, account, work, ports, reference=planned.reference)


async def _case_of(reference: CaseReference, work: UnitOfWork) -> Case | None:
    try:
        return await work.cases.get(reference)
    except NotFound:
        return None


async def confirm_by_drill(event: NotificationAcknowledged, work: UnitOfWork, ports: Ports) -> None:
    """Take the answer of a contact in an exercise for its confirmation: it was reached, and is the right one."""
    if not is_exercise(event.case_reference) or event.contact is None:
        return
    contact, now = await work.contacts.get(event.contact), ports.clock.now()
    if contact is None or (contact.confirmed_on is not None and contact.confirmed_on >= now.date()):
        return
    await work.contacts.put(contact.model_copy(update={"confirmed_on": now.date()}))
    work.record(
        ContactChanged(case_reference=SERVICE_CHAIN, at=now, contact=contact.id, change="confirmed", account=BY_DRILL)
    )


async def keep_exercises(ports: Ports) -> None:
    """End the exercises that are over, and purge those that ended long enough ago."""
    async with ports.database.read() as work:
        kept = await work.exercises.unpurged()
    for exercise in kept:
        async with ports.database.write() as work:
            if await _keep(await work.exercises.get(exercise.reference), work, ports):
                await work.commit()


async def _keep(exercise: ExerciseRow, work: UnitOfWork, ports: Ports) -> bool:
    """End or purge one exercise; tell whether anything changed."""
    case, now = await _case_of(exercise.reference, work), ports.clock.now()
    if case is None:
        return False
    if case.running and await _is_over(case, work, ports):
        case.status, case.closed_at = CaseStatus.CLOSED, now
        await work.cases.save(case)
        work.record(ExerciseEnded(case_reference=case.reference, at=now))
    if case.running or case.closed_at is None:
        return False
    exercise.ended_at = case.closed_at
    if may_purge(case.reference, case.status, case.closed_at, now):
        removed = await work.exercises.purge(case.reference)
        exercise.scenario, exercise.purged_at = None, now
        work.record(ExercisePurged(case_reference=case.reference, at=now, rows=sum(removed.values())))
    await work.exercises.save(exercise)
    return True


async def _is_over(case: Case, work: UnitOfWork, ports: Ports) -> bool:
    """Tell whether an exercise is over: every State has assessed it, or its time has passed."""
    told = [n for n in await work.notifications.of_case(case.reference) if n.addressee.climbs]
    return ports.clock.now() >= case.opened_at + LASTS or all(n.assessed_at is not None for n in told)
