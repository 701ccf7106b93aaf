"""Creates the tables of notifications and their acknowledgements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.database.columns import Document, Moment
from adapters.database.migrations.first.columns import needed, optional

_UNMET = sa.text("met_at IS NULL")


def notifications() -> None:
    """Create notifications and their clocks."""
    op.create_table(
        "notification",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("case_reference", sa.String(64), sa.ForeignKey("case_file.reference"), nullable=False),
        sa.Column("addressee_kind", sa.String(16), nullable=False),
        sa.Column("addressee", sa.String(100), nullable=False, index=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("reason", Document(), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        *optional(Moment(), "due_at", "received_at", "assessed_at", "acting_at", "no_receipt_at"),
        sa.Column("assessment", sa.String(32)),
        sa.Column("assessment_preliminary", sa.Boolean(), nullable=False),
        sa.Column("assessed_by", sa.String(64)),
        *optional(sa.String(16), "means", "step"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("case_reference", "addressee_kind", "addressee"),
    )
    op.create_table(
        "deadline",
        sa.Column("notification_id", sa.String(64), sa.ForeignKey("notification.id"), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("round", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("met_at", Moment()),
        sa.Index("ix_deadline_unmet", "kind", "due_at", sqlite_where=_UNMET, postgresql_where=_UNMET),
    )


def answers() -> None:
    """Create acknowledgements."""
    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("notification_id", sa.String(64), sa.ForeignKey("notification.id"), nullable=False, index=True),
        sa.Column("grade", sa.String(16), nullable=False),
        sa.Column("assessment", sa.String(32)),
        *needed(sa.Text(), "by", "office"),
        sa.Column("means", sa.String(16), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        *optional(sa.String(64), "contact", "account"),
        sa.Column("signs", Document(), nullable=False),
        *needed(sa.Boolean(), "late", "preliminary"),
        sa.Column("disputed_at", Moment()),
        sa.Column("source", sa.String(32)),
        sa.Column("assurance", sa.String(32)),
        sa.Index("ix_acknowledgement_contact_at", "contact", "at"),
        sa.Index("ix_acknowledgement_source_at", "source", "at"),
    )
