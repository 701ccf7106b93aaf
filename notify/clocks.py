"""Names the clocks, the steps of the ladder and the kinds of telling that a policy sets."""

from __future__ import annotations

from enum import StrEnum


class ClockKind(StrEnum):
    """What a clock measures; each has a target for each severity."""

    DISPATCH = "dispatch"
    PROOF = "proof"
    ACKNOWLEDGEMENT = "acknowledgement"
    ASSESSED = "assessed"
    FIRST_ANSWER = "first_answer"
    ANSWER = "answer"
    COMPLETE = "complete"
    UPDATE = "update"
    RECORD = "record"
    OBJECTION = "objection"


ALWAYS_RUNNING = frozenset({ClockKind.DISPATCH, ClockKind.PROOF, ClockKind.ACKNOWLEDGEMENT})
"""Clocks that cannot be "on request": the notification itself hangs on them."""


class EscalationStep(StrEnum):
    """What happens next for a State that has not acknowledged, in this order."""

    REMINDER = "reminder"
    ALTERNATES = "alternates"
    AUTHORITIES = "authorities"
    TELEPHONE = "telephone"
    LETTER = "letter"
    NO_RECEIPT = "no_receipt"


class Extent(StrEnum):
    """How much a later report tells its recipients."""

    WHOLE = "whole"  # what changed, and the whole present state of knowledge
    CHANGES = "changes"  # the reason, and what changed, field by field
    BRIEF = "brief"  # the kind of report and its reason


LATER_KINDS = (
    "complement",
    "follow_up",
    "situation_update",
    "no_change",
    "correction",
    "reclassification",
    "withdrawal",
    "final",
)
"""The kinds of report that may follow, each with an extent."""

REMINDED = tuple(
    kind
    for kind in ClockKind
    # Seconds of the service are no matter for a reminder, and the acknowledgement has its ladder.
    if kind not in (ClockKind.DISPATCH, ClockKind.PROOF, ClockKind.ACKNOWLEDGEMENT)
)
"""The clocks of which whoever must act is reminded beforehand."""
