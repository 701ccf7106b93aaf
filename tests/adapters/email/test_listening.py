"""Mail in over real sockets: LMTP and SMTP, orderly mail servers and rude ones."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.email.listen_address import ListenAddress, parse_listen_address
from adapters.email.listening import MailListener
from notify.errors import DatabaseAway
from notify.inbound import ReceivedMail

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MAIL = b"From: desk@gov.example\r\nSubject: Re: A17-2026-0001\r\n\r\nreceived\r\n..two dots\r\n"
WITHIN = 20


def is_ours(address: str) -> bool:
    return address.lower().endswith("@notify.example")


class Box:
    """Keeps mails; `refuse` may raise for one of them, and `gate` may hold them up."""

    def __init__(self, refuse: Callable[[ReceivedMail], None] = lambda mail: None) -> None:
        self.kept: list[ReceivedMail] = []
        self.tried = 0
        self.refuse = refuse
        self.begun, self.gate, self.done = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.gate.set()

    async def keep(self, mail: ReceivedMail) -> None:
        self.tried += 1
        self.begun.set()
        await self.gate.wait()
        self.refuse(mail)
        self.kept.append(mail)
        self.done.set()

    @property
    def recipients(self) -> list[str]:
        return [mail.recipient for mail in self.kept]


@asynccontextmanager
async def listening(
    keep: Callable[[ReceivedMail], Awaitable[None]], address: ListenAddress | None = None, **options: Any
) -> AsyncIterator[MailListener]:
    at = address or ListenAddress(lmtp=True)
    listener = MailListener(keep, accepts=is_ours, address=at, clock=lambda: NOW, **options)
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop()


class Talk:
    """Speaks to a listener line by line, as a mail server does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def answer(self) -> str:
        """Read one answer, which may have several lines."""
        lines = []
        while True:
            async with asyncio.timeout(WITHIN):
                line = (await self.reader.readline()).decode()
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return "\n".join(lines)

    async def say(self, line: str | bytes) -> str:
        self.writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return await self.answer()

    async def begin(self, *recipients: str, sender: str = "", greeting: str = "LHLO mx.gov.example") -> list[str]:
        """Greet and name sender and recipients; gives the answer to each recipient."""
        await self.say(greeting)
        assert await self.say(f"MAIL FROM:<{sender}>") == "250 2.1.0 OK"
        return [await self.say(f"RCPT TO:<{recipient}>") for recipient in recipients]

    async def data(self, content: bytes = MAIL, *, answers: int = 1) -> list[str]:
        """Send a mail; gives as many answers as are expected."""
        assert (await self.say("DATA")).startswith("354")
        self.writer.write(content + b".\r\n")
        return [await self.answer() for _ in range(answers)]

    async def hears_the_end(self) -> str:
        """Read what is said until the other side closes."""
        async with asyncio.timeout(WITHIN):
            return (await self.reader.read()).decode()


@asynccontextmanager
async def talk(listener: MailListener, *, greeted: bool = True) -> AsyncIterator[Talk]:
    address = listener.address
    if address.path:
        reader, writer = await asyncio.open_unix_connection(address.path)
    else:
        reader, writer = await asyncio.open_connection(address.host, address.port)
    talking = Talk(reader, writer)
    try:
        if greeted:
            assert (await talking.answer()).startswith("220 ")
        yield talking
    finally:
        writer.close()


async def deliver(listener: MailListener, *recipients: str, content: bytes = MAIL) -> list[str]:
    """Hand one mail over by LMTP; gives the answers after the mail."""
    async with talk(listener) as talking:
        await talking.begin(*recipients)
        return await talking.data(content, answers=len(recipients))


async def test_a_mail_over_lmtp_is_kept_byte_for_byte_with_its_envelope() -> None:
    box = Box()
    async with listening(box.keep) as listener, talk(listener) as talking:
        await talking.begin("bounce+t1@notify.example", sender="desk@gov.example")
        assert await talking.data() == ["250 2.0.0 kept"]
    assert box.kept == [
        ReceivedMail(
            sender="desk@gov.example",
            recipient="bounce+t1@notify.example",
            raw=MAIL.replace(b"..two", b".two"),
            received_at=NOW,
            source="lmtp 127.0.0.1",
        )
    ]


async def test_the_empty_sender_of_a_bounce_stays_empty() -> None:
    box = Box()
    async with listening(box.keep) as listener:
        await deliver(listener, "bounce+t1@notify.example")
    assert box.kept[0].sender == ""


async def test_a_mail_over_smtp_is_kept() -> None:
    box = Box()
    async with listening(box.keep, ListenAddress(lmtp=False)) as listener:
        refused, answer = await aiosmtplib.send(
            MAIL,
            sender="desk@gov.example",
            recipients=["ack+t1@notify.example", "ack+t2@notify.example"],
            hostname="127.0.0.1",
            port=listener.address.port,
            start_tls=False,
        )
    assert (refused, answer) == ({}, "2.0.0 kept")
    assert box.recipients == ["ack+t1@notify.example", "ack+t2@notify.example"]
    assert box.kept[0].source == "smtp 127.0.0.1"


async def test_nothing_is_answered_before_the_mail_is_kept() -> None:
    box = Box()
    box.gate.clear()
    async with listening(box.keep) as listener, talk(listener) as talking:
        await talking.begin("bounce+t1@notify.example")
        answer = asyncio.create_task(talking.data())
        await asyncio.wait_for(box.begun.wait(), WITHIN)
        assert (talking.reader._buffer, answer.done()) == (bytearray(), False)  # type: ignore[attr-defined]
        box.gate.set()
        assert await answer == ["250 2.0.0 kept"]


async def test_an_address_that_is_not_ours_is_refused_at_once() -> None:
    box = Box()
    async with listening(box.keep) as listener, talk(listener) as talking:
        answers = await talking.begin("desk@other.example", "ack+t1@notify.example", "ack\u0000@notify.example")
        assert [answer[:9] for answer in answers] == ["550 5.1.1", "250 2.1.5", "550 5.1.1"]
        assert await talking.data() == ["250 2.0.0 kept"]
    assert box.recipients == ["ack+t1@notify.example"]


@pytest.mark.parametrize("error", [DatabaseAway("10.0.0.7 is gone"), OSError("disk full"), ValueError("secret")])
async def test_what_cannot_be_kept_is_asked_for_again(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    def refuse(mail: ReceivedMail) -> None:
        raise error

    box = Box(refuse)
    async with listening(box.keep) as listener:
        assert [answer[:9] for answer in await deliver(listener, "ack+t1@notify.example")] == ["451 4.3.0"]
        box.refuse = lambda mail: None
        assert await deliver(listener, "ack+t1@notify.example") == ["250 2.0.0 kept"]
    assert box.recipients == ["ack+t1@notify.example"]
    assert "could not be kept" in caplog.text
    assert "10.0.0.7" not in caplog.text and "secret" not in caplog.text


async def test_what_takes_too_long_to_keep_is_asked_for_again() -> None:
    box = Box()
    box.gate.clear()
    async with listening(box.keep, keep_seconds=0.05) as listener:
        answers = await deliver(listener, "ack+t1@notify.example", "ack+t2@notify.example")
    assert [answer[:3] for answer in answers] == ["451", "451"]


def refuse_the_second(mail: ReceivedMail) -> None:
    if "t2" in mail.recipient:
        raise OSError


THREE = ("ack+t1@notify.example", "ack+t2@notify.example", "ack+t3@notify.example")


async def test_over_lmtp_each_recipient_has_its_own_answer() -> None:
    box = Box(refuse_the_second)
    async with listening(box.keep) as listener:
        answers = await deliver(listener, *THREE)
        assert [answer[:3] for answer in answers] == ["250", "451", "250"]
        box.refuse = lambda mail: None
        assert await deliver(listener, THREE[1]) == ["250 2.0.0 kept"]
    assert sorted(box.recipients) == sorted(THREE)


async def test_a_recipient_named_twice_over_lmtp_gets_two_answers_and_one_mail() -> None:
    box = Box()
    async with listening(box.keep) as listener:
        assert await deliver(listener, THREE[0], THREE[0]) == ["250 2.0.0 kept"] * 2
    assert box.recipients == [THREE[0]]


async def test_over_smtp_the_whole_mail_comes_again_and_nobody_gets_it_twice() -> None:
    box = Box(refuse_the_second)
    async with listening(box.keep, ListenAddress(lmtp=False)) as listener:
        for expected in ("451", "451", "250"):
            async with talk(listener) as talking:
                await talking.begin(*THREE, greeting="EHLO mx.gov.example")
                [answer] = await talking.data()
            assert answer[:3] == expected
            if box.tried > 3:
                box.refuse = lambda mail: None
    assert sorted(box.recipients) == sorted(THREE)


@pytest.mark.parametrize(("lmtp", "expected"), [(True, ["552", "552"]), (False, ["552"])])
async def test_a_mail_that_is_too_big_is_refused_with_as_many_answers_as_are_due(
    lmtp: bool, expected: list[str]
) -> None:
    box = Box()
    at = ListenAddress(lmtp=lmtp)
    async with listening(box.keep, at, most_bytes=10_000) as listener, talk(listener) as talking:
        await talking.begin(*THREE[:2], greeting="LHLO mx" if lmtp else "EHLO mx")
        answers = await talking.data(MAIL * 400, answers=len(expected))
        assert [answer[:3] for answer in answers] == expected
        # The conversation is still in step.
        assert await talking.say("MAIL FROM:<>") == "250 2.1.0 OK"
        assert (await talking.say("RSET"))[:3] == "250"
        assert (await talking.say("MAIL FROM:<> SIZE=10001"))[:3] == "552"
    assert box.kept == []


async def test_lines_longer_than_the_standard_allows_are_kept_up_to_a_bound() -> None:
    box = Box()
    long = b"Subject: " + b"x" * 60_000 + b"\r\n\r\nreceived\r\n"
    async with listening(box.keep) as listener:
        assert await deliver(listener, THREE[0], content=long) == ["250 2.0.0 kept"]
        answers = await deliver(listener, *THREE, content=b"y" * 300_000 + b"\r\n")
        assert [answer[:3] for answer in answers] == ["500"] * 3
    assert [mail.raw for mail in box.kept] == [long]


async def test_international_addresses_are_kept() -> None:
    box = Box()
    async with listening(box.keep) as listener, talk(listener) as talking:
        assert "SMTPUTF8" in await talking.say("LHLO mx")
        assert await talking.say("MAIL FROM:<почта@пример.example> SMTPUTF8") == "250 2.1.0 OK"
        assert (await talking.say("RCPT TO:<ответ@notify.example>"))[:3] == "250"
        await talking.data("Subject: Получено\r\n\r\nтекст\r\n".encode())
    [mail] = box.kept
    assert (mail.sender, mail.recipient) == ("почта@пример.example", "ответ@notify.example")
    assert "Получено" in mail.raw.decode()


async def test_a_sender_in_broken_bytes_is_kept_as_what_a_database_takes() -> None:
    box = Box()
    async with listening(box.keep) as listener, talk(listener) as talking:
        await talking.say("LHLO mx")
        await talking.say(b"MAIL FROM:<d\xe9sk@gov.example>")
        assert (await talking.say(b"RCPT TO:<ack+\xe9@notify.example>"))[:3] == "550"
        assert (await talking.say("RCPT TO:<ack+t1@notify.example>"))[:3] == "250"
        await talking.data(b"Subject: \xff\xfe\x00\r\n\r\n")
    [mail] = box.kept
    assert mail.sender == "d?sk@gov.example"
    assert mail.raw == b"Subject: \xff\xfe\x00\r\n\r\n"


async def test_commands_may_come_all_at_once() -> None:
    box = Box()
    async with listening(box.keep) as listener, talk(listener) as talking:
        assert "250-PIPELINING" in await talking.say("LHLO mx")
        talking.writer.write(
            b"MAIL FROM:<>\r\nRCPT TO:<ack+t1@notify.example>\r\nDATA\r\n" + MAIL + b".\r\nMAIL FROM:<>\r\nQUIT\r\n"
        )
        answers = [await talking.answer() for _ in range(6)]
    assert [answer[:3] for answer in answers] == ["250", "250", "354", "250", "250", "221"]
    assert box.recipients == ["ack+t1@notify.example"]


async def test_a_bare_line_feed_does_not_end_a_mail() -> None:
    smuggled = b"Subject: one\r\n\r\ntext\n.\nMAIL FROM:<>\nRCPT TO:<ack+t2@notify.example>\r\n"
    box = Box()
    async with listening(box.keep) as listener:
        await deliver(listener, THREE[0], content=smuggled)
    assert [mail.raw for mail in box.kept] == [smuggled]


async def test_more_recipients_than_allowed_are_put_off() -> None:
    box = Box()
    async with listening(box.keep, most_recipients=2) as listener, talk(listener) as talking:
        answers = await talking.begin(*THREE)
        assert [answer[:9] for answer in answers] == ["250 2.1.5", "250 2.1.5", "452 4.5.3"]
        assert await talking.data(answers=2) == ["250 2.0.0 kept"] * 2
    assert box.recipients == list(THREE[:2])


async def test_one_connection_too_many_is_told_so_and_the_others_go_on() -> None:
    box = Box()
    async with listening(box.keep, connections=1) as listener:
        async with talk(listener) as first:
            async with talk(listener, greeted=False) as second:
                assert (await second.hears_the_end())[:9] == "421 4.3.2"
            await first.begin(THREE[0])
            assert await first.data() == ["250 2.0.0 kept"]
            assert (await first.say("QUIT"))[:3] == "221"
            await first.hears_the_end()
        assert await deliver(listener, THREE[1]) == ["250 2.0.0 kept"]


async def test_who_says_nothing_is_cut_off() -> None:
    async with listening(Box().keep, idle_seconds=0.05) as listener, talk(listener) as talking:
        assert await talking.hears_the_end() == ""


async def test_who_leaves_in_the_middle_leaves_nothing_behind() -> None:
    box = Box()
    async with listening(box.keep) as listener:
        async with talk(listener) as talking:
            await talking.begin(THREE[0])
            await talking.say("DATA")
            talking.writer.write(b"Subject: half a mail\r\n")
        assert await deliver(listener, THREE[1]) == ["250 2.0.0 kept"]
    assert box.recipients == [THREE[1]]


async def test_a_mail_whose_answer_was_lost_is_not_kept_twice() -> None:
    box = Box()
    box.gate.clear()
    async with listening(box.keep) as listener:
        async with talk(listener) as talking:
            await talking.begin(THREE[0])
            await talking.say("DATA")
            talking.writer.write(MAIL + b".\r\n")
            await asyncio.wait_for(box.begun.wait(), WITHIN)
            # The line is reset while the mail is being written to the database.
            talking.writer.transport.abort()
        # Who is greeted now comes after the reset.
        async with talk(listener):
            box.gate.set()
        await asyncio.wait_for(box.done.wait(), WITHIN)
        assert await deliver(listener, THREE[0]) == ["250 2.0.0 kept"]
        assert await deliver(listener, THREE[1]) == ["250 2.0.0 kept"]
    assert box.recipients == [THREE[0], THREE[1]]


async def test_a_stop_finishes_what_is_in_hand_and_takes_nothing_new() -> None:
    box = Box()
    box.gate.clear()
    async with listening(box.keep) as listener:
        address = listener.address
        async with talk(listener) as busy, talk(listener) as idle:
            await busy.begin(THREE[0])
            answer = asyncio.create_task(busy.data())
            await asyncio.wait_for(box.begun.wait(), WITHIN)
            stopping = asyncio.create_task(listener.stop())
            assert (await idle.hears_the_end())[:9] == "421 4.3.2"
            with pytest.raises(OSError):
                await asyncio.open_connection(address.host, address.port)
            box.gate.set()
            assert await answer == ["250 2.0.0 kept"]
            assert (await busy.hears_the_end())[:9] == "421 4.3.2"
            await asyncio.wait_for(stopping, WITHIN)
    assert box.recipients == [THREE[0]]


async def test_a_stop_does_not_wait_for_ever() -> None:
    box = Box()
    box.gate.clear()
    async with listening(box.keep) as listener, talk(listener) as talking:
        await talking.begin(THREE[0])
        await talking.say("DATA")
        talking.writer.write(MAIL + b".\r\n")
        await asyncio.wait_for(box.begun.wait(), WITHIN)
        await asyncio.wait_for(listener.stop(within=0.05), WITHIN)
        with suppress(ConnectionResetError):
            assert await talking.hears_the_end() == ""
    assert box.kept == []


async def test_it_listens_on_a_local_socket_and_clears_it_away(tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(path))
    box = Box()
    async with listening(box.keep, ListenAddress(lmtp=True, host="", path=str(path))) as listener:
        assert await deliver(listener, THREE[0]) == ["250 2.0.0 kept"]
        assert (path.stat().st_mode & 0o777) == 0o666
    assert box.kept[0].source == "lmtp local socket"
    assert not path.exists()


async def test_no_address_of_a_reader_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "asyncio")
    async with listening(Box().keep) as listener:
        await deliver(listener, "ack+secret@notify.example")
        async with talk(listener) as talking:
            await talking.say("RCPT ack+secret@notify.example")
            await talking.say("ack+secret@notify.example")
    assert "secret" not in caplog.text


RUDE = [
    b"",
    b"\x00\x01\x02",
    b"\xff\xfe",
    b"MAIL",
    b"MAIL FROM:",
    b"MAIL FROM:<",
    b"MAIL FROM:<>>",
    b"MAIL FROM:<" + b"(" * 900 + b">",
    b"MAIL FROM:<@a,@b:c@d>",
    b"MAIL FROM:<> SIZE=\xc2\xb2",
    b"MAIL FROM:<> SIZE=99999999999999999999",
    b"MAIL FROM:<> BODY=9BIT",
    b"RCPT TO:<>",
    b'RCPT TO:<"',
    b"RCPT TO:<a@b> NOTIFY=NEVER",
    b"DATA",
    b"DATA now",
    b"VRFY \xff",
    b"VRFY root",
    b"HELP \xff",
    b"AUTH PLAIN AAAA",
    b"EHLO x",
    b"HELO x",
    b"STARTTLS",
    b"BDAT 5 LAST",
    b"x" * 200_000,
]


@pytest.mark.parametrize("line", RUDE, ids=lambda line: repr(line[:24]))
async def test_no_rude_line_ends_the_service(line: bytes) -> None:
    box = Box()
    async with listening(box.keep) as listener:
        async with talk(listener) as talking:
            await talking.say("LHLO mx")
            await talking.say("MAIL FROM:<>")
            assert (await talking.say(line))[:1] in "245"
            assert (await talking.say("RSET"))[:3] == "250"
        assert await deliver(listener, THREE[0]) == ["250 2.0.0 kept"]


ORDERLY = [b"LHLO mx", b"MAIL FROM:<>", b"RCPT TO:<ack+t1@notify.example>", b"DATA", MAIL, b".", b"RSET", b"QUIT"]


@given(st.lists(st.one_of(st.binary(max_size=200), st.sampled_from(ORDERLY), st.sampled_from(RUDE)), max_size=12))
def test_no_bytes_at_all_end_the_service(pieces: Sequence[bytes]) -> None:
    asyncio.run(_abuse(pieces))


async def _abuse(pieces: Sequence[bytes]) -> None:
    box = Box()
    async with listening(box.keep) as listener:
        async with talk(listener) as talking:
            for piece in pieces:
                talking.writer.write(piece + b"\r\n")
            talking.writer.write_eof()
            with suppress(ConnectionResetError):
                await talking.hears_the_end()
        assert await deliver(listener, THREE[0]) == ["250 2.0.0 kept"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("lmtp://127.0.0.1:8024", ListenAddress(True, "127.0.0.1", 8024)),
        ("smtp://0.0.0.0:25", ListenAddress(False, "0.0.0.0", 25)),
        (" smtp://[::1]:8025 ", ListenAddress(False, "::1", 8025)),
        ("lmtp://localhost:8024/", ListenAddress(True, "localhost", 8024)),
        ("lmtp:///run/article17/lmtp.sock", ListenAddress(True, "", 0, "/run/article17/lmtp.sock")),
    ],
)
def test_an_address_to_listen_at_is_read(text: str, address: ListenAddress) -> None:
    assert parse_listen_address(text) == address
    assert parse_listen_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "neither lmtp nor smtp"),
        ("127.0.0.1:8024", "neither lmtp nor smtp"),
        ("imap://127.0.0.1:143", "neither lmtp nor smtp"),
        ("lmtp://127.0.0.1", "names no port"),
        ("lmtp://127.0.0.1:0", "names no port"),
        ("lmtp://:8024", "names no host"),
        ("lmtp://127.0.0.1:port", "lmtp://HOST:PORT"),
        ("lmtp://127.0.0.1:70000", "lmtp://HOST:PORT"),
        ("lmtp://[::1:8024", "lmtp://HOST:PORT"),
        ("lmtp://", "neither a host nor a socket"),
        ("lmtp:///", "neither a host nor a socket"),
        ("lmtp:///run/article17/", "neither a host nor a socket"),
        ("lmtp://127.0.0.1:8024/socket", "a host and a path"),
        ("lmtp://me@127.0.0.1:8024", "more than an address"),
        ("lmtp://127.0.0.1:8024?x=1", "more than an address"),
    ],
)
def test_a_wrong_address_to_listen_at_says_what_would_be_right(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match="write lmtp://HOST:PORT") as caught:
        parse_listen_address(text)
    assert problem in str(caught.value)
