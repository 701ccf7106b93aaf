"""Gathers every table of the service (SQLAlchemy Core), the same for SQLite and PostgreSQL; one file per aggregate."""

from __future__ import annotations

from adapters.database.columns import metadata
from adapters.database.tables.accounts import account, draft, service_key
from adapters.database.tables.attachments import attachment, attachment_use
from adapters.database.tables.cases import case_file, case_number, closing, idempotency, record, report
from adapters.database.tables.consultation import (
    answer,
    conclusion,
    consultation,
    invitation,
    message,
    position,
    request,
    statement,
)
from adapters.database.tables.deliveries import attempt, delivery
from adapters.database.tables.figures import case_figures, exercise
from adapters.database.tables.inquiries import inquiry, inquiry_answer
from adapters.database.tables.log import case_log, log_head
from adapters.database.tables.mails import evidence, received_mail
from adapters.database.tables.measures import measure, measure_status
from adapters.database.tables.notifications import acknowledgement, deadline, notification
from adapters.database.tables.outbox import lease, outbox, pause
from adapters.database.tables.registry import contact, endpoint, webhook_secret
from adapters.database.tables.tasks import task

__all__ = [
    "account",
    "acknowledgement",
    "answer",
    "attachment",
    "attachment_use",
    "attempt",
    "case_figures",
    "case_file",
    "case_log",
    "case_number",
    "closing",
    "conclusion",
    "consultation",
    "contact",
    "deadline",
    "delivery",
    "draft",
    "endpoint",
    "evidence",
    "exercise",
    "idempotency",
    "inquiry",
    "inquiry_answer",
    "invitation",
    "lease",
    "log_head",
    "measure",
    "measure_status",
    "message",
    "metadata",
    "notification",
    "outbox",
    "pause",
    "position",
    "received_mail",
    "record",
    "report",
    "request",
    "service_key",
    "statement",
    "task",
    "webhook_secret",
]
