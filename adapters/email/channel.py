"""Delivers one dispatch by e-mail: composes it, signs it if told so, and hands it to the first relay that works."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from aiosmtplib import SMTPException, SMTPResponse

from adapters.email.addresses import InvalidAddress
from adapters.email.answers import shown_answer
from adapters.email.compose import Composer
from adapters.email.headers import UnsafeHeader
from adapters.email.relay import Connection, Relay
from adapters.email.relays import REST_SECONDS, Outage, Relays, Route, connection_error
from adapters.email.transaction import ConnectionGone, Envelope, RelayFailed, transact
from notify.delivery import DeliveryState, Dispatch, Proof
from notify.errors import DeliveryError, FailureKind
from notify.words import ChannelName, DeliveryId

# A server that drips one byte at a time would outlast the time limit of each command, so the whole has one too.
_WHOLE_IN_TIMEOUTS = 4

Sign = Callable[[bytes, datetime], bytes]
"""Gives the header field that signs a mail, to stand before it."""


class EmailChannel:
    """Hands mails to the relays. It never tries a mail again that a relay may have got."""

    name = ChannelName.EMAIL

    def __init__(
        self,
        relays: Sequence[Relay],
        composer: Composer,
        return_path: Callable[[DeliveryId], str],
        clock: Callable[[], datetime],
        *,
        sign: Sign | None = None,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        """Take the relays in order, the composer, what gives each mail its envelope sender, and the clock.

        `return_path` gives checked addresses in ASCII. A relay that fails is left for `rest_seconds` at first.
        """
        self._composer = composer
        self._return_path = return_path
        self._clock = clock
        self._sign = sign
        self._relays = Relays(relays, clock, rest_seconds=rest_seconds)

    async def deliver(self, dispatch: Dispatch) -> Proof:
        """Send one mail; ACCEPTED is the relay's 250 and proves the next hop only. Raises DeliveryError."""
        envelope = self._envelope(dispatch)
        failures: list[tuple[str, DeliveryError]] = []
        for route in self._relays.in_order():
            try:
                response = await _hand_over(route, envelope)
            except RelayFailed as failed:
                self._relays.failed(route, failed.error.reason)
                if not failed.untouched:
                    raise failed.error from failed
                failures.append((route.relay.name, failed.error))
            else:
                self._relays.took_a_mail(route)
                return Proof(DeliveryState.ACCEPTED, response.code, shown_answer(response.message))
        raise _all_failed(failures)

    async def look_at_relays(self) -> list[Outage]:
        """Look again at relays that failed and have rested since; list those that do not work."""
        return await self._relays.look()

    async def close(self) -> None:
        """Say goodbye to the relays on every connection."""
        await self._relays.close()

    def _envelope(self, dispatch: Dispatch) -> Envelope:
        now = self._clock()
        try:
            mail = self._composer.compose(dispatch, now)
            sender = self._return_path(dispatch.delivery_id)
        except InvalidAddress as error:
            reason = f"the address cannot be written to: {error}"
            raise DeliveryError(reason, permanent=True, kind=FailureKind.RECIPIENT) from error
        except UnsafeHeader as error:
            raise DeliveryError(f"the mail failed its check: {error}", permanent=True, kind=FailureKind.OURS) from error
        content = mail.content if self._sign is None else self._sign(mail.content, now) + mail.content
        return Envelope(sender, mail.recipient, mail.international, content, dispatch.delivery_id, dispatch.may_begin)


async def _hand_over(route: Route, envelope: Envelope) -> SMTPResponse:
    pool = route.pool
    try:
        async with pool.place(), asyncio.timeout(route.relay.timeout * _WHOLE_IN_TIMEOUTS):
            try:
                return await transact(await _connect(route, fresh=False), pool, envelope)
            except ConnectionGone:
                return await transact(await _connect(route, fresh=True), pool, envelope)
    except TimeoutError as error:
        raise RelayFailed(DeliveryError("the mail relay did not answer in time"), untouched=False) from error


async def _connect(route: Route, *, fresh: bool) -> Connection:
    try:
        return await route.pool.take(fresh=fresh)
    except (SMTPException, OSError) as error:
        raise RelayFailed(connection_error(error), untouched=True) from error


def _all_failed(failures: Sequence[tuple[str, DeliveryError]]) -> DeliveryError:
    last = failures[-1][1]
    if len(failures) == 1:
        return last
    reasons = "; ".join(f"{relay}: {error.reason}" for relay, error in failures)
    is_ours = all(error.kind is FailureKind.OURS for _, error in failures)
    return DeliveryError(
        f"no mail relay takes mail from us: {reasons}",
        kind=FailureKind.OURS if is_ours else FailureKind.TEMPORARY,
        status=last.status,
        answer=last.answer,
    )
