"""Names what happens to an exercise as a whole; whatever else happens in it is an event like any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contacts.model import StateCode
from notify.event import Event
from notify.words import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ExercisePlanned(Event):
    recipients: tuple[StateCode, ...]
    announced: bool
    starts_at: datetime
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseEnded(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExercisePurged(Event):
    rows: int  # that were removed; the log and the scores stay
