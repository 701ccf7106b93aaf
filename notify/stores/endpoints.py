"""Says how the health of endpoints and what was tried are kept; each docstring is a contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from contacts.model import ContactId
from notify.breaker import Health
from notify.rows import Attempt, DeliveryRow
from notify.words import ChannelName, DeliveryId


class EndpointStore(Protocol):
    """Keeps what is known of endpoints; one that never failed has no row."""

    async def unwell(self) -> dict[ContactId, Health]:
        """Give the endpoints whose last try failed: few, by the head of an index."""
        ...

    async def of(self, contacts: Sequence[ContactId]) -> dict[ContactId, Health]:
        """Give what is known of these contacts' endpoints."""
        ...

    async def of_to_change(self, contacts: Sequence[ContactId]) -> dict[ContactId, Health]:
        """Give the same, held until the transaction ends, so that no failure is lost between two workers."""
        ...

    async def put(self, healths: Sequence[Health]) -> None:
        """Write them, in one statement."""
        ...


class ResendStore(Protocol):
    """Reads what was tried for a contact, and makes ready what a person sends again."""

    async def attempts_of(
        self, contact: ContactId, channel: ChannelName | None, before: tuple[DeliveryId, int] | None, limit: int
    ) -> list[tuple[DeliveryRow, Attempt]]:
        """List tries for a contact, the latest first; `before` is the last one of the page before."""
        ...

    async def missed(self, contact: ContactId, since: datetime, *, everything: bool, limit: int) -> list[DeliveryRow]:
        """List webhooks of cases queued since then that its endpoint did not take, or all that were tried; by time.

        What still waits for its first try is not among them, nor what was overtaken.
        """
        ...

    async def begin_again(self, deliveries: Sequence[DeliveryRow], now: datetime) -> dict[DeliveryId, int]:
        """Make deliveries ready to be sent again; give how often each was tried.

        Whatever waited or was parked for them is done with. Those being sent at this moment are left out. What had got
        through keeps its state.
        """
        ...
