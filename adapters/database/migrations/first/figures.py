"""Creates the tables of each case's figures and of exercises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.database.columns import Document, Moment
from adapters.database.migrations.first.columns import needed, optional


def figures() -> None:
    """Create what statistics are read from, and the scenarios of exercises."""
    op.create_table(
        "case_figures",
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
    )
    op.create_table(
        "exercise",
        sa.Column("reference", sa.String(64), primary_key=True),
        sa.Column("scenario", Document()),
        sa.Column("recipients", Document(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        *needed(Moment(), "planned_at", "starts_at"),
        *optional(Moment(), "ended_at", "purged_at"),
    )
