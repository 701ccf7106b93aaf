"""Issues notifications in a case: the rows, deliveries and clocks of each addressee, in the filer's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contacts.model import Contact, ContactRole, StateCode
from notify.case import Case
from notify.delivery import ISSUE, NoticeKind
from notify.escalation import step_times
from notify.events import NotificationIssued
from notify.notification import AddresseeKind, Notification
from notify.policy import ClockKind
from notify.ports import Ports, UnitOfWork
from notify.queueing import Queue
from notify.report import Report
from notify.routing import Directory, Plan, PlannedNotification, addressed_states
from notify.rows import DeadlineRow
from notify.words import NotificationId
from notify.working_time import Calendar


@dataclass(frozen=True, slots=True)
class Issue:
    """What is issued in a case at one time, and to whom."""

    case: Case
    plan: Plan
    directory: Directory
    now: datetime


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


async def issue(issued: Issue, queue: Queue, work: UnitOfWork, ports: Ports) -> list[Notification]:
    """Issue each planned notification; the queue gets its deliveries and is written by the caller.

    An addressee that a later report names for the first time is told of the whole chain so far.
    """
    case, notifications, deadlines = issued.case, [], []
    for planned in issued.plan.notifications:
        contacts = _contacts_of(planned, issued.directory)
        calendar = ports.calendar_of(contacts, planned.addressee.code)
        notification = _notification(issued, planned, calendar, ports)
        notifications.append(notification)
        deadlines += _deadlines(case, notification, calendar)
        record_routes = [r for r in planned.routes if _clears_the_record(planned, r.contact)]
        queue.to_routes(notification, record_routes, ISSUE, NoticeKind.RECORD)
        others = [r for r in planned.routes if r not in record_routes]
        queue.to_routes(notification, others, ISSUE, NoticeKind.NOTIFICATION)
        work.record(
            NotificationIssued(
                case_reference=case.reference,
                at=issued.now,
                urgent=case.urgent,
                notification_id=notification.id,
                addressee=notification.addressee.code,
                status=notification.status,
                round=notification.round,
                next_step_at=first_step_at(case, notification, calendar),
            )
        )
    await work.notifications.add(notifications, deadlines)
    return notifications


def first_step_at(case: Case, notification: Notification, calendar: Calendar) -> datetime | None:
    """Say when the ladder of a notification takes its first step; an organization has none."""
    if notification.addressee.kind is AddresseeKind.ORGANIZATION:
        return None
    return step_times(case.policy, notification.severity, notification.asked_at, calendar)[0].due_at


def _contacts_of(planned: PlannedNotification, directory: Directory) -> Sequence[Contact]:
    """List the contacts by whose calendar the clocks run, the same ones as when the ladder climbs."""
    if planned.addressee.kind is AddresseeKind.STATE:
        return directory.of_state.get(StateCode(planned.addressee.code), ())
    return [route.contact for route in planned.routes]


def _clears_the_record(planned: PlannedNotification, contact: Contact) -> bool:
    return planned.addressee.kind is AddresseeKind.BCH and contact.role is ContactRole.BCH_FOCAL_POINT


def _notification(issued: Issue, planned: PlannedNotification, calendar: Calendar, ports: Ports) -> Notification:
    case, now = issued.case, issued.now
    return Notification(
        id=NotificationId(ports.new_id("ntf")),
        case_reference=case.reference,
        addressee=planned.addressee,
        status=planned.status,
        reason=planned.reason,
        issued_at=now,
        due_at=case.policy.due_at(ClockKind.ACKNOWLEDGEMENT, case.severity, now, calendar),
        asked_at=now,
        round=case.latest_sequence,
        severity=case.severity,
    )


def _deadlines(case: Case, notification: Notification, calendar: Calendar) -> list[DeadlineRow]:
    """Give the one clock that is kept for a question of SQL: is something overdue that nothing has taken over?"""
    due_at = case.policy.due_at(ClockKind.DISPATCH, case.severity, notification.issued_at, calendar)
    known = [] if due_at is None else [due_at]
    return [DeadlineRow(notification.id, ClockKind.DISPATCH, at, round=notification.round) for at in known]
