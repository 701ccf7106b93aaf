"""Creates the tables of the log, of what is due and of tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.database.columns import Document, Moment
from adapters.database.migrations.first.columns import needed, optional

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_HELD = sa.text("done_at IS NULL AND parked_at IS NULL AND claimed_until IS NOT NULL")
_OF_CLOCKS = sa.text("done_at IS NULL AND parked_at IS NULL AND handler = 'watch_clocks'")
_PARKED = sa.text("parked_at IS NOT NULL")
_WAITING = sa.text("done_at IS NULL AND parked_at IS NULL")


def log() -> None:
    """Create the chained log."""
    op.create_table(
        "case_log",
        sa.Column("position", _COUNTER, primary_key=True, autoincrement=True),
        sa.Column("chain", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(32), nullable=False, unique=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("chain", "sequence"),
    )
    op.create_table(
        "log_head",
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def outbox() -> None:
    """Create the outbox."""
    op.create_table(
        "outbox",
        sa.Column("id", _COUNTER, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(32), nullable=False),
        sa.Column("handler", sa.String(64), nullable=False),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        *needed(sa.String(64), "case_reference", "event_kind"),
        sa.Column("event_at", Moment(), nullable=False),
        sa.Column("event_body", Document(), nullable=False),
        *needed(Moment(), "due_at", "first_at"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(64)),
        *optional(Moment(), "claimed_until", "done_at", "parked_at"),
        sa.Column("last_error", sa.Text()),
        sa.UniqueConstraint("event_id", "handler"),
        sa.Index("ix_outbox_clocks", "case_reference", sqlite_where=_OF_CLOCKS, postgresql_where=_OF_CLOCKS),
        sa.Index("ix_outbox_held", "lane", "claimed_until", sqlite_where=_HELD, postgresql_where=_HELD),
        sa.Index("ix_outbox_parked", "parked_at", sqlite_where=_PARKED, postgresql_where=_PARKED),
        sa.Index("ix_outbox_waiting", "lane", "urgency", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )


def tasks() -> None:
    """Create tasks, the pause of all sending, and leases."""
    op.create_table(
        "task",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("case_reference", sa.String(64), nullable=False, index=True),
        sa.Column("notification_id", sa.String(64)),
        sa.Column("owner", sa.String(16), nullable=False, index=True),
        sa.Column("state", sa.String(2)),
        sa.Column("text", Document(), nullable=False),
        *needed(Moment(), "created_at", "due_at"),
        sa.Column("done_at", Moment()),
        *optional(sa.Text(), "done_by", "result"),
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("paused_until", Moment(), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("held_until", Moment(), nullable=False),
    )
