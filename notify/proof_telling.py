"""Goes on where a message was taken over without proof: by the contact's other channel, then to the next contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.model import Contact, ContactId, StateCode
from contacts.registry import next_contact
from notify.case import Case
from notify.case_history import DeliveryHistory, NotificationHistory
from notify.clock_events import DeliveryPresumed, DeliveryUnproven
from notify.delivery import DeliveryState, NoticeKind
from notify.ladder import declined_contacts, routes_for
from notify.ports import Ports, UnitOfWork
from notify.proof import ANSWERED_WITHIN, NO_PROOF
from notify.queueing import Queue
from notify.routing import Route
from notify.words import ChannelName

_WITHOUT_PROOF = (DeliveryState.ACCEPTED, DeliveryState.DELAYED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Unproven:
    """A State that was told, and the messages to it whose proof is overdue."""

    told: NotificationHistory
    overdue: tuple[DeliveryHistory, ...]


async def go_on_without_proof(case: Case, found: Sequence[Unproven], work: UnitOfWork, ports: Ports) -> int:
    """Take the acceptance for proof where the address has answered lately, else tell somebody else; give how many."""
    now = ports.clock.now()
    contacts = {c.id: c for c in await work.contacts.of_states([StateCode(each.told.addressee) for each in found])}
    overdue = [each.contact for unproven in found for each in unproven.overdue if each.contact in contacts]
    answered = await work.notifications.answered([c for c in overdue if c is not None], now - ANSWERED_WITHIN)
    queue = Queue(ports, case.reference, sequence=case.latest_sequence, urgent=case.urgent, now=now)
    for unproven in found:
        if _presume(case, unproven, contacts, answered, work, ports):
            continue
        for each in unproven.overdue:
            await work.deliveries.reach(each.id, DeliveryState.UNKNOWN, now, before=_WITHOUT_PROOF)
            work.record(
                DeliveryUnproven(
                    case_reference=case.reference,
                    at=now,
                    delivery_id=each.id,
                    channel=ChannelName(each.channel),
                    notification_id=unproven.told.id,
                    contact=each.contact or ContactId(""),
                )
            )
        await _tell_another(unproven, list(contacts.values()), queue, work)
    return await queue.write(work)


def _presume(
    case: Case,
    unproven: Unproven,
    contacts: dict[ContactId, Contact],
    answered: set[tuple[ContactId, str]],
    work: UnitOfWork,
    ports: Ports,
) -> bool:
    """Take the acceptance for proof where the address has answered in the last 90 days."""
    proofs = []
    for each in unproven.overdue:
        contact = contacts.get(each.contact) if each.contact is not None else None
        if contact is not None and (contact.id, contact.email) in answered:
            proofs.append((each, contact))
    for each, contact in proofs:
        work.record(
            DeliveryPresumed(
                case_reference=case.reference,
                at=ports.clock.now(),
                delivery_id=each.id,
                channel=ChannelName(each.channel),
                notification_id=unproven.told.id,
                contact=contact.id,
            )
        )
    return bool(proofs)


async def _tell_another(unproven: Unproven, contacts: list[Contact], queue: Queue, work: UnitOfWork) -> None:
    told = unproven.told
    notification = await work.notifications.get(told.id)
    own = [contact for contact in contacts if contact.state == told.addressee]
    used = {(each.contact, each.channel) for each in told.deliveries}
    overdue = {each.contact for each in unproven.overdue}
    routes: list[Route] = [
        route
        for route in routes_for(notification, [contact for contact in own if contact.id in overdue])
        if (route.contact.id, route.channel) not in used
    ]
    if not routes:
        known = {each.contact for each in told.deliveries if each.contact is not None}
        known |= await declined_contacts(notification, work)
        following = next_contact(own, frozenset(known))
        routes = routes_for(notification, [following]) if following is not None else []
    queue.to_routes(notification, routes, notification.rung(NO_PROOF), NoticeKind.ESCALATION)
