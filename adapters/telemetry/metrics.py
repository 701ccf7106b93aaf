"""Counts what happens and renders it for Prometheus; documented in docs/metrics.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from notify.events import SERVICE_CHAIN, DeliveryAccepted, DeliveryDelayed, DeliveryFailed, Event, NotificationEscalated

NO_ENDPOINTS: Mapping[str, int] = MappingProxyType({})


class Metrics:
    """The figures of one process; those of the queue are read from the database when they are asked for."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._events = Counter(
            "article17_events", "What happened, by kind of event.", ["kind"], registry=self._registry
        )
        self._attempts = Counter(
            "article17_attempts", "Tries of deliveries.", ["channel", "result"], registry=self._registry
        )
        self._steps = Counter(
            "article17_escalation_steps", "Steps of the ladder that fired.", ["step"], registry=self._registry
        )
        self._messages = Gauge(
            "article17_outbox_messages", "Messages in the outbox, by state.", ["state"], registry=self._registry
        )
        self._endpoints = Gauge(
            "article17_endpoints", "Webhook endpoints that are not well.", ["condition"], registry=self._registry
        )
        self._lateness = Gauge(
            "article17_outbox_lateness_seconds", "How late the most overdue message is.", registry=self._registry
        )

    def observe(self, events: Sequence[Event]) -> None:
        """Count events that were just committed."""
        for event in events:
            self._events.labels(event.kind).inc()
            if event.case_reference == SERVICE_CHAIN:
                continue  # tests of contacts and the service's own mails are no tries of a notification
            if isinstance(event, DeliveryAccepted | DeliveryFailed):
                self._attempts.labels(event.channel, event.state).inc()
            elif isinstance(event, DeliveryDelayed):
                self._attempts.labels(event.channel, "delayed").inc()
            elif isinstance(event, NotificationEscalated):
                self._steps.labels(event.step).inc()

    def render(self, counts: dict[str, int], lateness: float, endpoints: Mapping[str, int] = NO_ENDPOINTS) -> bytes:
        """Render everything as text, with the state of the queue at this moment (lateness in seconds).

        `endpoints` counts the webhook endpoints that are not well, by condition.
        """
        for condition, number in endpoints.items():
            self._endpoints.labels(condition).set(number)
        for state, number in counts.items():
            self._messages.labels(state).set(number)
        self._lateness.set(lateness)
        return generate_latest(self._registry)
