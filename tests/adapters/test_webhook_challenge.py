"""An endpoint gets cases only after it has echoed a signed challenge."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.outbound.guard import read_networks
from adapters.webhook.channel import WebhookChannel
from adapters.webhook.signing import new_secret, new_signing_key, verify
from notify.errors import DeliveryError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SECRET = new_secret()
KEY = new_signing_key()
NOW = 1_800_000_000.0


@asynccontextmanager
async def receiver(handler: Handler) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_post("/hook", handler)
    async with TestServer(application) as server:
        yield str(server.make_url("/hook"))


@asynccontextmanager
async def channel_at_loopback() -> AsyncIterator[WebhookChannel]:
    loopback = read_networks("127.0.0.0/8")
    channel = WebhookChannel(signing_keys=[KEY], allowed_networks=loopback, clock=lambda: NOW)
    await channel.open()
    try:
        yield channel
    finally:
        await channel.close()


def answering(status: int, text: str = "") -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    return handler


def echoing(change: Callable[[str], Any]) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        body = await request.read()
        verify(request.headers, body, now=NOW, secrets=[SECRET])
        document = json.loads(body)
        assert document["type"] == "endpoint.test"
        return web.json_response(change(document["data"]["challenge"]))

    return handler


async def test_an_endpoint_that_echoes_the_challenge_is_proved() -> None:
    echoed: list[str] = []

    def echo(challenge: str) -> dict[str, str]:
        echoed.append(challenge)
        return {"challenge": challenge}

    async with receiver(echoing(echo)) as url, channel_at_loopback() as channel:
        await channel.challenge(url, [SECRET])
        await channel.challenge(url, [SECRET])
    assert len(set(echoed)) == 2, "each challenge is new"


@pytest.mark.parametrize(
    "change",
    [
        lambda challenge: {"challenge": challenge + "x"},
        lambda challenge: {"challenge": ""},
        lambda challenge: {"challenge": 1},
        lambda challenge: {"challenge": "\u20ac"},
        lambda challenge: {"other": challenge},
        lambda challenge: challenge,
        lambda challenge: [challenge],
    ],
)
async def test_anything_but_the_echo_proves_nothing(change: Callable[[str], Any]) -> None:
    async with receiver(echoing(change)) as url, channel_at_loopback() as channel:
        with pytest.raises(DeliveryError, match="challenge") as caught:
            await channel.challenge(url, [SECRET])
    assert (caught.value.permanent, caught.value.status) == (True, 200)


@pytest.mark.parametrize("text", ["", "ok", "{", "[" * 19_000])
async def test_an_answer_that_is_no_json_proves_nothing(text: str) -> None:
    async with receiver(answering(200, text)) as url, channel_at_loopback() as channel:
        with pytest.raises(DeliveryError, match="challenge") as caught:
            await channel.challenge(url, [SECRET])
    assert caught.value.answer == text


async def test_a_challenge_that_is_refused_says_so() -> None:
    async with receiver(answering(403)) as url, channel_at_loopback() as channel:
        with pytest.raises(DeliveryError) as caught:
            await channel.challenge(url, [SECRET])
    assert caught.value.status == 403
