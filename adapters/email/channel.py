"""Delivers one dispatch by e-mail: one message, one recipient, one SMTP transaction (reference: delivery E1, E18)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import datetime

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPNotSupported,
    SMTPResponse,
    SMTPResponseException,
    SMTPTimeoutError,
)

from adapters.email.addresses import InvalidAddress, check_address
from adapters.email.answers import Stage, read_answer, shown_answer
from adapters.email.compose import ComposedMail, Composer
from adapters.email.headers import UnsafeHeader
from adapters.email.relay import Connection, Relay, RelayPool
from notify.delivery import DeliveryState, Dispatch, Proof
from notify.errors import DeliveryError, FailureKind
from notify.words import ChannelName

# A server that drips one byte at a time would outlast the time limit of each command, so the whole has one too.
_WHOLE_IN_TIMEOUTS = 4


class _ConnectionGone(Exception):
    """A used connection was closed by the server before the new transaction began."""


class EmailChannel:
    """Hands mails to the relay; it never retries by itself, except on a connection closed while it was idle."""

    name = ChannelName.EMAIL

    def __init__(self, relay: Relay, composer: Composer, envelope_sender: str, clock: Callable[[], datetime]) -> None:
        """Take the relay, the composer, the address that bounces go to, and the clock that dates the mails."""
        self._relay = relay
        self._composer = composer
        self._envelope_sender = check_address(envelope_sender).wire
        self._clock = clock
        self._pool = RelayPool(relay)

    async def deliver(self, dispatch: Dispatch) -> Proof:
        """Send one mail; ACCEPTED is the relay's 250 and proves the next hop only. Raises DeliveryError."""
        mail = self._compose(dispatch)
        try:
            async with self._pool.place(), asyncio.timeout(self._relay.timeout * _WHOLE_IN_TIMEOUTS):
                response = await self._send(mail)
        except TimeoutError as error:
            raise DeliveryError("the mail relay did not answer in time") from error
        return Proof(DeliveryState.ACCEPTED, response.code, shown_answer(response.message))

    async def close(self) -> None:
        """Say goodbye to the relay on every connection."""
        await self._pool.close()

    def _compose(self, dispatch: Dispatch) -> ComposedMail:
        try:
            return self._composer.compose(dispatch, self._clock())
        except InvalidAddress as error:
            reason = f"the address cannot be written to: {error}"
            raise DeliveryError(reason, permanent=True, kind=FailureKind.RECIPIENT) from error
        except UnsafeHeader as error:
            raise DeliveryError(f"the mail failed its check: {error}", permanent=True, kind=FailureKind.OURS) from error

    async def _send(self, mail: ComposedMail) -> SMTPResponse:
        connection = await self._connect(fresh=False)
        try:
            return await self._transact(connection, mail)
        except _ConnectionGone:
            return await self._transact(await self._connect(fresh=True), mail)

    async def _connect(self, *, fresh: bool) -> Connection:
        try:
            return await self._pool.take(fresh=fresh)
        except SMTPResponseException as error:
            raise read_answer(error.code, error.message, Stage.CONNECT) from error
        except (ssl.SSLError, SMTPException, OSError) as error:
            raise _connection_error(error) from error

    async def _transact(self, connection: Connection, mail: ComposedMail) -> SMTPResponse:
        stage = Stage.SENDER
        client = connection.client
        encoding = "utf-8" if mail.international else "ascii"
        is_finished = False
        try:
            options = _mail_options(connection, mail)
            await _command(client, b"MAIL", f"FROM:<{self._envelope_sender}>", *options, encoding=encoding)
            stage = Stage.RECIPIENT
            await _command(client, b"RCPT", f"TO:<{mail.recipient}>", encoding=encoding)
            stage = Stage.CONTENT
            response = await client.data(mail.content)
            is_finished = True
        except SMTPResponseException as error:
            if stage is Stage.SENDER and error.code == 421 and not connection.is_fresh:
                raise _ConnectionGone from error
            is_finished = await _reset(connection)
            raise read_answer(error.code, error.message, stage) from error
        except SMTPTimeoutError as error:
            raise DeliveryError(f"the mail relay did not answer in time at {stage.value}") from error
        except (SMTPException, OSError) as error:
            if stage is Stage.SENDER and not connection.is_fresh:
                raise _ConnectionGone from error
            raise DeliveryError(f"the mail relay closed the connection at {stage.value}") from error
        except ValueError as error:
            reason = f"the address cannot be written to: {error}"
            raise DeliveryError(reason, permanent=True, kind=FailureKind.RECIPIENT) from error
        finally:
            connection.sent += 1
            if is_finished:
                self._pool.give_back(connection)
            else:
                self._pool.drop(connection)
        return response


async def _command(client: SMTP, verb: bytes, *arguments: str, encoding: str) -> None:
    """Send one command whose addresses were checked before; raise SMTPResponseException unless it is accepted."""
    response = await client.execute_command(verb, *(argument.encode(encoding) for argument in arguments))
    if response.code // 100 != 2:
        raise SMTPResponseException(response.code, response.message)


def _mail_options(connection: Connection, mail: ComposedMail) -> list[str]:
    options = [f"SIZE={len(mail.content)}"] if connection.client.supports_extension("size") else []
    if mail.international:
        if not connection.client.supports_extension("smtputf8"):
            reason = "the mail relay cannot carry an address outside ASCII (it does not offer SMTPUTF8)"
            raise DeliveryError(reason, permanent=True, kind=FailureKind.OURS)
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    return options


async def _reset(connection: Connection) -> bool:
    try:
        await connection.client.rset()
    except (SMTPException, OSError):
        return False
    return True


def _connection_error(error: Exception) -> DeliveryError:
    cause = error.__cause__ or error.__context__
    if isinstance(error, ssl.SSLError) or isinstance(cause, ssl.SSLError):
        return DeliveryError(f"the mail relay failed the TLS check: {cause or error}", kind=FailureKind.OURS)
    if isinstance(error, SMTPTimeoutError):
        return DeliveryError("the mail relay did not answer in time")
    if isinstance(error, SMTPNotSupported) or type(error) is SMTPException:
        return DeliveryError(f"the mail relay does not offer what is required: {error}", kind=FailureKind.OURS)
    return DeliveryError(f"the mail relay cannot be reached: {error}")
