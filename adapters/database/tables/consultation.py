"""Holds the tables of the consultation: messages, requests and answers, conclusions, invitations, assessments."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.database.columns import Document, Moment, identified, in_case, metadata

consultation = sa.Table(
    "consultation",
    metadata,
    in_case(primary_key=True),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("account", sa.String(64)),  # null: it opened with the dispatch
)

message = sa.Table(
    "message",
    metadata,
    identified(),
    in_case(index=True),
    sa.Column("lane", sa.String(16), nullable=False),  # "joint", "private/UG"
    sa.Column("by_state", sa.String(2), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
    *(sa.Column(name, Document, nullable=False) for name in ("text", "attachments")),
    sa.Column("in_reply_to", sa.String(64)),
)

request = sa.Table(
    "request",
    metadata,
    identified(),
    in_case(index=True),
    sa.Column("lane", sa.String(16), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    *(sa.Column(name, sa.String(2), nullable=False) for name in ("by_state", "to_state")),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
    *(sa.Column(name, Document, nullable=False) for name in ("text", "attachments")),
)

answer = sa.Table(
    "answer",
    metadata,
    sa.Column("request_id", sa.ForeignKey("request.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("answer", sa.String(16), nullable=False),
    sa.Column("by_state", sa.String(2), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
    *(sa.Column(name, Document, nullable=False) for name in ("text", "reason", "attachments")),
)

conclusion = sa.Table(
    "conclusion",
    metadata,
    identified(),
    in_case(index=True),
    sa.Column("lane", sa.String(16), nullable=False),
    sa.Column("by_state", sa.String(2), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("text", Document, nullable=False),
    sa.Column("replaced_at", Moment),
)

position = sa.Table(
    "position",
    metadata,
    sa.Column("conclusion_id", sa.ForeignKey("conclusion.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("by_state", sa.String(2), nullable=False),
    sa.Column("stand", sa.String(16), nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("by", "office")),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("reason", Document, nullable=False),
)

invitation = sa.Table(
    "invitation",
    metadata,
    identified(),
    in_case(index=True),
    sa.Column("lane", sa.String(16), nullable=False),
    sa.Column("by_state", sa.String(2), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
)

statement = sa.Table(
    "statement",
    metadata,
    identified(),
    in_case(index=True),
    sa.Column("state", sa.String(2), nullable=False),
    sa.Column("assessment", sa.String(32), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("means", sa.String(16), nullable=False),
    *(sa.Column(name, sa.String(64)) for name in ("contact", "account", "acknowledgement_id")),
    sa.Column("visible_to", Document, nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("by", "office")),
    sa.Column("disputed_at", Moment),
)
