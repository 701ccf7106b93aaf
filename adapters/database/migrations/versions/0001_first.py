"""The tables that the service began with."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from adapters.database.columns import Document, Moment

revision = "0001"
down_revision = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_HELD = sa.text("done_at IS NULL AND parked_at IS NULL AND claimed_until IS NOT NULL")
_PARKED = sa.text("parked_at IS NOT NULL")
_UNMET = sa.text("met_at IS NULL")
_WAITING = sa.text("done_at IS NULL AND parked_at IS NULL")


def upgrade() -> None:
    """Create every table; those that others point at come first."""
    _accounts()
    _contacts()
    _cases()
    _reports()
    _notifications()
    _answers()
    _deliveries()
    _log()
    _outbox()
    _tasks()


def _needed(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _optional(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names]


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("state", sa.String(2)),
        sa.Column("token_hash", sa.String(64), unique=True),
        sa.Column("created_at", Moment(), nullable=False),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(2), nullable=False, index=True),
        sa.Column("account", sa.String(64), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("document", Document(), nullable=False),
        *_needed(Moment(), "created_at", "updated_at"),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "service_key",
        sa.Column("id", sa.String(64), primary_key=True),
        *_needed(sa.LargeBinary(), "public", "private"),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("retired_at", Moment()),
    )


def _contacts() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(2), index=True),
        sa.Column("organization", sa.String(100), index=True),
        sa.Column("role", sa.String(32), nullable=False, index=True),
        *_needed(sa.Text(), "office", "email"),
        *_optional(sa.Text(), "person", "telephone", "webhook_url"),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("time_zone", sa.String(64)),
        sa.Column("rank", sa.Integer(), nullable=False),
        *_needed(sa.Boolean(), "duty", "webhook_verified"),
        sa.Column("webhook_secret", sa.LargeBinary()),
        sa.Column("confirmed_on", sa.Date()),
        sa.Column("bch_uid", sa.String(128)),
        sa.Column("version", sa.Integer(), nullable=False),
    )


def _cases() -> None:
    op.create_table(
        "case_number",
        sa.Column("series", sa.String(16), primary_key=True),
        sa.Column("last", sa.Integer(), nullable=False),
    )
    op.create_table(
        "case_file",
        sa.Column("reference", sa.String(64), primary_key=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("reporting_state", sa.String(2), nullable=False, index=True),
        sa.Column("notification_class", sa.String(32), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        *_needed(Document(), "severity_reason", "title"),
        sa.Column("original_language", sa.String(16), nullable=False),
        sa.Column("voluntary", sa.Boolean(), nullable=False),
        sa.Column("account", sa.String(64), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment()),
        sa.Column("policy", Document(), nullable=False),
        *_needed(sa.Integer(), "latest_sequence", "version"),
        sa.Index("ix_case_file_account_opened_at", "account", "opened_at"),
        sa.Index("ix_case_file_opened_at", "opened_at"),
    )


def _reports() -> None:
    op.create_table(
        "report",
        sa.Column("case_reference", sa.String(64), sa.ForeignKey("case_file.reference"), primary_key=True),
        sa.Column("sequence", sa.Integer(), primary_key=True),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=False),
    )
    op.create_table(
        "idempotency",
        sa.Column("account", sa.String(64), sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("case_reference", sa.String(64), sa.ForeignKey("case_file.reference"), nullable=False, index=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Index("ix_idempotency_key", "key"),
    )
    op.create_table(
        "record",
        sa.Column("case_reference", sa.String(64), sa.ForeignKey("case_file.reference"), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        *_needed(Document(), "document", "to_complete"),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("drafted_at", Moment(), nullable=False),
    )


def _notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("case_reference", sa.String(64), sa.ForeignKey("case_file.reference"), nullable=False),
        sa.Column("addressee_kind", sa.String(16), nullable=False),
        sa.Column("addressee", sa.String(100), nullable=False, index=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("reason", Document(), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        *_optional(Moment(), "due_at", "received_at", "assessed_at", "acting_at", "no_receipt_at"),
        sa.Column("assessment", sa.String(32)),
        sa.Column("assessment_preliminary", sa.Boolean(), nullable=False),
        sa.Column("assessed_by", sa.String(64)),
        *_optional(sa.String(16), "means", "step"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("case_reference", "addressee_kind", "addressee"),
    )
    op.create_table(
        "deadline",
        sa.Column("notification_id", sa.String(64), sa.ForeignKey("notification.id"), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("met_at", Moment()),
        sa.Index("ix_deadline_unmet", "kind", "due_at", sqlite_where=_UNMET, postgresql_where=_UNMET),
    )


def _answers() -> None:
    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("notification_id", sa.String(64), sa.ForeignKey("notification.id"), nullable=False, index=True),
        sa.Column("grade", sa.String(16), nullable=False),
        sa.Column("assessment", sa.String(32)),
        *_needed(sa.Text(), "by", "office"),
        sa.Column("means", sa.String(16), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        *_optional(sa.String(64), "contact", "account"),
        sa.Column("signs", Document(), nullable=False),
        *_needed(sa.Boolean(), "late", "preliminary"),
        sa.Column("disputed_at", Moment()),
        sa.Column("source", sa.String(32)),
        sa.Index("ix_acknowledgement_source_at", "source", "at"),
    )


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(255), nullable=False, unique=True),
        sa.Column("case_reference", sa.String(64), nullable=False, index=True),
        sa.Column("notification_id", sa.String(64), sa.ForeignKey("notification.id"), index=True),
        sa.Column("contact", sa.String(64), index=True),
        sa.Column("recipient", sa.String(16), nullable=False),
        sa.Column("roles", Document(), nullable=False),
        sa.Column("reason", Document()),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("step", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("details", Document(), nullable=False),
        sa.Column("report_sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("queued_at", Moment(), nullable=False),
        sa.Column("link_hash", sa.String(64), unique=True),
        *_optional(Moment(), "accepted_at", "ended_at", "link_revoked_at", "link_opened_at"),
    )
    op.create_table(
        "attempt",
        sa.Column("delivery_id", sa.String(64), sa.ForeignKey("delivery.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("status", sa.Integer()),
        *_optional(sa.Text(), "reason", "answer", "destination"),
        sa.Column("next_attempt_at", Moment()),
    )


def _log() -> None:
    op.create_table(
        "case_log",
        sa.Column("position", _COUNTER, primary_key=True, autoincrement=True),
        sa.Column("chain", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(32), nullable=False, unique=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("chain", "sequence"),
    )
    op.create_table(
        "log_head",
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _COUNTER, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(32), nullable=False),
        sa.Column("handler", sa.String(64), nullable=False),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        *_needed(sa.String(64), "case_reference", "event_kind"),
        sa.Column("event_at", Moment(), nullable=False),
        sa.Column("event_body", Document(), nullable=False),
        *_needed(Moment(), "due_at", "first_at"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(64)),
        *_optional(Moment(), "claimed_until", "done_at", "parked_at"),
        sa.Column("last_error", sa.Text()),
        sa.UniqueConstraint("event_id", "handler"),
        sa.Index("ix_outbox_held", "lane", "claimed_until", sqlite_where=_HELD, postgresql_where=_HELD),
        sa.Index("ix_outbox_parked", "parked_at", sqlite_where=_PARKED, postgresql_where=_PARKED),
        sa.Index("ix_outbox_waiting", "lane", "urgency", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )


def _tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("case_reference", sa.String(64), nullable=False, index=True),
        sa.Column("notification_id", sa.String(64)),
        sa.Column("owner", sa.String(16), nullable=False, index=True),
        sa.Column("state", sa.String(2)),
        sa.Column("text", Document(), nullable=False),
        *_needed(Moment(), "created_at", "due_at"),
        sa.Column("done_at", Moment()),
        *_optional(sa.Text(), "done_by", "result"),
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("paused_until", Moment(), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
