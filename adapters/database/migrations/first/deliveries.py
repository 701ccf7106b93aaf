"""Creates the tables of messages and of each attempt to send them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.database.columns import Document, Moment
from adapters.database.migrations.first.columns import optional

_BOUNCED = sa.text("state = 'bounced'")


def deliveries() -> None:
    """Create deliveries and their attempts."""
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(255), nullable=False, unique=True),
        sa.Column("case_reference", sa.String(64), nullable=False, index=True),
        sa.Column("notification_id", sa.String(64), sa.ForeignKey("notification.id"), index=True),
        sa.Column("contact", sa.String(64), index=True),
        sa.Column("recipient", sa.String(16), nullable=False),
        sa.Column("roles", Document(), nullable=False),
        sa.Column("reason", Document()),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("step", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("details", Document(), nullable=False),
        sa.Column("report_sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("queued_at", Moment(), nullable=False),
        sa.Column("link_hash", sa.String(64), unique=True),
        *optional(Moment(), "accepted_at", "ended_at", "link_revoked_at", "link_opened_at"),
        sa.Index("ix_delivery_bounced", "contact", sqlite_where=_BOUNCED, postgresql_where=_BOUNCED),
    )
    op.create_table(
        "attempt",
        sa.Column("delivery_id", sa.String(64), sa.ForeignKey("delivery.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("failure", sa.String(16)),
        *optional(sa.Text(), "reason", "answer", "destination"),
        sa.Column("next_attempt_at", Moment()),
    )
