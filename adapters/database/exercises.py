"""Keeps exercises, and removes all that is kept of one but its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.columns import metadata
from adapters.database.tables import case_file, exercise
from notify.errors import NotFound
from notify.rows import ExerciseRow
from notify.words import CaseReference

_NAMES_A_ROW = ("notification_id", "delivery_id")
_POINTED_AT_LATE = ("received_mail", "evidence")
"""What names a delivery without a key of the database, and what points at that."""

_ALL = sa.select(*(exercise.c[each.name] for each in fields(ExerciseRow)))


class SqlExercises:
    """The exercises on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, planned: ExerciseRow) -> None:
        await self._connection.execute(sa.insert(exercise), asdict(planned))

    async def get(self, reference: CaseReference) -> ExerciseRow:
        row = (await self._connection.execute(_ALL.where(exercise.c.reference == reference))).first()
        if row is None:
            raise NotFound(f"there is no exercise {reference}")
        return ExerciseRow(*row)

    async def save(self, changed: ExerciseRow) -> None:
        await self._connection.execute(
            sa.update(exercise).where(exercise.c.reference == changed.reference).values(asdict(changed))
        )

    async def unpurged(self) -> list[ExerciseRow]:
        found = await self._connection.execute(
            _ALL.where(exercise.c.purged_at.is_(None)).order_by(exercise.c.reference)
        )
        return [ExerciseRow(*row) for row in found]

    async def purge(self, reference: CaseReference) -> Mapping[str, int]:
        removed = {}
        for table, mine in reversed(_belonging_to(reference)):
            removed[table.name] = (await self._connection.execute(sa.delete(table).where(mine))).rowcount
        return removed


def _belonging_to(reference: CaseReference) -> list[tuple[sa.Table, sa.ColumnElement[bool]]]:
    """Say of each table which rows hang on a case, those that others point at first; the log and figures are none."""
    found: dict[str, sa.ColumnElement[bool]] = {case_file.name: case_file.c.reference == reference}
    for table in sorted(metadata.sorted_tables, key=lambda table: table.name in _POINTED_AT_LATE):
        conditions: list[sa.ColumnElement[bool]] = []
        for column in table.columns if table.name not in found else ():
            if column.name == "case_reference":
                conditions.append(column == reference)
            elif (parent := _parent_of(column, found)) is not None:
                conditions.append(column.in_(_keys_of(parent, found[parent.name])))
        if conditions:
            found[table.name] = sa.or_(*conditions)
    return [(metadata.tables[name], mine) for name, mine in found.items()]


def _parent_of(column: sa.Column[Any], found: Mapping[str, Any]) -> sa.Table | None:
    """Give the table whose rows a column names: by its key, or by its name where that holds rows that may be gone."""
    named = [key.column.table for key in column.foreign_keys]
    if column.name in _NAMES_A_ROW:
        named.append(metadata.tables[column.name.removesuffix("_id")])
    return next((table for table in named if table.name in found), None)


def _keys_of(table: sa.Table, mine: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(next(iter(table.primary_key.columns))).where(mine)
