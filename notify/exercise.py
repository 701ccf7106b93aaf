"""Rules of an exercise: its scenario, what keeps it apart from real cases, when it is purged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contacts.model import StateCode
from notify.case import CaseStatus
from notify.errors import Fault, InvalidDocument, NotAllowed
from notify.notification import Addressee, AddresseeKind
from notify.report import Report, parse_report
from notify.report_structure import cleaned, readable
from notify.routing import addressed_states
from notify.words import CaseReference, Severity

PREFIX = "EX17"
KEPT_FOR = timedelta(days=90)
"""An exercise is purged this long after it ended; its scores, which name no person, stay."""

LASTS = timedelta(days=14)
"""An exercise ends this long after it began, or as soon as every State has assessed it."""

LONGEST_LEAD = timedelta(days=366)
MOST_RECIPIENTS = 200
_FIELDS = ("report", "recipients", "announced", "starts_at")

IsCode = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Scenario:
    """An exercise as it will run: the report it files, whom it tells, announced or not, and from when (UTC)."""

    report: Report
    recipients: tuple[StateCode, ...]
    announced: bool
    starts_at: datetime


def is_exercise(reference: CaseReference) -> bool:
    """Tell an exercise from a real case by its number: `EX17-…`."""
    return reference.startswith(f"{PREFIX}-")


def may_be_told(reference: CaseReference, addressee: Addressee) -> bool:
    """Tell whether an addressee may be told: an exercise never reaches the BCH, nor an organization."""
    return not is_exercise(reference) or addressee.kind is AddresseeKind.STATE


def require_real(reference: CaseReference) -> None:
    """Raise NotAllowed for an exercise: nothing of it is cleared, published or sent to the BCH."""
    if is_exercise(reference):
        raise NotAllowed("this is an exercise: nothing of it is cleared, published or sent to the BCH")


def is_urgent(reference: CaseReference, severity: Severity) -> bool:
    """Tell whether messages of a case are claimed first: never those of an exercise, so that no real case waits."""
    return severity.urgent and not is_exercise(reference)


def check_scenario(
    document: object,
    *,
    now: datetime,
    is_state: IsCode,
    is_place: IsCode,
    agreed: frozenset[StateCode] = frozenset(),
) -> Scenario:
    """Check a scenario; `agreed` are the States that agreed to exercises nobody announces.

    The report is filed as an exercise to the recipients alone: other affected States and all organizations are left
    out of it, recipients that it does not name are added as potentially affected. Without `recipients` they are the
    States it names; without `starts_at` it starts now. Raises InvalidDocument with every fault and its place.
    """
    if not isinstance(document, dict):
        raise InvalidDocument([Fault("", "must be a JSON object: one scenario")])
    clean, faults = cleaned(document)
    known = ", ".join(_FIELDS)
    faults += [
        Fault(f"/{readable(name)}", f"there is no such field; known are {known}")
        for name in clean
        if name not in _FIELDS
    ]
    if not isinstance(clean.get("announced"), bool):
        faults.append(Fault("/announced", "is needed: true when the recipients know of it beforehand, else false"))
    starts_at = _start(clean.get("starts_at"), now, faults)
    recipients = _recipients(clean, is_state, faults)
    if clean.get("announced") is False:
        for place, state in recipients.items():
            if state not in agreed:
                faults.append(Fault(place, f"{state} has not agreed to exercises that are not announced"))
    report = _report(clean.get("report"), tuple(recipients.values()), is_state, is_place, faults)
    if faults or report is None:
        raise InvalidDocument(list(dict.fromkeys(faults)))
    return Scenario(report, tuple(recipients.values()), clean["announced"], starts_at)


def _start(given: Any, now: datetime, faults: list[Fault]) -> datetime:
    if given is None:
        return now
    try:
        starts_at = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        faults.append(Fault("/starts_at", "must be a time with its zone, such as 2026-12-01T09:00Z"))
        return now
    if starts_at.tzinfo is None:
        faults.append(Fault("/starts_at", "needs a time zone, such as Z for UTC"))
    elif not now - timedelta(minutes=5) <= starts_at <= now + LONGEST_LEAD:
        faults.append(Fault("/starts_at", f"must lie ahead, by at most {LONGEST_LEAD.days} days"))
    else:
        return starts_at.astimezone(UTC)
    return now


def _recipients(clean: Mapping[str, Any], is_state: IsCode, faults: list[Fault]) -> dict[str, StateCode]:
    """Give the recipients by the place that names each."""
    found: dict[str, StateCode] = {}
    for place, code in _named_recipients(clean, faults):
        if not isinstance(code, str) or not is_state(code):
            faults.append(Fault(place, "must be a State of the list of addressees (ISO 3166-1 alpha-2)"))
        elif code in found.values():
            faults.append(Fault(place, "this State is already in the list"))
        elif code == _reporting_state(clean):
            faults.append(Fault(place, "the State that files the exercise cannot be its recipient"))
        else:
            found[place] = StateCode(code)
    return found


def _named_recipients(clean: Mapping[str, Any], faults: list[Fault]) -> Sequence[tuple[str, Any]]:
    given = clean.get("recipients")
    if given is None:
        report = clean.get("report")
        affected = report.get("affected_states") if isinstance(report, dict) else None
        entries = affected if isinstance(affected, list) else []
        # What is wrong with an entry of the report, the report's own check says.
        codes = {index: entry.get("state") for index, entry in enumerate(entries) if isinstance(entry, dict)}
        named = [
            (f"/report/affected_states/{index}/state", code)
            for index, code in codes.items()
            if isinstance(code, str) and code != _reporting_state(clean)
        ]
        if not named:
            faults.append(Fault("/recipients", "is needed: at least one State"))
        return named
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_RECIPIENTS:
        faults.append(Fault("/recipients", f"must be a list of 1 to {MOST_RECIPIENTS} States"))
        return []
    return [(f"/recipients/{index}", code) for index, code in enumerate(given)]


def _reporting_state(clean: Mapping[str, Any]) -> Any:
    report = clean.get("report")
    return report.get("reporting_state") if isinstance(report, dict) else None


def _report(
    given: Any, recipients: Sequence[StateCode], is_state: IsCode, is_place: IsCode, faults: list[Fault]
) -> Report | None:
    if not isinstance(given, dict):
        faults.append(Fault("/report", "is needed: the initial report of the exercise"))
        return None
    if given.get("status", "exercise") != "exercise":
        faults.append(Fault("/report/status", "must be exercise, or left out"))
    try:
        # As it was given first, so that each fault stands at its place; then as it is filed.
        parse_report(given | {"status": "exercise"}, is_state=is_state, is_place=is_place)
        report, _ = parse_report(_filed(given, recipients), is_state=is_state, is_place=is_place)
    except InvalidDocument as invalid:
        faults += [Fault(f"/report{fault.pointer}", fault.detail) for fault in invalid.faults]
        return None
    for state in addressed_states(report).keys() - set(recipients):
        faults.append(
            Fault("/report", f"would also tell {state}, as State of origin or release; please add it to the recipients")
        )
    return report


def _filed(given: Mapping[str, Any], recipients: Sequence[StateCode]) -> dict[str, Any]:
    """Write the report as the exercise files it, to its recipients and nobody else."""
    stated = given.get("affected_states") or []
    kept = [entry for entry in stated if entry["state"] in recipients or entry["state"] == given["reporting_state"]]
    named = {entry["state"] for entry in kept}
    added = [{"state": state, "status": "potentially_affected"} for state in recipients if state not in named]
    left_out = {"organizations", "attachments", "affected_states_determined"}
    marks = {
        pointer: mark
        for pointer, mark in (given.get("confidential") or {}).items()
        # Marks inside lists that changed would point elsewhere, and nothing of an exercise is confidential by itself.
        if not pointer.startswith(("/affected_states", "/organizations", "/attachments"))
    }
    document = {name: value for name, value in given.items() if name not in left_out}
    return document | {"affected_states": [*kept, *added], "status": "exercise", "confidential": marks}


def purge_at(reference: CaseReference, status: CaseStatus, ended_at: datetime | None) -> datetime | None:
    """Say when an exercise is purged; None: never, as it is a real case, or not yet, as it still runs."""
    ended = status in (CaseStatus.CLOSED, CaseStatus.WITHDRAWN)
    return ended_at + KEPT_FOR if is_exercise(reference) and ended and ended_at is not None else None


def may_purge(reference: CaseReference, status: CaseStatus, ended_at: datetime | None, now: datetime) -> bool:
    """Tell whether a case may be purged now: an exercise that ended long enough ago, and no real case ever."""
    at = purge_at(reference, status, ended_at)
    return at is not None and at <= now
