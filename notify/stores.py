"""Says what the service needs of the database, one port per aggregate; each docstring is a contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from contacts.model import Contact, ContactId, StateCode
from contacts.store import ContactStore
from notify.account import Account
from notify.acknowledgement import Acknowledgement
from notify.case import Case
from notify.notification import Notification
from notify.outbox import Lane, Message
from notify.rows import (
    Attempt,
    CaseFilter,
    DeadlineRow,
    DeliveryRow,
    DraftRow,
    LogRow,
    PauseRow,
    RecordRow,
    StoredReport,
)
from notify.task import Task
from notify.words import AccountId, CaseReference, DeliveryId, DraftId, NotificationId, OutboxId, TaskId


class CaseStore(Protocol):
    """Keeps cases, their reports, and which request opened which."""

    async def next_reference(self, prefix: str, year: int) -> CaseReference:
        """Give the next number of the series; a number is given once."""
        ...

    async def add(self, case: Case) -> None: ...

    async def get(self, reference: CaseReference) -> Case:
        """Read one case; raise NotFound."""
        ...

    async def save(self, case: Case) -> None:
        """Write it back; raise StaleVersion if somebody else did meanwhile."""
        ...

    async def find(self, wanted: CaseFilter) -> list[Case]:
        """List cases, newest first."""
        ...

    async def opened_since(self, account: AccountId, since: datetime) -> int:
        """Count the cases that an account opened since then (the brake)."""
        ...

    async def running(self) -> list[Case]:
        """List the cases whose clocks run."""
        ...

    async def add_report(self, report: StoredReport) -> None: ...

    async def reports(self, reference: CaseReference) -> list[StoredReport]:
        """Read the chain in order."""
        ...

    async def report(self, reference: CaseReference, sequence: int) -> StoredReport: ...

    async def reference_of_key(self, account: AccountId, key: str) -> tuple[CaseReference, str] | None:
        """Give the case that this idempotency key opened and the hash of its body; keys are kept for good."""
        ...

    async def keep_key(
        self, account: AccountId, key: str, sha256: str, reference: CaseReference, now: datetime
    ) -> bool:
        """Bind a key to its case; False if it was taken meanwhile, and then nothing may be committed."""
        ...

    async def put_record(self, record: RecordRow) -> None: ...

    async def record(self, reference: CaseReference) -> RecordRow | None: ...


class NotificationStore(Protocol):
    """Keeps notifications, their clocks and the answers to them."""

    async def add(self, notifications: Sequence[Notification], deadlines: Sequence[DeadlineRow]) -> None: ...

    async def get(self, notification_id: NotificationId) -> Notification:
        """Read one notification; raise NotFound."""
        ...

    async def of_case(self, reference: CaseReference) -> list[Notification]: ...

    async def save(self, notification: Notification) -> None:
        """Write it back; raise StaleVersion if somebody else did meanwhile."""
        ...

    async def deadlines(self, reference: CaseReference) -> list[DeadlineRow]: ...

    async def meet(self, notification_ids: Sequence[NotificationId], kind: str, at: datetime) -> None:
        """Enter the fact that meets a clock; the first fact counts."""
        ...

    async def add_acknowledgement(self, answer: Acknowledgement) -> None: ...

    async def acknowledgements(self, reference: CaseReference) -> list[Acknowledgement]:
        """Read all answers of a case, oldest first."""
        ...

    async def dispute(self, acknowledgement_id: str, at: datetime) -> None: ...


class DeliveryStore(Protocol):
    """Keeps deliveries and their attempts."""

    async def add(self, deliveries: Sequence[DeliveryRow]) -> set[DeliveryId]:
        """Add those whose key is new; give the ids that were added."""
        ...

    async def many(self, ids: Sequence[DeliveryId]) -> list[DeliveryRow]: ...

    async def of_case(self, reference: CaseReference) -> list[DeliveryRow]: ...

    async def of_notification(self, notification_id: NotificationId) -> list[DeliveryRow]: ...

    async def attempts(self, reference: CaseReference) -> list[Attempt]: ...

    async def enter(self, attempts: Sequence[Attempt]) -> None:
        """Enter tries and move their deliveries' states forward, in one batch."""
        ...

    async def cancel(self, notification_id: NotificationId, keep: frozenset[str], at: datetime) -> int:
        """Cancel what is still queued or delayed, except the steps kept; give the number cancelled."""
        ...

    async def requeue(self, delivery_id: DeliveryId) -> None:
        """Let a failed delivery be tried again."""
        ...

    async def by_link(self, link_hash: str) -> DeliveryRow:
        """Find the delivery whose link this is; raise NotFound when unknown or revoked."""
        ...

    async def open_link(self, delivery_id: DeliveryId, at: datetime) -> None: ...

    async def revoke_links(self, contact: ContactId, at: datetime) -> None: ...

    async def earlier(self, reference: CaseReference, contacts: Sequence[str]) -> dict[str, list[DeliveryId]]:
        """List the e-mail deliveries of a case by contact, oldest first, for threading."""
        ...


class OutboxStore(Protocol):
    """The durable queue: claim, complete, retry, park. Times are given, never taken."""

    async def claim(self, lane: Lane, *, claim: str, now: datetime, until: datetime, limit: int) -> list[Message]:
        """Lease due messages, most urgent first; no other claim can hold one of them until the lease ends."""
        ...

    async def complete(self, ids: Sequence[OutboxId], *, claim: str, now: datetime) -> set[OutboxId]:
        """Mark messages done that this claim still holds; give those ids. The others were lost to another worker."""
        ...

    async def retry(self, message_id: OutboxId, *, claim: str, now: datetime, due_at: datetime, error: str) -> bool:
        """Put a message back for later; False if the claim was lost."""
        ...

    async def park(self, message_id: OutboxId, *, claim: str, now: datetime, error: str) -> bool:
        """Lay a message aside for a person; False if the claim was lost."""
        ...

    async def release(self, claims: Sequence[str]) -> None:
        """Give unstarted messages back at once (graceful stop)."""
        ...

    async def free(self, message_id: OutboxId, now: datetime) -> Message:
        """Make a parked message due again; raise NotFound."""
        ...

    async def parked(self) -> list[tuple[Message, datetime, str]]:
        """List parked messages with when and why."""
        ...

    async def next_due(self, lanes: Sequence[Lane]) -> datetime | None:
        """Say when the next message of these lanes may be claimed."""
        ...

    async def oldest_overdue(self, now: datetime) -> datetime | None:
        """Give the due time of the most overdue message, done ones aside."""
        ...

    async def counts(self, now: datetime) -> dict[str, int]:
        """Count waiting, due and parked messages."""
        ...


class LogStore(Protocol):
    """Reads the log; only a commit writes it."""

    async def rows(self, chain: CaseReference) -> list[LogRow]: ...

    async def after(self, position: int, limit: int) -> list[LogRow]:
        """List rows of all chains after a position."""
        ...

    async def last_position(self) -> int: ...

    async def heads(self, chains: Sequence[CaseReference]) -> dict[CaseReference, tuple[int, str]]:
        """Give sequence and hash of each chain's last row."""
        ...

    def broken(self) -> AsyncIterator[tuple[CaseReference, int, str]]:
        """Verify every chain; give each break as chain, sequence and what is wrong."""
        ...


class TaskStore(Protocol):
    """Keeps tasks."""

    async def add(self, tasks: Sequence[Task]) -> None: ...

    async def get(self, task_id: TaskId) -> Task:
        """Read one task; raise NotFound."""
        ...

    async def save(self, task: Task) -> None: ...

    async def find(self, *, owner: str | None, done: bool | None, case: CaseReference | None = None) -> list[Task]: ...


class AccountStore(Protocol):
    """Keeps accounts; of a token only its hash."""

    async def add(self, account: Account) -> None:
        """Add an account; raise Conflict if its name is taken."""
        ...

    async def by_name(self, name: str) -> Account:
        """Read an account; raise NotFound."""
        ...

    async def by_token(self, token_hash: str) -> Account | None: ...

    async def set_token(self, account: AccountId, token_hash: str) -> None: ...

    async def all(self) -> list[Account]: ...


class DraftStore(Protocol):
    """Keeps drafts."""

    async def add(self, draft: DraftRow) -> None: ...

    async def get(self, draft_id: DraftId) -> DraftRow:
        """Read one draft; raise NotFound."""
        ...

    async def save(self, draft: DraftRow, expected: int) -> None:
        """Write it; raise StaleVersion if its version is not the expected one."""
        ...

    async def remove(self, draft_id: DraftId) -> None: ...

    async def of_state(self, state: StateCode) -> list[DraftRow]: ...


class BrakeStore(Protocol):
    """Keeps the brake: one pause of all sending at most."""

    async def current(self) -> PauseRow | None: ...

    async def put(self, pause: PauseRow) -> None: ...

    async def lift(self) -> None: ...


class Contacts(ContactStore, Protocol):
    """The contact store with the secrets of webhooks."""

    async def many(self, ids: Sequence[ContactId]) -> list[Contact]:
        """List the contacts with these ids."""
        ...

    async def versions(self, ids: Sequence[ContactId]) -> dict[ContactId, int]:
        """Give the version of each contact, for conditional changes."""
        ...

    async def webhook_secrets(self, contacts: Sequence[ContactId]) -> dict[ContactId, bytes]: ...

    async def set_webhook_secret(self, contact: ContactId, secret: bytes) -> None: ...
