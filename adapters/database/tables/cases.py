"""Holds the tables of cases, their reports and the record drafted from them."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Document, FrozenPolicy, Moment, identified, in_case, metadata

case_number = sa.Table(
    "case_number",
    metadata,
    sa.Column("series", sa.String(16), primary_key=True),  # "A17-2026"
    sa.Column("last", sa.Integer, nullable=False),
)

case_file = sa.Table(
    "case_file",
    metadata,
    identified("reference"),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Column("reporting_state", sa.String(2), nullable=False, index=True),
    sa.Column("notification_class", sa.String(32), nullable=False),
    sa.Column("severity", sa.String(16), nullable=False),
    *(sa.Column(name, Document, nullable=False) for name in ("severity_reason", "title")),
    sa.Column("original_language", sa.String(16), nullable=False),
    sa.Column("voluntary", sa.Boolean, nullable=False),
    sa.Column("account", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Column("policy", FrozenPolicy, nullable=False),
    sa.Column("latest_sequence", sa.Integer, nullable=False),
    sa.Column("twin", sa.String(64)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_case_file_account_opened_at", "account", "opened_at"),
    sa.Index("ix_case_file_opened_at", "opened_at"),
)

report = sa.Table(
    "report",
    metadata,
    in_case(primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("document", Document, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("account", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("submitted_at", Moment, nullable=False),
    sa.Column("severity", sa.String(16), nullable=False),
    sa.Column("material", sa.Boolean, nullable=False),
    sa.Column("known", Document),  # what is known with it; empty where that is the document itself
)

# One announced close of a case: the States that were asked, and what came of it.
closing = sa.Table(
    "closing",
    metadata,
    identified(),
    in_case(index=True),
    sa.Column("account", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("announced_at", Moment, nullable=False),
    sa.Column("states", Document, nullable=False),
    *(sa.Column(name, Moment) for name in ("ended_at", "reopened_at")),
    sa.Column("result", sa.String(16)),  # closed, kept_open
    *(sa.Column(name, Document) for name in ("reasons", "instruction", "evidence")),
    sa.Column("version", sa.Integer, nullable=False),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("account", sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    in_case(index=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Index("ix_idempotency_key", "key"),
)

record = sa.Table(
    "record",
    metadata,
    in_case(primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),  # drafted; cleared, published, … when those are built
    sa.Column("document", Document, nullable=False),
    sa.Column("to_complete", Document, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("drafted_at", Moment, nullable=False),
)
