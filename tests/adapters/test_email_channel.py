"""The mail channel against real SMTP servers on loopback: what it sends, and what it makes of each answer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.email.catcher import MailCatcher
from adapters.email.channel import EmailChannel
from adapters.email.relay import Relay
from notify.delivery import DeliveryState
from notify.errors import DeliveryError, FailureKind
from tests.adapters.mail_builders import NOW, composer, dispatch, notice, recipient

LOCAL = "127.0.0.1"


@asynccontextmanager
async def catching(**options: Any) -> AsyncIterator[MailCatcher]:
    catcher = MailCatcher(**options)
    await catcher.start()
    try:
        yield catcher
    finally:
        await catcher.stop()


def relay_at(port: int, **options: Any) -> Relay:
    return replace(Relay(LOCAL, port, "none", timeout=5.0), **options)


@asynccontextmanager
async def channel_to(relay: Relay) -> AsyncIterator[EmailChannel]:
    channel = EmailChannel([relay], composer(), lambda delivery_id: "bounces@article17.example", lambda: NOW)
    try:
        yield channel
    finally:
        await channel.close()


async def refused(relay: Relay, **fields: Any) -> DeliveryError:
    async with channel_to(relay) as channel:
        with pytest.raises(DeliveryError) as caught:
            await channel.deliver(dispatch(**fields))
    return caught.value


class Scripted:
    """A relay that answers each command as the test says; `closed` is set when a connection ends."""

    def __init__(self, *, mail: str = "", data: str = "250 OK", **options: Any) -> None:
        self.mail, self.data, self.options = mail, data, options
        self.connections, self.open, self.mails = 0, 0, 0
        self.closed = asyncio.Event()

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        # A relay that has lost patience with a connection says so at the next transaction.
        if self.mail and getattr(session, "used", False):
            return self.mail
        session.used = True  # type: ignore[attr-defined]
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails += self.data.startswith("250")
        return self.data

    def protocol(self) -> SMTP:
        script = self

        class Protocol(SMTP):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                script.connections += 1
                script.open += 1
                super().connection_made(transport)

            def connection_lost(self, error: Exception | None) -> None:
                script.open -= 1
                script.closed.set()
                super().connection_lost(error)

        return Protocol(self, hostname="localhost", loop=asyncio.get_running_loop(), **self.options)

    @asynccontextmanager
    async def running(self, **tls: Any) -> AsyncIterator[int]:
        server = await asyncio.get_running_loop().create_server(self.protocol, LOCAL, 0, **tls)
        async with server:
            yield int(server.sockets[0].getsockname()[1])
        while self.open:
            self.closed.clear()
            await asyncio.wait_for(self.closed.wait(), 5)


async def test_a_mail_arrives_as_it_was_composed_and_is_proved_as_accepted_only() -> None:
    title = {"ar": "تسرب أرز معدل وراثياً", "zh": "转基因水稻", "ru": "Утечка", "en": "Rice 🌾\n.leading dot\nFrom here"}
    sent = dispatch(notice(title=title))
    async with catching(clock=lambda: NOW) as catcher, channel_to(relay_at(catcher.port)) as channel:
        proof = await channel.deliver(sent)
    (mail,) = catcher.mails
    assert (proof.state, proof.status) == (DeliveryState.ACCEPTED, 250)
    assert (mail.envelope_from, mail.to) == ("bounces@article17.example", "desk@biosafety.nl.example")
    assert mail.content == composer().compose(sent, NOW).content
    assert "Rice 🌾" in mail.subject
    assert "What: Rice 🌾 .leading dot From here" in mail.text
    assert "Rice 🌾" in mail.html
    assert mail.received_at == NOW


async def test_an_international_mailbox_is_reached_when_the_relay_can() -> None:
    async with catching() as catcher, channel_to(relay_at(catcher.port)) as channel:
        await channel.deliver(dispatch(reader=recipient(email="имя@ministry.example")))
    assert [mail.to for mail in catcher.mails] == ["имя@ministry.example"]


async def test_an_international_mailbox_is_the_operators_matter_when_the_relay_cannot() -> None:
    async with Scripted().running() as port:
        error = await refused(relay_at(port), reader=recipient(email="имя@ministry.example"))
    assert (error.kind, error.permanent) == (FailureKind.OURS, True)
    assert "SMTPUTF8" in error.reason


async def test_five_hundred_mails_reuse_a_few_connections() -> None:
    async with catching() as catcher, channel_to(relay_at(catcher.port, connections=4, batch=100)) as channel:
        sends = [
            dispatch(reader=recipient(email=f"desk{number}@biosafety.example"), delivery_id=f"d-{number}")
            for number in range(500)
        ]
        await asyncio.gather(*(channel.deliver(sent) for sent in sends))
    assert catcher.received == 500
    assert len({mail.message["Message-ID"] for mail in catcher.mails}) == 500
    assert [mail.message["To"].count("@") for mail in catcher.mails[:20]] == [1] * 20
    # Five batches of a hundred are the least; each of the four connections may end with a part of one.
    assert 5 <= catcher.connections <= 8


async def test_a_connection_is_left_after_its_batch() -> None:
    async with catching() as catcher, channel_to(relay_at(catcher.port, batch=2)) as channel:
        for _ in range(5):
            await channel.deliver(dispatch())
    assert catcher.connections == 3


async def test_an_idle_connection_is_left_soon() -> None:
    script = Scripted()
    async with script.running() as port, channel_to(relay_at(port, idle_seconds=0.02)) as channel:
        await channel.deliver(dispatch())
        await asyncio.wait_for(script.closed.wait(), 5)
        await channel.deliver(dispatch())
    assert (script.connections, script.mails) == (2, 2)


async def test_a_connection_that_the_relay_closed_while_idle_is_opened_again() -> None:
    script = Scripted(mail="421 4.4.2 idle for too long")
    async with script.running() as port, channel_to(relay_at(port)) as channel:
        for _ in range(3):
            await channel.deliver(dispatch())
    assert (script.connections, script.mails) == (3, 3)


async def test_a_relay_that_is_closing_on_a_fresh_connection_is_tried_later() -> None:
    async with catching(refuse=lambda address: "421 4.3.2 going down") as catcher:
        error = await refused(relay_at(catcher.port))
    assert (error.kind, error.permanent, error.status) == (FailureKind.TEMPORARY, False, 421)


ANSWERS = [
    ("550 5.1.1 no such user", FailureKind.RECIPIENT, True),
    ("550 5.2.1 mailbox disabled", FailureKind.RECIPIENT, True),
    ("553 5.1.3 bad address", FailureKind.RECIPIENT, True),
    ("550 5.4.4 no route to the domain", FailureKind.RECIPIENT, True),
    ("550 User unknown", FailureKind.RECIPIENT, True),
    ("550 5.0.0 mailbox not found", FailureKind.RECIPIENT, True),
    ("552 5.2.2 mailbox full", FailureKind.TEMPORARY, False),
    ("452 4.2.2 over quota", FailureKind.TEMPORARY, False),
    ("550 5.0.0 The mailbox is full", FailureKind.TEMPORARY, False),
    ("450 4.7.1 greylisted", FailureKind.TEMPORARY, False),
    ("451 4.3.0 try again", FailureKind.TEMPORARY, False),
    ("554 5.7.1 refused: SPF", FailureKind.OURS, True),
    ("550 5.7.26 DMARC", FailureKind.OURS, True),
    ("550 message refused because of your reputation", FailureKind.OURS, True),
    ("554 5.7.1 Relay access denied", FailureKind.OURS, False),
    ("550 5.1.8 sender address has no domain", FailureKind.OURS, False),
    ("530 5.7.0 authentication required", FailureKind.OURS, False),
]


@pytest.mark.parametrize(("answer", "kind", "permanent"), ANSWERS)
async def test_a_refusal_of_the_recipient_says_whose_problem_it_is(
    answer: str, kind: FailureKind, permanent: bool
) -> None:
    async with catching(refuse=lambda address: answer) as catcher:
        error = await refused(relay_at(catcher.port))
        assert catcher.mails == []
    assert (error.kind, error.permanent, error.status) == (kind, permanent, int(answer[:3]))
    assert error.answer == answer[4:]


@pytest.mark.parametrize(
    ("answer", "kind", "permanent"),
    [
        ("554 5.7.1 message looks like spam", FailureKind.OURS, True),
        ("554 transaction failed", FailureKind.OURS, True),
        ("552 5.3.4 message too big", FailureKind.OURS, True),
        ("550 5.1.1 no such user", FailureKind.RECIPIENT, True),
        ("552 5.2.2 mailbox full", FailureKind.TEMPORARY, False),
        ("451 4.3.0 queue file write error", FailureKind.TEMPORARY, False),
    ],
)
async def test_a_refusal_of_the_content_says_whose_problem_it_is(
    answer: str, kind: FailureKind, permanent: bool
) -> None:
    async with Scripted(data=answer).running() as port:
        error = await refused(relay_at(port))
    assert (error.kind, error.permanent) == (kind, permanent)


async def test_one_refusal_does_not_disturb_the_next_mail_on_the_connection() -> None:
    refuse = {"gone@biosafety.example": "550 5.1.1 no such user"}.get
    async with catching(refuse=refuse) as catcher, channel_to(relay_at(catcher.port)) as channel:
        await channel.deliver(dispatch())
        with pytest.raises(DeliveryError):
            await channel.deliver(dispatch(reader=recipient(email="gone@biosafety.example")))
        await channel.deliver(dispatch())
    assert (catcher.connections, catcher.received) == (1, 2)


async def test_a_bad_address_is_refused_without_speaking_to_the_relay() -> None:
    async with catching() as catcher:
        error = await refused(relay_at(catcher.port), reader=recipient(email="a@b.test\r\nRCPT TO:<x@y.test>"))
        assert catcher.connections == 0
    assert (error.kind, error.permanent) == (FailureKind.RECIPIENT, True)


async def test_a_mail_that_fails_its_check_is_not_sent() -> None:
    async with catching() as catcher:
        error = await refused(relay_at(catcher.port), delivery_id="x>\r\nBcc: y")
        assert catcher.connections == 0
    assert (error.kind, error.permanent) == (FailureKind.OURS, True)


async def test_a_relay_that_is_not_there_is_tried_later() -> None:
    async with catching() as catcher:
        port = catcher.port
    error = await refused(relay_at(port))
    assert (error.kind, error.permanent) == (FailureKind.TEMPORARY, False)


async def test_a_relay_that_says_nothing_is_tried_later() -> None:
    closed = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        closed.set()

    server = await asyncio.start_server(silent, LOCAL, 0)
    async with server:
        error = await refused(relay_at(server.sockets[0].getsockname()[1], timeout=0.1))
        await asyncio.wait_for(closed.wait(), 5)
    assert (error.kind, error.permanent) == (FailureKind.TEMPORARY, False)
    assert "in time" in error.reason


async def test_a_relay_that_hangs_up_in_the_middle_is_not_given_the_mail_twice() -> None:
    transactions = 0
    closed = asyncio.Event()

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal transactions
        writer.write(b"220 localhost\r\n")
        while (line := await reader.readline()) and not line.startswith(b"DATA"):
            writer.write(b"250 OK\r\n")
        transactions += 1
        writer.close()
        await writer.wait_closed()
        closed.set()

    server = await asyncio.start_server(hang_up, LOCAL, 0)
    async with server:
        error = await refused(relay_at(server.sockets[0].getsockname()[1]))
        await asyncio.wait_for(closed.wait(), 5)
    assert (error.kind, error.permanent, transactions) == (FailureKind.TEMPORARY, False, 1)


class Certificates:
    """A private authority, and a certificate of it for `localhost`."""

    def __init__(self, folder: Path) -> None:
        key, name = ec.generate_private_key(ec.SECP256R1()), _name("Authority of the tests")
        self.ca_file = folder / "authority.pem"
        authority = _certificate(name, name, key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        authority = authority.add_extension(identifier, critical=False).add_extension(usage, critical=True)
        self.ca_file.write_bytes(authority.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        own = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
        server = _certificate(_name("localhost"), name, own.public_key()).add_extension(names, critical=False)
        signed = server.add_extension(issuer, critical=False).sign(key, hashes.SHA256())
        chain = folder / "server.pem"
        chain.write_bytes(
            signed.public_bytes(serialization.Encoding.PEM)
            + own.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(chain)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    today, number = datetime.now(UTC), x509.random_serial_number()
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key, serial_number=number)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
    )


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


async def test_mail_goes_over_verified_starttls(certificates: Certificates) -> None:
    async with catching(tls=certificates.server) as catcher:
        relay = Relay("localhost", catcher.port, ca_file=str(certificates.ca_file), timeout=5.0)
        async with channel_to(relay) as channel:
            await channel.deliver(dispatch())
            await channel.deliver(dispatch())
        assert (catcher.received, catcher.connections) == (2, 1)


async def test_mail_goes_over_tls_from_the_first_byte(certificates: Certificates) -> None:
    script = Scripted()
    async with script.running(ssl=certificates.server) as port:
        relay = Relay("localhost", port, "tls", ca_file=str(certificates.ca_file), timeout=5.0)
        async with channel_to(relay) as channel:
            await channel.deliver(dispatch())
    assert script.mails == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["wrong name", "unknown authority"])
async def test_a_relay_with_a_certificate_that_does_not_hold_gets_no_mail(
    certificates: Certificates, host: str
) -> None:
    async with catching(tls=certificates.server) as catcher:
        ca_file = str(certificates.ca_file) if host == LOCAL else None
        error = await refused(Relay(host, catcher.port, ca_file=ca_file, timeout=5.0))
        assert catcher.mails == []
    assert (error.kind, error.permanent) == (FailureKind.OURS, False)
    assert "certificate verify failed" in error.reason


async def test_a_relay_that_does_not_offer_starttls_gets_no_mail() -> None:
    async with catching() as catcher:
        error = await refused(Relay("localhost", catcher.port, timeout=5.0))
        assert catcher.mails == []
    assert (error.kind, error.permanent) == (FailureKind.OURS, False)
    assert "STARTTLS" in error.reason


@pytest.mark.parametrize("password", ["right", "wrong"])
async def test_signing_in_at_the_relay_succeeds_or_is_the_operators_matter(password: str) -> None:
    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any) -> AuthResult:
        return AuthResult(success=login.password == b"right", handled=False)

    script = Scripted(authenticator=authenticate, auth_require_tls=False)
    async with script.running() as port:
        relay = relay_at(port, username="article17", password=password)
        if password == "right":
            async with channel_to(relay) as channel:
                await channel.deliver(dispatch())
        else:
            error = await refused(relay)
            assert (error.kind, error.permanent, error.status) == (FailureKind.OURS, False, 535)
    assert script.mails == (password == "right")


def test_a_password_is_not_shown_with_the_relay() -> None:
    assert "secret" not in repr(Relay("localhost", 25, password="secret"))


async def test_the_catcher_keeps_no_more_than_asked() -> None:
    async with catching(keep=2) as catcher, channel_to(relay_at(catcher.port)) as channel:
        for number in range(3):
            await channel.deliver(dispatch(delivery_id=f"d-{number}"))
    assert [mail.message["Message-ID"] for mail in catcher.mails] == [
        "<d-1@article17.example>",
        "<d-2@article17.example>",
    ]
    assert catcher.received == 3


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"550 5.1.1 Bo\xeete inconnue", "5.1.1 Bo\ufffdte inconnue"),
        ("550 5.1.1 Boîte inconnue".encode(), "5.1.1 Boîte inconnue"),
        (b"550-5.1.1 gone\0\r\n550 5.1.1 \x1b[31mfor good", "5.1.1 gone 5.1.1 [31mfor good"),
    ],
)
async def test_an_answer_in_any_bytes_becomes_text_that_can_be_stored(said: bytes, shown: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay.example\r\n")
        while command := (await reader.readline())[:4].upper():
            writer.write((said if command == b"RCPT" else b"250 OK") + b"\r\n")
        writer.close()

    server = await asyncio.start_server(answer, LOCAL, 0)
    async with server:
        error = await refused(relay_at(server.sockets[0].getsockname()[1]))
    assert (error.kind, error.permanent, error.status) == (FailureKind.RECIPIENT, True, 550)
    assert error.answer == shown
    assert error.reason.endswith(shown)
    assert error.answer.encode().decode() == shown
