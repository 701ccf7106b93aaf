"""Signing mails here: what is sent verifies with an independent library, and nothing else does."""

from __future__ import annotations

import base64
import warnings
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from adapters.email.catcher import MailCatcher
from adapters.email.channel import EmailChannel
from adapters.email.dkim import DkimSigner, InvalidKey
from adapters.email.relay import Relay
from tests.adapters.mail_builders import NOW, composer, dispatch, notice, recipient

KEY = rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def signer() -> DkimSigner:
    return DkimSigner(pem(KEY), domain="article17.example", selector="s2026")


def verifies(mail: bytes) -> bool:
    """Ask dkimpy, which finds the public key in a DNS of our own."""
    public = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    records = {b"s2026._domainkey.article17.example.": b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dkim.verify(mail, dnsfunc=lambda name, timeout=5: records.get(name))


async def sent(**fields: object) -> bytes:
    """Send a mail by our channel, and give it as the relay got it."""
    catcher = MailCatcher()
    await catcher.start()
    relay = Relay("127.0.0.1", catcher.port, "none", timeout=5.0)
    channel = EmailChannel([relay], composer(), lambda delivery_id: "b@article17.example", lambda: NOW, sign=signer())
    try:
        await channel.deliver(dispatch(**fields))  # type: ignore[arg-type]
    finally:
        await channel.close()
        await catcher.stop()
    (mail,) = catcher.mails
    return mail.content


@pytest.mark.parametrize("email", ["desk@biosafety.nl.example", "имя@ministry.example"])
async def test_what_the_relay_gets_verifies(email: str) -> None:
    title = {"ar": "تسرب أرز", "ru": "Утечка", "en": "Rice 🌾\n.leading dot\n\n\nFrom here  "}
    mail = await sent(told=notice(title=title), reader=recipient(email=email))
    assert mail.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple;")
    assert max(map(len, mail.split(b"\r\n\r\n")[0].split(b"\r\n"))) <= 998
    assert verifies(mail)


async def test_nothing_of_it_can_be_changed_or_added() -> None:
    mail = await sent()
    head, _, body = mail.partition(b"\r\n\r\n")
    assert not verifies(head + b"\r\n\r\n" + body.replace(b"LLRICE", b"another", 1).replace(b"Rice", b"Race", 1))
    assert not verifies(mail.replace(b"Subject: ", b"Subject: Re: ", 1))
    for name in (b"From", b"Reply-To", b"To", b"Subject", b"Date", b"Message-ID"):
        first = mail.index(b"\r\nFrom: ") + 2
        assert not verifies(mail[:first] + name + b": someone@else.example\r\n" + mail[first:]), name


async def test_what_servers_on_the_way_add_does_no_harm() -> None:
    assert verifies(b"Received: from a by b\r\nX-Spam: no\r\n" + await sent())


def test_a_mail_without_a_body_and_with_folded_headers_verifies() -> None:
    mail = b"From: a@article17.example\r\nSubject: one\r\n\t two   three \r\nTo:b@c.example\r\n\r\n"
    for body in (b"", b"\r\n\r\n", b"text\r\n\r\n\r\n", b"text"):
        whole = mail + body
        assert verifies(signer()(whole, datetime.now(UTC)) + whole), body


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (b"no key", "PEM"),
        (pem(rsa.generate_private_key(65537, 1024)), "2048 bits"),  # noqa: S505 - it is to be refused
        (pem(ec.generate_private_key(ec.SECP256R1())), "2048 bits"),
    ],
)
def test_a_key_that_receivers_would_not_trust_is_refused(key: bytes, reason: str) -> None:
    with pytest.raises(InvalidKey, match=reason):
        DkimSigner(key, domain="article17.example", selector="s")


@pytest.mark.parametrize(
    ("domain", "selector"), [("a.example; x", "s"), ("a.example", "s\r\nBcc: x"), ("a.example", "")]
)
def test_a_place_in_the_dns_that_cannot_be_is_refused(domain: str, selector: str) -> None:
    with pytest.raises(InvalidKey, match="no name in the DNS"):
        DkimSigner(pem(KEY), domain=domain, selector=selector)
