"""Tries claimed deliveries by their channels, with no transaction held while sending, and says what came of each."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from notify.delivery import DeliveryState, NoticeKind, next_attempt_at
from notify.errors import DeliveryError, FailureKind, clean
from notify.events import DeliveryAccepted, DeliveryDelayed, DeliveryFailed, Event, MessageParked
from notify.outbox import Message
from notify.ports import Channel, Ports
from notify.preparing import Operator, Preparation, Prepared
from notify.rows import Attempt
from notify.words import ChannelName

UNSAFE_SHARE_OF_LEASE = 1 / 3
"""No send starts in the last third of a lease: its result might not be recorded any more."""


@dataclass(slots=True)
class Outcome:
    """What came of one claimed message, to be recorded."""

    message: Message
    attempt: Attempt | None = None
    events: list[Event] = field(default_factory=list)
    retry_at: datetime | None = None
    park: str | None = None  # why it is laid aside
    postponed_to: datetime | None = None  # its receiver is busy with us: not tried at all
    error: str = ""


class Sender:
    """Tries deliveries by their channels, once each."""

    def __init__(
        self, ports: Ports, channels: Mapping[ChannelName, Channel], operator: Operator, *, lease: float = 60.0
    ) -> None:
        self._unsafe_seconds = lease * UNSAFE_SHARE_OF_LEASE
        self._ports = ports
        self._channels = channels
        self._operator = operator

    async def prepare(self, messages: Sequence[Message]) -> list[Prepared]:
        """Read and build what the messages send."""
        async with self._ports.database.read() as work:
            return await Preparation(work, self._ports, self._operator).prepare(messages)

    async def send(self, prepared: Prepared, lease_ends: float) -> Outcome | None:
        """Try one delivery; None when the lease is about to end and the message must be left to its next claim.

        `lease_ends` is on the monotonic clock, so that a process that was frozen notices it.
        """
        if prepared.dispatch is None:
            return self._nothing_to_send(prepared)
        if time.monotonic() > lease_ends - self._unsafe_seconds:
            return None
        started_at, began = self._ports.clock.now(), time.monotonic()
        try:
            proof = await self._channels[prepared.delivery.channel].deliver(prepared.dispatch)
        except DeliveryError as error:
            return self._failed(prepared, error, started_at, _milliseconds_since(began))
        attempt = self._attempt(
            prepared, started_at, _milliseconds_since(began), proof.state, proof.status, answer=proof.answer
        )
        accepted = DeliveryAccepted(
            case_reference=prepared.message.case_reference,
            at=self._ports.clock.now(),
            delivery_id=prepared.delivery.id,
            channel=prepared.delivery.channel,
            state=proof.state,
            attempt=attempt.number,
            status=proof.status,
            notification_id=prepared.delivery.notification_id,
        )
        return Outcome(prepared.message, attempt, [accepted])

    def _nothing_to_send(self, prepared: Prepared) -> Outcome:
        if not prepared.gone:
            return Outcome(prepared.message)
        error = DeliveryError(prepared.gone, permanent=True)
        return self._failed(prepared, error, self._ports.clock.now(), 0)

    def _attempt(
        self,
        prepared: Prepared,
        started_at: datetime,
        milliseconds: int,
        result: DeliveryState,
        status: int | None,
        error: DeliveryError | None = None,
        next_at: datetime | None = None,
        answer: str = "",
    ) -> Attempt:
        dispatch = prepared.dispatch
        destination = None
        if dispatch is not None:
            by_mail = prepared.delivery.channel is ChannelName.EMAIL
            destination = dispatch.recipient.email if by_mail else dispatch.recipient.webhook_url
        return Attempt(
            delivery_id=prepared.delivery.id,
            number=prepared.message.attempts + 1,
            started_at=started_at,
            milliseconds=milliseconds,
            result=result,
            status=status,
            reason=error.reason if error else None,
            answer=clean(error.answer if error else answer)[:20_000] or None,
            destination=destination,
            next_attempt_at=next_at,
        )

    def _failed(self, prepared: Prepared, error: DeliveryError, started_at: datetime, milliseconds: int) -> Outcome:
        # A test is tried once: it answers a question of now.
        once = error.permanent or prepared.delivery.kind is NoticeKind.TEST
        retry_at = None if once else self._retry_at(prepared.message, error)
        if retry_at is None:
            return self._ended(prepared, error, started_at, milliseconds)
        message, delivery = prepared.message, prepared.delivery
        attempt = self._attempt(
            prepared, started_at, milliseconds, DeliveryState.DELAYED, error.status, error, retry_at
        )
        delayed = DeliveryDelayed(
            case_reference=message.case_reference,
            at=self._ports.clock.now(),
            delivery_id=delivery.id,
            channel=delivery.channel,
            attempt=attempt.number,
            failure=error.kind,
            next_attempt_at=retry_at,
            status=error.status,
            notification_id=delivery.notification_id,
        )
        return Outcome(message, attempt, [delayed], retry_at=retry_at, error=error.reason)

    def _retry_at(self, message: Message, error: DeliveryError) -> datetime | None:
        return next_attempt_at(
            first_at=message.first_at,
            now=self._ports.clock.now(),
            attempts=message.attempts + 1,
            asked=error.retry_after,
            jitter=random.random(),  # noqa: S311 — spreads retries, keeps no secret
        )

    def _ended(self, prepared: Prepared, error: DeliveryError, started_at: datetime, milliseconds: int) -> Outcome:
        message, delivery, now = prepared.message, prepared.delivery, self._ports.clock.now()
        refused = error.permanent and error.kind is FailureKind.RECIPIENT and error.status is not None
        state = DeliveryState.BOUNCED if refused else DeliveryState.FAILED
        attempt = self._attempt(prepared, started_at, milliseconds, state, error.status, error)
        failed = DeliveryFailed(
            case_reference=message.case_reference,
            at=now,
            urgent=message.event.urgent,
            delivery_id=delivery.id,
            channel=delivery.channel,
            state=state,
            attempt=attempt.number,
            failure=error.kind,
            status=error.status,
            notification_id=delivery.notification_id,
            contact=delivery.contact,
        )
        outcome = Outcome(message, attempt, [failed], error=error.reason)
        mendable = not error.permanent or error.kind is FailureKind.OURS
        if mendable and delivery.kind is not NoticeKind.TEST:
            # Not the recipient's refusal: a person can mend it and free the message.
            outcome.park = error.reason
            outcome.events.append(parked(message, now, f"delivery failed: {error.kind}"))
        return outcome


def parked(message: Message, now: datetime, error: str) -> MessageParked:
    """Say that a message was laid aside."""
    return MessageParked(
        case_reference=message.case_reference,
        at=now,
        outbox_id=message.id,
        handler=message.handler,
        error=error,
    )


def _milliseconds_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
