"""Shows the clocks of a case to those who may see them: each by what it runs on, derived from the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contacts.model import StateCode
from notify.clock_rules import SubjectKind
from notify.clock_watch import Clocks
from notify.deadline import Deadline
from notify.words import Audience, NotificationId


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def clock_view(one: Deadline, now: datetime) -> dict[str, Any]:
    """Show one clock; `round` is the sequence of the report that started it, or the turn of a request."""
    return {
        "kind": one.kind,
        "round": one.round,
        "started_at": _stamp(one.started_at),
        "due_at": _stamp(one.due_at),
        "met_at": _stamp(one.met_at if one.met_at is not None and one.met_at <= now else None),
        "outcome": one.outcome(now),
    }


def clocks_of_notification(clocks: Clocks, notification: NotificationId, now: datetime) -> list[dict[str, Any]]:
    """Show the clocks of one notification, in the order in which they are due."""
    mine = [one for one in clocks.all if one.subject.id == notification]
    return [clock_view(one, now) for one in sorted(mine, key=_due)]


def clocks_of_case(clocks: Clocks, audience: Audience, state: StateCode | None, now: datetime) -> list[dict[str, Any]]:
    """Show the clocks of a case beside its notifications; an addressee sees those of the case and its own."""
    shown = [
        clock_view(one, now)
        | {
            "subject_kind": one.subject.kind,
            "subject": one.subject.id,
            "owner": one.owner,
            "reminders": [_stamp(at) for at in one.reminders],
        }
        for one in sorted(clocks.all, key=_due)
        if one.subject.kind is not SubjectKind.NOTIFICATION
        and (audience is Audience.SECRETARIAT or _is_for(one, state))
    ]
    return shown


def _is_for(one: Deadline, state: StateCode | None) -> bool:
    """Tell whether an addressee may see a clock: the case's own, its lane, what it must answer, its own close."""
    if one.subject.kind is SubjectKind.CASE:
        return True
    return one.owner == state if one.subject.kind is SubjectKind.REQUEST else one.subject.id == state


def _due(one: Deadline) -> tuple[bool, datetime, str]:
    return one.due_at is None, one.due_at or one.started_at, one.kind
