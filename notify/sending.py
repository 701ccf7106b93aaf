"""Tries claimed deliveries by their channels, with no transaction held while sending, and says what came of each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from notify.breaker import EndpointTry, Failure
from notify.delivery import LONGEST_ASKED, DeliveryState, NoticeKind, next_attempt_at
from notify.errors import DeliveryError, FailureKind, clean
from notify.events import DeliveryAccepted, DeliveryDelayed, DeliveryFailed, DeliveryResent, Event, MessageParked
from notify.outbox import Message
from notify.ports import Channel, Ports
from notify.prepared import Prepared
from notify.preparing import Operator, Preparation
from notify.rows import Attempt
from notify.words import ChannelName

UNSAFE_SHARE_OF_LEASE = 1 / 3
"""No send starts in the last third of a lease: its result might not be recorded any more."""

GONE = 410
"""The answer by which an endpoint says that its receiver has left."""


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
    endpoint: EndpointTry | None = None  # what it says of the endpoint that was tried


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
        async with self._ports.database.read(brief=True) as work:
            return await Preparation(work, self._ports, self._operator).prepare(messages)

    async def send(self, prepared: Prepared, lease_ends: Callable[[], float]) -> Outcome | None:
        """Try one delivery; None when the lease is about to end and the message must be left to its next claim.

        `lease_ends` gives that moment as it stands after renewals, on the monotonic clock, so that a process that was
        frozen notices it.
        """
        if prepared.wait_until is not None:
            return Outcome(prepared.message, postponed_to=prepared.wait_until)
        if prepared.dispatch is None:
            return self._nothing_to_send(prepared)

        def may_begin() -> bool:
            return time.monotonic() <= lease_ends() - self._unsafe_seconds

        if not may_begin():
            return None
        started_at, began = self._ports.clock.now(), time.monotonic()
        try:
            dispatch = replace(prepared.dispatch, may_begin=may_begin)
            proof = await self._channels[prepared.delivery.channel].deliver(dispatch)
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
        return Outcome(prepared.message, attempt, [accepted], endpoint=_endpoint_try(prepared, attempt))

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
            number=_number(prepared.message),
            started_at=started_at,
            milliseconds=milliseconds,
            result=result,
            status=status,
            reason=error.reason if error else None,
            answer=clean(error.answer if error else answer)[:20_000] or None,
            destination=destination,
            next_attempt_at=next_at,
            failure=error.kind if error else None,
        )

    def _failed(self, prepared: Prepared, error: DeliveryError, started_at: datetime, milliseconds: int) -> Outcome:
        # A test is tried once: it answers a question of now.
        once = error.permanent or prepared.delivery.kind is NoticeKind.TEST
        asked = self._heeded(prepared, error.retry_after)
        retry_at = None if once else self._retry_at(prepared.message, asked)
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
            contact=delivery.contact,
        )
        endpoint = _endpoint_try(prepared, attempt, error, asked)
        return Outcome(message, attempt, [delayed], retry_at=retry_at, error=error.reason, endpoint=endpoint)

    def _heeded(self, prepared: Prepared, asked: timedelta | None) -> timedelta | None:
        """Say how much of what the other side asked us to wait is kept: never past the next step of the ladder."""
        if asked is None:
            return None
        latest = LONGEST_ASKED
        if prepared.ladder is not None and prepared.dispatch is not None:
            recipient, now = prepared.dispatch.recipient, self._ports.clock.now()
            climbs_at = prepared.ladder.climbs_at(self._ports.calendar_in(recipient.time_zone, recipient.state))
            latest = min(latest, climbs_at - now) if climbs_at is not None and climbs_at > now else latest
        return min(asked, latest)

    def _retry_at(self, message: Message, asked: timedelta | None) -> datetime | None:
        return next_attempt_at(
            first_at=message.first_at,
            now=self._ports.clock.now(),
            attempts=message.attempts + 1,
            asked=asked,
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
        outcome.endpoint = _endpoint_try(prepared, attempt, error)
        mendable = not error.permanent or error.kind is FailureKind.OURS
        if mendable and delivery.kind is not NoticeKind.TEST:
            # Not the recipient's refusal: a person can mend it and free the message.
            outcome.park = error.reason
            outcome.events.append(parked(message, now, f"delivery failed: {error.kind}"))
        return outcome


def _number(message: Message) -> int:
    """Number a try of a delivery; one that was sent again by hand counts on."""
    before = message.event.tries if isinstance(message.event, DeliveryResent) else 0
    return before + message.attempts + 1


def _endpoint_try(
    prepared: Prepared, attempt: Attempt, error: DeliveryError | None = None, asked: timedelta | None = None
) -> EndpointTry | None:
    """Say what a try tells of an endpoint: nothing if it was a mail, was not made, or the fault is ours."""
    url, contact = attempt.destination, prepared.delivery.contact
    if prepared.delivery.channel is not ChannelName.WEBHOOK or url is None or contact is None:
        return None
    if error is None:
        return EndpointTry(contact, url, attempt.started_at)
    if error.kind is FailureKind.OURS:
        return None
    failure = Failure(attempt.started_at, error.reason, gone=error.status == GONE, asked=asked)
    return EndpointTry(contact, url, attempt.started_at, failure)


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
