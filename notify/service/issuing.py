"""Opens a case: every row that must follow a report, in the filer's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.model import StateCode
from notify.account import Account
from notify.case import Case, CaseStatus
from notify.clock_start import start_clocks
from notify.delivery import ISSUE, NoticeKind
from notify.events import CaseLinked, CaseOpened, DispatchPaused, ReportSubmitted
from notify.exercise import PREFIX
from notify.ports import Ports, UnitOfWork
from notify.queueing import Queue
from notify.report import Report, stored_digest
from notify.routing import Directory, Plan
from notify.rows import ExerciseRow, StoredReport
from notify.service.addressing import Issue, directory_for, issue
from notify.service.attaching import name_in_report
from notify.service.consulting import open_with_dispatch
from notify.service.record_keeping import keep_record
from notify.severity import SeverityFinding
from notify.tasks import raise_task
from notify.words import CaseReference

__all__ = ["Filing", "brake_reason", "directory_for", "filed_details", "open_case"]


@dataclass(frozen=True, slots=True)
class Filing:
    """A report that was checked, with all that follows from it before anything is stored."""

    report: Report
    finding: SeverityFinding
    plan: Plan
    directory: Directory
    sha256: str


async def open_case(
    filing: Filing,
    account: Account,
    work: UnitOfWork,
    ports: Ports,
    *,
    twin: CaseReference | None = None,
    reference: CaseReference | None = None,
) -> Case:
    """Store the case with its first report, record, notifications and tasks; `twin` is the case it is linked with.

    `reference` is that of an exercise that was planned; any other case gets the next one.
    """
    now = ports.clock.now()
    case = await _new_case(filing, account, now, work, ports, reference)
    case.twin = twin
    await work.cases.add(case)
    if case.exercise and reference is None:
        await _enter_exercise(case, filing, work)
    document, level = filing.report.document(), case.severity.value
    sha256 = stored_digest(document)
    stored = StoredReport(case.reference, 1, "initial", document, sha256, account.id, now, level)
    await work.cases.add_report(stored)
    _record_opening(case, account, sha256, work)
    await keep_record(case, stored, work, ports)
    queue = Queue(ports, case.reference, sequence=1, urgent=case.urgent, now=now)
    told = await issue(Issue(case, filing.plan, filing.directory, now), queue, work, ports)
    start_clocks(case, filing.report, told, filing.directory, work, ports)
    queue.to_filer(ISSUE, NoticeKind.FILED, filed_details(filing.plan))
    await queue.write(work)
    await open_with_dispatch(case, work, now)
    await name_in_report(filing.report.attachments, 1, case, account, work)
    await _tell_of_a_pause(case, work)
    for task in filing.plan.tasks:
        await raise_task(work, ports, case, task.kind, task.owner, task.state, task.text)
    return case


def _record_opening(case: Case, account: Account, sha256: str, work: UnitOfWork) -> None:
    work.record(
        CaseOpened(
            case_reference=case.reference,
            at=case.opened_at,
            reporting_state=case.reporting_state,
            severity=case.severity,
            notification_class=case.notification_class,
            policy_version=case.policy.version,
            account=account.id,
            voluntary=case.voluntary,
        ),
        ReportSubmitted(
            case_reference=case.reference,
            at=case.opened_at,
            sequence=1,
            report_type="initial",
            sha256=sha256,
            severity=case.severity,
            material=True,
        ),
    )
    if case.twin is not None:
        work.record(CaseLinked(case_reference=case.reference, at=case.opened_at, twin=case.twin))


async def _tell_of_a_pause(case: Case, work: UnitOfWork) -> None:
    """Tell who files while the brake is on that its notifications wait."""
    pause = await work.brake.current()
    if pause is not None and pause.paused_until > case.opened_at:
        work.record(
            DispatchPaused(
                case_reference=case.reference,
                at=case.opened_at,
                urgent=True,
                paused_until=pause.paused_until,
                account=pause.account,
                reason=pause.reason,
            )
        )


async def _enter_exercise(case: Case, filing: Filing, work: UnitOfWork) -> None:
    """Enter an exercise that was filed without being planned: its authority knows of it."""
    opened, states = case.opened_at, filing.plan.states
    await work.exercises.add(ExerciseRow(case.reference, None, states, True, case.account, opened, opened))


async def _new_case(
    filing: Filing,
    account: Account,
    now: datetime,
    work: UnitOfWork,
    ports: Ports,
    reference: CaseReference | None,
) -> Case:
    report = filing.report
    series = PREFIX if report.is_exercise else "A17"
    return Case(
        reference=reference or await work.cases.next_reference(series, now.year),
        status=CaseStatus.OPEN,
        exercise=report.is_exercise,
        reporting_state=StateCode(report.reporting_state),
        notification_class=report.notification_class,
        severity=filing.finding.level,
        severity_reason=filing.finding.reason,
        title=dict(report.title),
        original_language=report.language,
        voluntary=not ports.registry.is_party(report.reporting_state),
        account=account.id,
        opened_at=now,
        closed_at=None,
        policy=ports.policy,
        latest_sequence=1,
    )


def filed_details(plan: Plan) -> dict[str, Any]:
    """Say in the filer's own copy who is told, and why."""
    told = [
        {
            "name": planned.addressee.code,
            "reason": planned.reason.to_json(),
            "contacts": len({route.contact.id for route in planned.routes}),
        }
        for planned in plan.notifications
    ]
    return {"states": plan.states, "notifications": told, "tasks": [task.text.to_json() for task in plan.tasks]}


def brake_reason(case_count: int, plan: Plan, most_states: int, most_cases: int) -> str | None:
    """Say why a filing needs a second confirmation, or None."""
    if len(plan.states) > most_states:
        return f"This report tells {len(plan.states)} States, more than {most_states}."
    if case_count >= most_cases:
        return f"This account has opened {case_count} cases within the hour; more than {most_cases} need care."
    return None
