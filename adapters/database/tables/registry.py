"""Holds the tables of who is to be told, and of the secrets that sign for their endpoints."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Moment, identified, metadata

contact = sa.Table(
    "contact",
    metadata,
    identified(),
    sa.Column("state", sa.String(2), index=True),
    sa.Column("organization", sa.String(100), index=True),
    sa.Column("role", sa.String(32), nullable=False, index=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("office", "email")),
    *(sa.Column(name, sa.Text) for name in ("person", "telephone", "webhook_url")),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("time_zone", sa.String(64)),
    sa.Column("rank", sa.Integer, nullable=False),  # `order` of the documents; a reserved word in SQL
    sa.Column("duty", sa.Boolean, nullable=False),
    sa.Column("webhook_verified", sa.Boolean, nullable=False, default=False),
    sa.Column("webhook_format", sa.String(16), nullable=False, default="standard"),
    sa.Column("confirmed_on", sa.Date),
    sa.Column("bch_uid", sa.String(128)),
    sa.Column("unannounced_exercises", sa.Boolean, nullable=False, default=False),
    sa.Column("version", sa.Integer, nullable=False, default=1),
)

webhook_secret = sa.Table(
    "webhook_secret",
    metadata,
    sa.Column("contact_id", sa.ForeignKey("contact.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),  # sealed
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("retires_at", Moment),  # null: none has followed it
)

endpoint = sa.Table(
    "endpoint",
    metadata,
    identified("contact"),
    sa.Column("url", sa.Text, nullable=False),  # another URL is another endpoint
    sa.Column("failures", sa.Integer, nullable=False),  # tries in a row that failed
    *(sa.Column(name, Moment) for name in ("failing_since", "open_until", "gone_at", "told_at", "recovered_at")),
    sa.Column("last_error", sa.Text),
)
_unwell = endpoint.c.failing_since.isnot(None)
sa.Index("ix_endpoint_unwell", endpoint.c.failing_since, sqlite_where=_unwell, postgresql_where=_unwell)
