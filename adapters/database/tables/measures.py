"""Holds the tables of what States do: their measures, and how far each had come at which time."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Document, Moment, identified, in_case, metadata

measure = sa.Table(
    "measure",
    metadata,
    identified(),
    in_case(index=True),
    sa.Column("state", sa.String(2), nullable=False),
    sa.Column("type", Document, nullable=False),
    *(sa.Column(name, Document) for name in ("description", "actor")),
    sa.Column("visible_to", Document, nullable=False),
    sa.Column("request_id", sa.String(64)),
)

measure_status = sa.Table(
    "measure_status",
    metadata,
    sa.Column("measure_id", sa.ForeignKey("measure.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("status", Document, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    *(sa.Column(name, Document) for name in ("since", "effectiveness")),
    sa.Column("damage_considered", sa.String(16)),
)
