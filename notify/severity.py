"""Computes the handling priority of a report, with its reason in a sentence; it is not a finding on risk."""

from __future__ import annotations

from dataclasses import dataclass

from notify.confidentiality import is_marked
from notify.report_model import Report
from notify.sentence import Sentence
from notify.severity_reasons import (
    CONFIDENTIAL_LIFT,
    CRITICAL_GENE_DRIVE,
    CRITICAL_SEVERE,
    FLOOR_ARTICLE_17,
    FLOOR_PRELIMINARY,
    HIGH_CONTAINED,
    HIGH_MODERATE,
    HIGH_SELF_SUSTAINING,
    HIGH_SEVERE,
    LIFT,
    LOOK_AGAIN,
    LOW_CONTAINED,
    LOW_INFORMATION,
    LOW_UNLIKELY,
    MODERATE,
    OVERRIDE,
)
from notify.vocabulary import UNKNOWN, code_of
from notify.words import NotificationClass, Severity

# The most urgent first.
_LEVELS = tuple(Severity)


@dataclass(frozen=True, slots=True)
class SeverityFacts:
    """What the priority is computed from, as given."""

    crossing: str
    self_sustaining: str
    consequence: str
    containment: str
    sensitive_receptor: str
    gene_drive: bool
    authorised_nowhere: bool
    notification_class: NotificationClass
    authorisation_is_confidential: bool = False

    def read(self) -> SeverityFacts:
        """Read each unknown input as the rule book says."""
        self_sustaining = "yes" if self.gene_drive else _known(self.self_sustaining, "possible")
        return SeverityFacts(
            crossing=_known(self.crossing, "likely"),
            self_sustaining=self_sustaining,
            consequence=_known(self.consequence, "severe" if self.gene_drive else "moderate"),
            containment=_known(self.containment, "none"),
            sensitive_receptor=_known(self.sensitive_receptor, "yes" if self_sustaining == "yes" else "no"),
            gene_drive=self.gene_drive,
            authorised_nowhere=self.authorised_nowhere,
            notification_class=self.notification_class,
        )

    def values(self) -> dict[str, str]:
        """Give the inputs as they stand in a reason."""
        return {
            "crossing": self.crossing,
            "self_sustaining": self.self_sustaining,
            "consequence": self.consequence,
            "containment": self.containment,
            "sensitive_receptor": self.sensitive_receptor,
        }


@dataclass(frozen=True, slots=True)
class SeverityFinding:
    """The priority that counts, the computed one, and why."""

    level: Severity
    computed: Severity
    reason: Sentence
    hints: tuple[Sentence, ...]
    overridden: bool


def assess(report: Report) -> SeverityFinding:
    """Compute the priority of a report, and apply the filer's written override if there is one."""
    facts = facts_of(report)
    computed, reason = compute(facts)
    hints = _hints(facts, computed)
    override = report.severity_override
    if override is None:
        return SeverityFinding(computed, computed, reason, hints, overridden=False)
    written = override.reason
    text = written if isinstance(written, str) else written.get(report.language, next(iter(written.values())))
    set_by_filer = Sentence(OVERRIDE, {"level": override.level.value, "reason": text, "computed": computed.value})
    return SeverityFinding(override.level, computed, set_by_filer, hints, overridden=True)


def facts_of(report: Report) -> SeverityFacts:
    """Take from a report what its priority depends on."""
    inputs = report.severity_inputs
    use = report.lmo_use
    return SeverityFacts(
        crossing=inputs.crossing,
        self_sustaining=inputs.self_sustaining,
        consequence=inputs.consequence,
        containment=inputs.containment,
        sensitive_receptor=inputs.sensitive_receptor,
        gene_drive=report.has_gene_drive,
        authorised_nowhere=use is not None and code_of(use.authorisation) == "nowhere",
        notification_class=report.notification_class,
        authorisation_is_confidential=is_marked(report.document(), "/lmo_use/authorisation"),
    )


def compute(facts: SeverityFacts) -> tuple[Severity, Sentence]:
    """Compute the priority and its reason: the four rules, then authorisation, then the class."""
    level, text = _by_rule(facts.read())
    before = level
    unknown = UNKNOWN in (facts.consequence, facts.self_sustaining)
    if facts.authorised_nowhere and unknown and level is Severity.MODERATE:
        level, text = Severity.HIGH, CONFIDENTIAL_LIFT if facts.authorisation_is_confidential else LIFT
    floor = _FLOORS.get(facts.notification_class)
    if floor is not None and _LEVELS.index(level) > _LEVELS.index(floor[0]):
        level, text = floor
    elif facts.notification_class is NotificationClass.INFORMATION and level is Severity.MODERATE:
        level, text = Severity.LOW, LOW_INFORMATION
    return level, Sentence(text, {**facts.values(), "before": before.value})


_FLOORS = {
    NotificationClass.ARTICLE_17: (Severity.HIGH, FLOOR_ARTICLE_17),
    NotificationClass.PRELIMINARY: (Severity.MODERATE, FLOOR_PRELIMINARY),
}


def _by_rule(read: SeverityFacts) -> tuple[Severity, str]:
    """Apply the four rules, the first hit counting, to inputs of which none is unknown."""
    contained = read.containment == "full"
    crosses = read.crossing in ("occurred", "imminent", "likely")
    if not contained:
        return _by_open_rule(read, crosses)
    if crosses and read.consequence == "severe":
        return Severity.HIGH, HIGH_CONTAINED
    if not crosses or read.consequence == "minor":
        return Severity.LOW, LOW_CONTAINED
    return Severity.MODERATE, MODERATE


def _by_open_rule(read: SeverityFacts, crosses: bool) -> tuple[Severity, str]:
    severe = read.consequence == "severe"
    if crosses and severe:
        return Severity.CRITICAL, CRITICAL_SEVERE
    if read.gene_drive and read.crossing != "unlikely":
        return Severity.CRITICAL, CRITICAL_GENE_DRIVE
    if crosses and read.consequence == "moderate":
        return Severity.HIGH, HIGH_MODERATE
    if severe:
        return Severity.HIGH, HIGH_SEVERE
    if crosses and read.self_sustaining != "no" and read.sensitive_receptor == "yes":
        return Severity.HIGH, HIGH_SELF_SUSTAINING
    mild = read.consequence == "minor" and read.self_sustaining == "no" and read.sensitive_receptor == "no"
    if read.crossing == "unlikely" and mild:
        return Severity.LOW, LOW_UNLIKELY
    return Severity.MODERATE, MODERATE


def _hints(facts: SeverityFacts, computed: Severity) -> tuple[Sentence, ...]:
    if facts.notification_class is NotificationClass.INFORMATION and computed.urgent:
        return (Sentence(LOOK_AGAIN, {"computed": computed.value}),)
    return ()


def _known(given: str, otherwise: str) -> str:
    return otherwise if given == UNKNOWN else given


def more_urgent(level: Severity, other: Severity) -> bool:
    """Tell whether one level wants faster handling than another."""
    levels = list(Severity)
    return levels.index(level) < levels.index(other)
