"""Runs the clock of a request: each time that an answer is owed has its own deadline (policy: answer)."""

from __future__ import annotations

from notify.clock_rules import SubjectKind
from notify.consultation.request import Request, rounds_of
from notify.deadline import Clock, Deadline, Start, Subject, deadline
from notify.policy import ClockKind, Policy
from notify.words import Severity
from notify.working_time import Calendar


def answer_deadline(
    request: Request, policy: Policy, severity: Severity, calendar: Calendar, turn: int | None = None
) -> Deadline:
    """Lay out the deadline of one turn of a request, counted from 1; of the last one when none is named.

    `calendar`: that of the State that is asked.
    """
    rounds = rounds_of(request)
    number = len(rounds) if turn is None else turn
    one = rounds[number - 1]
    clock = Clock(
        kind=ClockKind.ANSWER,
        subject=Subject(SubjectKind.REQUEST, request.id),
        calendar=calendar,
        starts=(Start(one.started_at, severity),),
        met_at=one.met_at,
        stopped_at=one.ended_at,
        owner=request.to_state,
        round=number,
    )
    return deadline(clock, policy)
