"""Creates the tables of mails that came in, and of what was concluded from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.database.columns import Moment


def mails() -> None:
    """Create received mails and the evidence of deliveries."""
    op.create_table(
        "received_mail",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("delivery_id", sa.String(64), index=True),
        sa.Column("meaning", sa.String(32)),
        sa.Column("read_at", Moment()),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("delivery_id", sa.String(64), sa.ForeignKey("delivery.id"), nullable=False, index=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("mail_id", sa.String(64), sa.ForeignKey("received_mail.id")),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )
