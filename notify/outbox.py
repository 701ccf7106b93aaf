"""Rules of the outbox: what a message is, which lane it waits in, and how urgent it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from notify.events import Event
from notify.words import CaseReference, OutboxId


class Lane(StrEnum):
    """Where a message waits: a slow lane never holds up another."""

    FLOW = "flow"  # handlers, which only change rows
    EMAIL = "email"
    WEBHOOK = "webhook"
    EXERCISE = "exercise"  # whatever exercises send, by both channels, so that no real case waits behind them
    SERVICE = "service"  # the service's own mails (the brake, alarms to the operator); the brake does not hold them


HELD_BY_THE_BRAKE: frozenset[Lane] = frozenset({Lane.EMAIL, Lane.WEBHOOK, Lane.EXERCISE})


class Urgency(IntEnum):
    """The order of claims: first attempts of critical and high cases, then the rest."""

    FIRST = 0
    ORDINARY = 1
    LATER = 2  # reminders, copies, tasks
    RETRY = 3  # late retries never hold up first attempts


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the outbox, as claimed: run this handler for this event, and complete it under this claim."""

    id: OutboxId
    handler: str
    lane: Lane
    urgency: Urgency
    event: Event
    due_at: datetime
    attempts: int  # earlier tries
    first_at: datetime
    claim: str
    claimed_until: datetime

    @property
    def case_reference(self) -> CaseReference:
        """Name the case the message belongs to."""
        return self.event.case_reference


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What an event leaves in the outbox for one of its handlers."""

    event: Event
    handler: str
    lane: Lane
    urgency: Urgency
    due_at: datetime


HANDLER_TRIES = 8


def handler_retry_at(now: datetime, attempts: int) -> datetime | None:
    """Say when a handler that failed `attempts` times runs again (1 s, 2 s, 4 s, …), or None: it is parked."""
    if attempts >= HANDLER_TRIES:
        return None
    return now + timedelta(seconds=2 ** (attempts - 1))
