"""Keeps attachments in an S3-compatible object store, each under its digest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from adapters.attachments.incoming import Scanner, TemporaryFile, receiving
from adapters.attachments.signature import NOTHING, Credentials, quoted_path, signed_headers
from notify.errors import NotFound, StoreAway

PIECE = 256 * 1024
_TIMES = aiohttp.ClientTimeout(total=300, sock_connect=10, sock_read=30)


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """Where the bucket is, by path (https://s3.example/bucket/folder), and who we are there."""

    url: str
    credentials: Credentials


class ObjectStoreFiles:
    """Attachments in one bucket; `folder` holds what is on its way in."""

    def __init__(self, store: ObjectStore, folder: Path, scanner: Scanner | None = None) -> None:
        self._store, self._folder, self._scanner = store, folder, scanner
        parts = urlsplit(store.url)
        self._origin, self._host = f"{parts.scheme}://{parts.netloc}", parts.netloc
        self._root = parts.path.rstrip("/")

    def receive(self) -> AbstractAsyncContextManager[TemporaryFile]:
        """Take a file in."""
        return receiving(self._folder / "incoming", self._scanner, self._keep)

    def _headers(self, method: str, path: str, sha256: str) -> dict[str, str]:
        # The store compares with its own clock: this is the wall clock, like every time on a wire.
        now = datetime.now(UTC)
        return signed_headers(method, self._host, path, sha256=sha256, now=now, credentials=self._store.credentials)

    def _path(self, sha256: str) -> str:
        return quoted_path(f"{self._root}/{sha256[:2]}/{sha256}")

    async def _keep(self, path: Path, sha256: str) -> None:
        """Send the file; the store itself compares its digest with the one that was signed."""
        address = self._path(sha256)
        headers = self._headers("PUT", address, sha256)
        size = await asyncio.to_thread(lambda: path.stat().st_size)
        headers |= {"content-length": str(size), "content-type": "application/octet-stream"}
        stream = await asyncio.to_thread(path.open, "rb")
        try:
            with stream:
                async with (
                    aiohttp.ClientSession(timeout=_TIMES) as session,
                    session.put(self._origin + address, data=stream, headers=headers, allow_redirects=False) as reply,
                ):
                    if reply.status != 200:
                        raise StoreAway(f"the object store answered {reply.status} to a file")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise StoreAway(f"the object store cannot be reached ({type(error).__name__})") from error

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """Give the bytes in pieces."""
        address = self._path(sha256)
        headers = self._headers("GET", address, NOTHING)
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMES, auto_decompress=False) as session,
                session.get(self._origin + address, headers=headers, allow_redirects=False) as reply,
            ):
                if reply.status == 404:
                    raise NotFound("the bytes of this file are not here")
                if reply.status != 200:
                    raise StoreAway(f"the object store answered {reply.status}")
                async for piece in reply.content.iter_chunked(PIECE):
                    yield piece
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StoreAway(f"the object store cannot be reached ({type(error).__name__})") from error
