"""Behind a reverse proxy the service sees its clients, and no client can pass for another."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.portal.access_log import MaskedAccessLogger
from adapters.settings import load_settings
from adapters.wiring import open_system
from adapters.wiring.application import build_application, trust_proxies
from adapters.wiring.proxies import client_behind

Client = TestClient[web.Request, web.Application]

OURS = [ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48")]


@asynccontextmanager
async def behind(folder: Path, trusted: str) -> AsyncIterator[Client]:
    """Serve the whole application on loopback; each client may ask for one dead link in a minute."""
    settings = load_settings(
        {
            "ARTICLE17_MODE": "development",
            "ARTICLE17_DATA_DIR": str(folder),
            "ARTICLE17_TRUSTED_PROXIES": trusted,
            "ARTICLE17_RATE_LIMIT_PER_MINUTE": "1",
        }
    )
    async with open_system(settings, create_tables=True) as system:
        app = build_application(system)
        await trust_proxies(app, system)
        server = TestServer(app)
        await server.start_server(access_log_class=MaskedAccessLogger)
        async with TestClient(server) as client:
            yield client


async def status(client: Client, path: str, *forwarded_for: str) -> int:
    async with client.get(path, headers=[("X-Forwarded-For", line) for line in forwarded_for]) as response:
        return response.status


@pytest.mark.parametrize(
    "forwarded_for",
    [(), ("203.0.113.7",), ("203.0.113.7, 10.0.0.2",), ("203.0.113.7", "198.51.100.1"), ("unknown",), ("",)],
)
async def test_health_is_told_to_whoever_asks_with_or_without_proxies(
    tmp_path: Path, forwarded_for: tuple[str, ...]
) -> None:
    async with behind(tmp_path, "127.0.0.0/8,10.0.0.0/8") as client:
        assert await status(client, "/healthz", *forwarded_for) == 200


async def test_each_client_behind_a_trusted_proxy_has_its_own_limit(tmp_path: Path) -> None:
    async with behind(tmp_path, "127.0.0.0/8,10.0.0.0/8") as client:
        assert await status(client, "/a/dead", "203.0.113.7") == 404
        assert await status(client, "/a/dead", "198.51.100.1, 10.0.0.2") == 404
        assert await status(client, "/a/dead", "192.0.2.99, 203.0.113.7, 10.0.0.2") == 429
        assert await status(client, "/a/dead", "192.0.2.99", "203.0.113.7") == 429
        # What came without the header came from the proxy itself.
        assert await status(client, "/a/dead") == 404


async def test_the_header_of_a_peer_that_is_no_trusted_proxy_is_ignored(tmp_path: Path) -> None:
    async with behind(tmp_path, "10.0.0.0/8") as client:
        assert await status(client, "/a/dead", "203.0.113.7") == 404
        assert await status(client, "/a/dead", "198.51.100.1") == 429


async def test_the_access_log_names_the_client_and_not_the_proxy(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "aiohttp.access"):
        async with behind(tmp_path, "127.0.0.0/8") as client:
            await status(client, "/healthz", "203.0.113.7")
    assert [record.getMessage().split()[0] for record in caplog.records if record.name == "aiohttp.access"] == [
        "203.0.113.7"
    ]


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["2001:db8::5, 2001:db8:1::2"], "2001:db8::5"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["203.0.113.7, nonsense"], "10.0.0.1"),
        ("", ["203.0.113.7"], ""),
    ],
)
def test_the_client_is_the_last_hop_that_is_no_proxy_of_ours(
    peer: str, forwarded_for: Sequence[str], client: str
) -> None:
    assert client_behind(peer, forwarded_for, OURS) == client
