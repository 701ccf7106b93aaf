"""Names what is counted: what a report says in figures, what happens to clocks, what proves a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.model import ContactId, StateCode
from notify.event import Event
from notify.words import ChannelName, DeliveryId, DraftId, NotificationId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCounted(Event):
    """What clocks and statistics need of a report; it may come from marked fields, so addressees do not read it."""

    sequence: int
    shares: dict[str, float]  # how complete it leaves each letter (a) to (e) of Article 17(3)
    release_types: tuple[str, ...]
    organisms: tuple[str, ...]
    complete: bool = False
    knew_on: str | None = None  # the day on which the reporting State knew


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksStarted(Event):
    """Each clock as it stands in `case_history.StartedClock`; a clock that is due anew is named again."""

    clocks: tuple[list[Any], ...]
    next_look_at: datetime | None = None  # of the first one of a case: when its clocks are looked at first


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReminded(Event):
    clock: str
    subject_kind: str
    subject: str
    round: int
    number: int  # of this clock's reminders, from 1
    due_at: datetime
    owner: StateCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockMissed(Event):
    clock: str
    subject_kind: str
    subject: str
    round: int
    due_at: datetime
    owner: StateCode | None = None  # None: the service


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPresumed(Event):
    delivery_id: DeliveryId
    channel: ChannelName
    notification_id: NotificationId
    contact: ContactId  # its address has answered in the last 90 days


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryUnproven(Event):
    delivery_id: DeliveryId
    channel: ChannelName
    notification_id: NotificationId
    contact: ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOpened(Event):
    draft_id: DraftId
    state: StateCode
    prompt_at: datetime
