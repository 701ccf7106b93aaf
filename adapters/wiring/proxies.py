"""Believes the reverse proxies that the settings name, and nobody else, when they say who asks."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from adapters.portal.access_log import CLIENT

Networks = Sequence[IPv4Network | IPv6Network]


def proxy_middleware(trusted: Networks) -> Middleware:
    """Make the middleware that gives each request the address of its client, for limits and the access log."""

    @web.middleware
    async def find_client(request: web.Request, handler: Handler) -> web.StreamResponse:
        client = client_behind(request.remote or "", request.headers.getall(hdrs.X_FORWARDED_FOR, []), trusted)
        if client != request.remote:
            request[CLIENT] = client
            request = request.clone(remote=client)
        return await handler(request)

    return find_client


def client_behind(peer: str, forwarded_for: Sequence[str], trusted: Networks) -> str:
    """Say whose request it is: the last hop of X-Forwarded-For that is none of our proxies, else the peer.

    Each proxy adds at the end who asked it. So only what stands after the first hop that we do not trust, read from
    the end, was written by our own proxies; anything before it may have been invented by the client.
    """
    client = peer
    hops = [hop.strip() for line in forwarded_for for hop in line.split(",")]
    while _is_trusted(client, trusted) and hops:
        address = _address(hops.pop())
        if address is None:
            break
        client = str(address)
    return client


def _is_trusted(text: str, trusted: Networks) -> bool:
    address = _address(text)
    return address is not None and any(address in network for network in trusted)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; one of IPv4 that came by an IPv6 socket is the one of IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
