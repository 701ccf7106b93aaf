"""Runs the service as real processes on a prepared database."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from adapters.database.migrating import upgrade
from adapters.settings import load_settings
from adapters.wiring import System, open_system
from bench.ours import load_contacts, settings_for
from bench.sinks import ROOT, Sinks
from notify.account import Role
from notify.service.access import create_account, issue_token
from tests.postgresql import free_port

COMMAND = [sys.executable, "-c", "from adapters.cli import main; main()"]
CASES_OF_AN_ACCOUNT = 9  # one more in the hour would need a second confirmation


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database with contacts, the environment of a process on it, and tokens of authorities."""

    environment: dict[str, str]
    tokens: list[str]

    @asynccontextmanager
    async def system(self) -> AsyncIterator[System]:
        """Open the same service in this process too."""
        async with open_system(load_settings(self.environment)) as system:
            yield system


async def prepare(
    url: str, folder: Path, sinks: Sinks, *, contacts: int, accounts: int = 1, hosts: int = 1
) -> Prepared:
    """Make the tables, load contacts of Uganda, and create authorities of Kenya."""
    environment = settings_for(url, folder, sinks, {"RATE_LIMIT_PER_MINUTE": "100000"})
    settings = load_settings(environment)
    await asyncio.to_thread(upgrade, settings.database_url.get_secret_value())
    tokens = []
    async with open_system(settings) as system:
        await load_contacts(system, sinks, contacts, hosts=hosts)
        for n in range(accounts):
            await create_account(f"Kenya {n}", Role.AUTHORITY, "KE", system.ports)
            tokens.append(await issue_token(f"Kenya {n}", system.ports))
    return Prepared(environment, tokens)


@dataclass(slots=True)
class Process:
    """One running process of ours."""

    running: subprocess.Popen[bytes]
    url: str

    def memory_megabytes(self, which: str = "VmHWM") -> float:
        """Give the most memory it ever held (or `VmRSS`, what it holds now)."""
        for line in Path(f"/proc/{self.running.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(which):
                return round(int(line.split()[1]) / 1024, 1)
        return 0.0

    def cpu_seconds(self) -> float:
        """Give the processor time it has used."""
        fields = Path(f"/proc/{self.running.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def process(prepared: Prepared, *arguments: str) -> AsyncIterator[Process]:
    """Run `serve` (until it answers) or `work` for a while."""
    port = free_port()
    line = [*arguments, "--port", str(port)] if arguments[0] == "serve" else list(arguments)
    environment = {**os.environ, **prepared.environment, "PYTHONPATH": str(ROOT)}
    log = Path(prepared.environment["ARTICLE17_DATA_DIR"]) / f"process-{port}.log"
    running = _start([*COMMAND, *line], environment, log)
    started = Process(running, f"http://127.0.0.1:{port}")
    try:
        if arguments[0] == "serve":
            await _answers(started, log)
        yield started
    finally:
        running.terminate()
        try:
            await asyncio.to_thread(running.wait, 15)
        except subprocess.TimeoutExpired:
            running.kill()


def _start(command: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(command, env=environment, stdout=out, stderr=out)


def _text(log: Path) -> str:
    return log.read_text(errors="replace")[-1500:]


async def _answers(started: Process, log: Path) -> None:
    deadline = time.monotonic() + 30
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline and started.running.poll() is None:
            try:
                async with session.get(f"{started.url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)
    raise RuntimeError(f"the service did not start: {_text(log)}")
