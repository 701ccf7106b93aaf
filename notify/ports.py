"""Says what the service needs of the world; each docstring is a contract that every implementation keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol, TypeVar

from contacts.model import Contact, StateCode, WebhookFormat
from contacts.registry import Registry, effective_time_zone
from notify.attachment import ScanVerdict
from notify.breaker import FAILING_AFTER
from notify.delivery import Dispatch, Proof
from notify.events import Event
from notify.inbound import MailPurpose, Meaning, ReceivedMail
from notify.policy import Policy
from notify.record import BCHRecord
from notify.stores import (
    AccountStore,
    AttachmentStore,
    BrakeStore,
    CaseStore,
    ClosingStore,
    ConsultationStore,
    Contacts,
    DeliveryStore,
    DraftStore,
    EndpointStore,
    ExerciseStore,
    FigureStore,
    InquiryStore,
    LogStore,
    MailStore,
    MeasureStore,
    NotificationStore,
    OutboxStore,
    ResendStore,
    StatementStore,
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
        """Try once; return what the other side answered, or raise DeliveryError. Never retry by itself.

        What opens a second connection, because the first one broke or another relay takes over, asks `may_begin` first.
        """
        ...


class LinkTokens(Protocol):
    """Makes the link tokens of mails from delivery ids: one secret each, the same again for a retry."""

    def token(self, delivery_id: DeliveryId) -> str:
        """Give the token of a new delivery; only who holds the service's secret key can."""
        ...

    def again(self, delivery_id: DeliveryId, link_hash: str) -> str | None:
        """Give the token that has this hash, also when the key was rotated since; None when its key is gone."""
        ...


class MailAddresses(Protocol):
    """Reads the addresses that our mails name for what comes back: one for bounces and one for replies each."""

    def read(self, address: str) -> tuple[MailPurpose, DeliveryId] | None:
        """Say what an address is for and of which delivery; None when we did not make it, or its key is gone.

        In any case of letters. The delivery may be unknown here all the same (a backup was restored). An address for
        bounces gives no other right: it travels in the headers of every forwarded copy.
        """
        ...


class UnitOfWork(Protocol):
    """One transaction: the changed rows, one log row per event, one outbox row per (event, handler) — or nothing."""

    @property
    def cases(self) -> CaseStore: ...

    @property
    def closings(self) -> ClosingStore: ...

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
    def mails(self) -> MailStore: ...

    @property
    def contacts(self) -> Contacts: ...

    @property
    def endpoints(self) -> EndpointStore: ...

    @property
    def resending(self) -> ResendStore: ...

    @property
    def consultation(self) -> ConsultationStore: ...

    @property
    def statements(self) -> StatementStore: ...

    @property
    def measures(self) -> MeasureStore: ...

    @property
    def inquiries(self) -> InquiryStore: ...

    @property
    def figures(self) -> FigureStore: ...

    @property
    def exercises(self) -> ExerciseStore: ...

    @property
    def attachments(self) -> AttachmentStore: ...

    def record(self, *events: Event) -> None:
        """Keep events for the commit."""
        ...

    async def commit(self) -> None: ...


Given = TypeVar("Given")


class Database(Protocol):
    """Opens units of work."""

    def write(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open one that may change rows; leaving it without `commit` changes nothing."""
        ...

    async def together(self, change: Callable[[UnitOfWork], Awaitable[Given]]) -> Given:
        """Run a small change that does not commit itself in one transaction with others that wait.

        Return what it gave when that is durable, or raise what it raised; then nothing of it is left.
        """
        ...

    def read(self, *, brief: bool = False) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open one that only reads and takes no lock; `brief` promises that it reads little, by index."""
        ...


class IncomingFile(Protocol):
    """One file on its way in: its bytes are counted and digested as they come, and kept only when asked."""

    async def write(self, chunk: bytes) -> None: ...

    @property
    def size(self) -> int:
        """Say how many bytes came so far."""
        ...

    @property
    def sha256(self) -> str: ...

    @property
    def head(self) -> bytes:
        """Give the first bytes, up to `attachment.HEAD`."""
        ...

    async def scan(self) -> ScanVerdict:
        """Let the scanner look at the bytes; `unscanned` when none is set, `failed` when it did not end well."""
        ...

    async def keep(self) -> None:
        """Keep the bytes under their digest, so that they survive a crash; the same bytes again are harmless."""
        ...


class AttachmentFiles(Protocol):
    """Keeps the bytes of attachments under their digest: in a folder, or in an object store."""

    def receive(self) -> AbstractAsyncContextManager[IncomingFile]:
        """Take a file in; leaving without `keep` forgets it."""
        ...

    def read(self, sha256: str) -> AsyncIterator[bytes]:
        """Give the bytes in pieces; raise NotFound when they are not here."""
        ...


class BCHFormat(Protocol):
    """Writes a BCH record in the Clearing-House's own format."""

    def draft(self, record: BCHRecord) -> Mapping[str, Any]: ...


class Challenge(Protocol):
    """Asks an endpoint to prove that its owner wants our webhooks."""

    async def __call__(self, url: str, secrets: Sequence[bytes], form: WebhookFormat) -> None:
        """Send the test event, signed with each secret; raise DeliveryError unless the answer echoes the challenge."""
        ...


class MailReader(Protocol):
    """Says what a mail that came to an address of ours means."""

    async def __call__(self, mail: ReceivedMail, purpose: MailPurpose, /) -> Meaning:
        """Read a mail; whatever its bytes are, there is a meaning."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """All that handlers and use cases need, wired once."""

    clock: Clock
    database: Database
    registry: Registry
    policy: Policy
    links: LinkTokens
    mail_addresses: MailAddresses
    bch: BCHFormat
    public_url: str
    new_id: Callable[[str], str]
    new_secret: Callable[[], bytes]
    challenge: Challenge
    read_mail: MailReader
    files: AttachmentFiles
    label: Callable[[str, str], str]  # names a code, a State or an English text in a language
    holidays: Mapping[StateCode, frozenset[date]] = field(default_factory=dict)
    endpoint_fails_after: timedelta = FAILING_AFTER  # then somebody is told of it

    def calendar_of(self, contacts: Sequence[Contact], code: str) -> Calendar:
        """Give the calendar by which an addressee's clocks run: its first contact's zone, its State's weekend."""
        return self.calendar_in(effective_time_zone(None, contacts, self.registry.find(code)), code)

    def calendar_in(self, time_zone: str, code: str | None) -> Calendar:
        """Give the calendar of a time zone, with the weekend and the public holidays of a State."""
        state = self.registry.find(code) if code else None
        holidays = self.holidays.get(StateCode(code or ""), frozenset())
        return Calendar(time_zone, state.weekend if state else frozenset({6, 7}), holidays)

    def url(self, path: str) -> str:
        """Give a public address of the service."""
        return self.public_url.rstrip("/") + path
