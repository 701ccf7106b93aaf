"""Opens a case and issues its notifications: every row that must follow a report, in the filer's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contacts.model import Contact, ContactRole, StateCode
from notify.account import Account
from notify.case import Case, CaseStatus
from notify.confidentiality import visible
from notify.delivery import NoticeKind
from notify.escalation import step_times
from notify.events import CaseOpened, DispatchPaused, NotificationIssued, RecordDrafted, ReportSubmitted
from notify.handlers import ISSUE
from notify.notification import AddresseeKind, Notification
from notify.policy import ClockKind
from notify.ports import Ports, UnitOfWork
from notify.queueing import Queue
from notify.record import draft_record
from notify.report import Report
from notify.routing import Directory, Plan, PlannedNotification, addressed_states
from notify.rows import DeadlineRow, RecordRow, StoredReport
from notify.severity import SeverityFinding
from notify.tasks import raise_task
from notify.words import Audience, NotificationId

CLOCKS = (ClockKind.DISPATCH, ClockKind.ACKNOWLEDGEMENT, ClockKind.ASSESSED)


@dataclass(frozen=True, slots=True)
class Filing:
    """A report that was checked, with all that follows from it before anything is stored."""

    report: Report
    finding: SeverityFinding
    plan: Plan
    directory: Directory
    sha256: str


async def directory_for(report: Report, work: UnitOfWork) -> Directory:
    """Read the contacts that a report may need."""
    codes = [*addressed_states(report), StateCode(report.reporting_state)]
    of_state: dict[StateCode, list[Contact]] = {}
    for contact in await work.contacts.of_states(codes):
        of_state.setdefault(contact.state or StateCode(""), []).append(contact)
    of_organization: dict[str, list[Contact]] = {}
    secretariat = []
    for contact in await work.contacts.with_roles([ContactRole.ORGANIZATION, ContactRole.SECRETARIAT]):
        if contact.role is ContactRole.SECRETARIAT:
            secretariat.append(contact)
        else:
            of_organization.setdefault(contact.organization or "", []).append(contact)
    return Directory(of_state, of_organization, secretariat)


async def open_case(filing: Filing, account: Account, work: UnitOfWork, ports: Ports) -> Case:
    """Store the case, its first report, its record, its notifications and tasks."""
    now = ports.clock.now()
    case = await _new_case(filing, account, now, work, ports)
    await work.cases.add(case)
    stored = StoredReport(case.reference, 1, "initial", filing.report.document(), filing.sha256, account.id, now)
    await work.cases.add_report(stored)
    work.record(
        CaseOpened(
            case_reference=case.reference,
            at=now,
            reporting_state=case.reporting_state,
            severity=case.severity,
            notification_class=case.notification_class,
            policy_version=case.policy.version,
            account=account.id,
        ),
        ReportSubmitted(case_reference=case.reference, at=now, sequence=1, report_type="initial", sha256=filing.sha256),
    )
    await keep_record(case, stored, work, ports)
    await _issue(case, filing.plan, filing.directory, work, ports)
    await _tell_of_a_pause(case, work)
    for task in filing.plan.tasks:
        await raise_task(work, ports, case, task.kind, task.owner, task.state, task.text)
    return case


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


async def _new_case(filing: Filing, account: Account, now: datetime, work: UnitOfWork, ports: Ports) -> Case:
    report = filing.report
    return Case(
        reference=await work.cases.next_reference("EX17" if report.is_exercise else "A17", now.year),
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


async def keep_record(case: Case, stored: StoredReport, work: UnitOfWork, ports: Ports) -> None:
    """Draft the BCH record from what the public may read, so that it stands from the first minute."""
    public = visible(dict(stored.document), Audience.PUBLIC)
    drafted = draft_record(
        public.document,
        case_reference=case.reference,
        reporting_state=case.reporting_state,
        submitted_on=case.opened_at.date(),
        reporting_party=not case.voluntary,
        severity=case.severity,
        withheld=public.withheld,
        label=ports.label,
    )
    if drafted is None or case.exercise:
        return
    row = RecordRow(
        case_reference=case.reference,
        state="drafted",
        document=ports.bch.draft(drafted),
        to_complete=drafted.to_complete,
        sequence=stored.sequence,
        drafted_at=ports.clock.now(),
    )
    await work.cases.put_record(row)
    work.record(
        RecordDrafted(
            case_reference=case.reference, at=row.drafted_at, movement=drafted.kind.value, sequence=stored.sequence
        )
    )


async def _issue(case: Case, plan: Plan, directory: Directory, work: UnitOfWork, ports: Ports) -> None:
    now, queue = (
        case.opened_at,
        Queue(ports, case.reference, sequence=1, urgent=case.severity.urgent, now=case.opened_at),
    )
    notifications, deadlines = [], []
    for planned in plan.notifications:
        contacts = _contacts_of(planned, directory)
        notification = _notification(case, planned, contacts, ports)
        notifications.append(notification)
        deadlines += _deadlines(case, notification, contacts, ports)
        record_routes = [r for r in planned.routes if _clears_the_record(planned, r.contact)]
        queue.to_routes(notification, record_routes, ISSUE, NoticeKind.RECORD)
        others = [r for r in planned.routes if r not in record_routes]
        queue.to_routes(notification, others, ISSUE, NoticeKind.NOTIFICATION)
        work.record(
            NotificationIssued(
                case_reference=case.reference,
                at=now,
                urgent=case.severity.urgent,
                notification_id=notification.id,
                addressee=notification.addressee.code,
                status=notification.status,
                next_step_at=_first_step_at(case, notification, contacts, ports),
            )
        )
    queue.to_filer(ISSUE, NoticeKind.FILED, filed_details(plan))
    await work.notifications.add(notifications, deadlines)
    await queue.write(work)


def _contacts_of(planned: PlannedNotification, directory: Directory) -> Sequence[Contact]:
    """List the contacts by whose calendar the clocks run, the same ones as when the ladder climbs."""
    if planned.addressee.kind is AddresseeKind.STATE:
        return directory.of_state.get(StateCode(planned.addressee.code), ())
    return [route.contact for route in planned.routes]


def _clears_the_record(planned: PlannedNotification, contact: Contact) -> bool:
    return planned.addressee.kind is AddresseeKind.BCH and contact.role is ContactRole.BCH_FOCAL_POINT


def _notification(case: Case, planned: PlannedNotification, contacts: Sequence[Contact], ports: Ports) -> Notification:
    calendar = ports.calendar_of(contacts, planned.addressee.code)
    return Notification(
        id=NotificationId(ports.new_id("ntf")),
        case_reference=case.reference,
        addressee=planned.addressee,
        status=planned.status,
        reason=planned.reason,
        issued_at=case.opened_at,
        due_at=case.policy.due_at(ClockKind.ACKNOWLEDGEMENT, case.severity, case.opened_at, calendar),
    )


def _deadlines(case: Case, notification: Notification, contacts: Sequence[Contact], ports: Ports) -> list[DeadlineRow]:
    calendar = ports.calendar_of(contacts, notification.addressee.code)
    kinds = CLOCKS if notification.addressee.climbs else CLOCKS[:2]
    times = {kind: case.policy.due_at(kind, case.severity, case.opened_at, calendar) for kind in kinds}
    return [DeadlineRow(notification.id, kind, due_at) for kind, due_at in times.items() if due_at is not None]


def _first_step_at(
    case: Case, notification: Notification, contacts: Sequence[Contact], ports: Ports
) -> datetime | None:
    if notification.addressee.kind is AddresseeKind.ORGANIZATION:
        return None
    calendar = ports.calendar_of(contacts, notification.addressee.code)
    return step_times(case.policy, case.severity, case.opened_at, calendar)[0].due_at


def filed_details(plan: Plan) -> dict[str, object]:
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
