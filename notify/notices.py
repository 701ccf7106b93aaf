"""Builds what a message says, for the audience and in the language of its reader."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.model import Contact, ContactRole
from contacts.registry import Registry
from notify.case import Case
from notify.confidentiality import visible
from notify.delivery import Notice, NoticeKind
from notify.events import SERVICE_CHAIN
from notify.notification import AddresseeKind, Notification
from notify.rows import DeliveryRow, RecordRow, StoredReport
from notify.sentence import Sentence
from notify.words import Audience

_OWN_DETAILS = frozenset({NoticeKind.NOTIFICATION, NoticeKind.REMINDER, NoticeKind.ESCALATION})


@dataclass(frozen=True, slots=True)
class CaseContent:
    """What the messages of one case are made from."""

    case: Case
    report: StoredReport
    record: RecordRow | None
    log_head: tuple[int, str]
    case_url: str


def audience_of(notification: Notification | None, contact: Contact | None) -> Audience:
    """Say as whom a recipient reads a case (Article 21): the filer's side all, addressees what is theirs."""
    if contact is None or notification is None or notification.addressee.kind is AddresseeKind.BCH:
        return Audience.SECRETARIAT
    if notification.addressee.kind is AddresseeKind.ORGANIZATION or contact.role is ContactRole.ORGANIZATION:
        return Audience.PUBLIC
    return Audience.RECIPIENTS


def details_of(row: DeliveryRow, content: CaseContent, contact: Contact | None) -> dict[str, Any]:
    """Gather what only this kind of notice says."""
    details: dict[str, Any] = revived(row.details)
    details["voluntary"] = content.case.voluntary
    is_record = contact is not None and contact.role is ContactRole.BCH_FOCAL_POINT and row.kind is NoticeKind.RECORD
    if is_record and content.record is not None:
        details["record"] = content.record.document
        details["to_complete"] = list(content.record.to_complete)
    return details


def revived(value: Any) -> Any:
    """Read back the sentences inside stored details."""
    if isinstance(value, Mapping):
        if value.keys() == {"text", "values"}:
            return Sentence.from_json(value)
        return {name: revived(inner) for name, inner in value.items()}
    return [revived(inner) for inner in value] if isinstance(value, list) else value


def build_notice(
    row: DeliveryRow, content: CaseContent, *, key: str, audience: Audience, language: str, details: Mapping[str, Any]
) -> Notice:
    """Build the notice of a delivery in a case."""
    case = content.case
    seen = visible(dict(content.report.document), audience)
    sequence, head = content.log_head
    return Notice(
        key=key,
        kind=row.kind,
        language=language,
        audience=audience,
        case_reference=case.reference,
        exercise=case.exercise,
        sequence=row.report_sequence,
        severity=case.severity,
        severity_reason=case.severity_reason,
        notification_class=case.notification_class,
        title=case.title,
        original_language=case.original_language,
        reporting_state=case.reporting_state,
        authority=str(seen.document.get("authority", {}).get("name", "")),
        submitted_at=content.report.submitted_at,
        report=seen.document,
        withheld=seen.withheld,
        case_url=content.case_url,
        log_head=f"{sequence} {head}",
        details=details,
    )


def service_notice(row: DeliveryRow, *, language: str, service_url: str, at: datetime) -> Notice:
    """Build a notice that belongs to no case (the operator's alarms)."""
    reference = None if row.case_reference == SERVICE_CHAIN else row.case_reference
    return Notice(
        key=notice_key(row, str(row.case_reference), Audience.SECRETARIAT, language, row.details),
        kind=row.kind,
        language=language,
        audience=Audience.SECRETARIAT,
        case_reference=reference,
        exercise=False,
        sequence=0,
        severity=None,
        severity_reason=None,
        notification_class=None,
        title={},
        original_language=language,
        reporting_state=None,
        authority="",
        submitted_at=at,
        report={},
        withheld=(),
        case_url=service_url,
        log_head="",
        details=revived(row.details),
    )


def notice_key(row: DeliveryRow, case: str, audience: Audience, language: str, details: Mapping[str, Any]) -> str:
    """Name the content of a notice: what has one key says the same, in the same words."""
    own = "" if row.kind in _OWN_DETAILS else hashlib.sha256(json.dumps(details, default=str).encode()).hexdigest()[:16]
    return f"{case}:{row.report_sequence}:{row.kind}:{audience}:{language}:{own}"


def may_be_in_confidence(contact: Contact, case: Case, registry: Registry) -> bool:
    """Tell whether a contact may read in confidence: that of a non-Party, of a report that is not its own State's."""
    if contact.state is None or contact.state == case.reporting_state:
        return False
    return not registry.is_party(contact.state)


def given_in_confidence(content: CaseContent, audience: Audience) -> bool:
    """Tell whether a reader of this audience reads something that the public does not (Article 21)."""
    document = dict(content.report.document)
    return visible(document, audience).withheld != visible(document, Audience.PUBLIC).withheld
