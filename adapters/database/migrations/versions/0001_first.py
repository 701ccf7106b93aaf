"""The tables that the service began with."""

from __future__ import annotations

from adapters.database.migrations.first import (
    cases,
    consultation,
    deliveries,
    figures,
    mails,
    notifications,
    registry,
    work,
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table; those that others point at come first."""
    registry.accounts()
    registry.contacts()
    registry.endpoints()
    cases.cases()
    cases.reports()
    cases.closings()
    notifications.notifications()
    notifications.answers()
    deliveries.deliveries()
    mails.mails()
    work.log()
    work.outbox()
    work.tasks()
    consultation.consultation()
    consultation.requests()
    consultation.conclusions()
    consultation.measures()
    consultation.inquiries()
    consultation.attachments()
    figures.figures()
