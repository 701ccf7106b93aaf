"""Rules of a case as a chain of reports: which may follow which, whether it is sound, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from contacts.model import StateCode
from notify.case import CaseStatus
from notify.differences import Difference, differences
from notify.errors import Conflict, Fault, InvalidDocument
from notify.merging import OF_THE_REPORT_ALONE, merged, normalised
from notify.pointer import path_of
from notify.policy import Extent, Policy
from notify.report import parse_report
from notify.report_faults import faults_of
from notify.report_model import LaterReport, Report, ReportType
from notify.report_rules import Warning_
from notify.report_structure import cleaned
from notify.sentence import N_, Sentence
from notify.severity import SeverityFinding, assess, more_urgent
from notify.words import NotificationClass, Severity

IsCode = Callable[[str], bool]

_NO_LONGER_FINAL = frozenset(ReportType) - {ReportType.FINAL, ReportType.CORRECTION, ReportType.NO_CHANGE}
# What a report that changes nothing, or takes everything back, may still say.
_BESIDE_NO_CHANGE = frozenset({"sender", "original_language"})
_BESIDE_WITHDRAWAL = _BESIDE_NO_CHANGE | {
    "determination",
    "contact_for_information",
    "other_information",
    "attachments",
    "lessons",
    "confidential",
}
_RECLASSIFIES = ("notification_class", "illegal_status", "severity_inputs", "severity_override", "determination")


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a later report changes for its case, beside what is known."""

    before: SeverityFinding
    after: SeverityFinding
    class_before: NotificationClass
    class_after: NotificationClass
    added_states: tuple[StateCode, ...]  # named as affected for the first time: they get the whole chain
    removed_states: tuple[StateCode, ...]  # no longer named: they are told all the same
    material: bool
    material_because: tuple[Sentence, ...]

    @property
    def restarts_ladder(self) -> bool:
        """Tell whether handling became more urgent: the ladder begins anew. Downward leaves a running one alone."""
        return more_urgent(self.after.level, self.before.level)

    @property
    def links_twin(self) -> bool:
        """Tell whether the case goes to or from an illegal movement: a twin case gets a reference of its own."""
        illegal = NotificationClass.ILLEGAL_MOVEMENT
        return (self.class_before is illegal) != (self.class_after is illegal)


@dataclass(frozen=True, slots=True)
class CheckedLaterReport:
    """A later report that is sound: what is stored of it, and what is known with it."""

    kind: ReportType
    document: dict[str, Any]  # what the filer stated, to be stored
    known: dict[str, Any]  # the present state of knowledge, as the document of an initial report
    report: Report  # the same, read
    warnings: tuple[Warning_, ...]
    differences: tuple[Difference, ...]
    consequences: Consequences


@dataclass(frozen=True, slots=True)
class Telling:
    """How a later report is told to everyone who was told before."""

    extent: Extent
    wants_acknowledgement: bool
    retracts: bool


def why_not(kind: ReportType, status: CaseStatus) -> Sentence | None:
    """Say why a report of this kind may not follow in a case of this status; None: it may."""
    if kind is ReportType.INITIAL:
        return Sentence("An initial report opens a case of its own; please choose how this report follows.")
    if status is CaseStatus.WITHDRAWN:
        return Sentence("This case was withdrawn, and nothing follows a withdrawal; please file a new report.")
    if status is CaseStatus.CLOSED:
        return Sentence("This case is closed; please reopen it with the new evidence first.")
    return None


def require_may_follow(kind: ReportType, status: CaseStatus) -> None:
    """Raise Conflict when a report of this kind may not follow."""
    reason = why_not(kind, status)
    if reason is not None:
        raise Conflict(str(reason))


def open_kinds(status: CaseStatus) -> tuple[ReportType, ...]:
    """List the kinds of report that may follow now."""
    return tuple(kind for kind in ReportType if why_not(kind, status) is None)


def final_stands(chain: Sequence[ReportType]) -> bool:
    """Tell whether the chain has a final report that nothing of substance followed: a correction leaves it final."""
    last = max((place for place, kind in enumerate(chain) if kind is ReportType.FINAL), default=None)
    return last is not None and not _NO_LONGER_FINAL.intersection(chain[last + 1 :])


def telling(kind: ReportType, policy: Policy, *, material: bool) -> Telling:
    """Say how much a report tells its recipients, and whether each acknowledges anew; a withdrawal always wants it."""
    retracts = kind is ReportType.WITHDRAWAL
    return Telling(policy.telling[kind.value], material or retracts, retracts)


def check_later_report(
    document: object, *, known: Mapping[str, Any], is_state: IsCode, is_place: IsCode
) -> CheckedLaterReport:
    """Check a later report against what is known: nothing is needed but its type and reason.

    Of the objects of a report it may state a part (`{"release": {"ongoing": "no"}}`); together with what stood
    they must make a whole report. Raises InvalidDocument, and nothing else, with every fault and its place.
    """
    if not isinstance(document, dict):
        raise InvalidDocument([Fault("", "must be a JSON object: one report")])
    clean, refused = cleaned(document)
    whole = merged(known, clean)
    if clean.get("confidential") is not None and not isinstance(clean["confidential"], dict):
        whole["confidential"] = clean["confidential"]
    found = _own_faults(clean)
    try:
        report, warnings = parse_report(whole, is_state=is_state, is_place=is_place)
    except InvalidDocument as invalid:
        raise InvalidDocument(_each_once(refused, [*found, *invalid.faults])) from None
    now = report.document()
    if not found and not refused:
        found = list(_kind_faults(ReportType(clean["type"]), clean, known, now))
    if found or refused:
        raise InvalidDocument(_each_once(refused, found))
    kind = ReportType(clean["type"])
    stored = normalised({name: value for name, value in clean.items() if name not in OF_THE_REPORT_ALONE}, now)
    alone = {name: clean[name] for name in ("type", "reason", "material") if clean.get(name) is not None}
    consequences = _consequences(kind, clean, known, report)
    if found := list(_material_faults(kind, clean, consequences)):
        raise InvalidDocument(found)
    return CheckedLaterReport(
        kind=kind,
        document=_with_marks(alone | stored, now),
        known=now,
        report=report,
        warnings=(*_stated_only(warnings, clean), *_override_warnings(clean, consequences.after)),
        differences=differences(known, now),
        consequences=consequences,
    )


def _with_marks(stated: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Give the report every mark that holds for what it states, so that it can be read alone and nothing shows."""
    kept = {name: value for name, value in stated.items() if value is not None and name != "confidential"}
    marks = {pointer: mark for pointer, mark in known.get("confidential", {}).items() if path_of(pointer, kept)}
    return kept | ({"confidential": marks} if marks else {})


def _own_faults(clean: dict[str, Any]) -> list[Fault]:
    """Check what the report says of itself: type, reason, material."""
    alone = {name: value for name, value in clean.items() if name in OF_THE_REPORT_ALONE}
    try:
        LaterReport.model_validate(alone)
    except ValidationError as error:
        return faults_of(error, alone)
    return []


def _each_once(refused: Sequence[Fault], found: Sequence[Fault]) -> list[Fault]:
    """Join the faults; what stands at or under a refused place has its fault already."""
    kept = [f for f in found if not any(f"{f.pointer}/".startswith(f"{one.pointer}/") for one in refused)]
    return list(dict.fromkeys([*refused, *kept]))


def _kind_faults(
    kind: ReportType, stated: Mapping[str, Any], known: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[Fault]:
    """Find what a report of this kind may not change, or must."""
    changed = {one.pointer.split("/")[1] for one in differences(known, now)}
    for name in ("reporting_state", "status"):
        if known.get(name, "actual") != now.get(name, "actual"):
            yield Fault(f"/{name}", "stays as the case began; please file a new report where it was wrong")
    if kind is ReportType.NO_CHANGE:
        text = "changes what is known; please hand in a situation_update or a correction, or leave it out"
        yield from (Fault(f"/{name}", text) for name in sorted(changed - _BESIDE_NO_CHANGE))
        if stated.get("material"):
            yield Fault("/material", "a report of no change cannot be material")
    elif kind is ReportType.WITHDRAWAL:
        text = "a withdrawal takes the whole case back; please leave this out, or hand in a correction instead"
        yield from (Fault(f"/{name}", text) for name in sorted(changed - _BESIDE_WITHDRAWAL))
    elif kind is ReportType.RECLASSIFICATION:
        if changed.isdisjoint(_RECLASSIFIES):
            text = "is needed in a reclassification: the class as it is now, other than before"
            yield Fault("/notification_class", text)
    else:
        text = "is changed by a reclassification only; please hand one in, or leave it out"
        yield from (Fault(f"/{name}", text) for name in ("notification_class", "illegal_status") if name in changed)


def _material_faults(kind: ReportType, stated: Mapping[str, Any], found: Consequences) -> Iterator[Fault]:
    if stated.get("material") is False and (kind is ReportType.WITHDRAWAL or found.restarts_ladder):
        yield Fault("/material", "cannot be false for a withdrawal or a higher priority; please leave it out")


def _consequences(
    kind: ReportType, stated: Mapping[str, Any], known: Mapping[str, Any], report: Report
) -> Consequences:
    earlier = Report.model_validate(dict(known))
    before, after = assess(earlier), assess(report)
    reasons = tuple(_material_reasons(kind, earlier, report, before.level, after.level))
    if stated.get("material") is True:
        reasons = (Sentence("The reporting State marked this report as material."), *reasons)
    codes, now = earlier.affected_state_codes, report.affected_state_codes
    return Consequences(
        before=before,
        after=after,
        class_before=earlier.notification_class,
        class_after=report.notification_class,
        added_states=tuple(code for code in now if code not in codes),
        removed_states=tuple(code for code in codes if code not in now),
        material=bool(reasons) and stated.get("material") is not False,
        material_because=reasons if stated.get("material") is not False else (),
    )


def _material_reasons(
    kind: ReportType, earlier: Report, report: Report, before: Severity, after: Severity
) -> Iterator[Sentence]:
    if kind is ReportType.WITHDRAWAL:
        yield Sentence("The case is withdrawn.")
    if more_urgent(after, before):
        text = N_("The handling priority went up from {before} to {after}.")
        yield Sentence(text, {"before": before.value, "after": after.value})
    if kind is ReportType.CORRECTION and _statuses(earlier) != _statuses(report):
        yield Sentence("The affected States were corrected.")


def _statuses(report: Report) -> dict[str, str]:
    return {affected.state: affected.status for affected in report.affected_states}


def _stated_only(warnings: Sequence[Warning_], stated: Mapping[str, Any]) -> Iterator[Warning_]:
    yield from (warning for warning in warnings if warning.pointer.split("/")[1] in stated)


def _override_warnings(stated: Mapping[str, Any], finding: SeverityFinding) -> Iterator[Warning_]:
    if finding.overridden and not stated.get("severity_override") and more_urgent(finding.computed, finding.level):
        text = N_(
            "The computed priority is {computed} now; the one set earlier, {level}, still stands. Please confirm."
        )
        values = {"computed": finding.computed.value, "level": finding.level.value}
        yield Warning_("/severity_override", Sentence(text, values))
