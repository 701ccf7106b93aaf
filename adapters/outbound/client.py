"""Sends one request to an address that somebody else chose, bounded in time, size and reach."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from adapters.outbound.guard import Networks, is_dialable
from notify.errors import DeliveryError

ANSWER_BYTES = 20_000
CONNECTIONS = 100
# Short, so that a change of the allowed networks takes effect soon.
KEEP_ALIVE_SECONDS = 10
# OpenSSL's verify codes for a certificate made out to another host or address.
_NAME_MISMATCH = frozenset({62, 64})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: status, headers, its first bytes as they came, and how long it took."""

    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes
    duration: timedelta

    @property
    def text(self) -> str:
        """Read the body as text that any database can store; untrusted."""
        return self.body.decode("utf-8", "replace").replace("\x00", "\ufffd")


class AddressRefused(OSError):
    """The address lies where the service must not call; an OSError, so that aiohttp carries it through."""


class GuardedResolver(AbstractResolver):
    """Refuses a host name when any of its addresses is denied: a mix of both is an attack."""

    def __init__(self, allowed: Networks, resolver: AbstractResolver) -> None:
        self._allowed = allowed
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Look up the host by the inner resolver, all or nothing."""
        found = await self._resolver.resolve(host, port, family)
        if not all(is_dialable(result["host"], port, self._allowed) for result in found):
            raise AddressRefused("the host name leads to an address that must not be called")
        return found

    async def close(self) -> None:
        """Close the inner resolver."""
        await self._resolver.close()


def tls_context(authorities: str | None = None) -> ssl.SSLContext:
    """Make the TLS settings of all calls: verified, 1.2 or later; `authorities` (PEM) replaces the system's."""
    context = ssl.create_default_context(cadata=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def socket_guard(allowed: Networks) -> Callable[[aiohttp.AddrInfoType], socket.socket]:
    """Make the function that opens the socket of every dial, and none to an address that must not be called."""

    def socket_for(address: aiohttp.AddrInfoType) -> socket.socket:
        # Address literals never reach a resolver, so this is the last and complete check.
        family, kind, protocol, _, where = address
        if not is_dialable(where[0], where[1], allowed):
            raise AddressRefused("the address must not be called")
        return socket.socket(family=family, type=kind, proto=protocol)

    return socket_for


def guarded_session(
    allowed: Networks,
    *,
    ssl_context: ssl.SSLContext | None = None,
    resolver: AbstractResolver | None = None,
    connections: int = CONNECTIONS,
) -> aiohttp.ClientSession:
    """Open a session that checks each address it dials and keeps no cookies; call it inside the event loop."""

    connector = aiohttp.TCPConnector(
        ssl=ssl_context or tls_context(),
        resolver=GuardedResolver(allowed, resolver or ThreadedResolver()),
        socket_factory=socket_guard(allowed),
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        limit=connections,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        headers={"accept-encoding": "identity"},
    )


async def post(
    session: aiohttp.ClientSession,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout_seconds: float,
    ssl_context: ssl.SSLContext | None = None,
) -> Answer:
    """Post the bytes and give back the first bytes of the answer, whatever its status; follows no redirect.

    `timeout_seconds` bounds the whole exchange; `ssl_context` is for a host that has TLS settings of its own.
    Every failure is a DeliveryError.
    """
    started = time.monotonic()
    timeout = aiohttp.ClientTimeout(total=timeout_seconds)
    try:
        async with session.post(
            url, data=body, headers=headers, allow_redirects=False, timeout=timeout, ssl=ssl_context or True
        ) as response:
            first = await _first_bytes(response)
            duration = timedelta(seconds=time.monotonic() - started)
            return Answer(response.status, response.headers, first, duration)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise _delivery_error(error, timeout_seconds) from error


async def _first_bytes(response: aiohttp.ClientResponse) -> bytes:
    first = bytearray()
    while len(first) < ANSWER_BYTES:
        chunk = await response.content.read(ANSWER_BYTES - len(first))
        if not chunk:
            return bytes(first)
        first += chunk
    # More may follow that nobody reads, so the connection cannot be used again.
    response.close()
    return bytes(first)


# The first line that fits, narrowest first. Our own words: the library's text may hold the URL, and with it a secret.
_REASONS: tuple[tuple[type[Exception], str, bool], ...] = (
    (AddressRefused, "the address lies where the service must not call", True),
    (aiohttp.ClientConnectorDNSError, "the host name was not found", False),
    (aiohttp.ClientSSLError, "no secure connection could be made (TLS)", False),
    (ssl.SSLError, "no secure connection could be made (TLS)", False),
    (aiohttp.ClientConnectorError, "no connection could be made", False),
    (aiohttp.ServerDisconnectedError, "the connection was closed without an answer", False),
    (aiohttp.InvalidURL, "the URL is not valid", True),
    (aiohttp.NonHttpUrlClientError, "the URL is not valid", True),
    (aiohttp.ClientResponseError, "the answer was not complete and valid HTTP", False),
    (aiohttp.ClientPayloadError, "the answer was not complete and valid HTTP", False),
    (ValueError, "the URL or a header is not valid", True),
)


def _delivery_error(error: Exception, timeout_seconds: float) -> DeliveryError:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate_error(error)
    if isinstance(error, TimeoutError):
        return DeliveryError(f"no complete answer within {timeout_seconds:g} seconds")
    known = error
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, AddressRefused):
        known = error.os_error
    for kind, reason, permanent in _REASONS:
        if isinstance(known, kind):
            return DeliveryError(reason, permanent=permanent)
    return DeliveryError("the connection broke")


def _certificate_error(error: aiohttp.ClientConnectorCertificateError) -> DeliveryError:
    certificate_error = error.certificate_error
    code = getattr(certificate_error, "verify_code", None)
    if code in _NAME_MISMATCH:
        return DeliveryError("the certificate is made out to another name", permanent=True)
    message = getattr(certificate_error, "verify_message", "") or "not valid"
    return DeliveryError(f"the certificate is not trusted: {message}")
