"""Keeps what States do and what they say of themselves: measures with their status over time, assessments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import measure, measure_status, statement
from notify.assessment import Statement
from notify.errors import NotFound, StaleVersion
from notify.measure import Measure, MeasureStatus
from notify.reader import Visibility
from notify.report_types import PartialDate
from notify.words import Assessment, CaseReference, Means


def _since(value: str | PartialDate | None) -> Any:
    return value.model_dump(mode="json") if isinstance(value, PartialDate) else value


def _status_row(measure_id: str, number: int, status: MeasureStatus) -> dict[str, Any]:
    return {
        "measure_id": measure_id,
        "number": number,
        "status": status.status,
        "at": status.at,
        "account": status.account,
        "since": _since(status.since),
        "effectiveness": status.effectiveness,
        "damage_considered": status.damage_considered,
    }


def _status(row: Any) -> MeasureStatus:
    since = PartialDate.model_validate(row.since) if isinstance(row.since, dict) else row.since
    return MeasureStatus(row.status, row.at, row.account, since, row.effectiveness, row.damage_considered)


class SqlMeasures:
    """The measures on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, reported: Measure) -> None:
        row = {
            "id": reported.id,
            "case_reference": reported.case_reference,
            "state": reported.state,
            "type": reported.type,
            "description": reported.description,
            "actor": reported.actor,
            "visible_to": reported.visible_to.to_json(),
            "request_id": reported.request_id,
        }
        await self._connection.execute(sa.insert(measure), row)
        for number, status in enumerate(reported.history, start=1):
            await self._connection.execute(sa.insert(measure_status), _status_row(reported.id, number, status))

    async def get(self, measure_id: str) -> Measure:
        found = await self._read(measure.c.id == measure_id)
        if not found:
            raise NotFound("there is no such measure")
        return found[0]

    async def of_case(self, reference: CaseReference) -> list[Measure]:
        found = await self._read(measure.c.case_reference == reference)
        return sorted(found, key=lambda one: (one.reported_at, one.id))

    async def _read(self, wanted: sa.ColumnElement[bool]) -> list[Measure]:
        histories: dict[str, list[MeasureStatus]] = {}
        ids = sa.select(measure.c.id).where(wanted)
        query = sa.select(measure_status).where(measure_status.c.measure_id.in_(ids))
        for row in await self._connection.execute(query.order_by(measure_status.c.number)):
            histories.setdefault(row.measure_id, []).append(_status(row))
        return [
            Measure(
                **dict(row._mapping)
                | {"history": tuple(histories[row.id]), "visible_to": Visibility.from_json(row.visible_to)}
            )
            for row in await self._connection.execute(sa.select(measure).where(wanted))
        ]

    async def add_status(self, changed: Measure, known: int) -> None:
        await self._connection.execute(
            sa.update(measure).where(measure.c.id == changed.id).values(visible_to=changed.visible_to.to_json())
        )
        for number, status in enumerate(changed.history[known:], start=known + 1):
            try:
                await self._connection.execute(sa.insert(measure_status), _status_row(changed.id, number, status))
            except IntegrityError as error:
                raise StaleVersion("the measure was changed meanwhile") from error


class SqlStatements:
    """What States said of themselves, on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, reference: CaseReference, given: Statement, *, by: str, office: str, acknowledgement_id: str | None
    ) -> None:
        row = {
            "id": given.id,
            "case_reference": reference,
            "state": given.state,
            "assessment": given.assessment,
            "at": given.at,
            "means": given.means,
            "contact": given.contact,
            "account": given.account,
            "acknowledgement_id": acknowledgement_id,
            "visible_to": given.visible_to.to_json(),
            "by": by,
            "office": office,
            "disputed_at": given.disputed_at,
        }
        await self._connection.execute(sa.insert(statement), row)

    async def of_case(self, reference: CaseReference) -> list[Statement]:
        query = sa.select(statement).where(statement.c.case_reference == reference)
        return [
            Statement(
                row.id,
                row.state,
                Assessment(row.assessment),
                row.at,
                Means(row.means),
                row.contact,
                row.account,
                Visibility.from_json(row.visible_to),
                row.disputed_at,
            )
            for row in await self._connection.execute(query.order_by(statement.c.at, statement.c.id))
        ]

    async def speakers(self, reference: CaseReference) -> dict[str, tuple[str, str]]:
        query = sa.select(statement.c.id, statement.c.by, statement.c.office)
        found = await self._connection.execute(query.where(statement.c.case_reference == reference))
        return {row.id: (row.by, row.office) for row in found}

    async def dispute(self, acknowledgement_id: str, at: datetime) -> None:
        await self._connection.execute(
            sa.update(statement).where(statement.c.acknowledgement_id == acknowledgement_id).values(disputed_at=at)
        )
