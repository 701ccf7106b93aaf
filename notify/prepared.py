"""Holds a delivery made ready to be tried, or why it is not tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from notify.case import Case
from notify.delivery import Dispatch
from notify.escalation import next_due, step_times
from notify.notification import Notification
from notify.outbox import Message
from notify.rows import DeliveryRow
from notify.working_time import Calendar


class Ladder(NamedTuple):
    """What a delivery's ladder is read from, should somebody ask when it climbs."""

    notification: Notification
    case: Case

    def climbs_at(self, calendar: Calendar) -> datetime | None:
        """Say when its next step is due; None when it has ended."""
        told, case = self
        if told.acknowledged or not case.running or not told.addressee.climbs:
            return None
        following = next_due(step_times(case.policy, told.severity, told.asked_at, calendar), told.step)
        return following.due_at if following is not None else None


@dataclass(frozen=True, slots=True)
class Prepared:
    """One claimed message with what to send; no dispatch: there is nothing to send any more, `gone` says why."""

    message: Message
    delivery: DeliveryRow
    dispatch: Dispatch | None
    gone: str = ""  # "" when it was overtaken; else the reason why it can never be sent
    wait_until: datetime | None = None  # its endpoint takes nothing at present: not tried before
    ladder: Ladder | None = None
