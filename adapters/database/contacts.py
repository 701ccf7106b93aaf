"""Keeps contacts; the secrets of their webhooks are sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import contact, endpoint, webhook_secret
from contacts.model import Contact, ContactId, ContactRole, StateCode, Webhook, WebhookFormat

_SAME_NAME = (
    "id", "state", "organization", "role", "office", "person", "email",
    "telephone", "language", "time_zone", "duty", "confirmed_on", "bch_uid", "unannounced_exercises",
)  # fmt: skip
_MOST_SECRETS = 10


def _row(kept: Contact) -> dict[str, Any]:
    row = {name: getattr(kept, name) for name in _SAME_NAME}
    webhook = kept.webhook
    return row | {
        "rank": kept.order,
        "webhook_url": None if webhook is None else webhook.url,
        "webhook_verified": webhook is not None and webhook.verified,
        "webhook_format": WebhookFormat.STANDARD if webhook is None else webhook.format,
    }


def _contact(row: Any) -> Contact:
    values = {name: getattr(row, name) for name in _SAME_NAME}
    webhook = None
    if row.webhook_url is not None:
        form = WebhookFormat(row.webhook_format)
        webhook = Webhook.model_construct(url=row.webhook_url, verified=row.webhook_verified, format=form)
    # What we wrote was checked then; building without checks keeps the hot path short.
    return Contact.model_construct(**values | {"role": ContactRole(row.role), "order": row.rank, "webhook": webhook})


class SqlContacts:
    """The contacts on one connection."""

    def __init__(
        self,
        connection: AsyncConnection,
        seal: Callable[[bytes], bytes],
        unseal: Callable[[bytes], bytes],
    ) -> None:
        self._connection = connection
        self._seal = seal
        self._unseal = unseal

    async def _select(self, *where: sa.ColumnElement[bool]) -> list[Contact]:
        found = await self._connection.execute(sa.select(contact).where(*where).order_by(contact.c.id))
        return [_contact(row) for row in found]

    async def of_states(self, codes: Iterable[StateCode]) -> list[Contact]:
        return await self._select(contact.c.state.in_(list(codes)))

    async def with_roles(self, roles: Iterable[ContactRole]) -> list[Contact]:
        return await self._select(contact.c.role.in_(list(roles)))

    async def many(self, ids: Iterable[ContactId]) -> list[Contact]:
        """List the contacts with these ids."""
        return await self._select(contact.c.id.in_(list(ids)))

    async def get(self, contact_id: ContactId) -> Contact | None:
        return next(iter(await self._select(contact.c.id == contact_id)), None)

    async def all(self, state: StateCode | None = None) -> list[Contact]:
        return await self._select(*([] if state is None else [contact.c.state == state]))

    async def put(self, kept: Contact) -> ContactId:
        stored = await self._stored_for(kept)
        if stored is None:
            await self._connection.execute(sa.insert(contact), _row(kept) | {"version": 1})
            return kept.id
        row = _row(kept) | {"id": stored.id, "version": stored.version + 1}
        same_endpoint = row["webhook_url"] is not None and stored.webhook_url == row["webhook_url"]
        row["webhook_verified"] = same_endpoint and stored.webhook_verified
        if not same_endpoint:
            await self._forget_endpoint(stored.id)
        await self._connection.execute(sa.update(contact).where(contact.c.id == stored.id).values(row))
        return ContactId(stored.id)

    async def _stored_for(self, kept: Contact) -> Any:
        by_id = (await self._connection.execute(sa.select(contact).where(contact.c.id == kept.id))).first()
        if by_id is not None:
            return by_id
        found = await self._connection.execute(
            sa.select(contact)
            .where(
                contact.c.role == kept.role,
                contact.c.state.is_(None) if kept.state is None else contact.c.state == kept.state,
                sa.func.lower(contact.c.email) == kept.email.lower(),
                contact.c.organization.is_(None)
                if kept.organization is None
                else contact.c.organization == kept.organization,
            )
            .order_by(contact.c.id)
        )
        return found.first()

    async def remove(self, contact_id: ContactId) -> None:
        await self._forget_endpoint(contact_id)
        await self._connection.execute(sa.delete(contact).where(contact.c.id == contact_id))

    async def mark_webhook_verified(self, contact_id: ContactId) -> None:
        await self._connection.execute(
            sa.update(contact)
            .where(contact.c.id == contact_id, contact.c.webhook_url.isnot(None))
            .values(webhook_verified=True)
        )

    async def versions(self, ids: Sequence[ContactId]) -> dict[ContactId, int]:
        """Give the version of each contact, for `ETag` and `If-Match`."""
        found = await self._connection.execute(sa.select(contact.c.id, contact.c.version).where(contact.c.id.in_(ids)))
        return {ContactId(row.id): row.version for row in found}

    async def webhook_secrets(self, contacts: Sequence[ContactId], now: datetime) -> dict[ContactId, tuple[bytes, ...]]:
        if not contacts:
            return {}
        kept = webhook_secret.c
        found = await self._connection.execute(
            sa.select(kept.contact_id, kept.secret)
            .where(kept.contact_id.in_(contacts), sa.or_(kept.retires_at.is_(None), kept.retires_at > now))
            .order_by(kept.contact_id, kept.number.desc())
        )
        secrets: dict[ContactId, tuple[bytes, ...]] = {}
        for row in found:
            secrets[row.contact_id] = (*secrets.get(row.contact_id, ()), self._unseal(row.secret))
        return secrets

    async def add_webhook_secret(
        self, contact_id: ContactId, secret: bytes, *, now: datetime, others_until: datetime
    ) -> None:
        of_contact = webhook_secret.c.contact_id == contact_id
        newest = await self._connection.scalar(sa.select(sa.func.max(webhook_secret.c.number)).where(of_contact)) or 0
        ends = webhook_secret.c.retires_at
        spent = sa.or_(ends <= now, webhook_secret.c.number <= newest + 1 - _MOST_SECRETS)
        await self._connection.execute(sa.delete(webhook_secret).where(of_contact, spent))
        await self._connection.execute(
            sa.update(webhook_secret)
            # One that was to end sooner still does.
            .where(of_contact, sa.or_(ends.is_(None), ends > others_until))
            .values(retires_at=others_until)
        )
        row = {"contact_id": contact_id, "number": newest + 1, "secret": self._seal(secret), "created_at": now}
        await self._connection.execute(sa.insert(webhook_secret), row)

    async def _forget_endpoint(self, contact_id: ContactId) -> None:
        await self._connection.execute(sa.delete(webhook_secret).where(webhook_secret.c.contact_id == contact_id))
        await self._connection.execute(sa.delete(endpoint).where(endpoint.c.contact == contact_id))
