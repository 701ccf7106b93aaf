"""Endpoints that ask who calls: the service shows its certificate to the hosts that the operator names."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.outbound.client import tls_context
from adapters.webhook.certificates import InvalidCertificates, host_of, read_client_certificates
from adapters.webhook.channel import WebhookChannel
from notify.errors import DeliveryError
from tests.adapters.test_outbound_tls import LOOPBACK, Authority, Names
from tests.adapters.test_webhook_channel import KEY, dispatch

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def certificate_files(folder: Path, authority: Authority, host: str = "ministry.example") -> Path:
    """Make a client certificate for one host, and the file that names it."""
    (folder / "client").mkdir(exist_ok=True)
    authority.server_context(folder / "client", "article17.example", TOMORROW)
    names = {host: {"certificate": "client/server.pem", "key": "client/server.pem"}}
    (folder / "certificates.json").write_text(json.dumps(names), encoding="utf-8")
    return folder / "certificates.json"


@asynccontextmanager
async def asking_server(folder: Path, authority: Authority) -> AsyncIterator[tuple[str, list[Any]]]:
    """Serve only those who show a certificate of this authority; the list gets what they showed."""
    shown: list[Any] = []

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        shown.append(request.transport.get_extra_info("peercert"))
        return web.Response(status=204)

    context = authority.server_context(folder, "ministry.example", TOMORROW)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority.pem)
    application = web.Application()
    application.router.add_post("/hook", handler)
    server = TestServer(application)
    await server.start_server(ssl=context)
    try:
        yield f"https://ministry.example:{server.port}/hook", shown
    finally:
        await server.close()


async def status_of(url: str, authority: Authority, certificates: dict[str, ssl.SSLContext]) -> int:
    channel = WebhookChannel(
        signing_keys=[KEY],
        allowed_networks=LOOPBACK,
        ssl_context=tls_context(authority.pem),
        resolver=Names(),
        client_certificates=certificates,
    )
    await channel.open()
    try:
        return (await channel.deliver(dispatch(url))).status
    finally:
        await channel.close()


async def test_a_host_that_asks_for_a_certificate_is_shown_ours(tmp_path: Path) -> None:
    authority = Authority()
    certificates = read_client_certificates(certificate_files(tmp_path, authority), authorities=authority.pem)
    async with asking_server(tmp_path, authority) as (url, shown):
        assert await status_of(url, authority, certificates) == 204
    assert (("commonName", "article17.example"),) in shown[0]["subject"]


async def test_without_a_certificate_for_that_host_nothing_is_delivered_and_it_is_tried_again(tmp_path: Path) -> None:
    authority = Authority()
    other = certificate_files(tmp_path, authority, host="elsewhere.example")
    certificates = read_client_certificates(other, authorities=authority.pem)
    async with asking_server(tmp_path, authority) as (url, shown):
        with pytest.raises(DeliveryError) as caught:
            await status_of(url, authority, certificates)
    assert not caught.value.permanent
    assert shown == []


async def test_a_certificate_of_ours_changes_nothing_in_how_the_other_side_is_verified(tmp_path: Path) -> None:
    authority = Authority()
    certificates = read_client_certificates(certificate_files(tmp_path, authority), authorities=Authority().pem)
    async with asking_server(tmp_path, authority) as (url, shown):
        with pytest.raises(DeliveryError, match="not trusted"):
            await status_of(url, authority, certificates)
    assert shown == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ("[]", "one JSON object"),
        ('{"ministry.example": "client.pem"}', "ministry.example must be"),
        ('{"ministry.example": {"certificate": "a.pem"}}', "ministry.example must be"),
        ('{"ministry.example": {"certificate": "a.pem", "key": 1}}', "ministry.example must be"),
        ('{"ministry.example": {"certificate": "none.pem", "key": "none.pem"}}', "of ministry.example cannot be used"),
        ('{"https://ministry.example": {"certificate": "a.pem", "key": "a.pem"}}', "no host name"),
        ('{"ministry.example:8443": {"certificate": "a.pem", "key": "a.pem"}}', "no host name"),
        ('{"": {"certificate": "a.pem", "key": "a.pem"}}', "no host name"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "certificates.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidCertificates, match=reason):
        read_client_certificates(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidCertificates, match="FileNotFoundError"):
        read_client_certificates(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Ministry.Example/hook", "ministry.example"),
        ("https://ministry.example.:8443/", "ministry.example"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://[::1/", ""),
        ("no url", ""),
    ],
)
def test_hosts_are_compared_as_the_dns_sees_them(url: str, host: str) -> None:
    assert host_of(url) == host
