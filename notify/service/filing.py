"""Takes a report in: checks it, plans, asks for a second confirmation where the brake wants one, and opens the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from notify.account import Account, Role
from notify.completeness import completeness
from notify.errors import ConfirmationNeeded, Conflict, Fault, InvalidDocument, KeyTaken, NotAllowed
from notify.ports import Ports, UnitOfWork
from notify.report import Report, ReportType, digest, parse_report
from notify.routing import plan_routes
from notify.service.chain_views import planned_view, suggestions_view
from notify.service.issuing import Filing, brake_reason, directory_for, open_case
from notify.service.reading import stamp
from notify.severity import assess
from notify.words import AccountId, CaseReference

LATER_TYPES = frozenset(ReportType) - {ReportType.INITIAL}
MOST_STATES = 50
MOST_CASES_AN_HOUR = 10


@dataclass(frozen=True, slots=True)
class Submitted:
    """What the filer is answered; `new` is False when the same key was used before."""

    reference: CaseReference
    new: bool


def check_report(document: object, account: Account, ports: Ports) -> tuple[Report, tuple[Any, ...]]:
    """Check a report and the account's right to file it; raise InvalidDocument or NotAllowed."""
    registry = ports.registry
    stated = document.get("type") if isinstance(document, dict) else None
    if isinstance(stated, str) and stated in LATER_TYPES:
        raise InvalidDocument([Fault("/type", "must be initial: a later report is handed in to its case")])
    report, warnings = parse_report(document, is_state=registry.is_state, is_place=registry.is_place)
    if account.role is Role.OPERATOR:
        return report, warnings
    if account.role is Role.SECRETARIAT:
        _check_instruction(report)
    elif account.role is not Role.AUTHORITY or account.state != report.reporting_state:
        raise NotAllowed("a report is filed by an authority of the reporting State, and only for its own State")
    return report, warnings


def _check_instruction(report: Report) -> None:
    faults = []
    if not any(attachment.description for attachment in report.attachments):
        detail = "the instruction of the reporting State must be attached, with a description that names its office"
        faults.append(Fault("/attachments", detail))
    if report.determination is None:
        faults.append(Fault("/determination", "the office that determined the class must be named"))
    if faults:
        raise InvalidDocument(faults)


async def preview_report(document: object, account: Account, ports: Ports) -> dict[str, Any]:
    """Say all that submitting would do, without doing it."""
    report, warnings = check_report(document, account, ports)
    async with ports.database.read() as work:
        filing = await _plan(report, digest(document), work, ports)
        reason = await _brake(filing, account, work, ports)
        pause = await work.brake.current()
    return {
        "dispatch_paused_until": stamp(pause.paused_until) if pause is not None else None,
        "severity": {"level": filing.finding.level, "reason": str(filing.finding.reason)},
        "hints": [str(hint) for hint in filing.finding.hints],
        "notifications": [planned_view(planned) for planned in filing.plan.notifications],
        "tasks": [str(task.text) for task in filing.plan.tasks],
        "completeness": completeness(report),
        "warnings": [{"pointer": w.pointer, "detail": str(w.sentence)} for w in warnings],
        "suggestions": suggestions_view(report.document(), ports),
        "confirmation_needed": reason,
    }


async def _plan(report: Report, sha256: str, work: UnitOfWork, ports: Ports) -> Filing:
    finding = assess(report)
    directory = await directory_for(report, work)
    plan = plan_routes(report, finding.level, directory, ports.registry)
    return Filing(report, finding, plan, directory, sha256)


async def _brake(filing: Filing, account: Account, work: UnitOfWork, ports: Ports) -> str | None:
    opened = await work.cases.opened_since(account.id, ports.clock.now() - timedelta(hours=1))
    return brake_reason(opened, filing.plan, MOST_STATES, MOST_CASES_AN_HOUR)


async def submit_report(
    document: Mapping[str, Any] | object,
    account: Account,
    key: str,
    ports: Ports,
    *,
    confirmation: str | None = None,
    key_owner: AccountId | None = None,
) -> Submitted:
    """Submit an initial report (Article 17(1)): store it with everything that must follow, in one transaction.

    The same idempotency key of an account (of `key_owner`, where that is another) gives the same case, for good.
    Raises InvalidDocument, NotAllowed, Conflict (the key was used with another report) or ConfirmationNeeded
    (repeat with its confirmation).
    """
    sha256, owner = digest(document), key_owner or account.id
    before = await _submitted_before(owner, key, sha256, ports)
    if before is not None:
        return before
    report, _ = check_report(document, account, ports)

    async def file(work: UnitOfWork) -> Submitted:
        known = await work.cases.reference_of_key(owner, key)
        if known is not None:
            return _same(known, sha256)
        filing = await _plan(report, sha256, work, ports)
        await _hold_or_pass(filing, account, confirmation, work, ports)
        case = await open_case(filing, account, work, ports)
        if not await work.cases.keep_key(owner, key, sha256, case.reference, case.opened_at):
            raise KeyTaken("the same idempotency key is being used by another request; ask again")
        return Submitted(case.reference, new=True)

    try:
        return await ports.database.together(file)
    except KeyTaken:
        # The same key was used at the same moment, at another process: that one's case is the case.
        again = await _submitted_before(owner, key, sha256, ports)
        if again is None:
            raise
    return again


async def _hold_or_pass(
    filing: Filing, account: Account, confirmation: str | None, work: UnitOfWork, ports: Ports
) -> None:
    """Ask for a second confirmation where the brake wants one."""
    reason = await _brake(filing, account, work, ports)
    expected = filing.sha256[:16]
    if reason is not None and confirmation != expected:
        raise ConfirmationNeeded(f"{reason} Please confirm that it is meant.", expected)


async def _submitted_before(owner: AccountId, key: str, sha256: str, ports: Ports) -> Submitted | None:
    async with ports.database.read() as work:
        known = await work.cases.reference_of_key(owner, key)
    return None if known is None else _same(known, sha256)


def _same(known: tuple[CaseReference, str], sha256: str) -> Submitted:
    reference, stored = known
    if stored != sha256:
        raise Conflict(f"this idempotency key was used with another report (case {reference})")
    return Submitted(reference, new=False)
