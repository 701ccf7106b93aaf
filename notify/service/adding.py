"""Adds a checked report to its case: tells everyone who was told before, asks anew where it is material."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contacts.model import Contact, ContactId, ContactRole
from notify.broadcast import BRINGS_A_REPORT, told_of
from notify.case import Case
from notify.chain import CheckedLaterReport, Telling
from notify.counting import report_counted
from notify.delivery import ISSUE, REPORT, NoticeKind
from notify.events import (
    CaseLinked,
    CaseReclassified,
    CaseWithdrawn,
    NotificationRenewed,
    ReportSubmitted,
    SeverityChanged,
)
from notify.ladder import contacts_of, declined_contacts, routes_for
from notify.notification import Addressee, AddresseeKind, Notification
from notify.policy import ClockKind
from notify.ports import Ports, UnitOfWork
from notify.queueing import Queue, cancel_waiting
from notify.routing import Directory, Plan, PlannedNotification, Route
from notify.rows import DeliveryRow, StoredReport
from notify.sentence import Sentence
from notify.service.addressing import Issue, first_step_at, issue
from notify.service.consulting import open_with_dispatch
from notify.service.issuing import filed_details
from notify.service.record_keeping import amend_record, retract_record
from notify.severity import more_urgent
from notify.tasks import close_calls, raise_task
from notify.words import NotificationId, Severity

NO_LONGER_NAMED = "no_longer_named"
"""The status of a State that a later report names no more: it was told, and is told on."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A later report as it was stored, with what follows from it."""

    case: Case
    first: StoredReport
    stored: StoredReport
    checked: CheckedLaterReport
    plan: Plan  # of the whole case as it is known now
    fresh: Plan  # who is told for the first time
    directory: Directory
    telling: Telling


async def add_report(addition: Addition, work: UnitOfWork, ports: Ports) -> None:
    """Put everything that must follow a later report into the filer's transaction."""
    case, stored = addition.case, addition.stored
    _record_events(addition, work)
    if addition.telling.retracts:
        await retract_record(case, work, ports)
        await close_calls(case, work, ports, "the case was withdrawn")
    else:
        await amend_record(case, addition.first, stored, work, ports)
    before = addition.checked.consequences.before.level
    urgent = case.urgent or (before.urgent and not case.exercise)
    queue = Queue(ports, case.reference, sequence=stored.sequence, urgent=urgent, now=stored.submitted_at)
    notifications = await work.notifications.of_case(case.reference)
    deliveries = await work.deliveries.of_case(case.reference)
    numbers = {}
    for notification in notifications:
        mine = [row for row in deliveries if row.notification_id == notification.id]
        numbers[notification.id] = await _tell(addition, notification, mine, queue, work, ports)
    await issue(Issue(case, addition.fresh, addition.directory, stored.submitted_at), queue, work, ports)
    kind = NoticeKind.WITHDRAWN if addition.telling.retracts else NoticeKind.FILED
    queue.to_filer(f"{REPORT}:{stored.sequence}", kind, _filed_details(addition, notifications, numbers))
    await queue.write(work)
    await _raise_new_tasks(addition, work, ports)
    if case.running:
        await open_with_dispatch(case, work, stored.submitted_at)


def _record_events(addition: Addition, work: UnitOfWork) -> None:
    case, stored, found = addition.case, addition.stored, addition.checked.consequences
    reference, at, sequence = case.reference, stored.submitted_at, stored.sequence
    work.record(
        ReportSubmitted(
            case_reference=reference,
            at=at,
            urgent=case.urgent,
            sequence=sequence,
            report_type=stored.type,
            sha256=stored.sha256,
            severity=case.severity,
            material=stored.material,
        )
    )
    work.record(report_counted(case, addition.checked.report, sequence=sequence, at=at))
    before, after = found.before.level, found.after.level
    if before is not after:
        work.record(SeverityChanged(case_reference=reference, at=at, before=before, after=after, sequence=sequence))
    old, new = found.class_before, found.class_after
    if old is not new:
        work.record(CaseReclassified(case_reference=reference, at=at, before=old, after=new, sequence=sequence))
    if found.links_twin and case.twin is not None:
        work.record(CaseLinked(case_reference=reference, at=at, twin=case.twin))
    if addition.telling.retracts:
        work.record(CaseWithdrawn(case_reference=reference, at=at, sequence=sequence))


async def _tell(
    addition: Addition,
    notification: Notification,
    deliveries: Sequence[DeliveryRow],
    queue: Queue,
    work: UnitOfWork,
    ports: Ports,
) -> int:
    """Tell the contacts of one addressee that were told before, each once, and ask anew where the report wants it.

    Gives the number of contacts told.
    """
    declined = await declined_contacts(notification, work)
    told = _told(addition, deliveries, declined)
    planned = _planned(addition.plan, notification.addressee)
    if addition.telling.retracts:
        await cancel_waiting(notification, set(NoticeKind), work, ports)
    renews = _renews(addition, notification)
    if renews:
        await _renew(addition, notification, work, ports)
    if _restate(notification, planned, addition) or renews:
        await work.notifications.save(notification)
    contacts = await work.contacts.many(sorted(told))
    step = f"{REPORT}:{addition.stored.sequence}"
    for kind in NoticeKind.RECORD, NoticeKind.REPORT, NoticeKind.WITHDRAWN:
        mine = [contact for contact in contacts if _kind_for(contact, notification, addition) is kind]
        queue.to_routes(notification, routes_for(notification, mine), step, kind)
    routes = [r for r in _first_routes(addition, planned, told) if r.contact.id not in declined]
    queue.to_routes(notification, routes, f"{ISSUE}:{addition.stored.sequence}", NoticeKind.NOTIFICATION)
    return len({contact.id for contact in contacts} | {route.contact.id for route in routes})


def _told(
    addition: Addition, deliveries: Sequence[DeliveryRow], declined: frozenset[ContactId]
) -> frozenset[ContactId]:
    """Name the contacts that were told; a retraction goes to everyone ever told of anything in the case."""
    if addition.telling.retracts:
        return told_of(deliveries, set(NoticeKind))
    return told_of(deliveries, BRINGS_A_REPORT) - declined


def _planned(plan: Plan, addressee: Addressee) -> PlannedNotification | None:
    return next((planned for planned in plan.notifications if planned.addressee == addressee), None)


def _kind_for(contact: Contact, notification: Notification, addition: Addition) -> NoticeKind:
    if addition.telling.retracts:
        return NoticeKind.WITHDRAWN
    clears = notification.addressee.kind is AddresseeKind.BCH and contact.role is ContactRole.BCH_FOCAL_POINT
    return NoticeKind.RECORD if clears else NoticeKind.REPORT


def _first_routes(addition: Addition, planned: PlannedNotification | None, told: frozenset[ContactId]) -> list[Route]:
    """List whom of a State this report brings in: all, where nobody could be told; everybody, when it is critical."""
    everybody = addition.checked.consequences.restarts_ladder and addition.case.severity is Severity.CRITICAL
    if planned is None or addition.telling.retracts or (told and not everybody):
        return []
    return [route for route in planned.routes if route.contact.id not in told]


def _restate(notification: Notification, planned: PlannedNotification | None, addition: Addition) -> bool:
    """Give a notification the standing that the report gives its State now; tell whether that changed it."""
    if addition.telling.retracts or not notification.addressee.climbs:
        return False
    status, code = NO_LONGER_NAMED, notification.addressee.code
    reason = Sentence("{state} was told before, and is no longer named in the report.", {"state": code})
    if planned is not None:
        status, reason = planned.status, planned.reason
    changed = (notification.status, notification.reason) != (status, reason)
    notification.status, notification.reason = status, reason
    return changed


def _renews(addition: Addition, notification: Notification) -> bool:
    """Tell whether its ladder begins anew: never where one runs that is as fast, so that nothing is delayed."""
    if not addition.telling.wants_acknowledgement:
        return False
    if addition.telling.retracts or not notification.climbing:
        return True
    return more_urgent(addition.case.severity, notification.severity)


async def _renew(addition: Addition, notification: Notification, work: UnitOfWork, ports: Ports) -> None:
    case, now = addition.case, addition.stored.submitted_at
    contacts = await contacts_of(work, notification.addressee, case)
    calendar = ports.calendar_of(contacts, notification.addressee.code)
    due_at = case.policy.due_at(ClockKind.ACKNOWLEDGEMENT, case.severity, now, calendar)
    earlier = [at for at in (due_at, None if notification.acknowledged else notification.due_at) if at is not None]
    # A rise never makes an acknowledgement that is still owed due later than it was.
    is_owed = not addition.telling.retracts and notification.climbing
    due_at = min(earlier, default=None) if is_owed else due_at
    round_ = addition.stored.sequence
    notification.ask_anew(at=now, round=round_, severity=case.severity, due_at=due_at)
    # A withdrawal wants its receipt, and climbs no ladder for it.
    first_at = None if addition.telling.retracts else first_step_at(case, notification, calendar)
    work.record(
        NotificationRenewed(
            case_reference=case.reference,
            at=now,
            urgent=case.urgent,
            notification_id=notification.id,
            addressee=notification.addressee.code,
            round=round_,
            severity=case.severity,
            next_step_at=first_at,
        )
    )


def _filed_details(
    addition: Addition, notifications: Sequence[Notification], numbers: Mapping[NotificationId, int]
) -> dict[str, object]:
    """Say in the filer's own copy who is told of the report."""
    told = [
        {"name": one.addressee.code, "reason": one.reason.to_json(), "contacts": numbers[one.id]}
        for one in notifications
    ]
    fresh = filed_details(addition.fresh)
    states = [one.addressee.code for one in notifications if one.addressee.climbs] + addition.fresh.states
    return {**fresh, "states": states, "notifications": [*told, *fresh["notifications"]]}


async def _raise_new_tasks(addition: Addition, work: UnitOfWork, ports: Ports) -> None:
    """Ask people for what the report leaves to them, and for nothing that they were asked before."""
    tasks = await work.tasks.find(owner=None, done=None, case=addition.case.reference)
    known = {(task.kind, str(task.text)) for task in tasks}
    for task in addition.fresh.tasks:
        if (task.kind, str(task.text)) not in known:
            await raise_task(work, ports, addition.case, task.kind, task.owner, task.state, task.text)
