"""Builds what tests tell stories with: reports, contacts, accounts."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from contacts.model import Contact, ContactId, ContactRole, StateCode, Webhook

REPORTS = Path(__file__).parents[1] / "examples" / "reports"


def example(name: str) -> dict[str, Any]:
    """Read one of the real reports by the beginning of its file name."""
    (path,) = REPORTS.glob(f"{name}*.json")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def report_from(state: str, *affected: str, severity: str = "high", **changes: Any) -> dict[str, Any]:
    """Build a small valid report of a State that names these affected States, of this computed severity."""
    inputs = {
        "critical": ("occurred", "severe", "none"),
        "high": ("occurred", "moderate", "none"),
        "moderate": ("possible", "moderate", "partial"),
        "low": ("unlikely", "minor", "full"),
    }[severity]
    report: dict[str, Any] = {
        "type": "initial",
        "title": {"en": f"Release in {state}"},
        "notification_class": "article_17" if severity in ("critical", "high") else "illegal_movement",
        "reporting_state": state,
        "capacity": "state_of_release",
        "origin": {"state": state, "certainty": "confirmed"},
        "authority": {"name": f"Authority of {state}", "email": f"cna@{state.lower()}.example"},
        "sender": {"name": "Duty officer"},
        "knowledge": {"confirmed": {"value": "2026-11-19", "precision": "day"}},
        "severity_inputs": {
            "crossing": inputs[0],
            "self_sustaining": "no",
            "consequence": inputs[1],
            "containment": inputs[2],
            "sensitive_receptor": "no",
        },
        "lmos": [{"common_name": "Rice", "scientific_name": "Oryza sativa L."}],
        "release": {"state": state, "date": {"value": "2026-11-18", "precision": "day"}},
        "affected_states": [
            {"state": code, "status": "affected", "movement": "crossing_confirmed"} for code in affected
        ],
        "contact_for_information": {"office": "Desk", "email": f"desk@{state.lower()}.example"},
    }
    report.update(copy.deepcopy(changes))
    return report


def contact(
    state: str,
    role: str = "article_17_contact",
    /,
    *,
    order: int = 1,
    name: str = "",
    webhook: str | None = None,
    **changes: Any,
) -> Contact:
    """Build a contact of a State; its mailbox is named after its role (or `name`) and order."""
    mailbox = name or {"article_17_contact": "a17", "national_focal_point": "nfp"}.get(role, role.split("_")[0])
    values: dict[str, Any] = {
        "id": ContactId(f"{state.lower()}-{mailbox}-{order}"),
        "role": ContactRole(role),
        "state": StateCode(state),
        "office": f"{mailbox} {order} of {state}",
        "email": f"{mailbox}{order}@{state.lower()}.example",
        "order": order,
        "confirmed_on": "2026-10-01",
        "webhook": Webhook(url=webhook) if webhook else None,
    }
    return Contact(**values | changes)


def secretariat(*, duty: bool = False) -> Contact:
    """Build the secretariat's contact."""
    return Contact(
        id=ContactId("secretariat-1"),
        role=ContactRole.SECRETARIAT,
        office="Secretariat",
        email="secretariat@cbd.example",
        duty=duty,
        confirmed_on="2026-10-01",  # type: ignore[arg-type]
    )


def network(*states: str) -> list[Contact]:
    """Build full contacts of several States: primary, alternate, duty mailbox, focal points, authority."""
    contacts = [secretariat()]
    for state in states:
        contacts += [
            contact(state),
            contact(state, order=2),
            contact(state, order=3, name="duty", duty=True),
            contact(state, "national_focal_point", telephone="+999 123"),
            contact(state, "competent_national_authority", name="cna-contact"),
            contact(state, "bch_focal_point"),
        ]
    return contacts
