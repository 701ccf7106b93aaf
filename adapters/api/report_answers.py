"""Names what answers say of the reports of a chain, of suggestions, and of a close."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from notify.closing import CloseResult, ClosingAnswer
from notify.differences import Change
from notify.suggestion import Ground
from notify.words import Means


class Answer(BaseModel):
    """An object of an answer."""

    model_config = ConfigDict(extra="forbid")


class DifferenceAnswer(BaseModel):
    """One field that changed: what it was (absent when added) and what it is (absent when removed)."""

    model_config = ConfigDict(extra="allow")

    change: Change
    pointer: str


class ReportInChain(Answer):
    """One report, without what its reader may not see; `withheld` lists the pointers left out."""

    sequence: int
    type: str
    submitted_at: datetime
    reason: Any = Field(description="Why it follows: a text, or one by language; null for the initial report.")
    material: bool = Field(description="Whether it asks for a (new) acknowledgement.")
    differences: list[DifferenceAnswer] = Field(description="What changed since the report before, as you may read it.")
    report: dict[str, Any]
    withheld: list[str]


class KnownAnswer(Answer):
    """All that is known by now, as one report, as you may read it."""

    report: dict[str, Any]
    withheld: list[str]


class SuggestionAnswer(Answer):
    """Whom else the officer may want to name; nothing is ever added by itself."""

    state: str | None
    organization: str | None
    ground: Ground
    reasons: list[str]
    likely: bool


class StateAskedAnswer(Answer):
    """One State while a close is announced; silence is never taken for consent."""

    state: str
    asked_at: list[datetime]
    window_ends_at: datetime
    answer: ClosingAnswer | None
    answered_at: datetime | None
    by: str | None
    office: str | None
    means: Means | None
    reason: str | None


class CloseAnswer(Answer):
    """A close that was announced, and what came of it; an addressee sees its own part."""

    reference: str
    status: Literal["open", "closed", "withdrawn", "reopened"]
    announced_at: datetime | None
    ended_at: datetime | None
    result: CloseResult | None
    reasons: list[str]
    reopened_at: datetime | None
    evidence: str | None
    states: list[StateAskedAnswer]
