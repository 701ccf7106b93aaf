"""The guarded client against real servers that are slow, broken, greedy or not who they say they are."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.outbound.client import ANSWER_BYTES, Answer, guarded_session, post
from adapters.outbound.guard import read_networks
from notify.errors import DeliveryError, FailureKind

LOOPBACK = read_networks("127.0.0.0/8")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RawHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def receiver(handler: Handler) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_post("/hook", handler)
    async with TestServer(application) as server:
        yield str(server.make_url("/hook"))


@asynccontextmanager
async def raw_receiver(handler: RawHandler) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    finally:
        server.close()
        await server.wait_closed()


async def call(url: str, timeout_seconds: float = 5) -> Answer:
    async with guarded_session(LOOPBACK) as session:
        return await post(session, url, b"{}", {"content-type": "application/json"}, timeout_seconds=timeout_seconds)


async def failure(url: str, timeout_seconds: float = 5) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await call(url, timeout_seconds)
    return caught.value


async def test_the_bytes_and_headers_arrive_as_they_were_given() -> None:
    received: list[tuple[bytes, str]] = []

    async def handler(request: web.Request) -> web.Response:
        received.append((await request.read(), request.headers["x-test"]))
        return web.Response(status=202, text="taken", headers={"Retry-After": "7"})

    body = '{"title":"Ñandú 米"}'.encode()
    async with receiver(handler) as url, guarded_session(LOOPBACK) as session:
        answer = await post(session, url, body, {"x-test": "yes"}, timeout_seconds=5)
    assert received == [(body, "yes")]
    assert (answer.status, answer.text, answer.headers["retry-after"]) == (202, "taken", "7")
    assert timedelta(0) < answer.duration < timedelta(seconds=5)


async def test_a_redirect_is_given_back_and_not_followed() -> None:
    paths: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=307, headers={"Location": "/hook?again"})

    async with receiver(handler) as url:
        answer = await call(url)
    assert answer.status == 307
    assert paths == ["/hook"]


async def test_a_cookie_is_never_sent_back() -> None:
    cookies: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("cookie"))
        return web.Response(headers={"Set-Cookie": "trace=1; Path=/"})

    async with receiver(handler) as url, guarded_session(LOOPBACK) as session:
        for _ in range(2):
            await post(session, url, b"{}", {}, timeout_seconds=5)
    assert cookies == [None, None]


async def test_the_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")

    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    async with receiver(handler) as url:
        assert (await call(url)).status == 200


async def test_an_answer_that_drips_is_cut_off_by_the_total_time_limit() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while request.transport is not None and not request.transport.is_closing():
            await answer.write(b".")
            await asyncio.sleep(0.01)
        return answer

    async with receiver(handler) as url:
        error = await failure(url, timeout_seconds=0.2)
    assert "0.2 seconds" in error.reason
    assert (error.permanent, error.kind) == (False, FailureKind.TEMPORARY)


async def test_a_long_answer_is_read_only_as_far_as_it_is_kept() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 5_000_000)

    async with receiver(handler) as url:
        answer = await call(url)
    assert answer.body == b"x" * ANSWER_BYTES


async def test_a_compressed_answer_is_not_unpacked() -> None:
    packed = gzip.compress(bytes(30_000_000))

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    async with receiver(handler) as url:
        answer = await call(url)
    assert answer.body == packed[:ANSWER_BYTES]


def test_an_answer_with_nul_and_broken_utf_8_becomes_text_that_a_database_can_store() -> None:
    assert Answer(200, {}, b"a\x00b\xffc", timedelta(0)).text == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "closed without an answer"),
        (b"220 mail.example ESMTP\r\n\r\n", "not complete and valid"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "not complete and valid"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "not complete and valid"),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n", "not complete and valid"),
    ],
)
async def test_a_broken_answer_is_a_temporary_failure(answer: bytes, reason: str) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    async with raw_receiver(handler) as url:
        error = await failure(url)
    assert reason in error.reason
    assert not error.permanent


async def test_a_closed_port_is_a_temporary_failure() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = await failure(f"http://127.0.0.1:{unused.getsockname()[1]}/hook?token=hidden")
    assert error.reason == "no connection could be made"
    assert not error.permanent


@pytest.mark.parametrize("url", ["not a url", "ftp://127.0.0.1/", "http://127.0.0.1:99999/", "http://"])
async def test_a_url_that_cannot_be_called_fails_for_good(url: str) -> None:
    assert (await failure(url)).permanent


async def test_a_header_with_a_line_break_is_not_sent() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    async with receiver(handler) as url, guarded_session(LOOPBACK) as session:
        with pytest.raises(DeliveryError) as caught:
            await post(session, url, b"{}", {"x-test": "a\r\nx-other: b"}, timeout_seconds=5)
    assert caught.value.permanent


async def test_https_to_a_server_that_speaks_plain_http_is_refused() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    async with receiver(handler) as url:
        error = await failure(url.replace("http://", "https://"))
    assert "TLS" in error.reason
