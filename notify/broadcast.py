"""Finds everyone who was told of a case, so that each is told of what follows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from contacts.model import ContactId
from notify.case import Case
from notify.delivery import NoticeKind
from notify.ladder import declined_contacts, routes_for, told_contacts
from notify.notification import Notification
from notify.ports import UnitOfWork
from notify.routing import Route
from notify.rows import DeliveryRow

BRINGS_A_REPORT = frozenset(
    {NoticeKind.NOTIFICATION, NoticeKind.REMINDER, NoticeKind.ESCALATION, NoticeKind.RECORD, NoticeKind.REPORT}
)


def told_of(deliveries: Sequence[DeliveryRow], kinds: Collection[NoticeKind]) -> frozenset[ContactId]:
    """Name the contacts that one of these kinds of notice was sent to; what was cancelled told nobody."""
    return told_contacts([row for row in deliveries if row.kind in kinds])


async def routes_to_told(case: Case, work: UnitOfWork) -> list[tuple[Notification, list[Route]]]:
    """Give for each addressee of a case the routes to its contacts that were told of a report."""
    deliveries = await work.deliveries.of_case(case.reference)
    found = []
    for notification in await work.notifications.of_case(case.reference):
        mine = [row for row in deliveries if row.notification_id == notification.id]
        told = told_of(mine, BRINGS_A_REPORT) - await declined_contacts(notification, work)
        contacts = await work.contacts.many(sorted(told))
        found.append((notification, routes_for(notification, contacts)))
    return found
