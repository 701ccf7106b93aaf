"""The guarded client speaks to a server only when its certificate is right."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.outbound.client import guarded_session, post, tls_context
from adapters.outbound.guard import read_networks
from notify.errors import DeliveryError

LOOPBACK = read_networks("127.0.0.0/8")


class Names(AbstractResolver):
    """A name server that knows `ministry.example` on loopback and nothing else."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        if host != "ministry.example":
            raise OSError("unknown host")
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return None


class Authority:
    """A private certificate authority."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        builder = self._builder(self._name, self._key, datetime.now(UTC) + timedelta(days=1))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        builder = builder.add_extension(identifier, critical=False)
        self._certificate = builder.sign(self._key, hashes.SHA256())
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server_context(self, folder: Path, host: str, valid_until: datetime) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        builder = self._builder(subject, key, valid_until)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = builder.add_extension(issuer, critical=False).sign(self._key, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "server.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, valid_until: datetime
    ) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        return builder.not_valid_before(datetime.now(UTC) - timedelta(days=30)).not_valid_after(valid_until)


async def secure_status(folder: Path, *, certified: str, days: int, trusted: bool, called: str) -> int:
    """Call a server whose certificate names `certified` and runs out in `days`, as `called`."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=204)

    authority = Authority()
    server_context = authority.server_context(folder, certified, datetime.now(UTC) + timedelta(days=days))
    application = web.Application()
    application.router.add_post("/hook", handler)
    context = tls_context(authority.pem) if trusted else None
    server = TestServer(application)
    await server.start_server(ssl=server_context)
    try:
        async with guarded_session(LOOPBACK, ssl_context=context, resolver=Names()) as session:
            url = f"https://{called}:{server.port}/hook"
            return (await post(session, url, b"{}", {}, timeout_seconds=5)).status
    finally:
        await server.close()


async def test_a_certificate_of_a_trusted_authority_is_accepted(tmp_path: Path) -> None:
    name = "ministry.example"
    assert await secure_status(tmp_path, certified=name, days=1, trusted=True, called=name) == 204


@pytest.mark.parametrize("called", ["ministry.example", "127.0.0.1"])
async def test_a_certificate_for_another_name_fails_for_good(tmp_path: Path, called: str) -> None:
    with pytest.raises(DeliveryError, match="another name") as caught:
        await secure_status(tmp_path, certified="other.example", days=1, trusted=True, called=called)
    assert caught.value.permanent


async def test_an_expired_certificate_is_refused_and_may_be_renewed(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="expired") as caught:
        await secure_status(tmp_path, certified="ministry.example", days=-1, trusted=True, called="ministry.example")
    assert not caught.value.permanent


async def test_a_certificate_of_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="not trusted") as caught:
        await secure_status(tmp_path, certified="ministry.example", days=1, trusted=False, called="ministry.example")
    assert not caught.value.permanent


async def test_an_unknown_host_name_is_a_temporary_failure() -> None:
    async with guarded_session(LOOPBACK, resolver=Names()) as session:
        with pytest.raises(DeliveryError, match="not found") as caught:
            await post(session, "https://unknown.example/", b"{}", {}, timeout_seconds=5)
    assert not caught.value.permanent


def test_tls_before_1_2_is_never_spoken() -> None:
    assert tls_context().minimum_version is ssl.TLSVersion.TLSv1_2
    assert tls_context().verify_mode is ssl.CERT_REQUIRED
    assert tls_context().check_hostname
