"""Speaks one SMTP transaction: one message, one recipient, with delivery reports asked for (delivery E1, E4, E18)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException, SMTPTimeoutError

from adapters.email.answers import Stage, read_answer
from adapters.email.relay import Connection, RelayPool
from notify.errors import DeliveryError, FailureKind

_NOT_XTEXT = re.compile(r"[^!-~]|[+=]")
_NOT_UTF8_XTEXT = re.compile(r"[^!-~]|[+=\\]")
_CLOSING = 421
_TOO_LARGE = 552


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail with all that the relay is told about it.

    `envelope_id` comes back in reports on it. `may_begin` is asked before the transaction begins.
    """

    sender: str
    recipient: str
    international: bool
    content: bytes
    envelope_id: str
    may_begin: Callable[[], bool]


class ConnectionGone(Exception):
    """A used connection was closed by the server before the new transaction began."""


class RelayFailed(Exception):
    """The relay itself failed, not this mail: `error` says how; `untouched` that it has not got the mail."""

    def __init__(self, error: DeliveryError, *, untouched: bool) -> None:
        self.error, self.untouched = error, untouched
        super().__init__(error.reason)


async def transact(connection: Connection, pool: RelayPool, envelope: Envelope) -> SMTPResponse:
    """Hand over one mail and give the connection back; give the relay's answer to the content.

    Raises ConnectionGone, RelayFailed, or DeliveryError when this mail was refused.
    """
    talk = _Talk(connection.client)
    is_finished = False
    try:
        response = await talk.hand_over(envelope)
        is_finished = True
        return response
    except SMTPResponseException as error:
        if talk.stage is Stage.SENDER and error.code == _CLOSING and not connection.is_fresh:
            raise ConnectionGone from error
        is_finished = await _reset(connection)
        raise _refusal(error, talk.stage) from error
    except SMTPTimeoutError as error:
        raise _broken(f"the mail relay did not answer in time at {talk.stage.value}", talk.stage) from error
    except (SMTPException, OSError) as error:
        if talk.stage is Stage.SENDER and not connection.is_fresh:
            raise ConnectionGone from error
        raise _broken(f"the mail relay closed the connection at {talk.stage.value}", talk.stage) from error
    except DeliveryError:
        # Nothing was said yet.
        is_finished = True
        raise
    except ValueError as error:
        reason = f"the address cannot be written to: {error}"
        raise DeliveryError(reason, permanent=True, kind=FailureKind.RECIPIENT) from error
    finally:
        connection.sent += 1
        if is_finished:
            pool.give_back(connection)
        else:
            pool.drop(connection)


class _Talk:
    """The commands of one transaction, and how far it has come."""

    def __init__(self, client: SMTP) -> None:
        self._client = client
        self.stage = Stage.SENDER

    async def hand_over(self, envelope: Envelope) -> SMTPResponse:
        encoding = "utf-8" if envelope.international else "ascii"
        with_reports = self._client.supports_extension("dsn")
        options = self._options(envelope, with_reports)
        # A process that was frozen, or waited for another relay, may not own this delivery any more.
        if not envelope.may_begin():
            raise DeliveryError("no time was left to begin: the claim on this delivery was about to end")
        await self._command(b"MAIL", f"FROM:<{envelope.sender}>", *options, encoding=encoding)
        self.stage = Stage.RECIPIENT
        reports = _reports_on(envelope) if with_reports else ()
        await self._command(b"RCPT", f"TO:<{envelope.recipient}>", *reports, encoding=encoding)
        self.stage = Stage.CONTENT
        return await self._client.data(envelope.content)

    def _options(self, envelope: Envelope, with_reports: bool) -> list[str]:
        options = [f"SIZE={len(envelope.content)}"] if self._client.supports_extension("size") else []
        if with_reports:
            options += ["RET=HDRS", f"ENVID={xtext(envelope.envelope_id)}"]
        if envelope.international:
            if not self._client.supports_extension("smtputf8"):
                reason = "the mail relay cannot carry an address outside ASCII (it does not offer SMTPUTF8)"
                raise DeliveryError(reason, permanent=True, kind=FailureKind.OURS)
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        return options

    async def _command(self, verb: bytes, *arguments: str, encoding: str) -> None:
        """Send a command whose addresses were checked before; raise SMTPResponseException unless it is accepted."""
        response = await self._client.execute_command(verb, *(argument.encode(encoding) for argument in arguments))
        if response.code // 100 != 2:
            raise SMTPResponseException(response.code, response.message)


def _reports_on(envelope: Envelope) -> tuple[str, str]:
    """Ask for every report, with the address as we know it (RFC 3461; RFC 6533, 3 for international ones)."""
    address = envelope.recipient
    original = f"utf-8;{utf8_xtext(address)}" if envelope.international else f"rfc822;{xtext(address)}"
    return "NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT={original}"


def xtext(text: str) -> str:
    """Write a text in ASCII as the value of a parameter (RFC 3461, 4)."""
    return _NOT_XTEXT.sub(lambda found: f"+{ord(found[0]):02X}", text)


def utf8_xtext(address: str) -> str:
    """Write an international address in ASCII as the value of a parameter (utf-8-addr-xtext of RFC 6533, 3)."""
    return _NOT_UTF8_XTEXT.sub(lambda found: f"\\x{{{ord(found[0]):02X}}}", address)


def _refusal(error: SMTPResponseException, stage: Stage) -> Exception:
    said = read_answer(error.code, error.message, stage)
    # Before a recipient is named it is the relay that refuses, unless the mail is too large for it.
    of_the_relay = stage is Stage.SENDER and error.code != _TOO_LARGE
    if of_the_relay or error.code == _CLOSING:
        return RelayFailed(said, untouched=True)
    return said


def _broken(reason: str, stage: Stage) -> RelayFailed:
    # Whether the content arrived, nobody knows: only a later try under the same Message-ID may send it again.
    return RelayFailed(DeliveryError(reason), untouched=stage is not Stage.CONTENT)


async def _reset(connection: Connection) -> bool:
    try:
        await connection.client.rset()
    except (SMTPException, OSError):
        return False
    return True
