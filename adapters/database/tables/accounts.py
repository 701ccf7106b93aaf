"""Holds the tables of who may sign in, their drafts and the service's own keys."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Document, Moment, identified, metadata

account = sa.Table(
    "account",
    metadata,
    identified(),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("role", sa.String(32), nullable=False),
    sa.Column("state", sa.String(2)),
    sa.Column("token_hash", sa.String(64), unique=True),
    sa.Column("created_at", Moment, nullable=False),
)

draft = sa.Table(
    "draft",
    metadata,
    identified(),
    sa.Column("state", sa.String(2), nullable=False, index=True),
    sa.Column("account", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("document", Document, nullable=False),
    *(sa.Column(name, Moment, nullable=False) for name in ("created_at", "updated_at")),
    sa.Column("version", sa.Integer, nullable=False),
)

service_key = sa.Table(
    "service_key",
    metadata,
    identified(),
    # `private` is sealed.
    *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("public", "private")),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("retires_at", Moment),
)
