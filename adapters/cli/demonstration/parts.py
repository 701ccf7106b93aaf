"""Deals the parts of the demonstration: what each addressee State does, and when, by simulated time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Part(StrEnum):
    """What a State does in the demonstration, in the order in which the parts are dealt."""

    LINK = "acknowledges by link"
    SILENT = "never answers"
    API = "acknowledges by API"
    REFUSED = "mailbox refuses"
    WEBHOOK = "webhook fails twice"
    LATE = "acknowledges late"


@dataclass(frozen=True, slots=True)
class Role:
    """A part and which State in turn plays it, counted from 0."""

    part: Part
    turn: int


# Shares of the acknowledgement target after which a State acts, one for each turn: the later ones are escalated first.
_SHARES = {
    Part.LINK: (0.10, 0.31, 0.18, 0.55, 0.07),
    Part.API: (0.04, 0.40, 0.13, 0.80, 0.02),
    Part.REFUSED: (0.15, 0.35, 0.20),
    Part.LATE: (1.25, 1.60, 1.10),
}


def deal(states: Sequence[str]) -> dict[str, Role]:
    """Deal the parts to the addressee States in the order of the report, round after round."""
    parts = list(Part)
    return {state: Role(parts[place % len(parts)], place // len(parts)) for place, state in enumerate(states)}


def acts_at(role: Role, issued_at: datetime, due_at: datetime) -> datetime | None:
    """Say when a State acts, or None when it never does, or not by the clock: a national system follows its webhook.

    `due_at` is when its acknowledgement is due.
    """
    shares = _SHARES.get(role.part)
    if shares is None:
        return None
    at = issued_at + (due_at - issued_at) * shares[role.turn % len(shares)]
    return at.replace(second=0, microsecond=0)
