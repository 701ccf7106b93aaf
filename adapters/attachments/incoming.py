"""Takes a file in under a name of our own: counts and digests its bytes as they come, and lets the scanner look."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from notify.attachment import HEAD, ScanVerdict, verdict_of_scan

logger = logging.getLogger("article17.attachments")


Keep = Callable[[Path, str], Awaitable[None]]
"""Keeps the file at this path under this digest; the path is gone afterwards, or will be removed."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """The command that looks at a file; its path is added at the end. Exit status 0 is clean, 1 infected."""

    command: tuple[str, ...]
    seconds: float = 60.0

    async def look_at(self, path: Path) -> ScanVerdict:
        """Run the command; what does not run, or not to its end in time, has failed."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self.command,
                str(path),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            logger.error("the scanner of attachments cannot be run: %s", error.strerror)
            return ScanVerdict.FAILED
        try:
            async with asyncio.timeout(self.seconds):
                status: int | None = await process.wait()
        except TimeoutError:
            status = None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        verdict = verdict_of_scan(status)
        if verdict is ScanVerdict.FAILED:
            logger.error("the scanner of attachments failed: %s", "too slow" if status is None else f"status {status}")
        return verdict


class TemporaryFile:
    """One file on its way in."""

    def __init__(self, stream: IO[bytes], path: Path, scanner: Scanner | None, keep: Keep) -> None:
        self._stream, self._path = stream, path
        self._scanner, self._keep = scanner, keep
        self._digest = hashlib.sha256()
        self.size = 0
        self.head = b""

    @property
    def sha256(self) -> str:
        """Give the digest of the bytes so far."""
        return self._digest.hexdigest()

    async def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.head = (self.head + chunk)[:HEAD] if len(self.head) < HEAD else self.head
        self.size += len(chunk)
        self._digest.update(chunk)
        await asyncio.to_thread(self._stream.write, chunk)

    async def scan(self) -> ScanVerdict:
        """Let the scanner look at what came."""
        await asyncio.to_thread(self._stream.flush)
        return ScanVerdict.UNSCANNED if self._scanner is None else await self._scanner.look_at(self._path)

    async def keep(self) -> None:
        """Keep the bytes under their digest."""
        await asyncio.to_thread(_to_disk, self._stream)
        await self._keep(self._path, self.sha256)


def _to_disk(stream: IO[bytes]) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _make(folder: Path) -> tuple[int, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix="incoming-", dir=folder)
    return number, Path(name)


@asynccontextmanager
async def receiving(folder: Path, scanner: Scanner | None, keep: Keep) -> AsyncIterator[TemporaryFile]:
    """Open a temporary file in this folder; whatever was not kept is removed."""
    number, path = await asyncio.to_thread(_make, folder)
    try:
        with os.fdopen(number, "wb") as stream:
            # The scanner may run as another user of our group.
            os.fchmod(stream.fileno(), 0o640)
            yield TemporaryFile(stream, path, scanner, keep)
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)
