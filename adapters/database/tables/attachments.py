"""Holds the tables of files that were handed in, and of what names them; the bytes are kept elsewhere."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Moment, metadata

attachment = sa.Table(
    "attachment",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(16), primary_key=True),  # a State, or "secretariat"
    sa.Column("filename", sa.String(255), nullable=False),
    sa.Column("media_type", sa.String(255), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("uploaded_at", Moment, nullable=False),
)

attachment_use = sa.Table(
    "attachment_use",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(16), primary_key=True),  # in whose name it was named
    sa.Column("kind", sa.String(16), primary_key=True),  # report, message, request, answer, inquiry
    sa.Column("subject", sa.String(100), primary_key=True),
    sa.Column("reference", sa.String(64), primary_key=True),  # of the case or inquiry
)
