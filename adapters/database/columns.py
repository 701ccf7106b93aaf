"""Says how times, documents and identifiers are kept, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from notify.policy import Policy


class Moment(TypeDecorator[datetime]):
    """A point in time in UTC: timestamptz on PostgreSQL, text that sorts on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo is UTC else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Document(TypeDecorator[Any]):
    """A JSON document kept as the text we wrote, so that it reads back the same on both databases."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class FrozenPolicy(TypeDecorator[Policy]):
    """The policy that a case was opened under, as JSON text; cases that share one read it once."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Policy | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value.to_json(), ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Policy | None:
        return None if value is None else _read_policy(value)


@lru_cache(maxsize=64)
def _read_policy(text: str) -> Policy:
    return Policy.from_json(json.loads(text))


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def identified(name: str = "id") -> sa.Column[Any]:
    """Give the column that identifies a row by text of our own making."""
    return sa.Column(name, sa.String(64), primary_key=True)


def in_case(**options: Any) -> sa.Column[Any]:
    """Give the column that names the case which a row belongs to."""
    return sa.Column("case_reference", sa.ForeignKey("case_file.reference"), nullable=False, **options)
