"""No connection is opened to a denied address: literals, names and mixtures are really dialled here."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.outbound.client import AddressRefused, guarded_session, post, socket_guard
from adapters.outbound.guard import read_networks
from notify.errors import DeliveryError
from tests.adapters.test_outbound_guard import DENIED, PUBLIC

LOOPBACK = read_networks("127.0.0.0/8")


@asynccontextmanager
async def listener() -> AsyncIterator[tuple[int, list[str]]]:
    """Listen on loopback; the list gets a line for each connection that was really made."""
    connections: list[str] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append("connected")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], connections
    finally:
        server.close()
        await server.wait_closed()


class Names(AbstractResolver):
    """A name server of ours, for names that the world does not know."""

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = []
        for address in self._addresses[host]:
            kind = socket.AF_INET6 if ":" in address else socket.AF_INET
            found.append(ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0))
        return found

    async def close(self) -> None:
        return None


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:0:7f00:1]",
        "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
        "0x7f.1",
        "0x7f000001",
        "127.1",
        "0177.0.0.1",
        "2130706433",
    ],
)
async def test_no_spelling_of_loopback_is_dialled(host: str) -> None:
    async with listener() as (port, connections), guarded_session(()) as session:
        with pytest.raises(DeliveryError) as refusal:
            await post(session, f"http://{host}:{port}/", b"{}", {}, timeout_seconds=5)
    assert refusal.value.permanent
    assert connections == []


@pytest.mark.parametrize("address", DENIED)
async def test_no_denied_address_is_dialled_whether_it_is_written_or_looked_up(address: str) -> None:
    literal = address.partition("%")[0]
    host = f"[{literal}]" if ":" in literal else literal
    names = Names({"receiver.example": [literal]})
    async with guarded_session((), resolver=names) as session:
        for called in (host, "receiver.example"):
            with pytest.raises(DeliveryError, match="must not call") as refusal:
                await post(session, f"https://{called}/", b"{}", {}, timeout_seconds=5)
            assert refusal.value.permanent


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_gets_its_socket_for_https_and_for_nothing_else(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    where: tuple[str, int] | tuple[str, int, int, int] = (address, 443, 0, 0) if ":" in address else (address, 443)
    open_socket = socket_guard(())
    open_socket((family, socket.SOCK_STREAM, 0, "", where)).close()
    with pytest.raises(AddressRefused):
        open_socket((family, socket.SOCK_STREAM, 0, "", (address, 22)))


async def test_loopback_is_dialled_when_it_is_allowed() -> None:
    async with listener() as (port, connections), guarded_session(LOOPBACK) as session:
        answer = await post(session, f"http://127.0.0.1:{port}/", b"{}", {}, timeout_seconds=5)
    assert answer.status == 204
    assert connections == ["connected"]


@pytest.mark.parametrize(
    ("addresses", "url"),
    [
        (["127.0.0.1", "10.0.0.1"], "http://receiver.example:{port}/"),
        (["127.0.0.1", "::1"], "http://receiver.example:{port}/"),
        (["8.8.8.8", "127.0.0.1"], "http://receiver.example:{port}/"),
        (["8.8.8.8"], "http://receiver.example/"),
        (["8.8.8.8"], "https://receiver.example:9000/"),
    ],
)
async def test_a_name_with_any_denied_address_is_refused_as_a_whole(addresses: list[str], url: str) -> None:
    names = Names({"receiver.example": addresses})
    async with listener() as (port, connections), guarded_session(LOOPBACK, resolver=names) as session:
        with pytest.raises(DeliveryError, match="must not call") as refusal:
            await post(session, url.format(port=port), b"{}", {}, timeout_seconds=5)
    assert refusal.value.permanent
    assert connections == []


async def test_a_name_with_allowed_addresses_only_is_dialled() -> None:
    names = Names({"receiver.example": ["127.0.0.1", "127.0.0.2"]})
    async with listener() as (port, connections), guarded_session(LOOPBACK, resolver=names) as session:
        await post(session, f"http://receiver.example:{port}/", b"{}", {}, timeout_seconds=5)
    assert connections == ["connected"]
