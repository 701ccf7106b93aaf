"""Holds the tables of what is due, and of whether sending is paused."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Document, Moment, metadata

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("event_id", sa.String(32), nullable=False),
    sa.Column("handler", sa.String(64), nullable=False),
    sa.Column("lane", sa.String(16), nullable=False),
    sa.Column("urgency", sa.SmallInteger, nullable=False),
    *(sa.Column(name, sa.String(64), nullable=False) for name in ("case_reference", "event_kind")),
    sa.Column("event_at", Moment, nullable=False),
    sa.Column("event_body", Document, nullable=False),
    *(sa.Column(name, Moment, nullable=False) for name in ("due_at", "first_at")),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("claimed_by", sa.String(64)),
    sa.Column("claimed_until", Moment),
    *(sa.Column(name, Moment) for name in ("done_at", "parked_at")),
    sa.Column("last_error", sa.Text),
    sa.UniqueConstraint("event_id", "handler"),
)
_waiting = sa.and_(outbox.c.done_at.is_(None), outbox.c.parked_at.is_(None))
sa.Index(
    "ix_outbox_waiting",
    outbox.c.lane,
    outbox.c.urgency,
    outbox.c.due_at,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
_of_clocks = sa.and_(_waiting, outbox.c.handler == "watch_clocks")
sa.Index("ix_outbox_clocks", outbox.c.case_reference, sqlite_where=_of_clocks, postgresql_where=_of_clocks)
_held = sa.and_(_waiting, outbox.c.claimed_until.isnot(None))
sa.Index("ix_outbox_held", outbox.c.lane, outbox.c.claimed_until, sqlite_where=_held, postgresql_where=_held)
_parked = outbox.c.parked_at.isnot(None)
sa.Index("ix_outbox_parked", outbox.c.parked_at, sqlite_where=_parked, postgresql_where=_parked)

pause = sa.Table(
    "pause",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),  # one row at most
    sa.Column("paused_until", Moment, nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

lease = sa.Table(
    "lease",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("holder", sa.String(64), nullable=False),
    sa.Column("held_until", Moment, nullable=False),
)
