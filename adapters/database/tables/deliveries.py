"""Holds the tables of messages on their way and of each attempt to send them."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Document, Moment, identified, metadata

delivery = sa.Table(
    "delivery",
    metadata,
    identified(),
    sa.Column("key", sa.String(255), nullable=False, unique=True),  # notification, contact, channel, step
    sa.Column("case_reference", sa.String(64), nullable=False, index=True),  # a case, or "service"
    sa.Column("notification_id", sa.ForeignKey("notification.id"), index=True),
    sa.Column("contact", sa.String(64), index=True),  # null: the filer or the operator
    sa.Column("recipient", sa.String(16), nullable=False),  # contact, filer, operator
    sa.Column("roles", Document, nullable=False),
    sa.Column("reason", Document),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("step", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("details", Document, nullable=False),
    sa.Column("report_sequence", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("queued_at", Moment, nullable=False),
    sa.Column("link_hash", sa.String(64), unique=True),
    *(sa.Column(name, Moment) for name in ("accepted_at", "ended_at", "link_revoked_at", "link_opened_at")),
)

_bounced = delivery.c.state == "bounced"
sa.Index("ix_delivery_bounced", delivery.c.contact, sqlite_where=_bounced, postgresql_where=_bounced)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("delivery_id", sa.ForeignKey("delivery.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("milliseconds", sa.Integer, nullable=False),
    sa.Column("result", sa.String(16), nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("failure", sa.String(16)),  # whose problem it is
    # `destination` is the address or endpoint as it was used.
    *(sa.Column(name, sa.Text) for name in ("reason", "answer", "destination")),
    sa.Column("next_attempt_at", Moment),
)
