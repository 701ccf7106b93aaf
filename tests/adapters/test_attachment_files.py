"""Bytes are kept under their digest, in a folder and in an S3-compatible store alike, by requests that are signed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from moto.server import ThreadedMotoServer

from adapters.attachments import FolderFiles, ObjectStore, ObjectStoreFiles, Scanner
from adapters.attachments.signature import NOTHING, Credentials, quoted_path, signed_headers
from notify.attachment import ScanVerdict
from notify.errors import NotFound, StoreAway
from notify.ports import AttachmentFiles

CONTENT = b"%PDF-1.7 a map of the border strip" * 20_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
KEY = Credentials("name", "secret", "us-east-1")


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Run an S3-compatible server on loopback, with a bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "object store"])
async def files(request: pytest.FixtureRequest, tmp_path: Path) -> AttachmentFiles:
    if request.param == "folder":
        return FolderFiles(tmp_path)
    origin: str = request.getfixturevalue("s3")
    await make_bucket(origin)
    return ObjectStoreFiles(ObjectStore(f"{origin}/article17/kept here", KEY), tmp_path)


async def make_bucket(origin: str) -> None:
    headers = signed_headers(
        "PUT", origin.removeprefix("http://"), "/article17", sha256=NOTHING, now=datetime.now(UTC), credentials=KEY
    )
    async with aiohttp.ClientSession() as session, session.put(f"{origin}/article17", headers=headers) as reply:
        assert reply.status in (200, 409), await reply.text()


async def keep(files: AttachmentFiles, content: bytes = CONTENT) -> str:
    async with files.receive() as incoming:
        for start in range(0, len(content), 100_000):
            await incoming.write(content[start : start + 100_000])
        assert await incoming.scan() is ScanVerdict.UNSCANNED
        assert (incoming.size, incoming.head) == (len(content), content[:512])
        await incoming.keep()
        return incoming.sha256


async def content_of(files: AttachmentFiles, sha256: str) -> bytes:
    return b"".join([piece async for piece in files.read(sha256)])


async def test_what_was_kept_reads_back_and_keeping_it_again_is_harmless(
    files: AttachmentFiles, tmp_path: Path
) -> None:
    assert await keep(files) == await keep(files) == DIGEST
    assert await content_of(files, DIGEST) == CONTENT
    assert list((tmp_path / "incoming").iterdir()) == []


async def test_what_was_not_kept_is_nowhere(files: AttachmentFiles, tmp_path: Path) -> None:
    other = b"not kept"
    async with files.receive() as incoming:
        await incoming.write(other)
    with pytest.raises(NotFound):
        await content_of(files, hashlib.sha256(other).hexdigest())
    assert list((tmp_path / "incoming").iterdir()) == []


async def test_a_file_whose_taking_in_fails_leaves_nothing_behind(files: AttachmentFiles, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        async with files.receive() as incoming:
            await incoming.write(b"half")
            raise ConnectionError
    assert list((tmp_path / "incoming").iterdir()) == []


async def test_a_store_that_refuses_or_is_away_is_told_as_away(tmp_path: Path) -> None:
    async def refuse(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=403)

    app = web.Application(client_max_size=10**8)
    app.router.add_route("*", "/{path:.*}", refuse)
    server = TestServer(app)
    await server.start_server()
    refusing = ObjectStoreFiles(ObjectStore(f"http://127.0.0.1:{server.port}/bucket", KEY), tmp_path)
    for store in (refusing, ObjectStoreFiles(ObjectStore("http://127.0.0.1:1/bucket", KEY), tmp_path)):
        with pytest.raises(StoreAway):
            await keep(store, b"content")
        with pytest.raises(StoreAway) as away:
            await content_of(store, DIGEST)
        assert "127.0.0.1" not in str(away.value)
    await server.close()


@pytest.mark.parametrize("path", ["/bucket/ab/abcdef", "/bucket/kept here/ä/~x_y-z.pdf"])
@pytest.mark.parametrize(("method", "sha256"), [("GET", NOTHING), ("PUT", DIGEST)])
def test_our_signature_is_that_of_the_reference_implementation(path: str, method: str, sha256: str) -> None:
    ours = signed_headers(
        method,
        "s3.example:9000",
        quoted_path(path),
        sha256=sha256,
        now=datetime.now(UTC),
        credentials=KEY,
    )
    request = AWSRequest(method, f"https://s3.example:9000{quoted_path(path)}")
    request.headers["x-amz-content-sha256"] = sha256
    request.context["payload_signing_enabled"] = True
    signer = S3SigV4Auth(BotoCredentials("name", "secret"), "s3", "us-east-1")
    request.context["timestamp"] = ours["x-amz-date"]
    request.headers["X-Amz-Date"] = ours["x-amz-date"]
    canonical = signer.canonical_request(request)
    canonical = "\n".join([*canonical.split("\n")[:-1], sha256])
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    assert ours["authorization"].endswith(f"Signature={signature}")


async def test_a_scan_that_takes_too_long_has_failed_and_is_ended(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    slow = Scanner(("sh", "-c", "exec sleep 60"), seconds=0.05)
    assert await slow.look_at(tmp_path / "file") is ScanVerdict.FAILED


@pytest.mark.parametrize(("status", "verdict"), [(0, "clean"), (1, "infected"), (2, "failed"), (127, "failed")])
async def test_the_exit_status_of_the_scanner_is_its_verdict(tmp_path: Path, status: int, verdict: str) -> None:
    (tmp_path / "file").write_bytes(b"content")
    scanner = Scanner(("sh", "-c", f'grep -q content "$1" && exit {status}', "scan"))
    assert await scanner.look_at(tmp_path / "file") == verdict
