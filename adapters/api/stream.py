"""Streams events to a reader as they happen (server-sent events), from any point of the log on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web
from aiohttp_sse import EventSourceResponse

from adapters.api.parameters import last_position
from adapters.api.problems import STREAM
from adapters.api.route import Call
from notify.service.feed import feed_position, read_feed

RECONNECT_AFTER = 2000
"""Milliseconds after which a client that lost us asks again."""


async def stream_events(call: Call) -> web.StreamResponse:
    """Stream the events of the cases that the account may read."""
    resumed = last_position(call.request)
    position = await feed_position(call.account, call.ports) if resumed is None else resumed
    stream = EventSourceResponse(ping_interval=call.options.stream_ping)
    await stream.prepare(call.request)
    call.request[STREAM] = stream
    async with stream:
        try:
            # The first event carries the position, so that nothing is missed by who is cut off before the second.
            await stream.send("{}", id=str(position), event="ready", retry=RECONNECT_AFTER)
            await _follow(stream, position, call)
        except ConnectionResetError:
            return stream
    return stream


async def _follow(stream: EventSourceResponse, position: int, call: Call) -> None:
    closing = call.options.closing
    while stream.is_connected() and not closing.is_set():
        batch = await read_feed(position, call.account, call.ports)
        for event in batch.events:
            await stream.send(_text(event), id=str(event["position"]), event=event["event"])
        if batch.position == position:
            await _rest(closing, call.options.stream_poll)
        position = batch.position


def _text(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False)


async def _rest(closing: asyncio.Event, seconds: float) -> None:
    """Wait a moment, or until the service stops."""
    try:
        async with asyncio.timeout(seconds):
            await closing.wait()
    except TimeoutError:
        return
