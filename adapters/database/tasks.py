"""Keeps tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import task
from notify.errors import NotFound
from notify.sentence import Sentence
from notify.task import Task, TaskKind
from notify.words import CaseReference, TaskId

_NAMES = [column.name for column in task.columns]


def _row(kept: Task) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in _NAMES} | {"text": kept.text.to_json()}


def _task(row: Any) -> Task:
    values = dict(row._mapping)
    return Task(**values | {"kind": TaskKind(row.kind), "text": Sentence.from_json(row.text)})


class SqlTasks:
    """The tasks on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, tasks: Sequence[Task]) -> None:
        if tasks:
            await self._connection.execute(sa.insert(task), [_row(kept) for kept in tasks])

    async def get(self, task_id: TaskId) -> Task:
        row = (await self._connection.execute(sa.select(task).where(task.c.id == task_id))).first()
        if row is None:
            raise NotFound(f"there is no task {task_id}")
        return _task(row)

    async def save(self, kept: Task) -> None:
        await self._connection.execute(sa.update(task).where(task.c.id == kept.id).values(_row(kept)))

    async def find(self, *, owner: str | None, done: bool | None, case: CaseReference | None = None) -> list[Task]:
        query = sa.select(task).order_by(task.c.due_at, task.c.id)
        if owner is not None:
            query = query.where(task.c.owner == owner)
        if case is not None:
            query = query.where(task.c.case_reference == case)
        if done is not None:
            query = query.where(task.c.done_at.isnot(None) if done else task.c.done_at.is_(None))
        return [_task(row) for row in await self._connection.execute(query)]
