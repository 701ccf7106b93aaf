"""Shows cases to those who may read them, each field by its audience, as JSON documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from notify.account import OF_A_STATE, Account, Right, Role, require
from notify.case import Case
from notify.completeness import completeness
from notify.confidentiality import visible
from notify.errors import NotFound
from notify.notification import AddresseeKind, Notification
from notify.policy import EscalationStep
from notify.ports import Ports, UnitOfWork
from notify.report import parse_report
from notify.rows import Attempt, CaseFilter, DeadlineRow, DeliveryRow, LogRow
from notify.sentence import Sentence
from notify.words import Audience, CaseReference, ChannelName, NotificationId


def stamp(moment: datetime | None) -> str | None:
    """Write a time as RFC 3339 in UTC."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def route_view(contact: str, office: str, channel: ChannelName, reason: Sentence | None) -> dict[str, Any]:
    """Show one route."""
    return {"contact": contact, "office": office, "channel": channel, "reason": str(reason or "")}


async def audience_in_case(account: Account, case: Case, work: UnitOfWork) -> Audience:
    """Say as whom an account reads a case; raise NotFound when it may not read it at all."""
    if account.role in (Role.SECRETARIAT, Role.OPERATOR):
        return Audience.SECRETARIAT
    if account.role in OF_A_STATE and account.state is not None:
        own_role = account.role in (Role.AUTHORITY, Role.BCH_FOCAL_POINT)
        if own_role and case.reporting_state == account.state:
            return Audience.SECRETARIAT
        if account.role is not Role.BCH_FOCAL_POINT and await _is_addressed(account, case, work):
            return Audience.RECIPIENTS
    raise NotFound(f"there is no case {case.reference}")


async def _is_addressed(account: Account, case: Case, work: UnitOfWork) -> bool:
    told = await work.notifications.of_case(case.reference)
    return any(n.addressee.kind is AddresseeKind.STATE and n.addressee.code == account.state for n in told)


async def list_cases(wanted: CaseFilter, ports: Ports) -> dict[str, Any]:
    """List the cases that the reader may read, newest first, with a cursor."""
    require(wanted.reader, Right.READ_CASES)
    async with ports.database.read() as work:
        cases = await work.cases.find(wanted)
    more = len(cases) == wanted.limit
    return {"cases": [summary(case) for case in cases], "next": cases[-1].reference if more else None}


def summary(case: Case) -> dict[str, Any]:
    """Show a case on one line of a list."""
    return {
        "reference": case.reference,
        "status": "exercise" if case.exercise and case.running else case.status,
        "exercise": case.exercise,
        "reporting_state": case.reporting_state,
        "notification_class": case.notification_class,
        "severity": {"level": case.severity, "reason": str(case.severity_reason)},
        "title": case.title,
        "voluntary": case.voluntary,
        "opened_at": stamp(case.opened_at),
        "closed_at": stamp(case.closed_at),
    }


async def show_case(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Show one case with its report chain, as far as the reader may read it."""
    async with ports.database.read() as work:
        case = await work.cases.get(reference)
        audience = await audience_in_case(account, case, work)
        reports = await work.cases.reports(reference)
        told = await work.notifications.of_case(reference)
        pause = await work.brake.current()
    chain = []
    for stored in reports:
        seen = visible(dict(stored.document), audience)
        chain.append(
            {
                "sequence": stored.sequence,
                "type": stored.type,
                "submitted_at": stamp(stored.submitted_at),
                "report": seen.document,
                "withheld": list(seen.withheld),
            }
        )
    sees_all = audience is Audience.SECRETARIAT
    states = [n for n in told if n.addressee.climbs]
    bch = next((n for n in told if n.addressee.kind is AddresseeKind.BCH), None)
    registry = ports.registry
    report, warnings = parse_report(dict(reports[0].document), is_state=registry.is_state, is_place=registry.is_place)
    return summary(case) | {
        "reports": chain,
        "completeness": completeness(report),
        "warnings": [{"pointer": w.pointer, "detail": str(w.sentence)} for w in warnings],
        "acknowledged": f"{sum(n.acknowledged for n in states)} of {len(states)}" if sees_all else None,
        "bch": None if bch is None else "notified to the BCH" if bch.acknowledged else "not yet notified to the BCH",
        "dispatch_paused_until": stamp(pause.paused_until) if pause is not None else None,
        "policy": {"version": case.policy.version, "label": "policy of this service; Article 17 names no hour"},
    }


async def show_timeline(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Show the log of a case, in order, with hashes; addressees see their own rows and those of the case."""
    async with ports.database.read() as work:
        case = await work.cases.get(reference)
        audience = await audience_in_case(account, case, work)
        rows = await work.log.rows(reference)
        told = await work.notifications.of_case(reference)
    own = {n.id for n in told if n.addressee.code == account.state}
    return {
        "reference": reference,
        "entries": [log_view(row) for row in rows if audience is Audience.SECRETARIAT or concerns(row, own)],
    }


def concerns(row: LogRow, own: set[NotificationId]) -> bool:
    """Tell whether an addressee may see a row of its case's log: its own notification, and the case itself."""
    if row.kind == "NotificationUnreached" or row.body.get("step") == EscalationStep.NO_RECEIPT:
        return False  # "no receipt recorded" is for the reporting State and the secretariat only
    notification = row.body.get("notification_id")
    return notification in own if notification is not None else row.kind in ("CaseOpened", "ReportSubmitted")


def log_view(row: LogRow) -> dict[str, Any]:
    """Show one row of the log."""
    return {
        "sequence": row.sequence,
        "at": stamp(row.at),
        "event": row.kind,
        "body": dict(row.body),
        "hash": row.hash,
    }


async def show_notifications(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Show, for each addressee the reader may see, the grade reached, the clocks, and each delivery with its proof.

    The reporting State and the secretariat see all; an addressee State sees its own notification.
    """
    async with ports.database.read() as work:
        case = await work.cases.get(reference)
        audience = await audience_in_case(account, case, work)
        told = await work.notifications.of_case(reference)
        deadlines = await work.notifications.deadlines(reference)
        deliveries = await work.deliveries.of_case(reference)
        attempts = await work.deliveries.attempts(reference)
        answers = await work.notifications.acknowledgements(reference)
    if audience is not Audience.SECRETARIAT:
        told = [n for n in told if n.addressee.kind is AddresseeKind.STATE and n.addressee.code == account.state]
    views = []
    for notification in told:
        mine = [d for d in deliveries if d.notification_id == notification.id]
        view = notification_view(notification, [d for d in deadlines if d.notification_id == notification.id])
        view["deliveries"] = [delivery_view(d, [a for a in attempts if a.delivery_id == d.id]) for d in mine]
        view["acknowledgements"] = [
            {
                "grade": a.grade,
                "assessment": a.assessment,
                "preliminary": a.preliminary,
                "by": a.by,
                "office": a.office,
                "means": a.means,
                "at": stamp(a.at),
                "late": a.late,
                "signs_of_a_machine": list(a.signs),
                "disputed_at": stamp(a.disputed_at),
            }
            for a in answers
            if a.notification_id == notification.id
        ]
        if audience is not Audience.SECRETARIAT:
            view |= {"no_receipt_at": None, "step": None if view["no_receipt_at"] else view["step"]}
        views.append(view)
    return {"reference": reference, "notifications": views}


def notification_view(notification: Notification, deadlines: list[DeadlineRow]) -> dict[str, Any]:
    """Show one notification."""
    is_state = notification.addressee.kind is AddresseeKind.STATE
    return {
        "id": notification.id,
        "addressee": {"kind": notification.addressee.kind, "code": notification.addressee.code},
        "state": notification.addressee.code if is_state else None,
        "status": notification.status,
        "reason": str(notification.reason),
        "grade": notification.grade,
        "assessment": notification.assessment,
        "assessment_preliminary": notification.assessment_preliminary,
        "issued_at": stamp(notification.issued_at),
        "received_at": stamp(notification.received_at),
        "assessed_at": stamp(notification.assessed_at),
        "acting_at": stamp(notification.acting_at),
        "no_receipt_at": stamp(notification.no_receipt_at),
        "step": notification.step,
        "clocks": [{"kind": d.kind, "due_at": stamp(d.due_at), "met_at": stamp(d.met_at)} for d in deadlines],
    }


def delivery_view(delivery: DeliveryRow, attempts: list[Attempt]) -> dict[str, Any]:
    """Show one delivery with its attempts and what they prove."""
    return {
        "id": delivery.id,
        "contact": delivery.contact,
        "channel": delivery.channel,
        "step": delivery.step,
        "reason": str(delivery.reason or ""),
        "state": delivery.state,
        "queued_at": stamp(delivery.queued_at),
        "accepted_at": stamp(delivery.accepted_at),
        "attempts": [
            {
                "number": a.number,
                "at": stamp(a.started_at),
                "milliseconds": a.milliseconds,
                "result": a.result,
                "status": a.status,
                "reason": a.reason,
                "answer": a.answer,
                "next_attempt_at": stamp(a.next_attempt_at),
            }
            for a in attempts
        ],
    }


async def submission_view(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Answer a submission: the case, its severity, who is told by which routes, and what is still to be said."""
    shown = await show_case(reference, account, ports)
    async with ports.database.read() as work:
        told = await work.notifications.of_case(reference)
        deliveries = await work.deliveries.of_case(reference)
        contacts = await work.contacts.many([d.contact for d in deliveries if d.contact is not None])
    offices = {contact.id: contact.office for contact in contacts}
    notifications = []
    for notification in told:
        view = notification_view(notification, [])
        mine = [d for d in deliveries if d.notification_id == notification.id and d.contact is not None]
        view["routes"] = [
            route_view(d.contact or "", offices.get(d.contact, "") if d.contact else "", d.channel, d.reason)
            for d in mine
            if d.step == "issue"
        ]
        notifications.append({name: view[name] for name in ("id", "addressee", "state", "status", "reason", "routes")})
    return {
        "reference": reference,
        "severity": shown["severity"],
        "notifications": notifications,
        "completeness": shown["completeness"],
        "warnings": shown["warnings"],
        "dispatch_paused_until": shown["dispatch_paused_until"],
        "status_url": ports.url(f"/api/v1/cases/{reference}/notifications"),
    }
