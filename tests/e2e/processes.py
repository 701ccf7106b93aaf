"""Starts the service as real processes, and asks them over HTTP."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from tests.postgresql import free_port

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from adapters.cli import main; main()"]


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Give the environment of a service in development mode with a data folder of its own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ARTICLE17_")}
    own = {"MODE": "development", "DATA_DIR": str(folder), "OPERATOR_EMAIL": "operator@service.example"}
    named = {f"ARTICLE17_{name}": value for name, value in {**own, **settings}.items()}
    return inherited | named | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def run(arguments: list[str], variables: Mapping[str, str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], env=dict(variables), capture_output=True, text=True, timeout=50, check=False, **options
    )


class Process:
    """One `serve` or `work` process."""

    def __init__(self, variables: Mapping[str, str], folder: Path, *arguments: str) -> None:
        self.port = free_port()
        self.log = folder / f"process-{self.port}.log"
        line = list(arguments) or ["serve"]
        if line[0] == "serve":
            line += ["--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([*COMMAND, *line], env=dict(variables), stdout=log, stderr=log)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def ready(self) -> None:
        """Wait until it answers; fail with its log when it does not."""
        deadline = time.monotonic() + 30
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < deadline and self._process.poll() is None:
                try:
                    async with session.get(f"{self.url}/healthz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
        raise AssertionError(f"the service did not start: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """Kill it as a crash would."""
        self._process.kill()
        self._process.wait(timeout=10)

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def stop(self, within: float = 15) -> int:
        """Ask it to stop; give its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, within)
