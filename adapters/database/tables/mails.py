"""Holds the tables of mails that came in, and of what a delivery's state was concluded from."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Moment, identified, metadata

received_mail = sa.Table(
    "received_mail",
    metadata,
    identified(),
    # SHA-256 over sender, recipient and content: a mail server that asks again must not make a second mail.
    sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
    sa.Column("received_at", Moment, nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("source", "sender", "recipient")),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("delivery_id", sa.String(64), index=True),  # null: it came to no address that we gave out
    sa.Column("meaning", sa.String(32)),  # null: not read yet
    sa.Column("read_at", Moment),
)

evidence = sa.Table(
    "evidence",
    metadata,
    identified(),
    sa.Column("delivery_id", sa.ForeignKey("delivery.id"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # a state of a delivery, or auto_replied
    sa.Column("mail_id", sa.ForeignKey("received_mail.id")),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("source", "sha256", "detail")),
)
