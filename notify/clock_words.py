"""Says of each clock what its reminder asks for, and what the secretariat's task says once its time has passed."""

from __future__ import annotations

from collections.abc import Mapping

from notify.clocks import ClockKind
from notify.sentence import N_, Sentence

_REMINDERS: Mapping[ClockKind, str] = {
    ClockKind.ASSESSED: N_(
        "Please say whether {state} is affected, potentially affected, not affected, or cannot say."
    ),
    ClockKind.FIRST_ANSWER: N_("{state} waits for a first answer in the consultation (Article 17(4))."),
    ClockKind.ANSWER: N_("A request to {state} waits for its answer; it may also be declined, with a reason."),
    ClockKind.COMPLETE: N_("Please complete the report as far as you can: Article 17(3), (a) to (e)."),
    ClockKind.UPDATE: N_("Please report how the situation stands, or that nothing has changed."),
    ClockKind.RECORD: N_("The record for the Biosafety Clearing-House waits to be cleared and published."),
    ClockKind.OBJECTION: N_("The case is about to close; please say whether {state} objects."),
}

_TASKS: Mapping[ClockKind, str] = {
    ClockKind.DISPATCH: N_("No message to these has been taken over yet, although it should be under way: {states}."),
    ClockKind.ASSESSED: N_("These States have not said yet whether they are affected: {states}."),
    ClockKind.FIRST_ANSWER: N_(
        "These States wait for a first answer of {reporting_state} in the consultation: {states}."
    ),
    ClockKind.ANSWER: N_("These States have a request that waits for an answer: {states}."),
    ClockKind.COMPLETE: N_("{reporting_state} has not completed its report yet (Article 17(3), (a) to (e))."),
    ClockKind.UPDATE: N_("{reporting_state} has not reported how the situation stands."),
    ClockKind.RECORD: N_("The record of {reporting_state} has not been published in the Biosafety Clearing-House."),
}


def reminder_words(kind: ClockKind, state: str) -> Sentence:
    """Say what a reminder asks for; `state` is whom the clock is about."""
    return Sentence(_REMINDERS[kind], {"state": state})


def task_words(kind: ClockKind, reporting_state: str, states: list[str]) -> Sentence:
    """Say whose clocks of one kind have passed; the times are policy, and the law names none."""
    return Sentence(_TASKS[kind], {"reporting_state": reporting_state, "states": ", ".join(states)})
