"""The port to where contacts are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from contacts.model import Contact, ContactId, ContactRole, StateCode


class ContactStore(Protocol):
    """Keeps contacts. Every call sees the changes of its own unit of work; lists come sorted by id."""

    async def of_states(self, codes: Iterable[StateCode]) -> list[Contact]:
        """List the contacts of these States, of every role; an unknown code adds nothing."""
        ...

    async def with_roles(self, roles: Iterable[ContactRole]) -> list[Contact]:
        """List the contacts of these roles, of all States, organizations and the secretariat."""
        ...

    async def get(self, contact_id: ContactId) -> Contact | None:
        """Return one contact, or None."""
        ...

    async def put(self, contact: Contact) -> ContactId:
        """Add the contact, or replace the one it stands for; give the id under which it is kept.

        That is the stored contact with the same id; where there is none, the one with the same State or
        organization, role and e-mail address (any case), which then keeps its own id, so that links and log
        entries stay true. A changed webhook URL loses its verification; an unchanged one keeps it.
        """
        ...

    async def remove(self, contact_id: ContactId) -> None:
        """Remove the contact; removing one that is not there does nothing."""
        ...

    async def all(self, state: StateCode | None = None) -> list[Contact]:
        """List every contact, or those of one State."""
        ...

    async def mark_webhook_verified(self, contact_id: ContactId) -> None:
        """Record that the webhook answered its challenge; without contact or webhook it does nothing."""
        ...
