"""Queues deliveries inside a unit of work: one row and one event each, and none twice."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from notify.delivery import NoticeKind
from notify.events import DeliveriesCancelled, DeliveryQueued
from notify.notification import Notification
from notify.ports import Ports, UnitOfWork
from notify.routing import Route
from notify.rows import DeliveryRow
from notify.words import CaseReference, ChannelName, DeliveryId

FILER = "filer"
OPERATOR = "operator"
CONTACT = "contact"


def link_hash(token: str) -> str:
    """Give the hash under which a link token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def stable_id(key: str) -> DeliveryId:
    """Derive a delivery's id from what it is: the same step told again after a restore keeps its id."""
    return DeliveryId(f"dlv_{hashlib.sha256(key.encode()).hexdigest()[:26]}")


OF_THE_LADDER = frozenset({NoticeKind.REMINDER, NoticeKind.ESCALATION})


async def cancel_waiting(
    notification: Notification, kinds: Collection[NoticeKind], work: UnitOfWork, ports: Ports
) -> None:
    """Cancel the deliveries of these kinds that still wait."""
    now = ports.clock.now()
    number = await work.deliveries.cancel(notification.id, kinds, now)
    if number:
        work.record(
            DeliveriesCancelled(
                case_reference=notification.case_reference,
                at=now,
                notification_id=notification.id,
                addressee=notification.addressee.code,
                number=number,
            )
        )


class Queue:
    """Collects the deliveries of one case in one unit of work."""

    def __init__(self, ports: Ports, case: CaseReference, *, sequence: int, urgent: bool, now: datetime) -> None:
        self._ports = ports
        self._case = case
        self._sequence = sequence
        self._urgent = urgent
        self._now = now
        self._rows: list[DeliveryRow] = []

    def to_routes(
        self,
        notification: Notification | None,
        routes: Iterable[Route],
        step: str,
        kind: NoticeKind,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Queue one message to each route."""
        for route in routes:
            row = self._row(CONTACT, route.channel, step, kind, details or {})
            row.contact = route.contact.id
            row.roles = tuple(route.roles)
            row.reason = route.reason
            if notification is None:
                row.key = f"{self._case}:{route.contact.id}:{route.channel}:{step}"
            else:
                row.key = f"{notification.id}:{route.contact.id}:{route.channel}:{step}"
                row.notification_id = notification.id
                row.id = stable_id(row.key)
                row.link_hash = link_hash(self._ports.links.token(row.id))
            self._rows.append(row)

    def to_filer(self, step: str, kind: NoticeKind, details: Mapping[str, Any] | None = None) -> None:
        """Queue one mail to the authority that filed the case."""
        self._rows.append(self._row(FILER, ChannelName.EMAIL, step, kind, details or {}))

    def to_operator(self, step: str, kind: NoticeKind, details: Mapping[str, Any]) -> None:
        """Queue one mail to who runs the service."""
        self._rows.append(self._row(OPERATOR, ChannelName.EMAIL, step, kind, details))

    def _row(
        self, recipient: str, channel: ChannelName, step: str, kind: NoticeKind, details: Mapping[str, Any]
    ) -> DeliveryRow:
        return DeliveryRow(
            id=DeliveryId(self._ports.new_id("dlv")),
            key=f"{self._case}:{recipient}:{channel}:{step}",
            case_reference=self._case,
            notification_id=None,
            contact=None,
            recipient=recipient,
            roles=(),
            reason=None,
            channel=channel,
            step=step,
            kind=kind,
            details=details,
            report_sequence=self._sequence,
            queued_at=self._now,
            link_hash=None,
        )

    async def write(self, work: UnitOfWork) -> int:
        """Add the rows whose key is new, with their events; give the number of contacts newly told."""
        added = await work.deliveries.add(self._rows)
        fresh = [row for row in self._rows if row.id in added]
        for row in fresh:
            work.record(
                DeliveryQueued(
                    case_reference=self._case,
                    at=self._now,
                    urgent=self._urgent,
                    delivery_id=row.id,
                    channel=row.channel,
                    step=row.step,
                    notification_id=row.notification_id,
                    contact=row.contact,
                )
            )
        self._rows.clear()
        return len({row.contact for row in fresh})
