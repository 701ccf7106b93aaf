"""Receives what is sent: mail sinks and a webhook receiver, each a process of its own, which count what arrives."""

from __future__ import annotations

import asyncio
import mmap
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.postgresql import free_port

ROOT = Path(__file__).resolve().parent.parent
MOST = 200_000
HOSTS = 50
_HEAD = struct.Struct("qq")
_TIME = struct.Struct("d")
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Tally:
    """Arrivals, their bytes, and the monotonic time of each, in a file that two processes map."""

    def __init__(self, path: Path) -> None:
        size = _HEAD.size + MOST * _TIME.size
        with path.open("a+b") as file:
            file.truncate(size)
            self._map = mmap.mmap(file.fileno(), size)

    def add(self, octets: int) -> None:
        count, total = _HEAD.unpack_from(self._map)
        _TIME.pack_into(self._map, _HEAD.size + count % MOST * _TIME.size, time.monotonic())
        _HEAD.pack_into(self._map, 0, count + 1, total + octets)

    @property
    def count(self) -> int:
        return int(_HEAD.unpack_from(self._map)[0])

    @property
    def octets(self) -> int:
        return int(_HEAD.unpack_from(self._map)[1])

    def time_of(self, number: int) -> float:
        """Say when the arrival of this number came, from 0."""
        return float(_TIME.unpack_from(self._map, _HEAD.size + number % MOST * _TIME.size)[0])


class SmtpSink(asyncio.Protocol):
    """Speaks as much SMTP as a client needs to hand over mail, and forgets the mail."""

    def __init__(self, tally: Tally, delay: float) -> None:
        self._tally, self._delay = tally, delay
        self._buffer = bytearray()
        self._in_content = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._say(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            end = b"\r\n.\r\n" if self._in_content else b"\r\n"
            at = self._buffer.find(end)
            if at < 0:
                return
            taken = bytes(self._buffer[:at])
            del self._buffer[: at + len(end)]
            if self._in_content:
                self._in_content = False
                self._tally.add(len(taken))
                self._say(b"250 taken\r\n")
            else:
                self._obey(taken[:4].upper())

    def _obey(self, verb: bytes) -> None:
        self._in_content = verb == b"DATA"
        answers = {b"DATA": b"354 go on\r\n", b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"}
        answers[b"QUIT"] = b"221 bye\r\n"
        self._say(answers.get(verb, b"250 ok\r\n"))

    def _say(self, answer: bytes) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, answer)
        else:
            self._transport.write(answer)


class HttpSink(asyncio.Protocol):
    """Answers 200 to every request."""

    def __init__(self, tally: Tally, delay: float) -> None:
        self._tally, self._delay = tally, delay
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            found = re.search(rb"(?i)content-length: *(\d+)", self._buffer[:end])
            length = int(found.group(1)) if found else 0
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            self._tally.add(length)
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._transport.write, _ANSWER)
            else:
                self._transport.write(_ANSWER)


@dataclass(frozen=True, slots=True)
class Sinks:
    """Where mail and webhooks go, and how many have arrived there."""

    smtp_port: int
    http_port: int
    webhooks: Tally
    mails: Callable[[], int]
    own_mails: Tally | None  # with times and bytes, when the mail sink is our own
    delay: float

    def endpoint(self, number: int, hosts: int = 1) -> str:
        """Give the address of a webhook; they are spread over as many loopback hosts."""
        return f"http://127.0.0.{1 + number % hosts}:{self.http_port}/hook"

    async def until(self, mails: int, webhooks: int, within: float = 120) -> None:
        """Wait until so many mails and webhooks have arrived since the sinks were started."""
        async with asyncio.timeout(within):
            while self.mails() < mails or self.webhooks.count < webhooks:  # noqa: ASYNC110 — other processes count
                await asyncio.sleep(0.005)


@contextmanager
def sinks(*, delay: float = 0.0, own: bool = False) -> Iterator[Sinks]:
    """Run a mail sink (Debian's smtp-sink if it is there, and no delay or time is asked) and a webhook receiver."""
    with tempfile.TemporaryDirectory(prefix="article17-bench-") as name:
        folder = Path(name)
        smtp_port, http_port = free_port(), free_port()
        foreign = None if own or delay else shutil.which("smtp-sink", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        mails, hooks = Tally(folder / "mails"), Tally(folder / "hooks")
        processes = [_own("http", http_port, folder / "hooks", delay)]
        counter = folder / "smtp-sink"
        processes.append(
            _foreign(foreign, smtp_port, counter) if foreign else _own("smtp", smtp_port, folder / "mails", delay)
        )
        try:
            _wait(smtp_port)
            _wait(http_port)
            count = (lambda: _printed(counter)) if foreign else (lambda: mails.count)
            yield Sinks(smtp_port, http_port, hooks, count, None if foreign else mails, delay)
        finally:
            for process in processes:
                process.kill()
                process.wait()


def _own(kind: str, port: int, tally: Path, delay: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench.sinks", kind, str(port), str(tally), str(delay)]
    return subprocess.Popen(command, cwd=ROOT)


def _foreign(program: str, port: int, counter: Path) -> subprocess.Popen[bytes]:
    with counter.open("wb") as out:
        command = [program, "-u", "nobody", "-c", f"127.0.0.1:{port}", "1000"]
        return subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)


def _printed(counter: Path) -> int:
    """Read the last of the running counters that smtp-sink prints."""
    with counter.open("rb") as file:
        file.seek(max(0, counter.stat().st_size - 200))
        found = re.findall(rb"mesg=(\d+)\s", file.read() + b"\n")
    return int(found[-1]) if found else 0


def _wait(port: int) -> None:
    import socket

    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"the sink on port {port} did not start")


async def _run(kind: str, port: int, tally: Tally, delay: float) -> None:
    protocol = SmtpSink if kind == "smtp" else HttpSink
    hosts = ["127.0.0.1"] if kind == "smtp" else [f"127.0.0.{1 + n}" for n in range(HOSTS)]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: protocol(tally, delay), hosts, port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], int(sys.argv[2]), Tally(Path(sys.argv[3])), float(sys.argv[4])))
