"""Chooses the relay of each mail: the first in order that works; one that fails is left for a while (delivery E9)."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiosmtplib import SMTPException, SMTPNotSupported, SMTPResponseException, SMTPTimeoutError

from adapters.email.answers import Stage, read_answer
from adapters.email.relay import Relay, RelayPool
from notify.errors import DeliveryError, FailureKind

logger = logging.getLogger("article17.mail_out")

REST_SECONDS = 15.0
MOST_REST_SECONDS = 300.0


@dataclass(slots=True, eq=False)
class Route:
    """One relay with its connections, and how it does; `rests_until` is on the monotonic clock."""

    relay: Relay
    pool: RelayPool
    works: bool = True
    failures: int = 0  # since it last took a mail
    rests_until: float = 0.0
    away_since: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outage:
    """A relay that does not work, since when, and why."""

    relay: str
    since: datetime
    reason: str


class Relays:
    """The relays in their order. One that fails rests for a growing while, then a look without a mail tells more."""

    def __init__(
        self,
        relays: Sequence[Relay],
        clock: Callable[[], datetime],
        *,
        rest_seconds: float = REST_SECONDS,
        most_rest_seconds: float = MOST_REST_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not relays:
            raise ValueError("there is no mail relay")
        self._routes = [Route(relay, RelayPool(relay)) for relay in relays]
        self._clock, self._monotonic = clock, monotonic
        self._rest, self._most_rest = rest_seconds, most_rest_seconds
        self._looks: set[asyncio.Task[None]] = set()

    def in_order(self) -> list[Route]:
        """List the relays to try: those that work, then all others, as a mail can lose nothing by them."""
        working = [route for route in self._routes if route.works]
        if not working or len(working) == len(self._routes):
            return self._routes
        self._begin_looks()
        return [*working, *(route for route in self._routes if not route.works)]

    def took_a_mail(self, route: Route) -> None:
        """Remember that a relay works."""
        if route.failures:
            self._came_back(route)
            route.failures = 0

    def failed(self, route: Route, reason: str) -> None:
        """Leave a relay for a while; each failure after a rest makes the next rest longer."""
        now = self._monotonic()
        if not route.works and now < route.rests_until:
            return  # the mails that were on their way beside the first one
        route.rests_until = now + min(self._rest * 2**route.failures, self._most_rest)
        route.failures = min(route.failures + 1, 30)
        route.reason = reason
        if route.works:
            route.works, route.away_since = False, self._clock()
            logger.warning("the mail relay %s is left for a while: %s", route.relay.name, reason)

    async def look(self) -> list[Outage]:
        """Look again at the relays that have rested, without a mail; list those that do not work."""
        self._begin_looks()
        while self._looks:
            await asyncio.wait(self._looks)
        return [
            Outage(route.relay.name, route.away_since, route.reason)
            for route in self._routes
            if not route.works and route.away_since is not None
        ]

    async def close(self) -> None:
        """Say goodbye on every connection."""
        for look in self._looks:
            look.cancel()
        await asyncio.gather(*self._looks, return_exceptions=True)
        for route in self._routes:
            await route.pool.close()

    def _begin_looks(self) -> None:
        now = self._monotonic()
        for route in self._routes:
            if not route.works and now >= route.rests_until:
                # Until this look has ended there is no other.
                route.rests_until = now + self._most_rest
                task = asyncio.create_task(self._look_at(route), name=f"look at {route.relay.name}")
                self._looks.add(task)
                task.add_done_callback(self._looks.discard)

    async def _look_at(self, route: Route) -> None:
        try:
            async with asyncio.timeout(2 * route.relay.connect_timeout):
                connection = await route.pool.take(fresh=True)
        except (SMTPException, OSError) as error:
            route.rests_until = 0.0
            self.failed(route, connection_error(error).reason)
            return
        route.pool.discard(connection)
        self._came_back(route)

    def _came_back(self, route: Route) -> None:
        if not route.works:
            logger.warning("the mail relay %s is used again", route.relay.name)
            route.works, route.away_since, route.rests_until = True, None, 0.0


def connection_error(error: Exception) -> DeliveryError:
    """Say why no connection to a relay could be had."""
    if isinstance(error, SMTPResponseException):
        return read_answer(error.code, error.message, Stage.CONNECT)
    cause = error.__cause__ or error.__context__
    if isinstance(error, ssl.SSLError) or isinstance(cause, ssl.SSLError):
        return DeliveryError(f"the mail relay failed the TLS check: {cause or error}", kind=FailureKind.OURS)
    if isinstance(error, SMTPTimeoutError | TimeoutError):
        return DeliveryError("the mail relay did not answer in time")
    if isinstance(error, SMTPNotSupported) or type(error) is SMTPException:
        return DeliveryError(f"the mail relay does not offer what is required: {error}", kind=FailureKind.OURS)
    return DeliveryError(f"the mail relay cannot be reached: {error}")
