"""Says of each clock what it runs on, what starts it, what meets it, and what follows when time goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from notify.policy import ClockKind
from notify.sentence import N_


class SubjectKind(StrEnum):
    """What a clock runs on."""

    CASE = "case"
    NOTIFICATION = "notification"
    LANE = "lane"  # the consultation of one State with the reporting State
    REQUEST = "request"
    CLOSING = "closing"  # one State, while the case is about to close


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One clock in words, each a message id, and whether it reminds and ends in a task."""

    subject: SubjectKind
    starts: str
    meets: str
    reminds: bool = True
    raises_task: bool = True


_C = SubjectKind.CASE
_N = SubjectKind.NOTIFICATION

CLOCK_RULES: Mapping[ClockKind, ClockRule] = {
    ClockKind.DISPATCH: ClockRule(
        _N, N_("the report is submitted"), N_("a first message is taken over for delivery"), reminds=False
    ),
    # A proof that does not come moves on to the next channel by itself, which is no matter for a person.
    ClockKind.PROOF: ClockRule(
        _N,
        N_("a message is taken over for delivery"),
        N_("its delivery is proven, or the State answers"),
        reminds=False,
        raises_task=False,
    ),
    # Its reminders and its task are the ladder's.
    ClockKind.ACKNOWLEDGEMENT: ClockRule(
        _N,
        N_("the report is submitted, or becomes more urgent, or a material one follows"),
        N_("any contact of the State acknowledges"),
        reminds=False,
        raises_task=False,
    ),
    ClockKind.ASSESSED: ClockRule(_N, N_("the report is submitted"), N_("the State says whether it is affected")),
    ClockKind.FIRST_ANSWER: ClockRule(
        SubjectKind.LANE,
        N_("a State first writes in the consultation"),
        N_("the reporting State first answers it there"),
    ),
    ClockKind.ANSWER: ClockRule(
        SubjectKind.REQUEST,
        N_("a request is made, or its answer is found not enough"),
        N_("it is answered, or declined with a reason"),
    ),
    ClockKind.COMPLETE: ClockRule(
        _C, N_("the report is submitted"), N_("enough of each letter (a) to (e) of Article 17(3) is given")
    ),
    ClockKind.UPDATE: ClockRule(_C, N_("the last report was submitted"), N_("another report follows")),
    ClockKind.RECORD: ClockRule(_C, N_("the report is submitted"), N_("the record is published in the BCH")),
    # The window ends in silence as well: that is recorded, and is no one's task.
    ClockKind.OBJECTION: ClockRule(
        SubjectKind.CLOSING,
        N_("the State is told that the case is about to close"),
        N_("the State says that it objects, or that it does not"),
        raises_task=False,
    ),
}
"""By clock; the durations stand in the policy."""
