"""Rules of the proof clock: a message that was taken over and is not proven in time, and whom to tell instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from notify.case_history import DeliveryHistory, NotificationHistory

ANSWERED_WITHIN = timedelta(days=90)
"""An address that has answered this lately proves by its acceptance alone that it was reached."""

NO_PROOF = "no_proof"
"""The step of a delivery that tells somebody because another was told without proof."""

TELLS = ("issue", "instead_of", NO_PROOF)
"""The steps that tell a State for the first time, at once; the ladder's later ones have times of their own."""

DueAt = Callable[[datetime], datetime | None]
"""Says when the proof of what was taken over at a time is due; None: never."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is without proof now, and when to look again (None: nothing more can become so)."""

    overdue: tuple[DeliveryHistory, ...]
    again_at: datetime | None


def look(told: NotificationHistory, due_at: DueAt, now: datetime) -> Look:
    """Look at the messages that told one State; nothing is due once it has answered, or one of them is proven."""
    first = [each for each in told.deliveries if each.step.partition(":")[0] in TELLS]
    reached = told.acknowledged_at or any(each.proven_at or each.presumed_at for each in told.deliveries)
    if reached or not told.climbs:
        return Look((), None)
    overdue, later = [], []
    for each in first:
        if each.unproven_at is not None or each.failed_at is not None:
            continue
        # What is not taken over yet cannot be overdue before the target has passed from now.
        due = due_at(each.accepted_at if each.accepted_at is not None else now)
        if due is None:
            continue
        if each.accepted_at is not None and due <= now:
            overdue.append(each)
        else:
            later.append(due)
    return Look(tuple(overdue), min(later, default=None))
