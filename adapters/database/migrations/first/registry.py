"""Creates the tables of accounts, contacts and keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.database.columns import Document, Moment
from adapters.database.migrations.first.columns import needed, optional


def accounts() -> None:
    """Create accounts, their drafts and the service's own keys."""
    op.create_table(
        "account",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("state", sa.String(2)),
        sa.Column("token_hash", sa.String(64), unique=True),
        sa.Column("created_at", Moment(), nullable=False),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(2), nullable=False, index=True),
        sa.Column("account", sa.String(64), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("document", Document(), nullable=False),
        *needed(Moment(), "created_at", "updated_at"),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "service_key",
        sa.Column("id", sa.String(64), primary_key=True),
        *needed(sa.LargeBinary(), "public", "private"),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("retires_at", Moment()),
    )


def contacts() -> None:
    """Create the contacts, and the secrets of their endpoints."""
    op.create_table(
        "contact",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(2), index=True),
        sa.Column("organization", sa.String(100), index=True),
        sa.Column("role", sa.String(32), nullable=False, index=True),
        *needed(sa.Text(), "office", "email"),
        *optional(sa.Text(), "person", "telephone", "webhook_url"),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("time_zone", sa.String(64)),
        sa.Column("rank", sa.Integer(), nullable=False),
        *needed(sa.Boolean(), "duty", "webhook_verified", "unannounced_exercises"),
        sa.Column("webhook_format", sa.String(16), nullable=False),
        sa.Column("confirmed_on", sa.Date()),
        sa.Column("bch_uid", sa.String(128)),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "webhook_secret",
        sa.Column("contact_id", sa.String(64), sa.ForeignKey("contact.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("retires_at", Moment()),
    )


def endpoints() -> None:
    """Create what is known of endpoints that ever failed."""
    op.create_table(
        "endpoint",
        sa.Column("contact", sa.String(64), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        *optional(Moment(), "failing_since", "open_until", "gone_at", "told_at", "recovered_at"),
        sa.Column("last_error", sa.Text()),
    )
    unwell = sa.text("failing_since IS NOT NULL")
    op.create_index("ix_endpoint_unwell", "endpoint", ["failing_since"], sqlite_where=unwell, postgresql_where=unwell)
