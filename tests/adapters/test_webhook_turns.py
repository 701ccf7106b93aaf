"""A slow receiver holds up only the deliveries to itself."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from adapters.outbound.guard import read_networks
from adapters.webhook.channel import WebhookChannel
from adapters.webhook.signing import new_secret, new_signing_key
from adapters.webhook.turns import Turns
from notify.errors import DeliveryError, FailureKind

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOOPBACK = read_networks("127.0.0.0/8")


@asynccontextmanager
async def receiver(handler: Handler, host: str) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_post("/hook", handler)
    async with TestServer(application) as server:
        yield f"http://{host}:{server.port}/hook"


class LoopbackNames(AbstractResolver):
    """A name server that finds every name on loopback."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return None


class Crowd:
    """A receiver that counts how many requests it holds, and answers when it is told to."""

    def __init__(self, expected: int) -> None:
        self.present = self.most = self.served = 0
        self.full = asyncio.Event()
        self.leave = asyncio.Event()
        self._expected = expected

    async def handle(self, request: web.Request) -> web.Response:
        self.present += 1
        self.served += 1
        self.most = max(self.most, self.present)
        if self.present == self._expected:
            self.full.set()
        await self.leave.wait()
        self.present -= 1
        return await echo(request)


async def echo(request: web.Request) -> web.Response:
    document = json.loads(await request.read())
    return web.json_response({"challenge": document["data"]["challenge"]})


async def test_one_host_gets_only_a_few_requests_at_a_time_and_delays_no_other() -> None:
    crowd, secret = Crowd(expected=2), new_secret()
    channel = WebhookChannel(
        signing_keys=[new_signing_key()], allowed_networks=LOOPBACK, per_host=2, resolver=LoopbackNames()
    )
    await channel.open()
    async with receiver(crowd.handle, "slow.example") as slow, receiver(echo, "other.example") as other:
        async with asyncio.TaskGroup() as sending:
            for _ in range(6):
                sending.create_task(channel.challenge(slow, secret))
            await crowd.full.wait()
            await channel.challenge(other, secret)
            assert crowd.served == 2
            crowd.leave.set()
        await channel.close()
    assert (crowd.served, crowd.most) == (6, 2)


async def test_a_wait_that_is_too_long_fails_for_now_and_leaves_nothing_behind() -> None:
    turns = Turns(per_host=1)
    async with turns.turn("receiver.example", 1):
        with pytest.raises(DeliveryError, match="still under way") as caught:
            async with turns.turn("receiver.example", 0.01):
                pytest.fail("the turn was taken")
        assert len(turns) == 1
    assert caught.value.kind is FailureKind.TEMPORARY
    assert len(turns) == 0


async def test_a_turn_is_given_back_when_the_delivery_fails() -> None:
    turns = Turns(per_host=1)
    for _ in range(2):
        with pytest.raises(DeliveryError, match="out of order"):
            async with turns.turn("receiver.example", 1):
                raise DeliveryError("out of order")
    assert len(turns) == 0
