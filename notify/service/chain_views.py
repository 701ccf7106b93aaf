"""Shows the chain of reports of a case, what a later report changes, and whom else the officer may want to name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from contacts.geography import load_geography
from notify.completeness import completeness
from notify.confidentiality import visible
from notify.delivery import NoticeKind, ToldReport
from notify.merging import remarked
from notify.notification import AddresseeKind, Notification
from notify.ports import Ports
from notify.report_model import Report
from notify.routing import PlannedNotification
from notify.rows import DeliveryRow, StoredReport
from notify.suggestion import situation_of, suggestions
from notify.told import told_reports
from notify.words import Audience, ChannelName

if TYPE_CHECKING:
    from notify.service.following import Follow

_TELLS = frozenset({NoticeKind.NOTIFICATION, NoticeKind.REPORT, NoticeKind.WITHDRAWN, NoticeKind.RECORD})


def route_view(contact: str, office: str, channel: ChannelName, reason: object) -> dict[str, Any]:
    """Show one route."""
    return {"contact": contact, "office": office, "channel": channel, "reason": str(reason or "")}


def planned_view(planned: PlannedNotification) -> dict[str, Any]:
    """Show whom a report would tell, by which routes."""
    is_state = planned.addressee.kind is AddresseeKind.STATE
    return {
        "addressee": {"kind": planned.addressee.kind, "code": planned.addressee.code},
        "state": planned.addressee.code if is_state else None,
        "status": planned.status,
        "reason": str(planned.reason),
        "routes": [route_view(r.contact.id, r.contact.office, r.channel, r.reason) for r in planned.routes],
    }


def chain_view(reports: Sequence[StoredReport], audience: Audience) -> list[dict[str, Any]]:
    """Show each report of a chain as far as an audience may read it, with what changed since the one before."""
    return [_told_view(told) for told in told_reports(reports, audience, reports[-1].knowledge)]


def _told_view(told: ToldReport) -> dict[str, Any]:
    return told.to_json() | {"report": told.report, "withheld": list(told.withheld)}


def known_view(reports: Sequence[StoredReport], audience: Audience) -> dict[str, Any]:
    """Show all that is known by now, as one report."""
    seen = visible(dict(reports[-1].knowledge), audience)
    return {"report": seen.document, "withheld": list(seen.withheld)}


def suggestions_view(document: Mapping[str, Any], ports: Ports) -> list[dict[str, Any]]:
    """Show whom else the officer may want to name, each with its reasons; none is ever added by itself."""
    found = suggestions(situation_of(document), load_geography(), ports.registry.is_state)
    return [
        {
            "state": one.state,
            "organization": one.organization,
            "ground": one.ground,
            "reasons": [str(reason) for reason in one.reasons],
            "likely": one.likely,
        }
        for one in found
    ]


def follow_view(follow: Follow, ports: Ports) -> dict[str, Any]:
    """Show all that a later report would do."""
    checked, found = follow.checked, follow.checked.consequences
    return {
        "type": checked.kind,
        "sequence": follow.case.latest_sequence + 1,
        "material": found.material,
        "material_because": [str(reason) for reason in found.material_because],
        "severity": {"level": found.after.level, "reason": str(found.after.reason)},
        "hints": [str(hint) for hint in found.after.hints],
        "notification_class": found.class_after,
        "opens_twin": found.links_twin and follow.case.twin is None,
        "differences": [one.to_json() for one in checked.differences],
        "told": [addressee.code for addressee in follow.told],
        "no_longer_named": list(found.removed_states),
        "notifications": [planned_view(planned) for planned in follow.fresh.notifications],
        "tasks": [str(task.text) for task in follow.fresh.tasks],
        "completeness": completeness(checked.report),
        "warnings": [{"pointer": w.pointer, "detail": str(w.sentence)} for w in checked.warnings],
        "suggestions": suggestions_view(checked.known, ports),
    }


def added_view(
    reports: Sequence[StoredReport], sequence: int, told: Iterable[Notification], deliveries: Iterable[DeliveryRow]
) -> dict[str, Any]:
    """Show one report of a chain to its filer, with who was told of it."""
    stored = reports[sequence - 1]
    (this,) = told_reports(reports[sequence - 2 : sequence], Audience.SECRETARIAT, reports[-1].knowledge)[1:]
    rows = [row for row in deliveries if row.report_sequence == sequence and row.kind in _TELLS]
    contacts = {n.id: {row.contact for row in rows if row.notification_id == n.id} for n in told}
    return {
        "sequence": sequence,
        "type": stored.type,
        "submitted_at": this.to_json()["submitted_at"],
        "material": stored.material,
        "differences": [one.to_json() for one in this.differences],
        "notifications": [
            {
                "id": n.id,
                "addressee": {"kind": n.addressee.kind, "code": n.addressee.code},
                "state": n.addressee.code if n.addressee.climbs else None,
                "status": n.status,
                "new": n.issued_at == stored.submitted_at,
                "asked_anew": n.round >= sequence and n.asked_at > n.issued_at,
                "contacts": len(contacts[n.id]),
            }
            for n in told
        ],
        "completeness": completeness(Report.model_validate(dict(remarked(stored.knowledge, stored.knowledge)))),
    }
