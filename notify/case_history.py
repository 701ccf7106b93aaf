"""Holds one case as its log tells it: who was told and when, what was proven and answered, which clocks began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from contacts.model import ContactId, StateCode
from notify.case_clocks import CaseFacts, ClosingFact, LaneFact, NotificationFact, ReportFact, RequestFact
from notify.clock_rules import SubjectKind
from notify.clocks import ClockKind
from notify.consultation.lane import JOINT, private
from notify.deadline import Action, Deadline, first_meeting
from notify.exercise import is_exercise
from notify.policy import Policy
from notify.words import CaseReference, DeliveryId, Means, NotificationClass, NotificationId, Severity

UNSTATED = StateCode("")


class ClockKey(NamedTuple):
    """Which clock: its kind, what it runs on, and which round of it."""

    kind: ClockKind
    subject_kind: SubjectKind
    subject: str
    round: int


def key_of(one: Deadline) -> ClockKey:
    """Name the clock of a deadline."""
    return ClockKey(one.kind, one.subject.kind, one.subject.id, one.round)


@dataclass(slots=True)
class DeliveryHistory:
    """One message to one contact by one channel."""

    id: DeliveryId
    notification: NotificationId | None
    channel: str
    contact: ContactId | None = None
    step: str = ""
    accepted_at: datetime | None = None
    proven_at: datetime | None = None  # relayed or delivered, on evidence
    presumed_at: datetime | None = None  # taken as proof, as the address has answered lately
    unproven_at: datetime | None = None  # its time passed without proof
    failed_at: datetime | None = None


@dataclass(slots=True)
class NotificationHistory:
    """One addressee, as far as it was reached and answered."""

    id: NotificationId
    addressee: str
    issued_at: datetime
    acknowledged_at: list[datetime] = field(default_factory=list)
    assessed_at: datetime | None = None
    means: Means | None = None
    steps: list[str] = field(default_factory=list)
    deliveries: list[DeliveryHistory] = field(default_factory=list)

    @property
    def climbs(self) -> bool:
        """Tell whether it is a State; the others have longer names."""
        return len(self.addressee) == 2


@dataclass(slots=True)
class StatedReport:
    """What the log says of one report."""

    fact: ReportFact
    kind: str
    notification_class: NotificationClass
    complete: bool = False
    shares: Mapping[str, float] = field(default_factory=dict)
    release_types: tuple[str, ...] = ()
    organisms: tuple[str, ...] = ()
    knew_on: str | None = None  # the day on which the reporting State knew, where it stated one


class Said(NamedTuple):
    """One thing that a State said in a lane of the consultation: that, and not what."""

    at: datetime
    by_state: StateCode
    lane: str


@dataclass(slots=True)
class CaseHistory:
    """One case, as its log tells it."""

    reference: CaseReference
    reporting_state: StateCode = UNSTATED
    opened_at: datetime | None = None
    voluntary: bool = False
    severity: Severity = Severity.LOW
    notification_class: NotificationClass = NotificationClass.INFORMATION
    ended_at: datetime | None = None
    reopened_at: datetime | None = None
    record_published_at: datetime | None = None
    reports: list[StatedReport] = field(default_factory=list)
    notifications: dict[NotificationId, NotificationHistory] = field(default_factory=dict)
    deliveries: dict[DeliveryId, DeliveryHistory] = field(default_factory=dict)
    closings: list[ClosingFact] = field(default_factory=list)
    closing_from: int = 0  # where those of the last announced close begin
    consultation_opened_at: datetime | None = None
    said: list[Said] = field(default_factory=list)
    requests: dict[str, RequestFact] = field(default_factory=dict)
    started: dict[ClockKey, datetime | None] = field(default_factory=dict)  # when each is due
    fired: dict[ClockKey, Action] = field(default_factory=dict)  # what was done last for each

    @property
    def complete_at(self) -> datetime | None:
        """Say when the case first was complete: enough of each letter of Article 17(3) was given."""
        return next((report.fact.at for report in self.reports if report.complete), None)


def facts_of(history: CaseHistory, policy: Policy) -> CaseFacts:
    """Give the facts that the clocks of a case depend on."""
    return CaseFacts(
        reference=history.reference,
        reporting_state=history.reporting_state,
        policy=policy,
        reports=tuple(report.fact for report in history.reports),
        wants_record=wants_record(history.reference, history.voluntary, history.notification_class),
        reopened_at=history.reopened_at,
        ended_at=history.ended_at,
        complete_at=history.complete_at,
        record_published_at=history.record_published_at,
        notifications=tuple(_notification_fact(told) for told in history.notifications.values()),
        lanes=tuple(_lane_facts(history)),
        requests=tuple(history.requests.values()),
        closings=tuple(history.closings),
    )


def _lane_facts(history: CaseHistory) -> Iterator[LaneFact]:
    """Give the clock of the first answer to each State that is told: it begins as the consultation opens."""
    opened_at = history.consultation_opened_at
    if opened_at is None:
        return
    for told in (told for told in history.notifications.values() if told.climbs):
        state, asked_at = StateCode(told.addressee), max(opened_at, told.issued_at)
        lanes = (str(JOINT), str(private(state)))
        answers = (
            said.at
            for said in history.said
            if said.by_state == history.reporting_state and said.lane in lanes and said.at >= asked_at
        )
        yield LaneFact(state, asked_at, min(answers, default=None))


def wants_record(reference: CaseReference, voluntary: bool, notification_class: NotificationClass) -> bool:
    """Tell whether a record is due in the BCH: not for an exercise, nor for voluntary information."""
    return not (is_exercise(reference) or voluntary or notification_class is NotificationClass.INFORMATION)


def _notification_fact(told: NotificationHistory) -> NotificationFact:
    proofs = [time for each in told.deliveries for time in (each.proven_at, each.presumed_at)]
    return NotificationFact(
        id=told.id,
        addressee=told.addressee,
        climbs=told.climbs,
        issued_at=told.issued_at,
        accepted_at=first_meeting(each.accepted_at for each in told.deliveries),
        proven_at=first_meeting(proofs),
        assessed_at=told.assessed_at,
        acknowledged_at=tuple(told.acknowledged_at),
    )


def started_entry(one: Deadline) -> list[Any]:
    """Write a clock as `ClocksStarted` names it."""
    return [*key_of(one), None if one.due_at is None else one.due_at.isoformat()]
