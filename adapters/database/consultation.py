"""Keeps what States say to each other in a case: messages, requests with their answers, conclusions, invitations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import answer, conclusion, consultation, invitation, message, position, request
from notify.consultation import (
    Act,
    Answer,
    Conclusion,
    ConsultationLane,
    Invitation,
    Message,
    Position,
    Request,
    RequestKind,
    Stand,
)
from notify.errors import NotFound, StaleVersion
from notify.report_parts import Attachment
from notify.words import AccountId, CaseReference


def named_files(attachments: Sequence[Attachment]) -> list[dict[str, Any]]:
    """Write the files that a document names as JSON."""
    return [one.model_dump(mode="json", exclude_none=True) for one in attachments]


def _values(row: Any, **changed: Any) -> dict[str, Any]:
    values: dict[str, Any] = dict(row._mapping)
    if "lane" in values:
        values["lane"] = ConsultationLane.read(values["lane"])
    if "attachments" in values:
        values["attachments"] = tuple(Attachment.model_validate(one) for one in values["attachments"])
    return values | changed


def _row(entry: Any, table: sa.Table, **changed: Any) -> dict[str, Any]:
    row = {column.name: getattr(entry, column.name) for column in table.columns if hasattr(entry, column.name)}
    if "lane" in row:
        row["lane"] = str(row["lane"])
    if "attachments" in row:
        row["attachments"] = named_files(row["attachments"])
    return row | changed


class SqlConsultation:
    """The consultations on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def opened_at(self, reference: CaseReference) -> datetime | None:
        found = await self._connection.scalar(
            sa.select(consultation.c.opened_at).where(consultation.c.case_reference == reference)
        )
        return found if isinstance(found, datetime) else None

    async def open(self, reference: CaseReference, at: datetime, account: AccountId | None) -> bool:
        dialect: Any = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        row = {"case_reference": reference, "opened_at": at, "account": account}
        insert = dialect.insert(consultation).values(row).on_conflict_do_nothing()
        return await self._connection.scalar(insert.returning(consultation.c.case_reference)) is not None

    async def add_message(self, posted: Message) -> None:
        await self._connection.execute(sa.insert(message), _row(posted, message))

    async def messages(self, reference: CaseReference) -> list[Message]:
        return [Message(**_values(row)) for row in await self._of_case(message, reference)]

    async def add_request(self, made: Request) -> None:
        await self._connection.execute(sa.insert(request), _row(made, request))

    async def request(self, request_id: str) -> Request:
        row = (await self._connection.execute(sa.select(request).where(request.c.id == request_id))).first()
        if row is None:
            raise NotFound("there is no such request")
        acts = await self._acts(answer.c.request_id == request_id)
        return _request(row, acts.get(request_id, ()))

    async def requests(self, reference: CaseReference) -> list[Request]:
        rows = await self._of_case(request, reference)
        ids = sa.select(request.c.id).where(request.c.case_reference == reference)
        acts = await self._acts(answer.c.request_id.in_(ids))
        return [_request(row, acts.get(row.id, ())) for row in rows]

    async def _acts(self, wanted: sa.ColumnElement[bool]) -> dict[str, tuple[Act, ...]]:
        query = sa.select(answer).where(wanted).order_by(answer.c.request_id, answer.c.number)
        acts: dict[str, tuple[Act, ...]] = {}
        for row in await self._connection.execute(query):
            values = _values(row, answer=Answer(row.answer))
            of = values.pop("request_id")
            values.pop("number")
            acts[of] = (*acts.get(of, ()), Act(**values))
        return acts

    async def add_act(self, answered: Request) -> None:
        row = _row(answered.acts[-1], answer, request_id=answered.id, number=len(answered.acts))
        await self._insert(answer, row, "the request was answered meanwhile")

    async def add_conclusion(self, proposed: Conclusion) -> None:
        await self._connection.execute(sa.insert(conclusion), _row(proposed, conclusion))
        for number, taken in enumerate(proposed.positions, start=1):
            row = _row(taken, position, conclusion_id=proposed.id, number=number)
            await self._connection.execute(sa.insert(position), row)

    async def conclusion(self, conclusion_id: str) -> Conclusion:
        row = (await self._connection.execute(sa.select(conclusion).where(conclusion.c.id == conclusion_id))).first()
        if row is None:
            raise NotFound("there is no such conclusion")
        taken = await self._positions(position.c.conclusion_id == conclusion_id)
        return Conclusion(**_values(row, positions=taken.get(conclusion_id, ())))

    async def conclusions(self, reference: CaseReference) -> list[Conclusion]:
        rows = await self._of_case(conclusion, reference)
        ids = sa.select(conclusion.c.id).where(conclusion.c.case_reference == reference)
        taken = await self._positions(position.c.conclusion_id.in_(ids))
        return [Conclusion(**_values(row, positions=taken.get(row.id, ()))) for row in rows]

    async def _positions(self, wanted: sa.ColumnElement[bool]) -> Mapping[str, tuple[Position, ...]]:
        query = sa.select(position).where(wanted).order_by(position.c.conclusion_id, position.c.number)
        taken: dict[str, tuple[Position, ...]] = {}
        for row in await self._connection.execute(query):
            values = _values(row, stand=Stand(row.stand))
            of = values.pop("conclusion_id")
            values.pop("number")
            taken[of] = (*taken.get(of, ()), Position(**values))
        return taken

    async def replace_conclusion(self, conclusion_id: str, at: datetime) -> None:
        await self._connection.execute(
            sa.update(conclusion)
            .where(conclusion.c.id == conclusion_id, conclusion.c.replaced_at.is_(None))
            .values(replaced_at=at)
        )

    async def add_position(self, taken: Conclusion) -> None:
        row = _row(taken.positions[-1], position, conclusion_id=taken.id, number=len(taken.positions))
        await self._insert(position, row, "another position was taken meanwhile")

    async def invite(self, invitation_id: str, reference: CaseReference, given: Invitation) -> None:
        row = {
            "id": invitation_id,
            "case_reference": reference,
            "lane": str(given.lane),
            "by_state": given.by,
            "at": given.at,
            "ended_at": given.ended_at,
        }
        await self._connection.execute(sa.insert(invitation), row)

    async def invitations(self, reference: CaseReference) -> dict[str, Invitation]:
        return {
            row.id: Invitation(ConsultationLane.read(row.lane), row.by_state, row.at, row.ended_at)
            for row in await self._of_case(invitation, reference)
        }

    async def end_invitation(self, invitation_id: str, at: datetime) -> None:
        await self._connection.execute(
            sa.update(invitation)
            .where(invitation.c.id == invitation_id, invitation.c.ended_at.is_(None))
            .values(ended_at=at)
        )

    async def _of_case(self, table: sa.Table, reference: CaseReference) -> Sequence[Any]:
        query = sa.select(table).where(table.c.case_reference == reference).order_by(table.c.at, table.c.id)
        return (await self._connection.execute(query)).all()

    async def _insert(self, table: sa.Table, row: Mapping[str, Any], otherwise: str) -> None:
        try:
            await self._connection.execute(sa.insert(table), row)
        except IntegrityError as error:
            raise StaleVersion(otherwise) from error


def _request(row: Any, acts: tuple[Act, ...]) -> Request:
    return Request(**_values(row, kind=RequestKind(row.kind), acts=acts))
