"""Builds dispatches for the mail tests; every field can be named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.email.compose import Composer, Letterhead
from contacts.model import ContactId, StateCode
from notify.delivery import Dispatch, Notice, NoticeKind, Recipient
from notify.sentence import Sentence
from notify.words import Audience, CaseReference, ChannelName, DeliveryId, NotificationClass, NotificationId, Severity

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "examples" / "reports"


def example_report(name: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    return report


def letterhead() -> Letterhead:
    return Letterhead(
        address="notices@article17.example",
        name="Article 17 notification service",
        reply_to="secretariat@article17.example",
        domain="article17.example",
    )


def composer(**options: Any) -> Composer:
    return Composer(letterhead(), **options)


def notice(**fields: Any) -> Notice:
    report = example_report("llrice601-2006")
    standard = Notice(
        key="notice-1",
        kind=NoticeKind.NOTIFICATION,
        language="en",
        audience=Audience.RECIPIENTS,
        case_reference=CaseReference("A17-2026-0001"),
        exercise=False,
        sequence=1,
        severity=Severity.HIGH,
        severity_reason=Sentence("Not fully contained, and the crossing has occurred."),
        notification_class=NotificationClass.ARTICLE_17,
        title=report["title"],
        original_language="en",
        reporting_state=StateCode("US"),
        authority="Competent national authority of US (demonstration)",
        submitted_at=NOW,
        report=report,
        withheld=(),
        case_url="https://article17.example/api/v1/cases/A17-2026-0001",
        log_head="12 3fa9",
        details={},
    )
    return replace(standard, **fields)


def recipient(**fields: Any) -> Recipient:
    standard = Recipient(
        contact_id=ContactId("nl-1"),
        office="Office for living modified organisms",
        email="desk@biosafety.nl.example",
        language="en",
        time_zone="Europe/Amsterdam",
        state=StateCode("NL"),
        organization=None,
        roles=("article_17_contact", "competent_national_authority"),
        reason=Sentence("Designated contact of {state} for Article 17.", {"state": "Netherlands"}),
        status="affected",
        due_at=datetime(2026, 11, 23, 23, 30, tzinfo=UTC),
        acknowledge_url="https://article17.example/a/k3v9",
        given_in_confidence=False,
    )
    return replace(standard, **fields)


def dispatch(
    told: Notice | None = None, reader: Recipient | None = None, *, delivery_id: str = "d-0001", **fields: Any
) -> Dispatch:
    standard = Dispatch(
        delivery_id=DeliveryId(delivery_id),
        notification_id=NotificationId("n-1"),
        channel=ChannelName.EMAIL,
        attempt=1,
        urgent=True,
        notice=told or notice(),
        recipient=reader or recipient(),
        thread=(),
        occurred_at=NOW,
    )
    return replace(standard, **fields)
