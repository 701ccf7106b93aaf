"""Puts real mail servers in a row, as in the field: a relay, a ministry with mailboxes, a target with moods, and us."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import cast

import aiosmtplib
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.email.listen_address import ListenAddress
from adapters.email.listening import MailListener
from notify.inbound import ReceivedMail
from tests.mail.servers import LOCAL, MAIL_UID, Dovecot, Postfix, demand_mail_servers, free_ports, server_folder

WITHIN = 30
"""Seconds within which the slowest report comes."""

OUR_DOMAIN = "notify.test"
VACATION = """
require ["vacation"];
vacation :days 1 :subject "Out of office" "I am back on Monday.";
"""


class Target:
    """The mail server of somebody else, with moods: up, away, or putting everybody off for a while."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: list[Envelope] = []
        self._put_off_until = 0.0
        self._controller: Controller | None = None

    def up(self) -> None:
        """Take mail."""
        if self._controller is None:
            self._controller = Controller(self, LOCAL, self.port)
            self._controller.start()

    def down(self) -> None:
        """Take no connection."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def greylist(self, seconds: float) -> None:
        """Answer "later" to each recipient for a while."""
        self._put_off_until = time.monotonic() + seconds

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept each recipient, unless it is put off."""
        if time.monotonic() < self._put_off_until:
            return "450 4.7.1 greylisted, please try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the mail."""
        self.received.append(envelope)
        return "250 2.0.0 OK"


@dataclass
class Received:
    """What our listener has kept, with a way to wait for more."""

    mails: list[ReceivedMail] = field(default_factory=list)
    refused: int = 0
    _refusals: int = 0
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def keep(self, mail: ReceivedMail) -> None:
        """Keep one mail."""
        if self.refused < self._refusals:
            self.refused += 1
            raise OSError("the disk is full")
        async with self._more:
            self.mails.append(mail)
            self._more.notify_all()

    def refuse_next(self, count: int) -> None:
        """Fail to keep so many mails."""
        self._refusals = self.refused + count

    def at(self, token: str) -> list[ReceivedMail]:
        """List what came to the return path with this token."""
        return [mail for mail in self.mails if mail.recipient == return_path(token)]

    async def wait_at(self, address: str, count: int = 1) -> list[ReceivedMail]:
        """Wait until so many mails have come to an address."""

        def there() -> list[ReceivedMail]:
            return [mail for mail in self.mails if mail.recipient == address]

        async with asyncio.timeout(WITHIN), self._more:
            await self._more.wait_for(lambda: len(there()) >= count)
        return there()

    async def wait(self, token: str, count: int = 1) -> list[ReceivedMail]:
        """Wait until so many mails have come to the return path with this token."""
        async with asyncio.timeout(WITHIN), self._more:
            await self._more.wait_for(lambda: len(self.at(token)) >= count)
        return self.at(token)


def is_at_our_domain(address: str) -> bool:
    """Tell our addresses from others."""
    return address.endswith(f"@{OUR_DOMAIN}")


def return_path(token: str) -> str:
    """Write the return path of one message."""
    return f"bounce+{token}@{OUR_DOMAIN}"


@dataclass
class Rig:
    """The servers, running. A mail that comes to `OUR_DOMAIN` is delivered at `listener_address` by LMTP.

    `known` has a mailbox at the ministry, `away` has one that answers by itself, `own` has one that Postfix itself
    delivers to, and nobody has `unknown` and `cyrillic`; `far` is at the target.
    """

    relay: Postfix
    ministry: Postfix
    dovecot: Dovecot
    target: Target
    listener_address: ListenAddress
    folder: Path

    known = "desk@gov.test"
    unknown = "nobody@gov.test"
    cyrillic = "почта@gov.test"
    away = "away@gov.test"
    own = "desk@own.test"
    far = "desk@far.test"

    @property
    def relay_port(self) -> int:
        """Where we hand mail over: to A."""
        return self.relay.port

    @property
    def ministry_port(self) -> int:
        """Where the ministry takes mail: B."""
        return self.ministry.port

    def set_target_down(self) -> None:
        """Let the target take no connection."""
        self.target.down()

    def set_target_up(self) -> None:
        """Let the target take mail."""
        self.target.up()

    def greylist(self, seconds: float) -> None:
        """Let the target put each mail off for a while."""
        self.target.up()
        self.target.greylist(seconds)

    @asynccontextmanager
    async def receiving(self) -> AsyncIterator[Received]:
        """Run our listener, and keep what comes."""
        received = Received()
        listener = MailListener(received.keep, accepts=is_at_our_domain, address=self.listener_address)
        await listener.start()
        try:
            yield received
        finally:
            await listener.stop()

    async def send(
        self,
        token: str,
        recipient: str,
        *,
        notify: str = "SUCCESS,FAILURE,DELAY",
        ret: str = "HDRS",
        port: int | None = None,
        headers: str = "",
    ) -> None:
        """Hand one mail to the relay as we do: a return path and an envelope id of its own, reports asked for."""
        international = not recipient.isascii()
        original = f"utf-8;{_unitext(recipient)}" if international else f"rfc822;{recipient}"
        content = (
            f"From: Article 17 <notices@{OUR_DOMAIN}>\r\nTo: {recipient}\r\nSubject: A17-2026-0001\r\n"
            f"Message-ID: <{token}@{OUR_DOMAIN}>\r\n{headers}\r\nPlease acknowledge.\r\n"
        )
        client = aiosmtplib.SMTP(hostname=LOCAL, port=port or self.relay_port, start_tls=False, timeout=WITHIN)
        async with client:
            await client.ehlo()
            await client.sendmail(
                return_path(token),
                [recipient],
                content.encode(),
                mail_options=[f"RET={ret}", f"ENVID={token}", *(["SMTPUTF8"] if international else [])],
                rcpt_options=[f"NOTIFY={notify}", f"ORCPT={original}"],
            )

    async def drained(self) -> None:
        """Wait until the relay and the ministry have nothing left to deliver."""
        async with asyncio.timeout(WITHIN):
            while self.relay.queue() or self.ministry.queue():
                await asyncio.sleep(0.1)


def _unitext(address: str) -> str:
    """Write an international address in ASCII, as ORCPT wants it without SMTPUTF8 in the command (RFC 6533, 3)."""
    return "".join(character if character.isascii() else f"\\x{{{ord(character):X}}}" for character in address)


@dataclass(frozen=True)
class Report:
    """A delivery report on one recipient: its media type, the fields of the message, and those of the recipient."""

    media_type: str
    message: dict[str, str]
    recipient: dict[str, str]
    whole: Message


def read_report(mail: ReceivedMail) -> Report:
    """Read a report of Postfix; fails when it is none."""
    whole = message_from_bytes(mail.raw)
    for part in whole.walk():
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            blocks = b"\n".join(block.as_bytes() for block in cast("list[Message]", part.get_payload()))
            message, recipient = [_fields(text) for text in re.split(r"\n{2,}", blocks.decode().strip())]
            return Report(part.get_content_type(), message, recipient, whole)
    raise AssertionError(f"no report: {mail.raw.decode(errors='replace')[:2000]}")


def _fields(text: str) -> dict[str, str]:
    return {name.lower(): value for name, value in HeaderParser().parsestr(text).items()}


@contextmanager
def running_rig() -> Iterator[Rig]:
    """Start every server, and stop them all; raises NoMailServers where they cannot be had."""
    demand_mail_servers("postfix", "dovecot", "setpriv")
    with server_folder() as folder:
        rig = _assemble(folder)
        try:
            rig.dovecot.start()
            rig.dovecot.add_script(rig.away, VACATION)
            rig.ministry.start()
            rig.relay.start()
            rig.target.up()
            yield rig
        finally:
            rig.target.down()
            for server in (rig.relay, rig.ministry, rig.dovecot):
                server.stop()


def _assemble(folder: Path) -> Rig:
    relay, ministry, target, listener, lmtp, imap, imaps = free_ports(7)
    us = f"{{{OUR_DOMAIN} = lmtp:inet:{LOCAL}:{listener}}}"
    next_hops = "".join(f", {{{domain} = smtp:[{LOCAL}]:{ministry}}}" for domain in ("gov.test", "own.test"))
    relay_settings = {
        "relay_domains": f"gov.test own.test far.test {OUR_DOMAIN}",
        "transport_maps": f"inline:{{{us}, {{far.test = smtp:[{LOCAL}]:{target}}}{next_hops}}}",
    }
    ministry_settings = {
        "relay_domains": OUR_DOMAIN,
        "virtual_mailbox_domains": "gov.test own.test",
        "virtual_mailbox_maps": f"inline:{{{{{Rig.known} = x}}, {{{Rig.away} = x}}, {{{Rig.own} = desk/}}}}",
        "virtual_transport": f"lmtp:inet:{LOCAL}:{lmtp}",
        "virtual_mailbox_base": str(folder / "own"),
        "virtual_uid_maps": f"static:{MAIL_UID}",
        "virtual_gid_maps": f"static:{MAIL_UID}",
        "transport_maps": f"inline:{{{us}, {{own.test = virtual:}}}}",
    }
    (folder / "own").mkdir()
    os.chown(folder / "own", MAIL_UID, MAIL_UID)
    return Rig(
        relay=Postfix("relay", folder, relay, relay_settings),
        ministry=Postfix("ministry", folder, ministry, ministry_settings),
        dovecot=Dovecot(folder, lmtp, imap, imaps, submission_port=relay),
        target=Target(target),
        listener_address=ListenAddress(lmtp=True, host=LOCAL, port=listener),
        folder=folder,
    )
