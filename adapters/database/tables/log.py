"""Holds the tables of the log: one chain of hashes per case."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Moment, metadata

case_log = sa.Table(
    "case_log",
    metadata,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("chain", sa.String(64), nullable=False),  # a case reference, or "service"
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("event_id", sa.String(32), nullable=False, unique=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # canonical JSON: the bytes that were hashed
    sa.Column("hash", sa.String(64), nullable=False),
    sa.UniqueConstraint("chain", "sequence"),
)

log_head = sa.Table(
    "log_head",
    metadata,
    sa.Column("chain", sa.String(64), primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
