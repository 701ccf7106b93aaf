"""Keeps attachments as files in a folder, each named by its digest."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from adapters.attachments.incoming import Scanner, TemporaryFile, receiving
from notify.errors import NotFound

PIECE = 256 * 1024


class FolderFiles:
    """Attachments in one folder, spread over subfolders by the first two digits of their digest."""

    def __init__(self, folder: Path, scanner: Scanner | None = None) -> None:
        self._folder, self._scanner = folder, scanner

    def receive(self) -> AbstractAsyncContextManager[TemporaryFile]:
        """Take a file in."""
        return receiving(self._folder / "incoming", self._scanner, self._keep)

    async def _keep(self, path: Path, sha256: str) -> None:
        await asyncio.to_thread(_move, path, self._path(sha256))

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """Give the bytes in pieces."""
        try:
            stream = await asyncio.to_thread(self._path(sha256).open, "rb")
        except FileNotFoundError:
            raise NotFound("the bytes of this file are not here") from None
        with stream:
            while piece := await asyncio.to_thread(stream.read, PIECE):
                yield piece


def _move(path: Path, target: Path) -> None:
    """Put a file in its place; both folders are on one file system, so it is there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(path, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
