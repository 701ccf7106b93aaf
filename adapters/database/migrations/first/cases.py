"""Creates the tables of cases, reports and records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.database.columns import Document, FrozenPolicy, Moment
from adapters.database.migrations.first.columns import needed, optional


def cases() -> None:
    """Create the case files and their numbers."""
    op.create_table(
        "case_number",
        sa.Column("series", sa.String(16), primary_key=True),
        sa.Column("last", sa.Integer(), nullable=False),
    )
    op.create_table(
        "case_file",
        sa.Column("reference", sa.String(64), primary_key=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("reporting_state", sa.String(2), nullable=False, index=True),
        sa.Column("notification_class", sa.String(32), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        *needed(Document(), "severity_reason", "title"),
        sa.Column("original_language", sa.String(16), nullable=False),
        sa.Column("voluntary", sa.Boolean(), nullable=False),
        sa.Column("account", sa.String(64), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment()),
        sa.Column("policy", FrozenPolicy(), nullable=False),
        *needed(sa.Integer(), "latest_sequence", "version"),
        sa.Column("twin", sa.String(64)),
        sa.Index("ix_case_file_account_opened_at", "account", "opened_at"),
        sa.Index("ix_case_file_opened_at", "opened_at"),
    )


def reports() -> None:
    """Create what hangs on a case: reports, idempotency keys, the record."""
    op.create_table(
        "report",
        sa.Column("case_reference", sa.String(64), sa.ForeignKey("case_file.reference"), primary_key=True),
        sa.Column("sequence", sa.Integer(), primary_key=True),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.Column("known", Document()),
    )
    op.create_table(
        "idempotency",
        sa.Column("account", sa.String(64), sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("case_reference", sa.String(64), sa.ForeignKey("case_file.reference"), nullable=False, index=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Index("ix_idempotency_key", "key"),
    )
    op.create_table(
        "record",
        sa.Column("case_reference", sa.String(64), sa.ForeignKey("case_file.reference"), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        *needed(Document(), "document", "to_complete"),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("drafted_at", Moment(), nullable=False),
    )


def closings() -> None:
    """Create the announced closes of cases."""
    op.create_table(
        "closing",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("case_reference", sa.String(64), sa.ForeignKey("case_file.reference"), nullable=False, index=True),
        sa.Column("account", sa.String(64), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("announced_at", Moment(), nullable=False),
        sa.Column("states", Document(), nullable=False),
        *optional(Moment(), "ended_at", "reopened_at"),
        sa.Column("result", sa.String(16)),
        *optional(Document(), "reasons", "instruction", "evidence"),
        sa.Column("version", sa.Integer(), nullable=False),
    )
