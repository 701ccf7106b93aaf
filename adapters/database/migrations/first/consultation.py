"""Creates the tables of the consultation, of measures, inquiries and attachments."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from adapters.database.columns import Document, Moment
from adapters.database.migrations.first.columns import needed, optional


def _case(**options: Any) -> sa.Column[str]:
    return sa.Column("case_reference", sa.String(64), sa.ForeignKey("case_file.reference"), nullable=False, **options)


def consultation() -> None:
    """Create the consultation, its messages and invitations."""
    op.create_table(
        "consultation",
        _case(primary_key=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("account", sa.String(64)),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(64), primary_key=True),
        _case(index=True),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("by_state", sa.String(2), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        *needed(Document(), "text", "attachments"),
        sa.Column("in_reply_to", sa.String(64)),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(64), primary_key=True),
        _case(index=True),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("by_state", sa.String(2), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("ended_at", Moment()),
    )


def requests() -> None:
    """Create requests with their answers."""
    op.create_table(
        "request",
        sa.Column("id", sa.String(64), primary_key=True),
        _case(index=True),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        *needed(sa.String(2), "by_state", "to_state"),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        *needed(Document(), "text", "attachments"),
    )
    op.create_table(
        "answer",
        sa.Column("request_id", sa.String(64), sa.ForeignKey("request.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("by_state", sa.String(2), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        *needed(Document(), "text", "reason", "attachments"),
    )


def conclusions() -> None:
    """Create conclusions with the positions taken to them, and what States say of themselves."""
    op.create_table(
        "conclusion",
        sa.Column("id", sa.String(64), primary_key=True),
        _case(index=True),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("by_state", sa.String(2), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("text", Document(), nullable=False),
        sa.Column("replaced_at", Moment()),
    )
    op.create_table(
        "position",
        sa.Column("conclusion_id", sa.String(64), sa.ForeignKey("conclusion.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("by_state", sa.String(2), nullable=False),
        sa.Column("stand", sa.String(16), nullable=False),
        *needed(sa.Text(), "by", "office"),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("reason", Document(), nullable=False),
    )
    op.create_table(
        "statement",
        sa.Column("id", sa.String(64), primary_key=True),
        _case(index=True),
        sa.Column("state", sa.String(2), nullable=False),
        sa.Column("assessment", sa.String(32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("means", sa.String(16), nullable=False),
        *optional(sa.String(64), "contact", "account", "acknowledgement_id"),
        sa.Column("visible_to", Document(), nullable=False),
        *needed(sa.Text(), "by", "office"),
        sa.Column("disputed_at", Moment()),
    )


def measures() -> None:
    """Create measures, each with its status over time."""
    op.create_table(
        "measure",
        sa.Column("id", sa.String(64), primary_key=True),
        _case(index=True),
        sa.Column("state", sa.String(2), nullable=False),
        sa.Column("type", Document(), nullable=False),
        *optional(Document(), "description", "actor"),
        sa.Column("visible_to", Document(), nullable=False),
        sa.Column("request_id", sa.String(64)),
    )
    op.create_table(
        "measure_status",
        sa.Column("measure_id", sa.String(64), sa.ForeignKey("measure.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("status", Document(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        *optional(Document(), "since", "effectiveness"),
        sa.Column("damage_considered", sa.String(16)),
    )


def inquiries() -> None:
    """Create inquiries and their answers."""
    op.create_table(
        "inquiry",
        sa.Column("reference", sa.String(64), primary_key=True),
        sa.Column("asker_kind", sa.String(32), nullable=False),
        sa.Column("asker", sa.String(200), nullable=False),
        sa.Column("asked", sa.String(2), nullable=False, index=True),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False, index=True),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", Moment()),
        *needed(Document(), "document", "policy"),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("step", sa.String(16)),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "inquiry_answer",
        sa.Column("inquiry", sa.String(64), sa.ForeignKey("inquiry.reference"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        *needed(sa.Text(), "by", "office"),
        sa.Column("text", Document(), nullable=False),
        sa.Column("case_reference", sa.String(64)),
    )


def attachments() -> None:
    """Create files, and what names them."""
    op.create_table(
        "attachment",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("owner", sa.String(16), primary_key=True),
        *needed(sa.String(255), "filename", "media_type"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("uploaded_at", Moment(), nullable=False),
    )
    op.create_table(
        "attachment_use",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("owner", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("subject", sa.String(100), primary_key=True),
        sa.Column("reference", sa.String(64), primary_key=True),
    )
