"""Keeps the registry of contacts: loading, changing, webhooks with their challenge, gaps."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from contacts.model import Contact, ContactId, StateCode, Webhook, WebhookFormat
from contacts.registry import gaps
from notify.account import OF_A_STATE, Account, Right, require
from notify.breaker import Health, health_of
from notify.endpoints import enter_success
from notify.errors import Conflict, Fault, InvalidDocument, NotAllowed, NotFound, StaleVersion
from notify.events import SERVICE_CHAIN, ContactChanged, ContactsLoaded
from notify.ports import Ports, UnitOfWork
from notify.service.reading import stamp

OLD_SECRETS_FOR = timedelta(hours=24)
"""How long the old secrets of an endpoint sign beside a new one, unless somebody says otherwise."""

OLD_SECRETS_FOR_AT_MOST = timedelta(days=7)


def contact_view(contact: Contact, healths: Mapping[ContactId, Health] = MappingProxyType({})) -> dict[str, Any]:
    """Show a contact in the shape in which contacts are loaded, and how its endpoint fares."""
    shown = contact.model_dump(mode="json", exclude_none=True)
    if contact.webhook is not None:
        endpoint = contact.webhook
        health = health_of(healths.get(contact.id), contact.id, endpoint.url)
        shown["webhook"] = {"url": endpoint.url, "verified": endpoint.verified, "format": endpoint.format}
        shown["webhook"]["health"] = {
            "condition": health.condition,
            "failing_since": stamp(health.failing_since),
            "failures": health.failures,
            "retries_wait_until": stamp(health.open_until),
            "recovered_at": stamp(health.recovered_at),
            "last_error": health.last_error,
        }
    return shown


def _check_own(account: Account, contact: Contact | None, state: StateCode | None) -> None:
    """Let an account of a State touch its own State's contacts only; others do not exist for it."""
    require(account, Right.KEEP_CONTACTS)
    if account.role not in OF_A_STATE:
        return
    if contact is not None and contact.state != account.state:
        raise NotFound("there is no such contact")
    if contact is None and state != account.state:
        raise NotAllowed("an account of a State keeps the contacts of its own State only")


async def load_contacts_file(contacts: Sequence[Contact], account: Account, ports: Ports) -> int:
    """Load checked contacts, all or nothing; each replaces the one it stands for."""
    require(account, Right.KEEP_CONTACTS)
    async with ports.database.write() as work:
        ids = tuple([await work.contacts.put(contact) for contact in contacts])
        work.record(
            ContactsLoaded(case_reference=SERVICE_CHAIN, at=ports.clock.now(), contacts=ids, account=account.id)
        )
        await work.commit()
    return len(contacts)


async def list_contacts(account: Account, ports: Ports, state: StateCode | None = None) -> dict[str, Any]:
    """List contacts: an account of a State sees its own State's."""
    require(account, Right.KEEP_CONTACTS)
    wanted = account.state if account.role in OF_A_STATE else state
    if state is not None and state != wanted:
        return {"contacts": []}
    async with ports.database.read() as work:
        contacts = await work.contacts.all(wanted)
        healths = await work.endpoints.of([contact.id for contact in contacts if contact.webhook is not None])
    return {"contacts": [contact_view(contact, healths) for contact in contacts]}


async def list_gaps(ports: Ports) -> list[dict[str, Any]]:
    """List the States that may not be reached, and why."""
    async with ports.database.read() as work:
        contacts = await work.contacts.all()
    found = gaps(contacts, ports.registry)
    return [
        {"state": gap.state.state_code, "name": gap.state.name, "party": gap.state.party, "gap": gap.kind}
        for gap in found
    ]


async def own_contact(contact_id: ContactId, account: Account, work: UnitOfWork) -> Contact:
    """Read a contact that an account may keep; raise NotFound, or NotAllowed."""
    contact = await work.contacts.get(contact_id)
    if contact is None:
        raise NotFound("there is no such contact")
    _check_own(account, contact, contact.state)
    return contact


async def show_contact(contact_id: ContactId, account: Account, ports: Ports) -> tuple[dict[str, Any], int]:
    """Show one contact and its version."""
    async with ports.database.read() as work:
        contact = await own_contact(contact_id, account, work)
        versions = await work.contacts.versions([contact_id])
        healths = await work.endpoints.of([contact_id])
    return contact_view(contact, healths), versions[contact_id]


async def add_contact(contact: Contact, account: Account, ports: Ports) -> dict[str, Any]:
    """Add a contact; raise Conflict when its id is taken."""
    _check_own(account, None, contact.state)
    async with ports.database.write() as work:
        if await work.contacts.get(contact.id) is not None:
            raise Conflict(f"there is already a contact {contact.id}")
        kept = await work.contacts.put(contact)
        if kept != contact.id:
            raise Conflict(f"contact {kept} has this State, role and e-mail already")
        _record(work, ports, contact.id, "added", account)
        await work.commit()
    return contact_view(contact)


async def replace_contact(contact: Contact, expected: int | None, account: Account, ports: Ports) -> dict[str, Any]:
    """Replace a contact; raise StaleVersion when it is not the expected version any more."""
    async with ports.database.write() as work:
        await own_contact(contact.id, account, work)
        _check_own(account, None, contact.state)
        versions = await work.contacts.versions([contact.id])
        if expected is not None and versions[contact.id] != expected:
            raise StaleVersion("the contact was changed meanwhile; read it again")
        await _put_beside_the_old_address(contact, account, work, ports)
        _record(work, ports, contact.id, "replaced", account)
        await work.commit()
        stored = await work.contacts.get(contact.id)
    return contact_view(stored or contact)


async def _put_beside_the_old_address(contact: Contact, account: Account, work: UnitOfWork, ports: Ports) -> None:
    """Put a contact; a new address is told at once, and the old one beside it until somebody else confirms the new one.

    A State's own account cannot confirm a contact: that is for the secretariat, or the BCH's list.
    """
    if contact.confirmed_on is not None and contact.confirmed_on > ports.clock.now().date():
        raise InvalidDocument([Fault("/confirmed_on", "must not be in the future")])
    before = await work.contacts.get(contact.id)
    beside = ContactId(f"{contact.id}-before")
    if account.role not in OF_A_STATE or before is None:
        await work.contacts.put(contact)
        if contact.confirmed_on is not None:
            await work.contacts.remove(beside)
        return
    moved = before.email.casefold() != contact.email.casefold()
    await work.contacts.put(contact.model_copy(update={"confirmed_on": None if moved else before.confirmed_on}))
    if moved:
        await work.contacts.put(before.model_copy(update={"id": beside, "webhook": None}))


async def remove_contact(contact_id: ContactId, account: Account, ports: Ports) -> None:
    """Remove a contact and revoke its links."""
    async with ports.database.write() as work:
        await own_contact(contact_id, account, work)
        await work.contacts.remove(contact_id)
        await work.deliveries.revoke_links(contact_id, ports.clock.now())
        _record(work, ports, contact_id, "removed", account)
        await work.commit()


async def revoke_links(contact_id: ContactId, account: Account, ports: Ports) -> None:
    """Revoke the links of every mail that a contact was sent."""
    async with ports.database.write() as work:
        await own_contact(contact_id, account, work)
        await work.deliveries.revoke_links(contact_id, ports.clock.now())
        _record(work, ports, contact_id, "links_revoked", account)
        await work.commit()


async def register_webhook(
    contact_id: ContactId,
    account: Account,
    ports: Ports,
    *,
    url: str | None = None,
    form: WebhookFormat | None = None,
    old_secrets_for: timedelta = OLD_SECRETS_FOR,
) -> dict[str, Any]:
    """Register a contact's webhook: make its secret, run the challenge, and show the secret this once.

    The same endpoint again gets another secret; the old ones sign beside it for `old_secrets_for`, at most 7 days.
    Raises DeliveryError when the endpoint does not prove that it wants our events; nothing changes then.
    """
    if not timedelta(0) <= old_secrets_for <= OLD_SECRETS_FOR_AT_MOST:
        raise InvalidDocument([Fault("/old_secret_hours", "must be 0 to 168")])
    async with ports.database.read() as work:
        contact = await own_contact(contact_id, account, work)
        endpoint = _endpoint(contact, url, form)
        known = contact.webhook is not None and contact.webhook.url == endpoint.url
        # One that knows only the old secret can so verify what it echoes; a stolen secret signs nothing more.
        asked = [contact_id] if known and old_secrets_for else []
        old = (await work.contacts.webhook_secrets(asked, ports.clock.now())).get(contact_id, ())
    secret = ports.new_secret()
    await ports.challenge(endpoint.url, (secret, *old), endpoint.format)
    now, until = ports.clock.now(), ports.clock.now() + old_secrets_for
    async with ports.database.write() as work:
        stored = await own_contact(contact_id, account, work)
        await work.contacts.put(stored.model_copy(update={"webhook": endpoint}))
        await work.contacts.add_webhook_secret(contact_id, secret, now=now, others_until=until)
        await _enter_answered(contact_id, endpoint.url, work, now)
        _record(work, ports, contact_id, "webhook_verified", account)
        await work.commit()
    return {
        "contact": contact_id,
        "url": endpoint.url,
        "format": endpoint.format,
        "secret": "whsec_" + base64.b64encode(secret).decode(),
        "old_secrets_until": stamp(until) if old else None,
    }


async def _enter_answered(contact_id: ContactId, url: str, work: UnitOfWork, now: datetime) -> None:
    """Enter that the endpoint answered its challenge, whatever was known of it before."""
    await work.contacts.mark_webhook_verified(contact_id)
    await enter_success(contact_id, url, work, now)


def _endpoint(contact: Contact, url: str | None, form: WebhookFormat | None) -> Webhook:
    """Give the endpoint to be asked: what is not said anew is as it was."""
    before = contact.webhook
    if url is None and before is None:
        raise Conflict("this contact has no webhook URL")
    endpoint = before.model_copy(update={"url": url or before.url}) if before else Webhook(url=str(url))
    return endpoint.model_copy(update={"format": form or endpoint.format, "verified": False})


def _record(work: UnitOfWork, ports: Ports, contact: ContactId, change: str, account: Account) -> None:
    work.record(
        ContactChanged(
            case_reference=SERVICE_CHAIN, at=ports.clock.now(), contact=contact, change=change, account=account.id
        )
    )
