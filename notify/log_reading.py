"""Reads the log of a case as its history: the same rows give the same facts, whoever asks and whenever.

A step that starts or meets a clock is one line of `_TAKES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from contacts.model import StateCode
from notify.case_clocks import ClosingFact, ReportFact, RequestFact, RequestTurn
from notify.case_history import CaseHistory, ClockKey, DeliveryHistory, NotificationHistory, Said, StatedReport
from notify.clock_rules import SubjectKind
from notify.clocks import ClockKind
from notify.deadline import Action, ActionKind
from notify.words import CaseReference, DeliveryId, Means, NotificationClass, NotificationId, Severity

Body = Mapping[str, Any]


class LoggedRow(Protocol):
    """One row of the log."""

    @property
    def kind(self) -> str: ...

    @property
    def at(self) -> datetime: ...

    @property
    def body(self) -> Body: ...


def history_of(reference: CaseReference, rows: Iterable[LoggedRow]) -> CaseHistory:
    """Read the rows of one case's log, in order."""
    history = CaseHistory(reference)
    for row in rows:
        taken = _TAKES.get(row.kind)
        if taken is not None:
            taken(history, row.at, row.body)
    return history


def _opened(history: CaseHistory, at: datetime, body: Body) -> None:
    history.opened_at = at
    history.reporting_state = StateCode(body["reporting_state"])
    history.voluntary = bool(body.get("voluntary"))
    history.severity = Severity(body["severity"])
    history.notification_class = NotificationClass(body["notification_class"])


def _reported(history: CaseHistory, at: datetime, body: Body) -> None:
    history.severity = Severity(body.get("severity", history.severity))
    sequence = int(body["sequence"])
    fact = ReportFact(sequence, at, history.severity, bool(body.get("material")) or sequence == 1)
    history.reports.append(StatedReport(fact, body["report_type"], history.notification_class))


def _counted(history: CaseHistory, at: datetime, body: Body) -> None:
    """Take in what is counted of the report that was just submitted."""
    if not history.reports or history.reports[-1].fact.sequence != body["sequence"]:
        return
    last = history.reports[-1]
    last.complete, last.shares = bool(body.get("complete")), body["shares"]
    last.release_types, last.organisms = tuple(body["release_types"]), tuple(body["organisms"])
    last.knew_on = body.get("knew_on")


def _reclassified(history: CaseHistory, at: datetime, body: Body) -> None:
    history.notification_class = NotificationClass(body["after"])


def _consultation_opened(history: CaseHistory, at: datetime, body: Body) -> None:
    history.consultation_opened_at = history.consultation_opened_at or at


def _said(history: CaseHistory, at: datetime, body: Body) -> None:
    history.said.append(Said(at, StateCode(body["by_state"]), body["lane"]))


def _asked(history: CaseHistory, at: datetime, body: Body) -> None:
    _said(history, at, body)
    asked = RequestFact(body["request_id"], StateCode(body["to_state"]), (RequestTurn(at),))
    history.requests[asked.id] = asked


def _answered(history: CaseHistory, at: datetime, body: Body) -> None:
    """Take in a word on a request: its answer, or that more is needed, or that the asking State ended it."""
    _said(history, at, body)
    request = history.requests.get(body["request_id"])
    if request is None:
        return
    *before, last = request.turns
    if body["by_state"] == request.asked_of:
        turns = (*before, last if last.answered_at else RequestTurn(last.asked_at, at))
        history.requests[request.id] = replace(request, turns=turns)
    elif body.get("next_action_at") is not None:
        history.requests[request.id] = replace(request, turns=(*request.turns, RequestTurn(at)))
    elif last.answered_at is None:
        history.requests[request.id] = replace(request, withdrawn_at=at)


def _close_announced(history: CaseHistory, at: datetime, body: Body) -> None:
    number = 1 + max((asked.round for asked in history.closings), default=0)
    history.closing_from = len(history.closings)
    history.closings += [ClosingFact(StateCode(state), at, round=number) for state in body["states"]]


def _close_answered(history: CaseHistory, at: datetime, body: Body) -> None:
    for place in range(history.closing_from, len(history.closings)):
        asked = history.closings[place]
        if asked.state == body["state"] and asked.answered_at is None:
            history.closings[place] = replace(asked, answered_at=at)


def _close_ended(history: CaseHistory, at: datetime, body: Body) -> None:
    for place in range(history.closing_from, len(history.closings)):
        asked = history.closings[place]
        if asked.answered_at is None and asked.stopped_at is None:
            history.closings[place] = replace(asked, stopped_at=at)


def _issued(history: CaseHistory, at: datetime, body: Body) -> None:
    told = NotificationHistory(NotificationId(body["notification_id"]), body["addressee"], at)
    history.notifications.setdefault(told.id, told)


def _escalated(history: CaseHistory, at: datetime, body: Body) -> None:
    told = history.notifications.get(NotificationId(body["notification_id"]))
    if told is not None:
        told.steps.append(body["step"])


def _acknowledged(history: CaseHistory, at: datetime, body: Body) -> None:
    told = history.notifications.get(NotificationId(body["notification_id"]))
    if told is None:
        return
    told.acknowledged_at.append(at)
    told.means = told.means or Means(body["means"])
    if body["grade"] != "received":
        told.assessed_at = told.assessed_at or at


def _delivery(history: CaseHistory, body: Body) -> DeliveryHistory:
    delivery_id = DeliveryId(body["delivery_id"])
    known = history.deliveries.get(delivery_id)
    if known is None:
        known = DeliveryHistory(delivery_id, body.get("notification_id"), body.get("channel", ""))
        history.deliveries[delivery_id] = known
        told = history.notifications.get(known.notification) if known.notification else None
        if told is not None:
            told.deliveries.append(known)
    return known


def _queued(history: CaseHistory, at: datetime, body: Body) -> None:
    queued = _delivery(history, body)
    queued.contact, queued.step = body.get("contact"), body["step"]


def _accepted(history: CaseHistory, at: datetime, body: Body) -> None:
    accepted = _delivery(history, body)
    accepted.accepted_at = accepted.accepted_at or at
    _reached(accepted, body["state"], at)


def _reported_on(history: CaseHistory, at: datetime, body: Body) -> None:
    """Take in what a mail system reported of a mail that it had taken over."""
    _reached(_delivery(history, body), body["state"], at)


def _reached(delivery: DeliveryHistory, state: str, at: datetime) -> None:
    if state in ("relayed", "delivered"):
        delivery.proven_at = delivery.proven_at or at
    elif state in ("bounced", "failed"):
        delivery.failed_at = delivery.failed_at or at


def _failed(history: CaseHistory, at: datetime, body: Body) -> None:
    failed = _delivery(history, body)
    failed.failed_at = failed.failed_at or at


def _presumed(history: CaseHistory, at: datetime, body: Body) -> None:
    presumed = _delivery(history, body)
    # The acceptance itself is the proof: it counts from then.
    presumed.presumed_at = presumed.accepted_at or at


def _unproven(history: CaseHistory, at: datetime, body: Body) -> None:
    _delivery(history, body).unproven_at = at


def _ended(history: CaseHistory, at: datetime, body: Body) -> None:
    history.ended_at = at
    _close_ended(history, at, body)


def _reopened(history: CaseHistory, at: datetime, body: Body) -> None:
    history.ended_at, history.reopened_at = None, at


def _published(history: CaseHistory, at: datetime, body: Body) -> None:
    history.record_published_at = history.record_published_at or at


def _started(history: CaseHistory, at: datetime, body: Body) -> None:
    for kind, subject_kind, subject, number, due in body["clocks"]:
        key = ClockKey(ClockKind(kind), SubjectKind(subject_kind), subject, number)
        history.started[key] = None if due is None else datetime.fromisoformat(due)


def _reminded(history: CaseHistory, at: datetime, body: Body) -> None:
    history.fired[_key_in(body)] = Action(ActionKind.REMIND, at, body["number"])


def _missed(history: CaseHistory, at: datetime, body: Body) -> None:
    history.fired[_key_in(body)] = Action(ActionKind.TASK, at)


def _key_in(body: Body) -> ClockKey:
    return ClockKey(ClockKind(body["clock"]), SubjectKind(body["subject_kind"]), body["subject"], body["round"])


_TAKES: Mapping[str, Callable[[CaseHistory, datetime, Body], None]] = {
    "CaseOpened": _opened,
    "ReportSubmitted": _reported,
    "ReportCounted": _counted,
    "NotificationIssued": _issued,
    "NotificationEscalated": _escalated,
    "NotificationAcknowledged": _acknowledged,
    "DeliveryQueued": _queued,
    "DeliveryAccepted": _accepted,
    "DeliveryReported": _reported_on,
    "DeliveryFailed": _failed,
    "DeliveryPresumed": _presumed,
    "DeliveryUnproven": _unproven,
    "CaseReclassified": _reclassified,
    "ConsultationOpened": _consultation_opened,
    "MessagePosted": _said,
    "RequestMade": _asked,
    "RequestAnswered": _answered,
    "CloseAnnounced": _close_announced,
    "CloseAnswered": _close_answered,
    "CloseGivenUp": _close_ended,
    "CaseClosed": _ended,
    "CaseWithdrawn": _ended,
    "ExerciseEnded": _ended,
    "CaseReopened": _reopened,
    "RecordPublished": _published,
    "ClocksStarted": _started,
    "ClockReminded": _reminded,
    "ClockMissed": _missed,
}
"""Every event that says something of a clock, by its name in the log."""

NEEDED = frozenset(_TAKES)
"""The events that statistics need."""
