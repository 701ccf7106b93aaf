"""Takes a later report in: checks it against what is known, and stores it with everything that must follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from notify.account import Account, Role
from notify.case import Case, CaseStatus
from notify.chain import CheckedLaterReport, check_later_report, require_may_follow, telling
from notify.errors import ConfirmationNeeded, Conflict, Fault, InvalidDocument, NotAllowed, StaleVersion
from notify.notification import Addressee
from notify.ports import Ports, UnitOfWork
from notify.report import ReportType, digest, stored_digest
from notify.routing import Directory, Plan, additions, plan_routes
from notify.rows import StoredReport
from notify.service.adding import Addition, add_report
from notify.service.addressing import directory_for
from notify.service.attaching import name_in_report
from notify.service.filing import MOST_STATES
from notify.service.issuing import Filing, brake_reason, open_case
from notify.service.reading import audience_in_case
from notify.severity import assess
from notify.words import CaseReference


@dataclass(frozen=True, slots=True)
class Followed:
    """What the filer is answered; `new` is False when the same key was used before."""

    reference: CaseReference
    sequence: int
    new: bool


@dataclass(frozen=True, slots=True)
class Follow:
    """A later report that was checked, with whom it would tell for the first time."""

    case: Case
    reports: Sequence[StoredReport]
    checked: CheckedLaterReport
    plan: Plan  # of the whole case as it is known now
    fresh: Plan  # what of it is new
    directory: Directory
    told: Sequence[Addressee]


async def read_follow_up(
    reference: CaseReference, document: object, account: Account, work: UnitOfWork, ports: Ports
) -> Follow:
    """Check a later report and the account's right to file it.

    Raises NotFound, NotAllowed, Conflict (nothing of this kind may follow now) or InvalidDocument.
    """
    case = await work.cases.get(reference)
    await audience_in_case(account, case, work)
    _check_right(account, case, document)
    reports = await work.cases.reports(reference)
    kind = document.get("type") if isinstance(document, dict) else None
    if isinstance(kind, str) and kind in set(ReportType):
        require_may_follow(ReportType(kind), case.status)
    checked = check_later_report(
        document,
        known=reports[-1].knowledge,
        is_state=ports.registry.is_state,
        is_place=ports.registry.is_place,
    )
    directory = await directory_for(checked.report, work)
    plan = plan_routes(checked.report, checked.consequences.after.level, directory, ports.registry)
    told = [n.addressee for n in await work.notifications.of_case(reference)]
    # A withdrawal tells nobody who was not told before.
    fresh = Plan() if checked.kind is ReportType.WITHDRAWAL else additions(plan, told)
    return Follow(case, reports, checked, plan, fresh, directory, told)


def _check_right(account: Account, case: Case, document: object) -> None:
    if account.role is Role.OPERATOR:
        return
    if account.role is Role.SECRETARIAT:
        _check_instruction(document)
    elif account.role is not Role.AUTHORITY or account.state != case.reporting_state:
        raise NotAllowed("a later report is filed by an authority of the reporting State, and only in its own case")


def _check_instruction(document: object) -> None:
    """Want the instruction of the reporting State with each report that the secretariat files for it."""
    stated = document if isinstance(document, dict) else {}
    attachments = stated.get("attachments")
    listed = attachments if isinstance(attachments, list) else []
    if not any(isinstance(one, dict) and one.get("description") for one in listed):
        detail = "the instruction of the reporting State must be attached, with a description that names its office"
        raise InvalidDocument([Fault("/attachments", detail)])


async def preview_follow_up(
    reference: CaseReference, document: object, account: Account, ports: Ports
) -> dict[str, Any]:
    """Say all that a later report would change and whom it would tell, without doing it."""
    from notify.service.chain_views import follow_view

    async with ports.database.read() as work:
        follow = await read_follow_up(reference, document, account, work, ports)
        reason = _brake(follow)
    return follow_view(follow, ports) | {"confirmation_needed": reason}


def _brake(follow: Follow) -> str | None:
    return brake_reason(0, follow.fresh, MOST_STATES, 1)


async def follow_up(
    reference: CaseReference,
    document: object,
    account: Account,
    key: str,
    ports: Ports,
    *,
    confirmation: str | None = None,
    expected: int | None = None,
) -> Followed:
    """Add a later report to the chain of a case: stored, numbered, immutable; everyone who was told is told of it.

    The same idempotency key of an account gives the same report, for good. `expected` is the version of the case that
    the filer read. Raises InvalidDocument, NotAllowed, NotFound, Conflict, StaleVersion or ConfirmationNeeded.
    """
    sha256 = digest(document)
    before = await _followed_before(reference, account, key, sha256, ports)
    if before is not None:
        return before
    async with ports.database.write() as work:
        known = await work.cases.report_of_key(account.id, key)
        if known is not None:
            return _same(reference, known, sha256)
        follow = await read_follow_up(reference, document, account, work, ports)
        if expected is not None and expected != follow.case.version:
            raise StaleVersion(f"case {reference} was changed meanwhile; read it again")
        reason = _brake(follow)
        if reason is not None and confirmation != sha256[:16]:
            raise ConfirmationNeeded(f"{reason} Please confirm that it is meant.", sha256[:16])
        stored = await _store(follow, sha256, account, work, ports)
        now, sequence = stored.submitted_at, stored.sequence
        if await work.cases.keep_key(account.id, key, sha256, reference, now, sequence=sequence):
            await work.commit()
            return Followed(reference, sequence, new=True)
    again = await _followed_before(reference, account, key, sha256, ports)
    if again is None:
        raise Conflict("the same idempotency key is being used by another request; ask again")
    return again


async def _followed_before(
    reference: CaseReference, account: Account, key: str, sha256: str, ports: Ports
) -> Followed | None:
    async with ports.database.read() as work:
        known = await work.cases.report_of_key(account.id, key)
    return None if known is None else _same(reference, known, sha256)


def _same(reference: CaseReference, known: tuple[CaseReference, str, int], sha256: str) -> Followed:
    case, stored, sequence = known
    if (case, stored) != (reference, sha256):
        raise Conflict(f"this idempotency key was used with another report (case {case})")
    return Followed(case, sequence, new=False)


async def _store(follow: Follow, sha256: str, account: Account, work: UnitOfWork, ports: Ports) -> StoredReport:
    case, checked, now = follow.case, follow.checked, ports.clock.now()
    told_how = telling(checked.kind, case.policy, material=checked.consequences.material)
    stored = StoredReport(
        case.reference,
        case.latest_sequence + 1,
        checked.kind.value,
        checked.document,
        stored_digest(checked.document, checked.known),
        account.id,
        now,
        checked.consequences.after.level.value,
        material=told_how.wants_acknowledgement,
        known=checked.known,
    )
    _change_case(case, checked, stored)
    if checked.consequences.links_twin and case.twin is None:
        case.twin = await _open_twin(follow, sha256, account, work, ports)
    # The case goes first: of two reports at the same moment, the second finds another version and is tried again.
    await work.cases.save(case)
    await work.cases.add_report(stored)
    addition = Addition(case, follow.reports[0], stored, checked, follow.plan, follow.fresh, follow.directory, told_how)
    await add_report(addition, work, ports)
    if checked.document.get("attachments"):
        await name_in_report(checked.report.attachments, stored.sequence, case, account, work)
    return stored


def _change_case(case: Case, checked: CheckedLaterReport, stored: StoredReport) -> None:
    """Enter what is known now into the case; its policy stays frozen."""
    report, finding = checked.report, checked.consequences.after
    case.latest_sequence = stored.sequence
    case.notification_class = report.notification_class
    case.severity, case.severity_reason = finding.level, finding.reason
    case.title, case.original_language = dict(report.title), report.language
    if checked.kind is ReportType.WITHDRAWAL:
        case.status, case.closed_at = CaseStatus.WITHDRAWN, stored.submitted_at


async def _open_twin(follow: Follow, sha256: str, account: Account, work: UnitOfWork, ports: Ports) -> CaseReference:
    """Open the case on the other side of Article 25, with a reference and a record of its own; both name each other."""
    report = follow.checked.report
    finding = assess(report)
    filing = Filing(report, finding, follow.plan, follow.directory, sha256)
    twin = await open_case(filing, account, work, ports, twin=follow.case.reference)
    return twin.reference
