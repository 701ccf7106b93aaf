"""Shows what was tried for a contact, and sends again what a person wants sent again; each act is on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contacts.model import Contact, ContactId
from notify.account import OF_A_STATE, Account, Right, require
from notify.breaker import health_of
from notify.errors import Conflict, Fault, InvalidDocument, NotFound
from notify.events import SERVICE_CHAIN, DeliveryResent, EndpointReplayed
from notify.ports import Ports, UnitOfWork
from notify.rows import Attempt, DeliveryRow
from notify.service.directory import own_contact
from notify.service.reading import stamp
from notify.words import ChannelName, DeliveryId

MOST_REPLAYED = 1000
"""So many messages one replay sends at most; the answer says from when the next one goes on."""

MOST_ATTEMPTS = 200


def attempt_view(delivery: DeliveryRow, tried: Attempt) -> dict[str, Any]:
    """Show one try."""
    return {
        "id": f"{delivery.id}.{tried.number}",
        "delivery": delivery.id,
        "channel": delivery.channel,
        "type": delivery.kind,
        "case_reference": None if delivery.case_reference == SERVICE_CHAIN else delivery.case_reference,
        "number": tried.number,
        "at": stamp(tried.started_at),
        "milliseconds": tried.milliseconds,
        "result": tried.result,
        "status": tried.status,
        "failure": tried.failure,
        "reason": tried.reason,
        "answer": tried.answer,
        "destination": tried.destination,
        "next_attempt_at": stamp(tried.next_attempt_at),
        "delivery_state": delivery.state,
    }


async def list_attempts(
    contact_id: ContactId,
    account: Account,
    ports: Ports,
    *,
    channel: ChannelName | None = None,
    before: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """List every try for a contact, the latest first; `before` is the `next` of the page before."""
    async with ports.database.read() as work:
        await own_contact(contact_id, account, work)
        found = await work.resending.attempts_of(contact_id, channel, _cursor(before), min(limit, MOST_ATTEMPTS) + 1)
    page = [attempt_view(delivery, tried) for delivery, tried in found[:limit]]
    return {"attempts": page, "next": page[-1]["id"] if len(found) > limit else None}


def _cursor(before: str | None) -> tuple[DeliveryId, int] | None:
    if before is None:
        return None
    delivery, _, number = before.rpartition(".")
    if not delivery or not number.isascii() or not number.isdigit() or len(number) > 6:
        raise InvalidDocument([Fault("/before", "must be the `next` of the page before")])
    return DeliveryId(delivery), int(number)


async def resend_delivery(delivery_id: DeliveryId, account: Account, ports: Ports) -> dict[str, Any]:
    """Send one delivery again, under the same id, whatever became of it; raise Conflict while it is being sent."""
    require(account, Right.KEEP_CONTACTS)
    async with ports.database.write() as work:
        row = await _own_delivery(delivery_id, account, work)
        tries = await work.resending.begin_again([row], ports.clock.now())
        if row.id not in tries:
            raise Conflict("this message is being sent at this moment; look at its attempts in a minute")
        _record(work, [row], tries, account, ports, replayed=False)
        await work.commit()
    return {
        "delivery": row.id,
        "contact": row.contact,
        "channel": row.channel,
        "queued_at": stamp(ports.clock.now()),
    }


async def _own_delivery(delivery_id: DeliveryId, account: Account, work: UnitOfWork) -> DeliveryRow:
    found = await work.deliveries.many([delivery_id])
    if not found or (found[0].contact is None and account.role in OF_A_STATE):
        raise NotFound("there is no such delivery")
    (row,) = found
    if row.contact is not None:
        try:
            contact = await own_contact(row.contact, account, work)
        except NotFound:
            raise NotFound("there is no such delivery") from None
        if row.channel is ChannelName.WEBHOOK:
            _require_endpoint(contact)
    return row


def _require_endpoint(contact: Contact) -> None:
    if contact.webhook is None or not contact.webhook.verified:
        raise Conflict("this contact has no endpoint that answered its challenge; register its webhook first")


async def replay_contact(
    contact_id: ContactId,
    since: datetime,
    account: Account,
    ports: Ports,
    *,
    everything: bool = False,
    most: int = MOST_REPLAYED,
) -> dict[str, Any]:
    """Send an endpoint what it missed since then, or with `everything` all that was tried, each under its own id.

    It goes through the outbox after whatever is urgent, at most `most` messages at a time: `next_since` says from when
    to go on. Raise Conflict when the endpoint takes nothing by its own word (410): send a test first.
    """
    require(account, Right.KEEP_CONTACTS)
    now = ports.clock.now()
    if since > now:
        raise InvalidDocument([Fault("/since", "must not be in the future")])
    async with ports.database.write() as work:
        contact = await own_contact(contact_id, account, work)
        _require_endpoint(contact)
        await _require_presence(contact, work)
        rows = await work.resending.missed(contact_id, since, everything=everything, limit=most + 1)
        following = rows[most].queued_at if len(rows) > most else None
        rows = rows[:most]
        tries = await work.resending.begin_again(rows, now)
        _record(work, rows, tries, account, ports, replayed=True)
        work.record(
            EndpointReplayed(
                case_reference=SERVICE_CHAIN,
                at=now,
                contact=contact_id,
                since_at=since,
                number=len(tries),
                account=account.id,
                everything=everything,
            )
        )
        await work.commit()
    return {"contact": contact_id, "since": stamp(since), "queued": len(tries), "next_since": stamp(following)}


async def _require_presence(contact: Contact, work: UnitOfWork) -> None:
    known = (await work.endpoints.of([contact.id])).get(contact.id)
    if contact.webhook is not None and health_of(known, contact.id, contact.webhook.url).gone_at is not None:
        raise Conflict("this endpoint said that it is gone (410); send it a test, or register it again, first")


def _record(
    work: UnitOfWork,
    rows: Sequence[DeliveryRow],
    tries: dict[DeliveryId, int],
    account: Account,
    ports: Ports,
    *,
    replayed: bool,
) -> None:
    now = ports.clock.now()
    for row in rows:
        if row.id in tries:
            work.record(
                DeliveryResent(
                    case_reference=row.case_reference,
                    at=now,
                    delivery_id=row.id,
                    channel=row.channel,
                    step=row.step,
                    notification_id=row.notification_id,
                    contact=row.contact,
                    account=account.id,
                    tries=tries[row.id],
                    replayed=replayed,
                )
            )
