"""Holds the tables of notifications, their clocks and their acknowledgements."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Document, Moment, identified, in_case, metadata

notification = sa.Table(
    "notification",
    metadata,
    identified(),
    in_case(),
    sa.Column("addressee_kind", sa.String(16), nullable=False),
    sa.Column("addressee", sa.String(100), nullable=False, index=True),
    sa.Column("status", sa.String(32), nullable=False),
    sa.Column("reason", Document, nullable=False),
    sa.Column("issued_at", Moment, nullable=False),
    sa.Column("due_at", Moment),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("severity", sa.String(16), nullable=False),
    *(sa.Column(name, Moment) for name in ("received_at", "assessed_at", "acting_at", "no_receipt_at")),
    sa.Column("assessment", sa.String(32)),
    sa.Column("assessment_preliminary", sa.Boolean, nullable=False),
    sa.Column("assessed_by", sa.String(64)),
    sa.Column("means", sa.String(16)),
    sa.Column("step", sa.String(16)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("case_reference", "addressee_kind", "addressee"),
)

deadline = sa.Table(
    "deadline",
    metadata,
    sa.Column("notification_id", sa.ForeignKey("notification.id"), primary_key=True),
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("met_at", Moment),
)

_unmet = deadline.c.met_at.is_(None)
sa.Index("ix_deadline_unmet", deadline.c.kind, deadline.c.due_at, sqlite_where=_unmet, postgresql_where=_unmet)

acknowledgement = sa.Table(
    "acknowledgement",
    metadata,
    identified(),
    sa.Column("notification_id", sa.ForeignKey("notification.id"), nullable=False, index=True),
    sa.Column("grade", sa.String(16), nullable=False),
    sa.Column("assessment", sa.String(32)),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("by", "office")),
    sa.Column("means", sa.String(16), nullable=False),
    sa.Column("at", Moment, nullable=False),
    *(sa.Column(name, sa.String(64)) for name in ("contact", "account")),
    sa.Column("signs", Document, nullable=False),
    *(sa.Column(name, sa.Boolean, nullable=False) for name in ("late", "preliminary")),
    sa.Column("disputed_at", Moment),
    *(sa.Column(name, sa.String(32)) for name in ("source", "assurance")),
    sa.Index("ix_acknowledgement_contact_at", "contact", "at"),
    sa.Index("ix_acknowledgement_source_at", "source", "at"),
)
