"""Runs Prometheus Alertmanager on as many alerts as we send notifications; it keeps everything in memory."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import aiohttp

from bench.sinks import Sinks
from tests.postgresql import free_port

NAMES = ("prometheus-alertmanager", "alertmanager")

CONFIGURATION = """\
global:
  smtp_smarthost: 127.0.0.1:{smtp_port}
  smtp_from: service@article17.example
  smtp_require_tls: false
route:
  receiver: both
  group_by: ['...']
  group_wait: 0s
  group_interval: 1h
  repeat_interval: 24h
receivers:
  - name: both
    email_configs:
      - to: contact@ug.example
    webhook_configs:
      - url: {url}
"""


def find_program() -> str | None:
    """Find the program, or None where it is not installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


async def fan_out(number: int, sinks: Sinks) -> float | None:
    """Post as many alerts; give the seconds until the last mail and webhook arrived, or None without the program."""
    program = find_program()
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="article17-alertmanager-") as name:
        folder, port = Path(name), free_port()
        text = CONFIGURATION.format(smtp_port=sinks.smtp_port, url=sinks.endpoint(0))
        (folder / "alertmanager.yml").write_text(text, encoding="utf-8")
        command = [program, f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/data"]
        command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=error"]
        process = _start(command, folder / "log")
        try:
            return await _measure(f"http://127.0.0.1:{port}", number, sinks)
        finally:
            process.kill()
            process.wait()


def _start(command: list[str], path: Path) -> subprocess.Popen[bytes]:
    with path.open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


async def _measure(url: str, number: int, sinks: Sinks) -> float:
    alerts = [
        {
            "labels": {"alertname": "Release", "state": f"UG-{n}"},
            "annotations": {"summary": "Release in Kenya", "description": "A release of living modified rice."},
        }
        for n in range(number)
    ]
    body = json.dumps(alerts).encode()
    async with aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session:
        await _ready(session, url)
        mails, hooks = sinks.mails() + number, sinks.webhooks.count + number
        began = time.perf_counter()
        async with session.post(f"{url}/api/v2/alerts", data=body) as answer:
            answer.raise_for_status()
        await sinks.until(mails, hooks)
        return time.perf_counter() - began


async def _ready(session: aiohttp.ClientSession, url: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            async with session.get(f"{url}/-/ready") as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.05)
    raise RuntimeError("Alertmanager did not start")
