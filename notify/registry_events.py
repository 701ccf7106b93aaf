"""Names what can happen to contacts and their endpoints, one event each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contacts.model import ContactId
from notify.event import Event
from notify.words import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsLoaded(Event):
    contacts: tuple[ContactId, ...]
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(Event):
    contact: ContactId
    change: str  # added, replaced, removed, webhook_registered, webhook_verified, confirmed
    account: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFailing(Event):
    contact: ContactId
    since_at: datetime
    failures: int  # tries in a row
    gone: bool = False  # it answered 410


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRecovered(Event):
    contact: ContactId
    since_at: datetime  # when it had begun to fail


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReplayed(Event):
    contact: ContactId
    since_at: datetime
    number: int
    account: AccountId
    everything: bool = False  # also what it had taken
