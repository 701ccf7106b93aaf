"""Tries the metrics: what is counted, and that each is documented."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from adapters.telemetry.metrics import Metrics
from notify.events import DeliveryAccepted, DeliveryDelayed, NotificationEscalated
from notify.words import CaseReference, ChannelName, DeliveryId, NotificationId

NOW = datetime(2026, 11, 20, tzinfo=UTC)
CASE = {"case_reference": CaseReference("A17-2026-0001"), "at": NOW}


def _figures() -> str:
    metrics = Metrics()
    delivery = {"delivery_id": DeliveryId("d"), "channel": ChannelName.EMAIL, "attempt": 1}
    metrics.observe(
        [
            DeliveryAccepted(**CASE, **delivery, state="accepted", status=250),
            DeliveryDelayed(**CASE, **delivery, reason="busy", next_attempt_at=NOW),
            NotificationEscalated(**CASE, notification_id=NotificationId("n"), addressee="UG", step="reminder", told=1),
        ]
    )
    return metrics.render({"waiting": 7, "due": 2, "parked": 1}, 3.5).decode()


def test_what_was_committed_is_counted_by_channel_result_and_step() -> None:
    figures = _figures()
    assert 'article17_attempts_total{channel="email",result="accepted"} 1.0' in figures
    assert 'article17_attempts_total{channel="email",result="delayed"} 1.0' in figures
    assert 'article17_escalation_steps_total{step="reminder"} 1.0' in figures
    assert 'article17_outbox_messages{state="parked"} 1.0' in figures
    assert "article17_outbox_lateness_seconds 3.5" in figures


def test_every_metric_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    names = set(re.findall(r"^# TYPE (\w+) (?:counter|gauge)", _figures(), re.MULTILINE))
    names = {name for name in names if not name.endswith("_created")}
    assert names and all(name in page for name in names)
