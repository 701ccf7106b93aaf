"""Says what follows what: one function per step, and on one screen which event wakes which function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notify import events as e
from notify.ladder import climb_ladder, move_on
from notify.outbox import Lane, NewMessage, Urgency
from notify.ports import Ports, UnitOfWork
from notify.telling import (
    alarm_operator,
    end_pause,
    mail_task,
    tell_filer_of_answer,
    tell_filer_of_pause,
    tell_filer_of_resumption,
    tell_filer_of_silence,
    tell_other_contacts,
)

Handler = Callable[[Any, UnitOfWork, Ports], Awaitable[None]]

DELIVER = "deliver"
"""The one step that touches the world: the sender runs it, lane by lane, outside every transaction."""

ISSUE = "issue"
"""The step of a delivery that tells its contact for the first time, at once."""


def at_once(event: e.Event) -> datetime | None:
    """Due when it happened."""
    return event.at


def at_next_step(event: e.NotificationIssued | e.NotificationEscalated) -> datetime | None:
    """Due when the ladder's next step is; None when the ladder has ended."""
    return event.next_step_at


def at_end_of_pause(event: e.DispatchPaused) -> datetime | None:
    """Due when the brake lets go by itself."""
    return event.paused_until


@dataclass(frozen=True, slots=True)
class Reaction:
    """One handler of an event, and when it is due."""

    handler: Handler | None  # None: the sender
    due: Callable[[Any], datetime | None] = at_once

    @property
    def name(self) -> str:
        """Name the handler as the outbox does."""
        return DELIVER if self.handler is None else self.handler.__name__


HANDLERS: dict[type[e.Event], tuple[Reaction, ...]] = {
    e.NotificationIssued: (Reaction(climb_ladder, at_next_step),),
    e.NotificationEscalated: (Reaction(climb_ladder, at_next_step),),
    e.NotificationAcknowledged: (Reaction(tell_filer_of_answer), Reaction(tell_other_contacts)),
    e.NotificationUnreached: (Reaction(tell_filer_of_silence),),
    e.ContactDeclined: (Reaction(move_on),),
    e.DeliveryQueued: (Reaction(None),),
    e.DeliveryFailed: (Reaction(move_on),),
    e.TaskRaised: (Reaction(mail_task),),
    e.DispatchPaused: (Reaction(tell_filer_of_pause), Reaction(end_pause, at_end_of_pause)),
    e.DispatchResumed: (Reaction(tell_filer_of_resumption),),
    e.MessageParked: (Reaction(alarm_operator),),
}
"""Every event that wakes something. The others are only logged."""

BY_NAME: dict[str, Handler] = {
    reaction.name: reaction.handler
    for reactions in HANDLERS.values()
    for reaction in reactions
    if reaction.handler is not None
}

_FIRST_TELLING = (ISSUE, "instead_of")
_OF_THE_SERVICE = ("pause", "resume", "alarm")


def messages_for(event: e.Event) -> Sequence[NewMessage]:
    """Give the outbox messages that an event leaves: one for each of its handlers that is ever due."""
    messages = []
    for reaction in HANDLERS.get(type(event), ()):
        due_at = reaction.due(event)
        if due_at is not None:
            messages.append(NewMessage(event, reaction.name, _lane(event), _urgency(event), due_at))
    return messages


def _lane(event: e.Event) -> Lane:
    if not isinstance(event, e.DeliveryQueued):
        return Lane.FLOW
    return Lane.SERVICE if event.step.startswith(_OF_THE_SERVICE) else Lane(event.channel)


def _urgency(event: e.Event) -> Urgency:
    if isinstance(event, e.DeliveryQueued) and not event.step.startswith(_FIRST_TELLING):
        return Urgency.LATER
    return Urgency.FIRST if event.urgent else Urgency.ORDINARY
