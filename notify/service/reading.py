"""Shows cases to those who may read them, each field by its audience, as JSON documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from notify.account import OF_A_STATE, Account, Right, Role, require
from notify.acknowledgement import Acknowledgement
from notify.case import Case
from notify.clock_watch import read_clocks
from notify.completeness import completeness
from notify.errors import NotFound
from notify.notification import AddresseeKind, Notification
from notify.ports import Ports, UnitOfWork
from notify.report import parse_report
from notify.rows import Attempt, CaseFilter, DeliveryRow, EvidenceRow
from notify.service.chain_views import chain_view, known_view, route_view, suggestions_view
from notify.service.clock_views import clocks_of_case, clocks_of_notification
from notify.service.closing_views import show_closing
from notify.service.sight import hidden_requests, hide_assessment, log_sight, place_of
from notify.words import Audience, CaseReference


def stamp(moment: datetime | None) -> str | None:
    """Write a time as RFC 3339 in UTC."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


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
        closing = await show_closing(case, account.state, audience, work)
        clocks = await read_clocks(case, work, ports)
        hidden = await hidden_requests(await place_of(reference, account, work), work)
    listed = clocks_of_case(clocks, audience, account.state, ports.clock.now())
    sees_all = audience is Audience.SECRETARIAT
    states = [n for n in told if n.addressee.climbs]
    bch = next((n for n in told if n.addressee.kind is AddresseeKind.BCH), None)
    registry = ports.registry
    known = dict(reports[-1].knowledge)
    report, warnings = parse_report(known, is_state=registry.is_state, is_place=registry.is_place)
    return summary(case) | {
        "version": case.version,
        "twin": case.twin,
        "closing": closing,
        "reports": chain_view(reports, audience),
        "known": known_view(reports, audience),
        "completeness": completeness(report),
        "warnings": [{"pointer": w.pointer, "detail": str(w.sentence)} for w in warnings],
        "acknowledged": f"{sum(n.acknowledged for n in states)} of {len(states)}" if sees_all else None,
        "bch": None if bch is None else "notified to the BCH" if bch.acknowledged else "not yet notified to the BCH",
        "dispatch_paused_until": stamp(pause.paused_until) if pause is not None else None,
        "clocks": [clock for clock in listed if clock["subject"] not in hidden],
        "policy": {"version": case.policy.version, "label": "policy of this service; Article 17 names no hour"},
    }


async def show_notifications(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Show, for each addressee the reader may see, the grade reached, the clocks, and each delivery with its proof.

    The reporting State and the secretariat see all; an addressee State sees its own notification.
    """
    async with ports.database.read() as work:
        case = await work.cases.get(reference)
        audience = await audience_in_case(account, case, work)
        told = await work.notifications.of_case(reference)
        clocks = await read_clocks(case, work, ports)
        deliveries = await work.deliveries.of_case(reference)
        attempts = await work.deliveries.attempts(reference)
        answers = await work.notifications.acknowledgements(reference)
        evidence = await work.mails.evidence(reference)
        sight = await log_sight(await place_of(reference, account, work), work)
    deliveries = [d for d in deliveries if not sight.hides_delivery(d.id)]
    if audience is not Audience.SECRETARIAT:
        told = [n for n in told if n.addressee.kind is AddresseeKind.STATE and n.addressee.code == account.state]
    views = []
    for notification in told:
        mine = [d for d in deliveries if d.notification_id == notification.id]
        view = notification_view(notification)
        view["clocks"] = clocks_of_notification(clocks, notification.id, ports.clock.now())
        view["deliveries"] = [delivery_view(d, attempts, evidence) for d in mine]
        view["acknowledgements"] = [_answer_view(a) for a in answers if a.notification_id == notification.id]
        if not sight.sees_assessment(notification.addressee.code):
            hide_assessment(view)
        if audience is not Audience.SECRETARIAT:
            view |= {"no_receipt_at": None, "step": None if view["no_receipt_at"] else view["step"]}
        views.append(view)
    return {"reference": reference, "notifications": views}


def _answer_view(given: Acknowledgement) -> dict[str, Any]:
    return {
        "grade": given.grade,
        "assessment": given.assessment,
        "preliminary": given.preliminary,
        "by": given.by,
        "office": given.office,
        "means": given.means,
        "assurance": given.assurance,
        "at": stamp(given.at),
        "late": given.late,
        "signs_of_a_machine": list(given.signs),
        "disputed_at": stamp(given.disputed_at),
    }


def notification_view(notification: Notification) -> dict[str, Any]:
    """Show one notification, without its clocks and deliveries."""
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
        "asked_at": stamp(notification.asked_at),
        "asked_by_report": notification.round,
        "received_at": stamp(notification.received_at),
        "assessed_at": stamp(notification.assessed_at),
        "acting_at": stamp(notification.acting_at),
        "no_receipt_at": stamp(notification.no_receipt_at),
        "step": notification.step,
    }


def delivery_view(
    delivery: DeliveryRow, attempts: Sequence[Attempt], evidence: Sequence[EvidenceRow]
) -> dict[str, Any]:
    """Show one delivery with its attempts and what came back, and what they prove."""
    return {
        "id": delivery.id,
        "contact": delivery.contact,
        "channel": delivery.channel,
        "step": delivery.step,
        "kind": delivery.kind,
        "report_sequence": delivery.report_sequence,
        "reason": str(delivery.reason or ""),
        "state": delivery.state,
        "queued_at": stamp(delivery.queued_at),
        "accepted_at": stamp(delivery.accepted_at),
        "attempts": [_attempt_view(tried) for tried in attempts if tried.delivery_id == delivery.id],
        "evidence": [
            {
                "at": stamp(drawn.at),
                "kind": drawn.kind,
                "detail": drawn.detail,
                "source": drawn.source,
                "mail": drawn.mail_id,
                "sha256": drawn.sha256,
            }
            for drawn in evidence
            if drawn.delivery_id == delivery.id
        ],
    }


def _attempt_view(tried: Attempt) -> dict[str, Any]:
    return {
        "number": tried.number,
        "at": stamp(tried.started_at),
        "milliseconds": tried.milliseconds,
        "result": tried.result,
        "status": tried.status,
        "reason": tried.reason,
        "answer": tried.answer,
        "next_attempt_at": stamp(tried.next_attempt_at),
    }


async def submission_view(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Answer a submission: the case, its severity, who is told by which routes, and what is still to be said."""
    shown = await show_case(reference, account, ports)
    async with ports.database.read() as work:
        told = await work.notifications.of_case(reference)
        deliveries = await work.deliveries.of_case(reference)
        contacts = await work.contacts.many([d.contact for d in deliveries if d.contact is not None])
        reports = await work.cases.reports(reference)
    offices = {contact.id: contact.office for contact in contacts}
    notifications = []
    for notification in told:
        view = notification_view(notification)
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
        "suggestions": suggestions_view(reports[0].document, ports),
        "dispatch_paused_until": shown["dispatch_paused_until"],
        "status_url": ports.url(f"/api/v1/cases/{reference}/notifications"),
    }
