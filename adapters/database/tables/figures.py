"""Holds the tables of what the secretariat counts and exercises: each case's figures, and the scenarios."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Document, Moment, metadata

case_figures = sa.Table(
    "case_figures",
    metadata,
    sa.Column("chain", sa.String(64), primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),  # the row of the log up to which they were made
    sa.Column("document", sa.Text, nullable=False),  # "null" while there is nothing to count
)

exercise = sa.Table(
    "exercise",
    metadata,
    sa.Column("reference", sa.String(64), primary_key=True),
    sa.Column("scenario", Document),  # null: it was purged
    sa.Column("recipients", Document, nullable=False),
    sa.Column("announced", sa.Boolean, nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    *(sa.Column(name, Moment, nullable=False) for name in ("planned_at", "starts_at")),
    *(sa.Column(name, Moment) for name in ("ended_at", "purged_at")),
)
