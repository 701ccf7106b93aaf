"""Derives every deadline of a case from its facts: what happened and when, never a flag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from contacts.model import StateCode
from notify.clock_rules import SubjectKind
from notify.deadline import CalendarOf, Clock, Deadline, Start, Subject, deadline, first_meeting
from notify.policy import ClockKind, Policy
from notify.words import CaseReference, NotificationId, Severity
from notify.working_time import Calendar


@dataclass(frozen=True, slots=True)
class ReportFact:
    """One report of the chain: when it came, and the severity of the case with it."""

    sequence: int
    at: datetime
    severity: Severity
    wants_acknowledgement: bool  # the initial one, a material one, a withdrawal


@dataclass(frozen=True, slots=True)
class NotificationFact:
    """What is known of one addressee; times are of the first such fact after `issued_at`."""

    id: NotificationId
    addressee: str
    climbs: bool  # a State: it acknowledges and assesses; others are only told
    issued_at: datetime
    accepted_at: datetime | None = None  # a first message was taken over
    proven_at: datetime | None = None
    assessed_at: datetime | None = None
    acknowledged_at: tuple[datetime, ...] = ()  # every acknowledgement, since a material report wants a new one


@dataclass(frozen=True, slots=True)
class LaneFact:
    """The consultation of one State with the reporting State."""

    state: StateCode
    asked_at: datetime  # the State first wrote
    answered_at: datetime | None = None  # the reporting State first answered with substance


@dataclass(frozen=True, slots=True)
class RequestTurn:
    """One turn of a request: asked (again), and answered or declined."""

    asked_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RequestFact:
    """A request for information, a request under Article 25(2), or an inquiry: who must answer, turn by turn."""

    id: str
    asked_of: StateCode
    turns: tuple[RequestTurn, ...]
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClosingFact:
    """One State while the case is about to close."""

    state: StateCode
    told_at: datetime
    answered_at: datetime | None = None
    stopped_at: datetime | None = None  # the closing was given up
    round: int = 1  # of the closings of this case


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """All that the clocks of one case depend on; `reports` in order, the initial one first.

    `reopened_at`: the last reopening: the update clock begins anew there. `ended_at`: closed or withdrawn, and not
    reopened since. `wants_record`: whether the BCH is an addressee (never for an exercise or for voluntary
    information).
    """

    reference: CaseReference
    reporting_state: StateCode
    policy: Policy
    reports: tuple[ReportFact, ...]
    wants_record: bool
    reopened_at: datetime | None = None
    ended_at: datetime | None = None
    complete_at: datetime | None = None
    record_published_at: datetime | None = None
    notifications: tuple[NotificationFact, ...] = ()
    lanes: tuple[LaneFact, ...] = ()
    requests: tuple[RequestFact, ...] = ()
    closings: tuple[ClosingFact, ...] = ()


def deadlines(facts: CaseFacts, calendar_of: CalendarOf) -> tuple[Deadline, ...]:
    """Derive every deadline of a case; `calendar_of` gives the calendar of whoever must act (Article 17, policy)."""
    return tuple(deadline(clock, facts.policy) for clock in clocks(facts, calendar_of))


def clocks(facts: CaseFacts, calendar_of: CalendarOf) -> Iterator[Clock]:
    """Give every clock of a case with its starts and what met it."""
    for notification in facts.notifications:
        yield from _of_notification(facts, notification, calendar_of(StateCode(notification.addressee)))
    own = calendar_of(facts.reporting_state)
    yield from _of_case(facts, own)
    for lane in facts.lanes:
        subject = Subject(SubjectKind.LANE, lane.state)
        starts = _starts(facts, lane.asked_at)
        owner = facts.reporting_state
        yield Clock(ClockKind.FIRST_ANSWER, subject, own, starts, lane.answered_at, facts.ended_at, owner)
    for request in facts.requests:
        yield from _of_request(facts, request, calendar_of)
    for closing in facts.closings:
        yield _of_closing(facts, closing, calendar_of(closing.state))


def _of_closing(facts: CaseFacts, fact: ClosingFact, calendar: Calendar) -> Clock:
    subject = Subject(SubjectKind.CLOSING, fact.state)
    # The window is for the State: a later report does not shorten it.
    starts = (Start(fact.told_at, severity_at(facts, fact.told_at)),)
    answered, stopped = fact.answered_at, fact.stopped_at
    return Clock(ClockKind.OBJECTION, subject, calendar, starts, answered, stopped, fact.state, fact.round)


def _of_notification(facts: CaseFacts, fact: NotificationFact, calendar: Calendar) -> Iterator[Clock]:
    subject = Subject(SubjectKind.NOTIFICATION, fact.id)
    owner = StateCode(fact.addressee) if fact.climbs else None
    starts, ended = _starts(facts, fact.issued_at), facts.ended_at
    answered = first_meeting(fact.acknowledged_at)
    first = (starts[0],)
    yield Clock(ClockKind.DISPATCH, subject, calendar, first, first_meeting([fact.accepted_at, answered]), ended)
    if fact.accepted_at is not None:
        taken = (Start(fact.accepted_at, severity_at(facts, fact.accepted_at)),)
        yield Clock(ClockKind.PROOF, subject, calendar, taken, first_meeting([fact.proven_at, answered]), ended)
    yield from _acknowledgements(facts, fact, subject, calendar, owner)
    if fact.climbs:
        yield Clock(ClockKind.ASSESSED, subject, calendar, starts, fact.assessed_at, ended, owner)


def _acknowledgements(
    facts: CaseFacts, fact: NotificationFact, subject: Subject, calendar: Calendar, owner: StateCode | None
) -> Iterator[Clock]:
    """One round for the notification, and one for each report since that wants a new acknowledgement."""
    later = [report for report in facts.reports if report.wants_acknowledgement and report.at > fact.issued_at]
    before = [report.sequence for report in facts.reports if report.at <= fact.issued_at]
    rounds = [(max(before, default=1), fact.issued_at), *((report.sequence, report.at) for report in later)]
    for sequence, at in rounds:
        met = first_meeting(time for time in fact.acknowledged_at if time >= at)
        starts = _starts(facts, at)
        # A withdrawal ends the case and wants its acknowledgement all the same.
        ended = facts.ended_at if facts.ended_at is None or facts.ended_at > at else None
        yield Clock(ClockKind.ACKNOWLEDGEMENT, subject, calendar, starts, met, ended, owner, sequence)


def _of_case(facts: CaseFacts, calendar: Calendar) -> Iterator[Clock]:
    subject = Subject(SubjectKind.CASE, facts.reference)
    opened, ended, owner = facts.reports[0].at, facts.ended_at, facts.reporting_state
    starts = _starts(facts, opened)
    yield Clock(ClockKind.COMPLETE, subject, calendar, starts, facts.complete_at, ended, owner)
    if facts.wants_record:
        yield Clock(ClockKind.RECORD, subject, calendar, starts, facts.record_published_at, ended, owner)
    for number, report in enumerate(facts.reports):
        after = facts.reports[number + 1] if number + 1 < len(facts.reports) else None
        began = report.at
        if after is None and facts.reopened_at is not None:
            began = max(began, facts.reopened_at)
        met = after.at if after is not None else None
        start = (Start(began, report.severity),)
        yield Clock(ClockKind.UPDATE, subject, calendar, start, met, ended, owner, report.sequence)


def _of_request(facts: CaseFacts, request: RequestFact, calendar_of: CalendarOf) -> Iterator[Clock]:
    subject = Subject(SubjectKind.REQUEST, request.id)
    calendar = calendar_of(request.asked_of)
    stopped = first_meeting([facts.ended_at, request.withdrawn_at])
    for number, turn in enumerate(request.turns, start=1):
        starts = _starts(facts, turn.asked_at)
        yield Clock(ClockKind.ANSWER, subject, calendar, starts, turn.answered_at, stopped, request.asked_of, number)


def severity_at(facts: CaseFacts, at: datetime) -> Severity:
    """Give the severity of the case at a time: that of the last report before it."""
    known = [report.severity for report in facts.reports if report.at <= at]
    return known[-1] if known else facts.reports[0].severity


def _starts(facts: CaseFacts, at: datetime) -> Sequence[Start]:
    """Give the start of a clock, and each change of severity since; the deadline sees which of them count."""
    later = [Start(report.at, report.severity) for report in facts.reports if report.at > at]
    return (Start(at, severity_at(facts, at)), *later)
