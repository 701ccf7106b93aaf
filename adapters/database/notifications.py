"""Keeps notifications, their clocks and the answers to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.deliveries import STILL_WAITING
from adapters.database.tables import acknowledgement, attempt, deadline, delivery, notification
from contacts.model import ContactId
from notify.acknowledgement import Acknowledgement
from notify.errors import NotFound, StaleVersion
from notify.notification import Addressee, AddresseeKind, Notification
from notify.policy import EscalationStep
from notify.rows import DeadlineRow
from notify.sentence import Sentence
from notify.words import Assessment, CaseReference, Grade, Means, NotificationId, Severity

_SAME_NAME = [
    column.name for column in notification.columns if column.name not in ("addressee_kind", "addressee", "reason")
]


def _row(told: Notification) -> dict[str, Any]:
    row = {name: getattr(told, name) for name in _SAME_NAME}
    row |= {"addressee_kind": told.addressee.kind, "addressee": told.addressee.code, "reason": told.reason.to_json()}
    return row


def _notification(row: Any) -> Notification:
    values = dict(zip(_SAME_NAME, row, strict=False))
    for name, kind in (("assessment", Assessment), ("means", Means), ("step", EscalationStep), ("severity", Severity)):
        values[name] = None if values[name] is None else kind(values[name])
    return Notification(
        addressee=Addressee(AddresseeKind(row.addressee_kind), row.addressee),
        reason=Sentence.from_json(row.reason),
        **values,
    )


_ALL = sa.select(
    *(notification.c[name] for name in _SAME_NAME),
    notification.c.addressee_kind,
    notification.c.addressee,
    notification.c.reason,
)
# Statements of the hot path are built once; building them anew costs more than running them.
_MANY = _ALL.where(notification.c.id.in_(sa.bindparam("ids", expanding=True)))
_OF_CASE = _ALL.where(notification.c.case_reference == sa.bindparam("case")).order_by(
    notification.c.issued_at, notification.c.id
)
_SAVE = sa.update(notification).where(
    notification.c.id == sa.bindparam("known_id"), notification.c.version == sa.bindparam("known_version")
)
_MEET = (
    sa.update(deadline)
    .where(
        deadline.c.notification_id.in_(sa.bindparam("ids", expanding=True)),
        deadline.c.kind == sa.bindparam("of_kind"),
        deadline.c.met_at.is_(None),
    )
    .values(met_at=sa.bindparam("at", type_=deadline.c.met_at.type))
)


class SqlNotifications:
    """The notifications on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, notifications: Sequence[Notification], deadlines: Sequence[DeadlineRow]) -> None:
        if notifications:
            await self._connection.execute(sa.insert(notification), [_row(told) for told in notifications])
        await self.add_deadlines(deadlines)

    async def add_deadlines(self, deadlines: Sequence[DeadlineRow]) -> None:
        if deadlines:
            names = [column.name for column in deadline.columns]
            rows = [{name: getattr(clock, name) for name in names} for clock in deadlines]
            await self._connection.execute(sa.insert(deadline), rows)

    async def get(self, notification_id: NotificationId) -> Notification:
        row = (await self._connection.execute(_MANY, {"ids": [notification_id]})).first()
        if row is None:
            raise NotFound("there is no such notification")
        return _notification(row)

    async def many(self, ids: Sequence[NotificationId]) -> list[Notification]:
        return [_notification(row) for row in await self._connection.execute(_MANY, {"ids": list(ids)})]

    async def of_case(self, reference: CaseReference) -> list[Notification]:
        return [_notification(row) for row in await self._connection.execute(_OF_CASE, {"case": reference})]

    async def save(self, told: Notification) -> None:
        result = await self._connection.execute(
            _SAVE, _row(told) | {"version": told.version + 1, "known_id": told.id, "known_version": told.version}
        )
        if result.rowcount == 0:
            raise StaleVersion("the notification was changed meanwhile")
        told.version += 1

    async def meet(self, notification_ids: Sequence[NotificationId], kind: str, at: datetime) -> None:
        await self._connection.execute(_MEET, {"ids": list(set(notification_ids)), "of_kind": kind, "at": at})

    async def oldest_unmet(self, kind: str, now: datetime) -> datetime | None:
        waiting = sa.exists().where(
            delivery.c.notification_id == deadline.c.notification_id, delivery.c.state.in_(STILL_WAITING)
        )
        found = await self._connection.scalar(
            sa.select(sa.func.min(deadline.c.due_at)).where(
                deadline.c.kind == kind, deadline.c.met_at.is_(None), deadline.c.due_at <= now, waiting
            )
        )
        return found if isinstance(found, datetime) else None

    async def add_acknowledgement(self, answer: Acknowledgement) -> None:
        names = [column.name for column in acknowledgement.columns]
        row = {name: getattr(answer, name) for name in names} | {"signs": list(answer.signs)}
        await self._connection.execute(sa.insert(acknowledgement), row)

    async def acknowledgements(self, reference: CaseReference) -> list[Acknowledgement]:
        found = await self._connection.execute(
            sa.select(acknowledgement)
            .join(notification, notification.c.id == acknowledgement.c.notification_id)
            .where(notification.c.case_reference == reference)
            .order_by(acknowledgement.c.at, acknowledgement.c.id)
        )
        return [_acknowledgement(row) for row in found]

    async def answers_from(self, source: str, since: datetime) -> int:
        counted = await self._connection.scalar(
            sa.select(sa.func.count())
            .select_from(acknowledgement)
            .where(acknowledgement.c.source == source, acknowledgement.c.at >= since)
        )
        return int(counted or 0)

    async def answered_since(self, contacts: Sequence[ContactId], since: datetime) -> set[ContactId]:
        found = await self._connection.scalars(
            sa.select(acknowledgement.c.contact)
            .where(acknowledgement.c.contact.in_(contacts), acknowledgement.c.at >= since)
            .distinct()
        )
        return {ContactId(contact) for contact in found if contact is not None}

    async def answered(self, contacts: Sequence[ContactId], since: datetime) -> set[tuple[ContactId, str]]:
        if not contacts:
            return set()
        found = await self._connection.execute(
            sa.select(acknowledgement.c.contact, attempt.c.destination)
            .join(
                delivery,
                sa.and_(
                    delivery.c.notification_id == acknowledgement.c.notification_id,
                    delivery.c.contact == acknowledgement.c.contact,
                ),
            )
            .join(attempt, attempt.c.delivery_id == delivery.c.id)
            .where(
                acknowledgement.c.contact.in_(contacts),
                acknowledgement.c.at >= since,
                acknowledgement.c.disputed_at.is_(None),
                attempt.c.destination.is_not(None),
            )
            .distinct()
        )
        return {(ContactId(row.contact), row.destination) for row in found}

    async def dispute(self, acknowledgement_id: str, at: datetime) -> None:
        await self._connection.execute(
            sa.update(acknowledgement).where(acknowledgement.c.id == acknowledgement_id).values(disputed_at=at)
        )


def _acknowledgement(row: Any) -> Acknowledgement:
    values = dict(row._mapping)
    values["grade"], values["means"] = Grade(values["grade"]), Means(values["means"])
    values["assessment"] = None if values["assessment"] is None else Assessment(values["assessment"])
    values["signs"] = tuple(values["signs"])
    return Acknowledgement(**values)
