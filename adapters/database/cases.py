"""Keeps cases, their reports, records and idempotency keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import case_file, case_number, idempotency, log_head, notification, record, report
from contacts.model import StateCode
from notify.account import OF_A_STATE, Role
from notify.case import Case, CaseStatus, reference
from notify.delivery import Told
from notify.errors import NotFound, StaleVersion
from notify.rows import CaseFilter, RecordRow, StoredReport
from notify.sentence import Sentence
from notify.words import AccountId, CaseReference, NotificationClass, Severity

RUNNING = (CaseStatus.OPEN, CaseStatus.REOPENED)
_FIELDS = [column.name for column in case_file.columns]


def _row(case: Case) -> dict[str, Any]:
    row = {name: getattr(case, name) for name in _FIELDS}
    row["severity_reason"] = case.severity_reason.to_json()
    return row


def _case(row: Any) -> Case:
    values = dict(row._mapping)
    values["status"] = CaseStatus(values["status"])
    values["notification_class"] = NotificationClass(values["notification_class"])
    values["severity"] = Severity(values["severity"])
    values["severity_reason"] = Sentence.from_json(values["severity_reason"])
    return Case(**values)


def _record(row: Any) -> RecordRow:
    values = dict(row._mapping)
    values["to_complete"] = [Sentence.from_json(sentence) for sentence in values["to_complete"]]
    return RecordRow(**values)


# Statements of the hot path are built once; building them anew costs more than running them.
_WANTED: sa.BindParameter[Any] = sa.bindparam("references", expanding=True)
_CASES = sa.select(case_file).where(case_file.c.reference.in_(_WANTED))
_LATEST = (
    sa.select(*(report.c[each.name] for each in fields(StoredReport)))
    .join(case_file, case_file.c.reference == report.c.case_reference)
    .where(case_file.c.reference.in_(_WANTED), case_file.c.latest_sequence == report.c.sequence)
)
_RECORDS = sa.select(record).where(record.c.case_reference.in_(_WANTED))


class SqlCases:
    """The cases on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def next_reference(self, prefix: str, year: int) -> CaseReference:
        dialect: Any = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(case_number).values(series=f"{prefix}-{year}", last=1)
        statement = statement.on_conflict_do_update(
            index_elements=["series"], set_={"last": case_number.c.last + 1}
        ).returning(case_number.c.last)
        number = await self._connection.scalar(statement)
        return reference(prefix, year, int(number))

    async def add(self, case: Case) -> None:
        await self._connection.execute(sa.insert(case_file), _row(case))

    async def get(self, reference: CaseReference) -> Case:
        row = (await self._connection.execute(_CASES, {"references": [reference]})).first()
        if row is None:
            raise NotFound(f"there is no case {reference}")
        return _case(row)

    async def latest(self, references: Sequence[CaseReference]) -> list[tuple[Case, StoredReport, RecordRow | None]]:
        wanted = {"references": list(references)}
        cases = [_case(row) for row in await self._connection.execute(_CASES, wanted)]
        reports = {row.case_reference: StoredReport(*row) for row in await self._connection.execute(_LATEST, wanted)}
        records = {row.case_reference: _record(row) for row in await self._connection.execute(_RECORDS, wanted)}
        return [(case, reports[case.reference], records.get(case.reference)) for case in cases]

    async def save(self, case: Case) -> None:
        row = _row(case) | {"version": case.version + 1}
        result = await self._connection.execute(
            sa.update(case_file)
            .where(case_file.c.reference == case.reference, case_file.c.version == case.version)
            .values(row)
        )
        if result.rowcount == 0:
            raise StaleVersion(f"case {case.reference} was changed meanwhile")
        case.version += 1

    async def find(self, wanted: CaseFilter) -> list[Case]:
        query = sa.select(case_file).order_by(case_file.c.opened_at.desc(), case_file.c.reference.desc())
        for column, value in (
            (case_file.c.severity, wanted.severity),
            (case_file.c.notification_class, wanted.notification_class),
        ):
            if value is not None:
                query = query.where(column == value)
        if wanted.state is not None:
            query = query.where(readable_by_state(Role.AUTHORITY, StateCode(wanted.state)))
        if wanted.status == "exercise":
            query = query.where(case_file.c.exercise, case_file.c.status.in_(RUNNING))
        elif wanted.status is not None:
            query = query.where(case_file.c.status == wanted.status, sa.not_(case_file.c.exercise))
        if wanted.since is not None:
            query = query.where(case_file.c.opened_at >= wanted.since)
        if wanted.before is not None:
            edge = sa.select(case_file.c.opened_at).where(case_file.c.reference == wanted.before).scalar_subquery()
            query = query.where(
                sa.tuple_(case_file.c.opened_at, case_file.c.reference) < sa.tuple_(edge, sa.literal(wanted.before))
            )
        found = await self._connection.execute(query.where(_may_read(wanted)).limit(wanted.limit))
        return [_case(row) for row in found]

    async def opened_since(self, account: AccountId, since: datetime) -> int:
        counted = await self._connection.scalar(
            sa.select(sa.func.count())
            .select_from(case_file)
            .where(case_file.c.account == account, case_file.c.opened_at > since, sa.not_(case_file.c.exercise))
        )
        return int(counted or 0)

    async def running(self) -> list[Case]:
        found = await self._connection.execute(sa.select(case_file).where(case_file.c.status.in_(RUNNING)))
        return [_case(row) for row in found]

    async def add_report(self, stored: StoredReport) -> None:
        names = [column.name for column in report.columns]
        await self._connection.execute(sa.insert(report), {name: getattr(stored, name) for name in names})

    async def reports(self, reference: CaseReference) -> list[StoredReport]:
        found = await self._connection.execute(
            sa.select(report).where(report.c.case_reference == reference).order_by(report.c.sequence)
        )
        return [StoredReport(**row._mapping) for row in found]

    async def report(self, reference: CaseReference, sequence: int) -> StoredReport:
        found = await self._connection.execute(
            sa.select(report).where(report.c.case_reference == reference, report.c.sequence == sequence)
        )
        row = found.first()
        if row is None:
            raise NotFound(f"case {reference} has no report {sequence}")
        return StoredReport(**row._mapping)

    async def told(self, reference: CaseReference) -> list[Told]:
        found = await self._connection.execute(
            sa.select(report.c.sequence, report.c.type, report.c.submitted_at)
            .where(report.c.case_reference == reference)
            .order_by(report.c.sequence)
        )
        return [Told(row.sequence, row.type, row.submitted_at) for row in found]

    async def without_log(self) -> list[CaseReference]:
        logged = sa.exists().where(log_head.c.chain == case_file.c.reference)
        found = await self._connection.execute(sa.select(case_file.c.reference).where(sa.not_(logged)))
        return [CaseReference(row.reference) for row in found]

    async def all_reports(self) -> AsyncIterator[StoredReport]:
        """Read every report, one case at a time, so that a long history fits in memory."""
        for (case,) in (await self._connection.execute(sa.select(case_file.c.reference))).all():
            for stored in await self.reports(CaseReference(case)):
                yield stored

    async def case_of_draft(self, key: str) -> CaseReference | None:
        found = await self._connection.scalar(sa.select(idempotency.c.case_reference).where(idempotency.c.key == key))
        return None if found is None else CaseReference(found)

    async def reference_of_key(self, account: AccountId, key: str) -> tuple[CaseReference, str] | None:
        known = await self.report_of_key(account, key)
        return None if known is None else known[:2]

    async def report_of_key(self, account: AccountId, key: str) -> tuple[CaseReference, str, int] | None:
        found = await self._connection.execute(
            sa.select(idempotency).where(idempotency.c.account == account, idempotency.c.key == key)
        )
        row = found.first()
        return None if row is None else (CaseReference(row.case_reference), row.sha256, int(row.sequence))

    async def keep_key(
        self, account: AccountId, key: str, sha256: str, reference: CaseReference, now: datetime, *, sequence: int = 1
    ) -> bool:
        row = {
            "account": account,
            "key": key,
            "sha256": sha256,
            "case_reference": reference,
            "sequence": sequence,
            "created_at": now,
        }
        try:
            await self._connection.execute(sa.insert(idempotency), row)
        except IntegrityError:
            return False
        return True

    async def put_record(self, drafted: RecordRow) -> None:
        row = {
            "case_reference": drafted.case_reference,
            "state": drafted.state,
            "document": drafted.document,
            "to_complete": [sentence.to_json() for sentence in drafted.to_complete],
            "sequence": drafted.sequence,
            "drafted_at": drafted.drafted_at,
        }
        await self._connection.execute(sa.delete(record).where(record.c.case_reference == drafted.case_reference))
        await self._connection.execute(sa.insert(record), row)

    async def record(self, reference: CaseReference) -> RecordRow | None:
        row = (await self._connection.execute(_RECORDS, {"references": [reference]})).first()
        return None if row is None else _record(row)


def _may_read(wanted: CaseFilter) -> sa.ColumnElement[bool]:
    reader = wanted.reader
    if reader.role in (Role.SECRETARIAT, Role.OPERATOR):
        return sa.true()
    if reader.role not in OF_A_STATE or reader.state is None:
        return sa.false()
    return readable_by_state(reader.role, reader.state)


def readable_by_state(role: Role, state: StateCode) -> sa.ColumnElement[bool]:
    """Say in SQL which cases a State's account may read: its own, and those in which the State is addressee."""
    own = case_file.c.reporting_state == state
    addressed = sa.exists().where(
        notification.c.case_reference == case_file.c.reference,
        notification.c.addressee_kind == "state",
        notification.c.addressee == state,
    )
    return {Role.BCH_FOCAL_POINT: own, Role.CONTACT: addressed}.get(role, sa.or_(own, addressed))
