"""Starts the clocks of a case that opens, in the transaction that opens it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contacts.model import StateCode
from notify.calendars import by_addressee, calendars_from
from notify.case import Case
from notify.case_clocks import CaseFacts, NotificationFact, ReportFact, deadlines
from notify.case_history import started_entry, wants_record
from notify.clock_events import ClocksStarted
from notify.clocks import ClockKind
from notify.counting import report_counted
from notify.deadline import CalendarOf, next_action
from notify.notification import Notification
from notify.ports import Ports, UnitOfWork
from notify.report import Report
from notify.routing import Directory


def start_clocks(
    case: Case,
    report: Report,
    notifications: Sequence[Notification],
    directory: Directory,
    work: UnitOfWork,
    ports: Ports,
) -> None:
    """Put the clocks of a new case on record, and say when they are looked at first."""
    counted = report_counted(case, report, sequence=1, at=case.opened_at)
    work.record(counted)
    contacts = [contact for group in directory.of_state.values() for contact in group]
    contacts += [contact for group in directory.of_organization.values() for contact in group]
    calendar_of = calendars_from(by_addressee([*contacts, *directory.secretariat], case.reporting_state), ports)
    facts = _facts(case, notifications, complete=counted.complete)
    found = deadlines(facts, calendar_of)
    entries = tuple(started_entry(one) for one in found)
    following = (next_action(one) for one in found if one.rule.reminds or one.rule.raises_task)
    looks = [action.at for action in following if action is not None]
    looks += _earliest_proofs(case, facts, calendar_of)
    next_at = min(looks, default=None)
    work.record(ClocksStarted(case_reference=case.reference, at=case.opened_at, clocks=entries, next_look_at=next_at))


def _facts(case: Case, notifications: Sequence[Notification], *, complete: bool) -> CaseFacts:
    now = case.opened_at
    return CaseFacts(
        reference=case.reference,
        reporting_state=case.reporting_state,
        policy=case.policy,
        reports=(ReportFact(1, now, case.severity, wants_acknowledgement=True),),
        wants_record=wants_record(case.reference, case.voluntary, case.notification_class),
        complete_at=now if complete else None,
        notifications=tuple(
            NotificationFact(told.id, told.addressee.code, told.addressee.climbs, now) for told in notifications
        ),
    )


def _earliest_proofs(case: Case, facts: CaseFacts, calendar_of: CalendarOf) -> list[datetime]:
    """Say when a proof could be overdue at the earliest; most clocks of a case run by the same few calendars."""
    calendars = {calendar_of(StateCode(fact.addressee)) for fact in facts.notifications if fact.climbs}
    due = (case.policy.due_at(ClockKind.PROOF, case.severity, case.opened_at, calendar) for calendar in calendars)
    return [at for at in due if at is not None]
