"""Keeps inquiries with their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import inquiry, inquiry_answer
from notify.errors import NotFound, StaleVersion
from notify.inquiry import Answered, Asker, AskerKind, Inquiry, InquiryAnswer
from notify.policy import EscalationStep, Policy
from notify.rows import InquiryRow
from notify.words import Severity


def _answered(row: Any) -> Answered:
    return Answered(InquiryAnswer(row.answer), row.at, row.account, row.by, row.office, row.text, row.case_reference)


def _inquiry(row: Any, answers: tuple[Answered, ...]) -> InquiryRow:
    asked = Inquiry(
        reference=row.reference,
        asker=Asker(AskerKind(row.asker_kind), row.asker),
        asked=row.asked,
        severity=Severity(row.severity),
        asked_at=row.asked_at,
        exercise=row.exercise,
        answers=answers,
        withdrawn_at=row.withdrawn_at,
    )
    step = None if row.step is None else EscalationStep(row.step)
    return InquiryRow(asked, row.document, row.account, Policy.from_json(row.policy), step, row.version)


class SqlInquiries:
    """The inquiries on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, made: InquiryRow) -> None:
        asked = made.inquiry
        row = {
            "reference": asked.reference,
            "asker_kind": asked.asker.kind,
            "asker": asked.asker.name,
            "asked": asked.asked,
            "severity": asked.severity,
            "asked_at": asked.asked_at,
            "exercise": asked.exercise,
            "withdrawn_at": asked.withdrawn_at,
            "document": dict(made.document),
            "policy": made.policy.to_json(),
            "account": made.account,
            "step": made.step,
            "version": made.version,
        }
        await self._connection.execute(sa.insert(inquiry), row)

    async def get(self, reference: str) -> InquiryRow:
        found = await self.many([reference])
        if not found:
            raise NotFound(f"there is no inquiry {reference}")
        return found[0]

    async def many(self, references: Sequence[str]) -> list[InquiryRow]:
        return await self._read(inquiry.c.reference.in_(list(references)))

    async def of_state(self, state: str | None) -> list[InquiryRow]:
        if state is None:
            return await self._read(sa.true())
        asks = sa.and_(inquiry.c.asker_kind == AskerKind.STATE, inquiry.c.asker == state)
        return await self._read(sa.or_(inquiry.c.asked == state, asks))

    async def _read(self, wanted: sa.ColumnElement[bool]) -> list[InquiryRow]:
        query = sa.select(inquiry).where(wanted).order_by(inquiry.c.asked_at.desc(), inquiry.c.reference.desc())
        rows = (await self._connection.execute(query)).all()
        references = sa.select(inquiry.c.reference).where(wanted)
        answers: dict[str, tuple[Answered, ...]] = {}
        given = sa.select(inquiry_answer).where(inquiry_answer.c.inquiry.in_(references))
        for row in await self._connection.execute(given.order_by(inquiry_answer.c.number)):
            answers[row.inquiry] = (*answers.get(row.inquiry, ()), _answered(row))
        return [_inquiry(row, answers.get(row.reference, ())) for row in rows]

    async def save(self, changed: InquiryRow) -> None:
        result = await self._connection.execute(
            sa.update(inquiry)
            .where(inquiry.c.reference == changed.inquiry.reference, inquiry.c.version == changed.version)
            .values(step=changed.step, withdrawn_at=changed.inquiry.withdrawn_at, version=changed.version + 1)
        )
        if result.rowcount == 0:
            raise StaleVersion("the inquiry was changed meanwhile")
        changed.version += 1

    async def add_answer(self, answered: Inquiry) -> None:
        last = answered.answers[-1]
        row = {
            "inquiry": answered.reference,
            "number": len(answered.answers),
            "answer": last.answer,
            "at": last.at,
            "account": last.account,
            "by": last.by,
            "office": last.office,
            "text": last.text,
            "case_reference": last.case_reference,
        }
        try:
            await self._connection.execute(sa.insert(inquiry_answer), row)
        except IntegrityError as error:
            raise StaleVersion("the inquiry was answered meanwhile") from error
