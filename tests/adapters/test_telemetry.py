"""Tries the metrics and the log: what is counted, that each figure is documented, and what the log never says."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from adapters.telemetry.logs import configure_logs
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
            DeliveryDelayed(**CASE, **delivery, failure="temporary", next_attempt_at=NOW),
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


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """Put the logging of the process back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    noisy = {name: logging.getLogger(name).level for name in ("apscheduler", "aiosqlite", "alembic", "mail.log")}
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in noisy.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def _fail(number: int) -> None:
    token = "a17_" + "x7Kq" * number
    raise ValueError(f"this failed {len(token)} times")


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "text"])
@pytest.mark.parametrize("logger", ["standard", "structured"])
def test_a_traceback_in_the_log_shows_no_local_variable(
    as_json: bool, logger: str, root_logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(as_json=as_json)
    log = logging.getLogger("article17.test") if logger == "standard" else structlog.get_logger("article17.test")
    try:
        _fail(8)
    except ValueError:
        log.exception("it did not work")
    written = capsys.readouterr().err
    assert "it did not work" in written
    assert "this failed 36 times" in written
    assert "_fail" in written
    assert "x7Kq" * 4 not in written
