"""Mail from a hosted mailbox: a real Dovecot over IMAP, and servers that are none."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient import IMAPClient

from adapters.email.imap_mailbox import Mailbox, MailboxFault
from adapters.email.imap_polling import ImapPolling, read_envelope
from notify.errors import DatabaseAway
from notify.inbound import ReceivedMail
from tests.mail.servers import LOCAL, Dovecot, NoMailServers, demand_mail_servers, free_ports, server_folder

# One process of the tests runs all mail servers.
pytestmark = pytest.mark.xdist_group("mail")

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MAIL = b"From: desk@gov.example\r\nTo: Article 17 <ack+t1@notify.test>\r\nSubject: Re: A17\r\n\r\nreceived\r\n"
WITHIN = 20


def run_dovecot(more: str = "") -> Iterator[Dovecot]:
    try:
        demand_mail_servers("dovecot", "setpriv")
        with server_folder() as folder:
            server = Dovecot(folder, *free_ports(3), more=more)
            try:
                server.start()
                yield server
            finally:
                server.stop()
    except NoMailServers as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    """Run one mailbox server for the tests of this module."""
    yield from run_dovecot()


@pytest.fixture(scope="module")
def old_dovecot() -> Iterator[Dovecot]:
    """Run a server that cannot move mails, as old ones cannot."""
    yield from run_dovecot("imap_capability = IMAP4rev1 UIDPLUS")


@pytest.fixture
def mailbox(dovecot: Dovecot, request: pytest.FixtureRequest) -> Mailbox:
    """Give a mailbox that no other test uses."""
    return mailbox_at(dovecot, request)


def mailbox_at(server: Dovecot, request: pytest.FixtureRequest) -> Mailbox:
    user = f"u{abs(hash(request.node.nodeid))}@notify.test"
    ca_file = str(server.ca_file)
    return Mailbox("localhost", user, server.password, server.imaps_port, ca_file=ca_file, timeout=WITHIN)


class Box:
    """Keeps mails; `refuse` may raise for one of them, and `gate` may hold them up."""

    def __init__(self, refuse: Callable[[ReceivedMail], None] = lambda mail: None) -> None:
        self.kept: list[ReceivedMail] = []
        self.refuse = refuse
        self.begun, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()

    async def keep(self, mail: ReceivedMail) -> None:
        self.begun.set()
        await self.gate.wait()
        self.refuse(mail)
        self.kept.append(mail)


def is_ours(address: str) -> bool:
    return address.startswith(("ack+", "bounce+")) and address.endswith("@notify.test")


async def always() -> bool:
    return True


@asynccontextmanager
async def polling(box: Box, mailbox: Mailbox, **options: Any) -> AsyncIterator[ImapPolling]:
    poll = ImapPolling(box.keep, accepts=is_ours, mailbox=mailbox, clock=lambda: NOW, **{"may_poll": always, **options})
    try:
        yield poll
    finally:
        poll.close()


async def poll_once(box: Box, mailbox: Mailbox, **options: Any) -> int:
    async with polling(box, mailbox, **options) as poll:
        return await poll.poll_once()


def put(mailbox: Mailbox, *mails: bytes) -> None:
    """Put mails into a mailbox as they are."""
    with signed_in(mailbox) as client:
        for mail in mails:
            client.append(mailbox.folder, mail)


def signed_in(mailbox: Mailbox) -> Any:
    client = IMAPClient(mailbox.host, mailbox.port, ssl_context=ssl.create_default_context(cafile=mailbox.ca_file))
    client.login(mailbox.username, mailbox.password)
    client.select_folder(mailbox.folder)
    return client


def count(mailbox: Mailbox, criterion: str = "ALL", folder: str = "INBOX") -> int:
    with signed_in(mailbox) as client:
        client.select_folder(folder)
        return len(client.search([criterion]))


async def test_unseen_mails_are_kept_and_marked_as_seen(mailbox: Mailbox) -> None:
    put(mailbox, MAIL, MAIL.replace(b"t1", b"t2"))
    box = Box()
    assert await poll_once(box, mailbox) == 2
    assert await poll_once(box, mailbox) == 0
    assert [mail.recipient for mail in box.kept] == ["ack+t1@notify.test", "ack+t2@notify.test"]
    assert (box.kept[0].raw, box.kept[0].received_at, box.kept[0].source) == (MAIL, NOW, "imap INBOX 1")
    assert (count(mailbox, "SEEN"), count(mailbox, "UNSEEN")) == (2, 0)


async def test_the_envelope_is_what_the_mail_server_wrote(mailbox: Mailbox, dovecot: Dovecot) -> None:
    with smtplib.LMTP(LOCAL, dovecot.lmtp_port) as client:
        client.sendmail("", mailbox.username, b"Delivered-To: bounce+b7@notify.test\r\n" + MAIL)
    box = Box()
    assert await poll_once(box, mailbox) == 1
    assert (box.kept[0].sender, box.kept[0].recipient) == ("", "bounce+b7@notify.test")


@pytest.mark.parametrize("server", ["dovecot", "old_dovecot"])
async def test_a_mail_is_moved_only_when_it_is_kept(server: str, request: pytest.FixtureRequest) -> None:
    mailbox = replace(mailbox_at(request.getfixturevalue(server), request), done_folder="Принято")
    put(mailbox, MAIL)

    def refuse(mail: ReceivedMail) -> None:
        raise DatabaseAway("10.0.0.7 is gone")

    box = Box(refuse)
    with pytest.raises(MailboxFault, match="1 of 1 mails could not be kept: the database does not answer"):
        await poll_once(box, mailbox)
    assert (count(mailbox, "UNSEEN"), count(mailbox, folder="Принято")) == (1, 0)
    box.refuse = lambda mail: None
    assert await poll_once(box, mailbox) == 1
    assert (count(mailbox), count(mailbox, folder="Принято")) == (0, 1)


async def test_one_mail_that_cannot_be_kept_does_not_hold_up_the_others(mailbox: Mailbox) -> None:
    put(mailbox, MAIL, MAIL.replace(b"t1", b"t2"), MAIL.replace(b"t1", b"t3"))

    def refuse(mail: ReceivedMail) -> None:
        if "t2" in mail.recipient:
            raise ValueError("secret")

    box = Box(refuse)
    with pytest.raises(MailboxFault, match="1 of 3 mails could not be kept: ValueError"):
        await poll_once(box, mailbox)
    assert [mail.recipient for mail in box.kept] == ["ack+t1@notify.test", "ack+t3@notify.test"]
    assert count(mailbox, "UNSEEN") == 1


async def test_a_mailbox_that_breaks_down_after_keeping_does_not_double_a_mail(
    mailbox: Mailbox, dovecot: Dovecot
) -> None:
    put(mailbox, MAIL)
    box = Box(lambda mail: dovecot.stop())
    async with polling(box, mailbox) as poll:
        try:
            with pytest.raises(MailboxFault, match=r"the mailbox u\d+@notify.test at localhost:\d+ cannot be read"):
                await poll.poll_once()
        finally:
            dovecot.start()
        assert (len(box.kept), count(mailbox, "UNSEEN")) == (1, 1)
        await poll.poll_once()
    assert (len(box.kept), count(mailbox, "UNSEEN")) == (1, 0)


async def test_only_who_may_poll_does(mailbox: Mailbox) -> None:
    put(mailbox, MAIL, MAIL)
    asked: list[bool] = []

    async def until_the_first_is_taken() -> bool:
        asked.append(True)
        return len(asked) < 3

    async def never() -> bool:
        return False

    box = Box()
    assert await poll_once(box, replace(mailbox, port=1), may_poll=never) == 0
    assert await poll_once(box, mailbox, may_poll=until_the_first_is_taken) == 1
    assert (len(box.kept), count(mailbox, "UNSEEN")) == (1, 1)


async def test_no_more_mails_are_taken_at_once_than_allowed(mailbox: Mailbox) -> None:
    put(mailbox, MAIL, MAIL, MAIL)
    box = Box()
    assert [await poll_once(box, mailbox, most_mails=2) for _ in range(3)] == [2, 1, 0]


async def test_of_a_mail_that_is_too_big_the_beginning_is_kept(mailbox: Mailbox) -> None:
    put(mailbox, MAIL + b"x" * 5000)
    box = Box()
    assert await poll_once(box, replace(mailbox, most_bytes=500)) == 1
    assert box.kept[0].raw == MAIL + b"x" * (500 - len(MAIL))
    assert box.kept[0].source == "imap INBOX 1, its first 500 bytes"


async def test_a_mail_for_nobody_of_ours_stays_and_is_not_looked_at_again(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    put(mailbox, MAIL.replace(b"ack+t1", b"somebody"))
    box = Box()
    assert await poll_once(box, replace(mailbox, done_folder="Done")) == 0
    assert (box.kept, count(mailbox, "SEEN"), count(mailbox, folder="Done")) == ([], 1, 0)
    assert "for none of our addresses" in caplog.text


async def test_a_poll_that_is_broken_off_leaves_the_mail_for_the_next(mailbox: Mailbox) -> None:
    put(mailbox, MAIL)
    box = Box()
    box.gate.clear()
    poll = asyncio.create_task(poll_once(box, mailbox))
    await asyncio.wait_for(box.begun.wait(), WITHIN)
    poll.cancel()
    with suppress(asyncio.CancelledError):
        await poll
    box.gate.set()
    assert (box.kept, count(mailbox, "UNSEEN")) == ([], 1)
    assert await poll_once(box, mailbox) == 1


async def test_starttls_is_verified_too(mailbox: Mailbox, dovecot: Dovecot) -> None:
    put(mailbox, MAIL)
    box = Box()
    assert await poll_once(box, replace(mailbox, port=dovecot.imap_port, tls="starttls")) == 1
    put(mailbox, MAIL)
    assert await poll_once(box, replace(mailbox, port=dovecot.imap_port, tls="none")) == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"ca_file": None}, "certificate verify failed"),
        ({"host": LOCAL}, "certificate verify failed"),
        ({"password": "no such password"}, "AUTHENTICATIONFAILED"),
        ({"folder": "Nowhere"}, "Mailbox doesn't exist"),
        ({"port": 1}, "refused"),
        ({"host": "nowhere.invalid"}, ""),
    ],
    ids=["authority", "name", "password", "folder", "port", "host"],
)
async def test_what_is_wrong_is_said_without_the_password(mailbox: Mailbox, wrong: dict[str, Any], says: str) -> None:
    box = Box()
    unusable = replace(mailbox, **wrong)
    with pytest.raises(MailboxFault, match=r"the mailbox .* cannot be read: .+") as caught:
        await poll_once(box, unusable)
    assert says in str(caught.value)
    assert unusable.password not in str(caught.value)


@asynccontextmanager
async def scripted(*answers: bytes, closes: bool = True) -> AsyncIterator[tuple[Mailbox, bytearray]]:
    """Run a server that says one answer at first and one after each line; gives also what it heard."""
    heard, ended = bytearray(), asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            for number, answer in enumerate(answers):
                if number:
                    line = await reader.readline()
                    heard.extend(line)
                    answer = answer.replace(b"TAG", line.split(b" ")[0])
                writer.write(answer)
            if not closes:
                heard.extend(await reader.read())
        writer.close()
        ended.set()

    server = await asyncio.start_server(talk, LOCAL, 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Mailbox(LOCAL, "desk", "hunter2", port, tls="none", timeout=0.2), heard
        await asyncio.wait_for(ended.wait(), WITHIN)
    finally:
        server.close()
        await server.wait_closed()


GREETED = (b"* OK ready\r\n", b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n")
SIGNED_IN = (*GREETED, b"TAG OK done\r\n")
OPENED = (*SIGNED_IN, b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\nTAG OK [READ-WRITE] done\r\n")


@pytest.mark.parametrize(
    "answers",
    [
        (b"",),
        (b"\x00\xff\xfe\r\n",),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n",),
        (b"* BYE come back later\r\n",),
        (b"* OK ready\r\n", b"\r\n"),
        (b"* OK ready\r\n", b"TAG BAD\r\n"),
        (b"x" * 2_000_000,),
        (*GREETED, b"TAG NO hunter2 is wrong\r\n"),
        (*SIGNED_IN, b"* OK [UIDVALIDITY x] valid\r\nTAG OK [READ-WRITE] done\r\n"),
        (*SIGNED_IN, b"* FLAGS (((((\r\nTAG OK [READ-WRITE] done\r\n"),
        (*OPENED, b"* SEARCH one two\r\nTAG OK done\r\n"),
        (*OPENED, b"* SEARCH 1\r\nTAG OK done\r\n", b"* 1 FETCH (UID 1 BODY[]<0> NIL)\r\nTAG OK done\r\n"),
        (*OPENED, b"* SEARCH 1\r\nTAG OK done\r\n", b"* 1 FETCH (UID 1)\r\nTAG OK done\r\n"),
        (*OPENED, b"* SEARCH 1\r\nTAG OK done\r\n", b"* 1 FETCH (UID 1 BODY[]<0> {99}\r\nshort\r\n"),
        (*OPENED, b"* SEARCH 1\r\nTAG OK done\r\n", b"* 1 FETCH (UID (((\r\nTAG OK done\r\n"),
    ],
    ids=lambda answers: repr(answers[-1][:30]),
)
@pytest.mark.parametrize("closes", [True, False], ids=["closes", "waits"])
async def test_a_server_that_speaks_no_imap_is_a_clear_fault(answers: tuple[bytes, ...], closes: bool) -> None:
    async with scripted(*answers, closes=closes) as (mailbox, _):
        with pytest.raises(MailboxFault, match=r"the mailbox desk at 127\.0\.0\.1") as caught:
            await poll_once(Box(), mailbox)
    assert "hunter2" not in str(caught.value)


async def test_a_server_without_starttls_never_hears_the_password() -> None:
    async with scripted(*SIGNED_IN) as (mailbox, heard):
        with pytest.raises(MailboxFault, match="STARTTLS"):
            await poll_once(Box(), replace(mailbox, tls="starttls"))
    assert b"hunter2" not in heard


async def test_a_server_that_drips_is_given_up() -> None:
    async with scripted(*GREETED, closes=False) as (mailbox, _):
        with pytest.raises(MailboxFault, match=r"did not answer within 0\.1 s"):
            await poll_once(Box(), replace(mailbox, timeout=WITHIN), step_seconds=0.1)


@pytest.mark.parametrize(
    ("head", "sender", "recipients"),
    [
        (b"Return-Path: <>\nTo: ack+a@notify.test", "", ["ack+a@notify.test"]),
        (b"Return-Path: <desk@gov.example>\nTo: <ack+a@notify.test>", "desk@gov.example", ["ack+a@notify.test"]),
        (b"From: Desk <desk@gov.example>\nTo: ack+a@notify.test", "desk@gov.example", ["ack+a@notify.test"]),
        (b"To: ack+a@notify.test", "unknown", ["ack+a@notify.test"]),
        (b"From: x@y\nDelivered-To: box@host\nX-Original-To: ack+a@notify.test", "x@y", ["ack+a@notify.test"]),
        (b"Delivered-To: ack+a@notify.test\nDelivered-To: ack+b@notify.test", "unknown", ["ack+a@notify.test"]),
        (b"Delivered-To: ack+a@notify.test\nTo: ack+b@notify.test", "unknown", ["ack+a@notify.test"]),
        (
            b'To: "A, B" <ack+a@notify.test>,\n  x@y, ack+b@notify.test\nCc: ack+a@notify.test, bounce+c@notify.test',
            "unknown",
            ["ack+a@notify.test", "ack+b@notify.test", "bounce+c@notify.test"],
        ),
        (b"Subject: ack+a@notify.test\n\nTo: ack+b@notify.test", "unknown", []),
        (
            "Return-Path: <почта@пример.test>\nTo: ack+ё@notify.test".encode(),
            "почта@пример.test",
            ["ack+ё@notify.test"],
        ),
        (b"To: " + b"(" * 60_000 + b"ack+a@notify.test", "unknown", ["ack+a@notify.test"]),
        (b"To: " + b"x" * 70_000 + b"\nTo: ack+a@notify.test", "unknown", []),
        (b"", "unknown", []),
    ],
)
def test_the_envelope_is_read_from_what_the_mail_servers_wrote(head: bytes, sender: str, recipients: list[str]) -> None:
    assert read_envelope(head, is_ours) == (sender, recipients)


@given(st.binary(max_size=2000))
def test_no_bytes_at_all_break_the_reading_of_the_envelope(raw: bytes) -> None:
    sender, recipients = read_envelope(b"To: " + raw, lambda address: True)
    assert "@" in sender or sender in ("", "unknown")
    assert all("@" in recipient for recipient in recipients)
    assert "\x00" not in f"{sender}{recipients}" and f"{sender}{recipients}".encode()


def test_the_password_is_not_shown() -> None:
    assert "hunter2" not in repr(Mailbox("imap.example", "desk", "hunter2"))
