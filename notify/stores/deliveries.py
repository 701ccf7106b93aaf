"""Says how notifications, deliveries, tasks and contacts are kept; each docstring is a contract."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from contacts.model import Contact, ContactId
from contacts.store import ContactStore
from notify.acknowledgement import Acknowledgement
from notify.delivery import DeliveryState, NoticeKind
from notify.notification import Notification
from notify.rows import (
    Attempt,
    DeadlineRow,
    DeliveryRow,
)
from notify.task import Task
from notify.words import CaseReference, DeliveryId, NotificationId, TaskId


class NotificationStore(Protocol):
    """Keeps notifications, their clocks and the answers to them."""

    async def add(self, notifications: Sequence[Notification], deadlines: Sequence[DeadlineRow]) -> None: ...

    async def get(self, notification_id: NotificationId) -> Notification:
        """Read one notification; raise NotFound."""
        ...

    async def many(self, ids: Sequence[NotificationId]) -> list[Notification]: ...

    async def of_case(self, reference: CaseReference) -> list[Notification]: ...

    async def save(self, notification: Notification) -> None:
        """Write it back; raise StaleVersion if somebody else did meanwhile."""
        ...

    async def meet(self, notification_ids: Sequence[NotificationId], kind: str, at: datetime) -> None:
        """Enter the fact that meets a clock; the first fact counts."""
        ...

    async def oldest_unmet(self, kind: str, now: datetime) -> datetime | None:
        """Give when the longest overdue clock of this kind was due, where something still waits to be sent."""
        ...

    async def add_acknowledgement(self, answer: Acknowledgement) -> None: ...

    async def acknowledgements(self, reference: CaseReference) -> list[Acknowledgement]:
        """Read all answers of a case, oldest first."""
        ...

    async def answers_from(self, source: str, since: datetime) -> int:
        """Count the answers that came from one place since then, in all cases."""
        ...

    async def answered_since(self, contacts: Sequence[ContactId], since: datetime) -> set[ContactId]:
        """Name those of these contacts that answered a notification of whatever case since then."""
        ...

    async def answered(self, contacts: Sequence[ContactId], since: datetime) -> set[tuple[ContactId, str]]:
        """Give, of these contacts, each with an address at which it was told and answered since then, in any case."""
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

    async def with_step(self, reference: CaseReference, beginning: str) -> list[DeliveryId]:
        """Name the deliveries of a case whose step begins so."""
        ...

    async def attempts(self, reference: CaseReference) -> list[Attempt]: ...

    async def enter(self, attempts: Sequence[Attempt]) -> None:
        """Enter tries and move their deliveries' states forward, in one batch."""
        ...

    async def reach(
        self, delivery_id: DeliveryId, state: DeliveryState, at: datetime, *, before: Collection[DeliveryState]
    ) -> None:
        """Move a delivery to a state that a report gave it; raise StaleVersion if it stands elsewhere meanwhile."""
        ...

    async def cancel(self, notification_id: NotificationId, kinds: Collection[NoticeKind], at: datetime) -> int:
        """Cancel what is still queued or delayed of these kinds of notice; give the number cancelled."""
        ...

    async def requeue(self, delivery_id: DeliveryId) -> None:
        """Let a failed delivery be tried again."""
        ...

    async def by_link(self, link_hash: str) -> DeliveryRow:
        """Find the delivery whose link this is; raise NotFound when unknown or revoked."""
        ...

    async def open_link(self, delivery_id: DeliveryId, at: datetime) -> None: ...

    async def revoke_links(self, contact: ContactId, at: datetime) -> None: ...

    async def earlier(
        self, cases: Sequence[CaseReference], readers: Sequence[str]
    ) -> dict[tuple[CaseReference, str], list[DeliveryId]]:
        """List the e-mail deliveries of cases by case and contact id (or "filer"), oldest first, for threading."""
        ...


class TaskStore(Protocol):
    """Keeps tasks."""

    async def add(self, tasks: Sequence[Task]) -> None: ...

    async def get(self, task_id: TaskId) -> Task:
        """Read one task; raise NotFound."""
        ...

    async def save(self, task: Task) -> None: ...

    async def find(self, *, owner: str | None, done: bool | None, case: CaseReference | None = None) -> list[Task]: ...


class Contacts(ContactStore, Protocol):
    """The contact store with the secrets of webhooks."""

    async def many(self, ids: Sequence[ContactId]) -> list[Contact]:
        """List the contacts with these ids."""
        ...

    async def versions(self, ids: Sequence[ContactId]) -> dict[ContactId, int]:
        """Give the version of each contact, for conditional changes."""
        ...

    async def webhook_secrets(self, contacts: Sequence[ContactId], now: datetime) -> dict[ContactId, tuple[bytes, ...]]:
        """Give, by one query, the secrets that sign for these contacts now, the newest first."""
        ...

    async def add_webhook_secret(
        self, contact: ContactId, secret: bytes, *, now: datetime, others_until: datetime
    ) -> None:
        """Add the secret that signs from now on; the others of this contact sign until then too, ten in all at most.

        Another endpoint takes no secret over: `put` with a changed URL forgets them, and so does `remove`.
        """
        ...
