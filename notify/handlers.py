"""Says what follows what: one function per step, and on one screen which event wakes which function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notify import clock_events as k
from notify import consultation_events as c
from notify import events as e
from notify import exercise_events as x
from notify.clock_watch import watch_clocks
from notify.close_review import go_on_closing, review_close
from notify.consultation_telling import (
    tell_of_answer,
    tell_of_conclusion,
    tell_of_invitation,
    tell_of_message,
    tell_of_opening,
    tell_of_position,
    tell_of_request,
)
from notify.delivery import ISSUE, REPORT
from notify.draft_prompt import prompt_draft
from notify.endpoints import tell_of_failing_endpoint, tell_of_recovered_endpoint
from notify.exercise import is_exercise
from notify.exercising import confirm_by_drill, open_exercise
from notify.inquiry import is_inquiry
from notify.inquiry_ladder import (
    climb_inquiry,
    mail_inquiry_task,
    move_on_with_inquiry,
    tell_of_inquiry_answer,
    tell_of_inquiry_end,
)
from notify.ladder import climb_ladder, move_on
from notify.measure_telling import tell_of_assessment, tell_of_measure
from notify.outbox import Lane, NewMessage, Urgency
from notify.ports import Ports
from notify.proof import NO_PROOF
from notify.receiving import look_at_mail, read_mail
from notify.request_clock import watch_request
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

_Climbing = e.NotificationIssued | e.NotificationRenewed | e.NotificationEscalated | c.InquiryMade | c.InquiryEscalated

Handler = Callable[..., Awaitable[datetime | None]]
"""Does one step; what it gives, if anything, is when the same step is done again."""

DELIVER = "deliver"
"""The one step that touches the world: the sender runs it, lane by lane, outside every transaction."""


def at_once(event: e.Event) -> datetime | None:
    """Due when it happened."""
    return event.at


def at_next_step(event: _Climbing) -> datetime | None:
    """Due when the ladder's next step is; None when the ladder has ended."""
    return event.next_step_at


def at_next_look(event: e.CloseAnnounced | e.CloseAskedAgain) -> datetime | None:
    """Due when the close that was announced is to be looked at."""
    return event.look_again_at


def at_end_of_pause(event: e.DispatchPaused) -> datetime | None:
    """Due when the brake lets go by itself."""
    return event.paused_until


def if_breaker_open(event: e.DeliveryDelayed) -> datetime | None:
    """Due at once when the endpoint takes nothing at present; None when the next try may well succeed."""
    return of_a_case(event) if event.breaker_open else None


def of_a_case(event: e.Event) -> datetime | None:
    """Due at once, unless it belongs to an inquiry."""
    return None if is_inquiry(event.case_reference) else event.at


def of_an_inquiry(event: e.Event) -> datetime | None:
    """Due at once when it belongs to an inquiry."""
    return event.at if is_inquiry(event.case_reference) else None


def if_asked_for(event: c.ConsultationOpened) -> datetime | None:
    """Due at once when a State asked for it; None when it opened with the notification itself."""
    return event.at if event.by_state is not None else None


def at_next_action(event: c.RequestMade | c.RequestAnswered | c.RequestReminded) -> datetime | None:
    """Due when the clock of a request asks for something next; None when it asks for nothing more."""
    return event.next_action_at


@dataclass(frozen=True, slots=True)
class Reaction:
    """One handler of an event, and when it is due."""

    handler: Handler | None  # None: the sender
    due: Callable[[Any], datetime | None] = at_once

    @property
    def name(self) -> str:
        """Name the handler as the outbox does."""
        return DELIVER if self.handler is None else self.handler.__name__


def at_prompt(event: k.DraftOpened) -> datetime | None:
    """Due when a draft is prompted first."""
    return event.prompt_at


def at_start(event: x.ExercisePlanned) -> datetime | None:
    """Due when an exercise begins."""
    return event.starts_at


def if_exercise(event: e.NotificationAcknowledged) -> datetime | None:
    """Due at once in an exercise; None in a real case."""
    return event.at if is_exercise(event.case_reference) else None


def at_first_look(event: k.ClocksStarted) -> datetime | None:
    """Due when the clocks of a new case are looked at first; later ones belong to a case that is looked at already."""
    return event.next_look_at


def if_later(event: e.ReportSubmitted) -> datetime | None:
    """Due at once for a report that follows another: the first one starts its clocks as the case opens."""
    return event.at if event.sequence > 1 else None


HANDLERS: dict[type[e.Event], tuple[Reaction, ...]] = {
    k.DraftOpened: (Reaction(prompt_draft, at_prompt),),
    k.ClocksStarted: (Reaction(watch_clocks, at_first_look),),
    e.ReportSubmitted: (Reaction(watch_clocks, if_later), Reaction(review_close, if_later)),
    e.CaseReopened: (Reaction(watch_clocks),),
    e.CloseAnnounced: (Reaction(watch_clocks), Reaction(go_on_closing, at_next_look)),
    e.CloseAskedAgain: (Reaction(go_on_closing, at_next_look),),
    e.CloseAnswered: (Reaction(review_close),),
    e.NotificationIssued: (Reaction(climb_ladder, at_next_step),),
    e.NotificationRenewed: (Reaction(climb_ladder, at_next_step),),
    e.NotificationEscalated: (Reaction(climb_ladder, at_next_step),),
    x.ExercisePlanned: (Reaction(open_exercise, at_start),),
    e.NotificationAcknowledged: (
        Reaction(tell_filer_of_answer),
        Reaction(confirm_by_drill, if_exercise),
        Reaction(tell_other_contacts),
    ),
    e.NotificationUnreached: (Reaction(tell_filer_of_silence),),
    e.ContactDeclined: (Reaction(move_on),),
    e.DeliveryQueued: (Reaction(None),),
    e.DeliveryResent: (Reaction(None),),
    e.DeliveryDelayed: (Reaction(move_on, if_breaker_open),),
    e.DeliveryFailed: (Reaction(move_on, of_a_case), Reaction(move_on_with_inquiry, of_an_inquiry)),
    e.EndpointFailing: (Reaction(tell_of_failing_endpoint),),
    e.EndpointRecovered: (Reaction(tell_of_recovered_endpoint),),
    e.MailReceived: (Reaction(read_mail),),
    e.TaskRaised: (Reaction(mail_task, of_a_case), Reaction(mail_inquiry_task, of_an_inquiry)),
    e.DispatchPaused: (Reaction(tell_filer_of_pause), Reaction(end_pause, at_end_of_pause)),
    e.DispatchResumed: (Reaction(tell_filer_of_resumption),),
    e.MessageParked: (Reaction(alarm_operator),),
    c.ConsultationOpened: (Reaction(tell_of_opening, if_asked_for), Reaction(watch_clocks, if_asked_for)),
    c.MessagePosted: (Reaction(tell_of_message),),
    c.RequestMade: (Reaction(tell_of_request), Reaction(watch_request, at_next_action), Reaction(watch_clocks)),
    c.RequestAnswered: (Reaction(tell_of_answer), Reaction(watch_request, at_next_action), Reaction(watch_clocks)),
    c.RequestReminded: (Reaction(watch_request, at_next_action),),
    c.ConclusionProposed: (Reaction(tell_of_conclusion),),
    c.PositionTaken: (Reaction(tell_of_position),),
    c.SecretariatInvited: (Reaction(tell_of_invitation),),
    c.AssessmentGiven: (Reaction(tell_of_assessment),),
    c.MeasureReported: (Reaction(tell_of_measure),),
    c.MeasureChanged: (Reaction(tell_of_measure),),
    c.InquiryMade: (Reaction(climb_inquiry, at_next_step),),
    c.InquiryEscalated: (Reaction(climb_inquiry, at_next_step),),
    c.InquiryAnswered: (Reaction(tell_of_inquiry_answer),),
    c.InquiryWithdrawn: (Reaction(tell_of_inquiry_end),),
}
"""Every event that wakes something. The others are only logged."""

LOOKS: dict[str, Callable[[Any, Ports], Awaitable[Any]]] = {read_mail.__name__: look_at_mail}
"""What a handler looks at before its transaction begins, because it may take long; it gets what was found."""

BY_NAME: dict[str, Handler] = {
    reaction.name: reaction.handler
    for reactions in HANDLERS.values()
    for reaction in reactions
    if reaction.handler is not None
}

_FIRST_TELLING = (ISSUE, "instead_of", NO_PROOF, REPORT)
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
    if event.step.startswith(_OF_THE_SERVICE):
        return Lane.SERVICE
    return Lane.EXERCISE if is_exercise(event.case_reference) else Lane(event.channel)


def _urgency(event: e.Event) -> Urgency:
    if isinstance(event, e.DeliveryResent):
        return Urgency.RETRY if event.replayed else Urgency.LATER
    if isinstance(event, e.DeliveryQueued) and not event.step.startswith(_FIRST_TELLING):
        return Urgency.LATER
    if is_exercise(event.case_reference):
        return Urgency.LATER  # also its handlers: no step of a real case waits for them
    return Urgency.FIRST if event.urgent else Urgency.ORDINARY
