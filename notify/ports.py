"""Says what the service needs of the world; each docstring is a contract that every implementation keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from contacts.model import Contact
from contacts.registry import Registry, effective_time_zone
from notify.delivery import Dispatch, Proof
from notify.events import Event
from notify.policy import Policy
from notify.record import BCHRecord
from notify.stores import (
    AccountStore,
    BrakeStore,
    CaseStore,
    Contacts,
    DeliveryStore,
    DraftStore,
    LogStore,
    NotificationStore,
    OutboxStore,
    TaskStore,
)
from notify.words import DeliveryId
from notify.working_time import Calendar


class Clock(Protocol):
    """Gives the time. In production it is the database's clock, so that all processes agree."""

    def now(self) -> datetime:
        """Give the present time, in UTC, with its zone."""
        ...


class Channel(Protocol):
    """One means of telling a contact."""

    async def deliver(self, dispatch: Dispatch) -> Proof:
        """Try once; return what the other side answered, or raise DeliveryError. Never retry by itself."""
        ...


class LinkTokens(Protocol):
    """Makes the link tokens of mails from delivery ids: one secret each, the same again for a retry."""

    def token(self, delivery_id: DeliveryId) -> str:
        """Give the token of a new delivery; only who holds the service's secret key can."""
        ...

    def again(self, delivery_id: DeliveryId, link_hash: str) -> str | None:
        """Give the token that has this hash, also when the key was rotated since; None when its key is gone."""
        ...


class UnitOfWork(Protocol):
    """One transaction: the changed rows, one log row per event, one outbox row per (event, handler) — or nothing."""

    @property
    def cases(self) -> CaseStore: ...

    @property
    def notifications(self) -> NotificationStore: ...

    @property
    def deliveries(self) -> DeliveryStore: ...

    @property
    def outbox(self) -> OutboxStore: ...

    @property
    def log(self) -> LogStore: ...

    @property
    def tasks(self) -> TaskStore: ...

    @property
    def accounts(self) -> AccountStore: ...

    @property
    def drafts(self) -> DraftStore: ...

    @property
    def brake(self) -> BrakeStore: ...

    @property
    def contacts(self) -> Contacts: ...

    def record(self, *events: Event) -> None:
        """Keep events for the commit."""
        ...

    async def commit(self) -> None: ...


class Database(Protocol):
    """Opens units of work."""

    def write(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open one that may change rows; leaving it without `commit` changes nothing."""
        ...

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open one that only reads and takes no lock."""
        ...


class BCHFormat(Protocol):
    """Writes a BCH record in the Clearing-House's own format."""

    def draft(self, record: BCHRecord) -> Mapping[str, Any]: ...


class Challenge(Protocol):
    """Asks an endpoint to prove that its owner wants our webhooks."""

    async def __call__(self, url: str, secret: bytes) -> None:
        """Send the signed test event; raise DeliveryError unless the answer echoes the challenge."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """All that handlers and use cases need, wired once."""

    clock: Clock
    database: Database
    registry: Registry
    policy: Policy
    links: LinkTokens
    bch: BCHFormat
    public_url: str
    new_id: Callable[[str], str]
    new_secret: Callable[[], bytes]
    challenge: Challenge
    label: Callable[[str, str], str]  # names a code, a State or an English text in a language

    def calendar_of(self, contacts: Sequence[Contact], code: str) -> Calendar:
        """Give the calendar by which an addressee's clocks run: its first contact's zone, its State's weekend."""
        state = self.registry.find(code)
        zone = effective_time_zone(None, contacts, state)
        return Calendar(zone, state.weekend if state else frozenset({6, 7}))

    def url(self, path: str) -> str:
        """Give a public address of the service."""
        return self.public_url.rstrip("/") + path
