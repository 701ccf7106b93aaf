"""Says whom next when a State has not acknowledged, and when, in shares of the acknowledgement target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from contacts.model import Contact, ContactId
from contacts.registry import alternates, authorities, in_ladder_order, not_told
from notify.policy import ClockKind, EscalationStep, Policy
from notify.words import Severity
from notify.working_time import Calendar, due_at

__all__ = [
    "EscalationStep",
    "StepTime",
    "contacts_for_step",
    "contacts_to_telephone",
    "due_step",
    "next_due",
    "step_times",
]

_ORDER = {step: place for place, step in enumerate(EscalationStep)}


class StepTime(NamedTuple):
    """One step of the ladder, and when it is due (UTC)."""

    step: EscalationStep
    due_at: datetime


def step_times(policy: Policy, severity: Severity, submitted_at: datetime, calendar: Calendar) -> list[StepTime]:
    """Lay out the whole ladder of one notification, in order.

    `submitted_at`: when the report was submitted, or its severity last went up, which starts the ladder anew.
    """
    target = policy.target(ClockKind.ACKNOWLEDGEMENT, severity)
    if target is None:
        raise ValueError("the ladder needs an acknowledgement target")
    working = not severity.urgent
    times = {
        step: due_at(submitted_at, target, share=policy.shares[step], calendar=calendar, working=working)
        for step in EscalationStep
    }
    # The floor runs on the wall clock whatever the severity: it keeps short targets from saying so too soon.
    floor = due_at(submitted_at, policy.no_receipt_floor, calendar=calendar, working=False)
    times[EscalationStep.NO_RECEIPT] = max(times[EscalationStep.NO_RECEIPT], floor)
    return [StepTime(step, times[step]) for step in EscalationStep]


def due_step(times: Sequence[StepTime], now: datetime, last_fired: EscalationStep | None) -> EscalationStep | None:
    """Find the step to fire now, or None: of several missed ones the latest only, and none that is past already."""
    due = [step for step, at in times if at <= now and _is_after(step, last_fired)]
    return max(due, key=_ORDER.__getitem__, default=None)


def next_due(times: Sequence[StepTime], after_step: EscalationStep | None) -> StepTime | None:
    """Find the step that follows this one (None: the first step), or None when the ladder has ended."""
    later = [time for time in times if _is_after(time.step, after_step)]
    return min(later, key=lambda time: _ORDER[time.step], default=None)


def _is_after(step: EscalationStep, other: EscalationStep | None) -> bool:
    return other is None or _ORDER[step] > _ORDER[other]


def contacts_for_step(step: EscalationStep, contacts: Sequence[Contact], told: frozenset[ContactId]) -> list[Contact]:
    """Select whom a step tells of one State's contacts: the reminder who was told, the others who was not yet.

    From `telephone` on the step is a task and tells no contact of the State.
    """
    match step:
        case EscalationStep.REMINDER:
            return [contact for contact in in_ladder_order(contacts) if contact.id in told]
        case EscalationStep.ALTERNATES:
            return _untold(alternates(contacts), contacts, told)
        case EscalationStep.AUTHORITIES:
            return _untold(authorities(contacts), contacts, told)
        case _:
            return []


def _untold(wanted: Sequence[Contact], contacts: Sequence[Contact], told: frozenset[ContactId]) -> list[Contact]:
    open_ids = {contact.id for contact in not_told(contacts, told)}
    return [contact for contact in wanted if contact.id in open_ids]


def contacts_to_telephone(contacts: Sequence[Contact]) -> list[Contact]:
    """List the contacts of one State that can be telephoned, in the order of the ladder."""
    return [contact for contact in in_ladder_order(contacts) if contact.telephone]
