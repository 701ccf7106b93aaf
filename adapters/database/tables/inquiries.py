"""Holds the tables of inquiries to presumed States of origin, and of the answers to them."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Document, Moment, identified, metadata

inquiry = sa.Table(
    "inquiry",
    metadata,
    identified("reference"),
    sa.Column("asker_kind", sa.String(32), nullable=False),
    sa.Column("asker", sa.String(200), nullable=False),  # the code of the State, the name of the network
    sa.Column("asked", sa.String(2), nullable=False, index=True),
    sa.Column("severity", sa.String(16), nullable=False),
    sa.Column("asked_at", Moment, nullable=False, index=True),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Column("withdrawn_at", Moment),
    *(sa.Column(name, Document, nullable=False) for name in ("document", "policy")),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("step", sa.String(16)),
    sa.Column("version", sa.Integer, nullable=False),
)

inquiry_answer = sa.Table(
    "inquiry_answer",
    metadata,
    sa.Column("inquiry", sa.ForeignKey("inquiry.reference"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("answer", sa.String(16), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("by", "office")),
    sa.Column("text", Document, nullable=False),
    sa.Column("case_reference", sa.String(64)),
)
