"""Holds the table of what people have to do."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Document, Moment, identified, metadata

task = sa.Table(
    "task",
    metadata,
    identified(),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("case_reference", sa.String(64), nullable=False, index=True),
    sa.Column("notification_id", sa.String(64)),
    sa.Column("owner", sa.String(16), nullable=False, index=True),
    sa.Column("state", sa.String(2)),
    sa.Column("text", Document, nullable=False),
    *(sa.Column(name, Moment, nullable=False) for name in ("created_at", "due_at")),
    sa.Column("done_at", Moment),
    *(sa.Column(name, sa.Text) for name in ("done_by", "result")),
)
