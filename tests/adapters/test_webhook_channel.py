"""The webhook channel against real receivers: what it sends, and what it makes of each answer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import standardwebhooks
import svix.webhooks
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.outbound.guard import Networks, read_networks
from adapters.webhook.channel import WebhookChannel
from adapters.webhook.signing import SignatureError, new_secret, new_signing_key, verify, write_secret
from notify.delivery import DeliveryState, Dispatch, Notice, NoticeKind, Proof, Recipient
from notify.errors import DeliveryError, FailureKind
from notify.words import Audience, ChannelName, DeliveryId

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SECRET = new_secret()
KEY = new_signing_key()
LOOPBACK = read_networks("127.0.0.0/8")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NOTICE = Notice(
    key="test",
    kind=NoticeKind.TEST,
    language="en",
    audience=Audience.PUBLIC,
    case_reference=None,
    exercise=False,
    sequence=1,
    severity=None,
    severity_reason=None,
    notification_class=None,
    title={"en": "Rice 米"},
    original_language="en",
    reporting_state=None,
    authority="",
    submitted_at=NOW,
    report={},
    withheld=(),
    case_url="",
    log_head="",
    details={},
)
RECIPIENT = Recipient(
    contact_id=None,
    office="",
    email="",
    language="en",
    time_zone="UTC",
    state=None,
    organization=None,
    roles=(),
    reason=None,
    status="affected",
    due_at=None,
    acknowledge_url=None,
    given_in_confidence=False,
)


@asynccontextmanager
async def receiver(handler: Handler) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_post("/hook", handler)
    async with TestServer(application) as server:
        yield str(server.make_url("/hook"))


@asynccontextmanager
async def channel_at(
    clock: Callable[[], float] = NOW.timestamp,
    *,
    allowed: Networks = LOOPBACK,
    timeout_seconds: float = 5,
) -> AsyncIterator[WebhookChannel]:
    channel = WebhookChannel(
        signing_keys=[KEY],
        allowed_networks=allowed,
        timeout_seconds=timeout_seconds,
        clock=clock,
    )
    await channel.open()
    try:
        yield channel
    finally:
        await channel.close()


def dispatch(url: str | None, secret: bytes | None = SECRET, delivery: str = "d1", attempt: int = 1) -> Dispatch:
    return Dispatch(
        delivery_id=DeliveryId(delivery),
        notification_id=None,
        channel=ChannelName.WEBHOOK,
        attempt=attempt,
        urgent=True,
        notice=NOTICE,
        recipient=replace(RECIPIENT, webhook_url=url, webhook_secrets=(secret,) if secret else ()),
        thread=(),
        occurred_at=NOW,
    )


def answering(status: int, headers: dict[str, str] | None = None, text: str = "") -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, headers=headers, text=text or None)

    return handler


async def proof(status: int, text: str = "") -> Proof:
    async with receiver(answering(status, text=text)) as url, channel_at() as channel:
        return await channel.deliver(dispatch(url))


async def failure(status: int, headers: dict[str, str] | None = None, text: str = "") -> DeliveryError:
    async with receiver(answering(status, headers, text)) as url, channel_at() as channel:
        with pytest.raises(DeliveryError) as caught:
            await channel.deliver(dispatch(url))
    return caught.value


async def test_every_request_is_signed_both_ways_over_the_bytes_that_arrive() -> None:
    received: list[tuple[dict[str, str], bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        received.append((dict(request.headers), await request.read()))
        return web.Response()

    async with receiver(handler) as url, channel_at(time.time) as channel:
        await channel.deliver(dispatch(url))
    headers, body = received[0]
    verify(headers, body, now=time.time(), secrets=[SECRET])
    verify(headers, body, now=time.time(), keys=[KEY.public_key()])
    with pytest.raises(SignatureError):
        verify(headers, body, now=time.time(), secrets=[new_secret()], keys=[new_signing_key().public_key()])
    lower = {name.lower(): value for name, value in headers.items()}
    standardwebhooks.Webhook(write_secret(SECRET)).verify(body, lower)
    svix.webhooks.Webhook(write_secret(SECRET)).verify(body, lower)
    assert lower["content-type"] == "application/json"
    assert json.loads(body)["data"]["title"] == {"en": "Rice 米"}


async def test_a_second_attempt_has_the_same_id_and_body_and_a_new_timestamp() -> None:
    received: list[tuple[str, str, bytes]] = []
    seconds = iter(range(1_800_000_000, 1_800_001_000))

    async def handler(request: web.Request) -> web.Response:
        received.append((request.headers["webhook-id"], request.headers["webhook-timestamp"], await request.read()))
        return web.Response()

    async with receiver(handler) as url, channel_at(lambda: next(seconds) + 0.7) as channel:
        await channel.deliver(dispatch(url, attempt=1))
        await channel.deliver(dispatch(url, attempt=2))
    (first_id, first_time, first_body), (second_id, second_time, second_body) = received
    assert first_id == second_id == "d1"
    assert first_body == second_body
    assert int(second_time) > int(first_time) >= 1_800_000_000


async def test_an_endpoint_without_a_secret_still_gets_the_service_signature() -> None:
    signatures: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        signatures.append(request.headers["webhook-signature"])
        return web.Response()

    async with receiver(handler) as url, channel_at() as channel:
        await channel.deliver(dispatch(url, secret=None))
    assert [part[:4] for part in signatures[0].split(" ")] == ["v1a,"]


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_any_2xx_is_proof_of_delivery(status: int) -> None:
    assert await proof(status) == Proof(DeliveryState.DELIVERED, status, "")


async def test_the_answer_is_kept_with_the_proof_as_text_that_can_be_stored() -> None:
    assert (await proof(200, "taken\x00")).answer == "taken\ufffd"


@pytest.mark.parametrize(
    ("status", "permanent", "kind"),
    [
        (301, True, FailureKind.RECIPIENT),
        (307, False, FailureKind.TEMPORARY),
        (404, True, FailureKind.RECIPIENT),
        (410, True, FailureKind.RECIPIENT),
        (415, True, FailureKind.OURS),
        (429, False, FailureKind.TEMPORARY),
        (500, False, FailureKind.TEMPORARY),
        (503, False, FailureKind.TEMPORARY),
    ],
)
async def test_each_other_status_says_whose_problem_it_is(status: int, permanent: bool, kind: FailureKind) -> None:
    error = await failure(status, {"Location": "http://127.0.0.1:9/"}, "why")
    assert (error.status, error.permanent, error.kind, error.answer) == (status, permanent, kind, "why")


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), timedelta(minutes=5)),
        ("soon", None),
    ],
)
async def test_a_busy_receiver_says_when_to_come_back(value: str, wait: timedelta | None) -> None:
    assert (await failure(429, {"Retry-After": value})).retry_after == wait


async def test_a_receiver_that_never_answers_fails_within_the_time_limit() -> None:
    never = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    async with receiver(handler) as url, channel_at(timeout_seconds=0.2) as channel:
        with pytest.raises(DeliveryError, match=r"0\.2 seconds") as caught:
            await channel.deliver(dispatch(url))
        never.set()
    assert caught.value.kind is FailureKind.TEMPORARY


async def test_a_private_receiver_is_refused_unless_its_network_is_allowed() -> None:
    received: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        received.append(request.path)
        return web.Response()

    async with receiver(handler) as url, channel_at(allowed=()) as channel:
        for refused in (url, url.replace("http://", "https://"), url.replace("127.0.0.1", "localhost")):
            with pytest.raises(DeliveryError) as caught:
                await channel.deliver(dispatch(refused))
            assert caught.value.permanent
    assert received == []


async def test_an_address_with_a_password_in_it_is_not_called() -> None:
    async with receiver(answering(200)) as url, channel_at() as channel:
        with pytest.raises(DeliveryError, match="user name or password") as caught:
            await channel.deliver(dispatch(url.replace("//", "//user:word@")))
    assert caught.value.permanent


async def test_a_redirect_to_a_private_address_is_not_followed() -> None:
    received: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        received.append(request.method)
        return web.Response(status=302, headers={"Location": str(request.url)})

    async with receiver(handler) as url, channel_at() as channel:
        with pytest.raises(DeliveryError, match="not followed"):
            await channel.deliver(dispatch(url))
    assert received == ["POST"]


async def test_a_contact_without_webhook_and_a_service_without_keys_fail_for_good() -> None:
    channel = WebhookChannel(signing_keys=[], allowed_networks=LOOPBACK)
    await channel.open()
    with pytest.raises(DeliveryError) as no_address:
        await channel.deliver(dispatch(None))
    with pytest.raises(DeliveryError) as no_key:
        await channel.deliver(dispatch("http://127.0.0.1:9/hook", secret=None))
    await channel.close()
    assert (no_address.value.permanent, no_address.value.kind) == (True, FailureKind.RECIPIENT)
    assert (no_key.value.permanent, no_key.value.kind) == (True, FailureKind.OURS)


async def test_a_channel_that_is_not_open_does_not_deliver() -> None:
    with pytest.raises(RuntimeError, match="not open"):
        await WebhookChannel(signing_keys=[KEY], allowed_networks=LOOPBACK).deliver(dispatch("http://127.0.0.1/"))
