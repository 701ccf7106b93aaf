"""Holds every table of the service on one page (SQLAlchemy Core), the same for SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from adapters.database.columns import Document, Moment
from adapters.database.columns import metadata as metadata


def _id(name: str = "id") -> sa.Column[Any]:
    return sa.Column(name, sa.String(64), primary_key=True)


def _in_case(**options: Any) -> sa.Column[Any]:
    return sa.Column("case_reference", sa.ForeignKey("case_file.reference"), nullable=False, **options)


account = sa.Table(
    "account",
    metadata,
    _id(),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("role", sa.String(32), nullable=False),
    sa.Column("state", sa.String(2)),
    sa.Column("token_hash", sa.String(64), unique=True),
    sa.Column("created_at", Moment, nullable=False),
)

contact = sa.Table(
    "contact",
    metadata,
    _id(),
    sa.Column("state", sa.String(2), index=True),
    sa.Column("organization", sa.String(100), index=True),
    sa.Column("role", sa.String(32), nullable=False, index=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("office", "email")),
    *(sa.Column(name, sa.Text) for name in ("person", "telephone", "webhook_url")),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("time_zone", sa.String(64)),
    sa.Column("rank", sa.Integer, nullable=False),  # `order` of the documents; a reserved word in SQL
    sa.Column("duty", sa.Boolean, nullable=False),
    sa.Column("webhook_verified", sa.Boolean, nullable=False, default=False),
    sa.Column("webhook_secret", sa.LargeBinary),  # sealed
    sa.Column("confirmed_on", sa.Date),
    sa.Column("bch_uid", sa.String(128)),
    sa.Column("version", sa.Integer, nullable=False, default=1),
)

draft = sa.Table(
    "draft",
    metadata,
    _id(),
    sa.Column("state", sa.String(2), nullable=False, index=True),
    sa.Column("account", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("document", Document, nullable=False),
    *(sa.Column(name, Moment, nullable=False) for name in ("created_at", "updated_at")),
    sa.Column("version", sa.Integer, nullable=False),
)

case_number = sa.Table(
    "case_number",
    metadata,
    sa.Column("series", sa.String(16), primary_key=True),  # "A17-2026"
    sa.Column("last", sa.Integer, nullable=False),
)

case_file = sa.Table(
    "case_file",
    metadata,
    _id("reference"),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Column("reporting_state", sa.String(2), nullable=False, index=True),
    sa.Column("notification_class", sa.String(32), nullable=False),
    sa.Column("severity", sa.String(16), nullable=False),
    *(sa.Column(name, Document, nullable=False) for name in ("severity_reason", "title")),
    sa.Column("original_language", sa.String(16), nullable=False),
    sa.Column("voluntary", sa.Boolean, nullable=False),
    sa.Column("account", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Column("policy", Document, nullable=False),
    sa.Column("latest_sequence", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_case_file_account_opened_at", "account", "opened_at"),
    sa.Index("ix_case_file_opened_at", "opened_at"),
)

report = sa.Table(
    "report",
    metadata,
    _in_case(primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("document", Document, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("account", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("submitted_at", Moment, nullable=False),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("account", sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    _in_case(index=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Index("ix_idempotency_key", "key"),
)

notification = sa.Table(
    "notification",
    metadata,
    _id(),
    _in_case(),
    sa.Column("addressee_kind", sa.String(16), nullable=False),
    sa.Column("addressee", sa.String(100), nullable=False, index=True),
    sa.Column("status", sa.String(32), nullable=False),
    sa.Column("reason", Document, nullable=False),
    sa.Column("issued_at", Moment, nullable=False),
    sa.Column("due_at", Moment),
    *(sa.Column(name, Moment) for name in ("received_at", "assessed_at", "acting_at", "no_receipt_at")),
    sa.Column("assessment", sa.String(32)),
    sa.Column("assessment_preliminary", sa.Boolean, nullable=False),
    sa.Column("assessed_by", sa.String(64)),
    sa.Column("means", sa.String(16)),
    sa.Column("step", sa.String(16)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("case_reference", "addressee_kind", "addressee"),
)

deadline = sa.Table(
    "deadline",
    metadata,
    sa.Column("notification_id", sa.ForeignKey("notification.id"), primary_key=True),
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("met_at", Moment),
)

acknowledgement = sa.Table(
    "acknowledgement",
    metadata,
    _id(),
    sa.Column("notification_id", sa.ForeignKey("notification.id"), nullable=False, index=True),
    sa.Column("grade", sa.String(16), nullable=False),
    sa.Column("assessment", sa.String(32)),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("by", "office")),
    sa.Column("means", sa.String(16), nullable=False),
    sa.Column("at", Moment, nullable=False),
    *(sa.Column(name, sa.String(64)) for name in ("contact", "account")),
    sa.Column("signs", Document, nullable=False),
    *(sa.Column(name, sa.Boolean, nullable=False) for name in ("late", "preliminary")),
    sa.Column("disputed_at", Moment),
    sa.Column("source", sa.String(32)),
    sa.Index("ix_acknowledgement_source_at", "source", "at"),
)

delivery = sa.Table(
    "delivery",
    metadata,
    _id(),
    sa.Column("key", sa.String(255), nullable=False, unique=True),  # notification, contact, channel, step
    sa.Column("case_reference", sa.String(64), nullable=False, index=True),  # a case, or "service"
    sa.Column("notification_id", sa.ForeignKey("notification.id"), index=True),
    sa.Column("contact", sa.String(64), index=True),  # null: the filer or the operator
    sa.Column("recipient", sa.String(16), nullable=False),  # contact, filer, operator
    sa.Column("roles", Document, nullable=False),
    sa.Column("reason", Document),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("step", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("details", Document, nullable=False),
    sa.Column("report_sequence", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("queued_at", Moment, nullable=False),
    sa.Column("link_hash", sa.String(64), unique=True),
    *(sa.Column(name, Moment) for name in ("accepted_at", "ended_at", "link_revoked_at", "link_opened_at")),
)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("delivery_id", sa.ForeignKey("delivery.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("milliseconds", sa.Integer, nullable=False),
    sa.Column("result", sa.String(16), nullable=False),
    sa.Column("status", sa.Integer),
    # `destination` is the address or endpoint as it was used.
    *(sa.Column(name, sa.Text) for name in ("reason", "answer", "destination")),
    sa.Column("next_attempt_at", Moment),
)

task = sa.Table(
    "task",
    metadata,
    _id(),
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

record = sa.Table(
    "record",
    metadata,
    _in_case(primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),  # drafted; cleared, published, … when those are built
    sa.Column("document", Document, nullable=False),
    sa.Column("to_complete", Document, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("drafted_at", Moment, nullable=False),
)

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
_held = sa.and_(_waiting, outbox.c.claimed_until.isnot(None))
sa.Index("ix_outbox_held", outbox.c.lane, outbox.c.claimed_until, sqlite_where=_held, postgresql_where=_held)
_parked = outbox.c.parked_at.isnot(None)
sa.Index("ix_outbox_parked", outbox.c.parked_at, sqlite_where=_parked, postgresql_where=_parked)

_unmet = deadline.c.met_at.is_(None)
sa.Index("ix_deadline_unmet", deadline.c.kind, deadline.c.due_at, sqlite_where=_unmet, postgresql_where=_unmet)

pause = sa.Table(
    "pause",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),  # one row at most
    sa.Column("paused_until", Moment, nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

service_key = sa.Table(
    "service_key",
    metadata,
    _id(),
    # `private` is sealed.
    *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("public", "private")),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("retired_at", Moment),
)
