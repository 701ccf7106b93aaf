"""Builds what a message says, for the audience and in the language of its reader."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contacts.model import Contact, ContactRole
from contacts.registry import Registry
from notify.case import Case
from notify.clocks import Extent
from notify.confidentiality import holds_marked, visible
from notify.delivery import Notice, NoticeKind, Told, ToldReport
from notify.events import SERVICE_CHAIN
from notify.merging import remarked
from notify.notification import AddresseeKind, Notification
from notify.report_model import Report
from notify.rows import DeliveryRow, RecordRow, StoredReport
from notify.sentence import Sentence
from notify.severity import assess
from notify.told import told_reports
from notify.words import Audience, NotificationClass, Severity

_OWN_DETAILS = frozenset({NoticeKind.NOTIFICATION, NoticeKind.REMINDER, NoticeKind.ESCALATION})
OF_A_LATER_REPORT = frozenset({NoticeKind.REPORT, NoticeKind.WITHDRAWN})
_WITH_ITS_REPORT = frozenset({NoticeKind.REMINDER, NoticeKind.RECORD, NoticeKind.FILED})


@dataclass(frozen=True, slots=True)
class CaseContent:
    """What the messages of one case are made from that tell of one of its reports."""

    case: Case
    report: StoredReport
    record: RecordRow | None
    log_head: tuple[int, str]
    case_url: str
    chain: tuple[Told, ...] = ()  # every report up to this one, in order
    reports: tuple[StoredReport, ...] = ()  # the same, whole; empty where there is one only
    marks: Mapping[str, Any] | None = None  # all that is known by now, whose marks hold

    @property
    def known(self) -> dict[str, Any]:
        """Give what was known with this report, under the marks that hold now."""
        if self.marks is None:
            return dict(self.report.knowledge)
        return remarked(self.report.knowledge, self.marks)

    @property
    def severity_reason(self) -> Sentence:
        """Say why the severity was what it was with this report."""
        if self.report.sequence == self.case.latest_sequence:
            return self.case.severity_reason
        return assess(Report.model_validate(dict(self.report.knowledge))).reason


def content_of(
    case: Case,
    reports: Sequence[StoredReport],
    sequence: int,
    record: RecordRow | None,
    log_head: tuple[int, str],
    case_url: str,
) -> CaseContent:
    """Gather what a message is made from that tells of the report of this sequence; 0 is the latest."""
    known = tuple(reports[: sequence or len(reports)])
    chain = tuple(Told(report.sequence, report.type, report.submitted_at) for report in known)
    if len(reports) == 1:
        return CaseContent(case, known[-1], record, log_head, case_url, chain)
    return CaseContent(case, known[-1], record, log_head, case_url, chain, known, reports[-1].knowledge)


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
    return case_notice(
        content,
        key=key,
        kind=row.kind,
        sequence=row.report_sequence,
        audience=audience,
        language=language,
        details=details,
    )


def case_notice(
    content: CaseContent,
    *,
    key: str,
    kind: NoticeKind,
    sequence: int,
    audience: Audience,
    language: str,
    details: Mapping[str, Any],
) -> Notice:
    """Build a notice of a case for readers of one audience."""
    case, known = content.case, content.known
    seen = visible(known, audience)
    head_sequence, head = content.log_head
    notice = Notice(
        key=key,
        kind=kind,
        language=language,
        audience=audience,
        case_reference=case.reference,
        exercise=case.exercise,
        sequence=sequence,
        severity=Severity(content.report.severity),
        severity_reason=content.severity_reason,
        notification_class=NotificationClass(known["notification_class"]),
        title=known["title"],
        original_language=known.get("original_language") or next(iter(known["title"])),
        reporting_state=case.reporting_state,
        authority=str(seen.document.get("authority", {}).get("name", "")),
        submitted_at=content.report.submitted_at,
        report=seen.document,
        withheld=seen.withheld,
        case_url=content.case_url,
        log_head=f"{head_sequence} {head}",
        details=details,
        confidential=holds_marked(known, audience),
        chain=_chain(content, kind, audience),
        twin=case.twin,
    )
    return _of_its_report(notice, content) if kind in OF_A_LATER_REPORT else notice


def _of_its_report(notice: Notice, content: CaseContent) -> Notice:
    """Make a notice tell of a later report, as much as the policy says."""
    told = content.report
    return replace(
        notice,
        report={**notice.report, "type": told.type, "reason": told.document.get("reason")},
        extent=content.case.policy.telling.get(told.type, Extent.WHOLE),
        wants_acknowledgement=told.material,
    )


def _chain(content: CaseContent, kind: NoticeKind, audience: Audience) -> tuple[ToldReport, ...]:
    """Tell a later report by what it changed; who is told for the first time gets the whole chain so far."""
    if not content.reports or content.marks is None or content.report.sequence == 1:
        return ()
    if kind in (NoticeKind.NOTIFICATION, NoticeKind.ESCALATION):
        return told_reports(content.reports, audience, content.marks)
    if kind in OF_A_LATER_REPORT or kind in _WITH_ITS_REPORT:
        return told_reports(content.reports[-2:], audience, content.marks)[1:]
    return ()


def service_notice(row: DeliveryRow, *, language: str, service_url: str, at: datetime) -> Notice:
    """Build a notice that belongs to no case: of an inquiry, or an alarm of the operator."""
    title = row.details.get("title", {})
    reference = None if row.case_reference == SERVICE_CHAIN else row.case_reference
    return Notice(
        key=notice_key(row, str(row.case_reference), Audience.SECRETARIAT, language, row.details),
        kind=row.kind,
        language=language,
        audience=Audience.SECRETARIAT,
        case_reference=reference,
        exercise=row.case_reference.startswith("EX"),
        sequence=0,
        severity=Severity(row.details["severity"]) if "severity" in row.details else None,
        severity_reason=None,
        notification_class=None,
        title=title,
        original_language=next(iter(title), language),
        reporting_state=None,
        authority="",
        submitted_at=None if title else at,
        report={},
        withheld=(),
        case_url=service_url,
        log_head="",
        details=revived(row.details),
    )


def notice_key(
    row: DeliveryRow, case: str, audience: Audience, language: str, details: Mapping[str, Any], *, latest: int = 0
) -> str:
    """Name the content of a notice: what has one key says the same, in the same words."""
    own = "" if row.kind in _OWN_DETAILS else hashlib.sha256(json.dumps(details, default=str).encode()).hexdigest()[:16]
    return f"{case}:{row.report_sequence}:{latest}:{row.kind}:{audience}:{language}:{own}"


def may_be_in_confidence(contact: Contact, case: Case, registry: Registry) -> bool:
    """Tell whether a contact may read in confidence: that of a non-Party, of a report that is not its own State's."""
    if contact.state is None or contact.state == case.reporting_state:
        return False
    return not registry.is_party(contact.state)


def given_in_confidence(content: CaseContent, audience: Audience) -> bool:
    """Tell whether a reader of this audience reads something that the public does not (Article 21)."""
    document = content.known
    return visible(document, audience).withheld != visible(document, Audience.PUBLIC).withheld
