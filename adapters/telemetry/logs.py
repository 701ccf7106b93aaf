"""Writes the log to stderr: one line per event with its case, State and delivery; no addresses, no secrets."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

import structlog

from notify.events import Event

_events = structlog.get_logger("article17.events")


def configure_logs(*, as_json: bool, level: int = logging.INFO) -> None:
    """Send all logging of the process through one renderer."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Both renderers would print the local variables of every frame, and these hold tokens and addresses.
    without_locals = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    final: list[structlog.typing.Processor] = (
        [
            structlog.processors.ExceptionRenderer(without_locals),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("apscheduler", "aiosqlite", "alembic", "mail.log"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def log_events(events: Sequence[Event]) -> None:
    """Write events that were just committed; they hold ids and codes, no personal data."""
    for event in events:
        _events.info(event.kind, case=event.case_reference, **event.body())
