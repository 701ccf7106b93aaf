"""Tries the service as a process: start, refusal, stop, crash, restart."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import defaultdict
from pathlib import Path

import aiohttp
import pytest

from adapters.email.catcher import MailCatcher
from tests.builders import network, report_from
from tests.e2e.processes import Process, environment, run

STATES = ("UG", "TZ", "RW", "BI", "ET", "ZM")


def _prepare(folder: Path, variables: dict[str, str]) -> str:
    """Load contacts, create an authority, and give its token."""
    contacts = [contact.model_dump(mode="json", exclude_none=True) for contact in network(*STATES)]
    path = folder / "contacts.json"
    path.write_text(json.dumps({"contacts": contacts}), encoding="utf-8")
    loaded = run(["contacts", "load", str(path)], variables)
    assert loaded.returncode == 0, loaded.stderr
    made = run(["accounts", "create", "Kenya", "--role", "authority", "--state", "KE"], variables)
    assert made.returncode == 0, made.stderr
    token = run(["accounts", "token", "Kenya", "--json"], variables)
    return str(json.loads(token.stdout.splitlines()[-1])["token"])


async def _submit(process: Process, token: str, key: str) -> str:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    body = report_from("KE", *STATES)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{process.url}/api/v1/cases", json=body, headers=headers) as answer,
    ):
        assert answer.status in (200, 201), await answer.text()
        return str((await answer.json())["reference"])


async def test_it_serves_and_stops_in_time_with_an_open_stream(tmp_path: Path) -> None:
    variables = environment(tmp_path)
    token = _prepare(tmp_path, variables)
    process = Process(variables, tmp_path)
    await process.ready()
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {token}"}
        stream = await session.get(f"{process.url}/api/v1/events", headers=headers)
        assert stream.status == 200
        began = time.monotonic()
        assert await process.stop() == 0
        assert time.monotonic() - began < 15
        stream.close()


async def test_a_second_process_on_sqlite_is_refused_with_a_hint_and_a_kill_frees_the_lock(tmp_path: Path) -> None:
    variables = environment(tmp_path)
    first = Process(variables, tmp_path)
    await first.ready()
    second = run(["work"], variables)
    assert second.returncode == 1
    assert "PostgreSQL" in second.stderr and "web process" in second.stderr
    listed = run(["case", "list"], variables)
    assert listed.returncode == 0, "commands run beside it"
    first.kill()
    third = Process(variables, tmp_path)
    await third.ready()
    assert await third.stop() == 0


def test_production_says_exactly_what_is_missing(tmp_path: Path) -> None:
    variables = environment(tmp_path) | {"ARTICLE17_MODE": "production"}
    del variables["ARTICLE17_OPERATOR_EMAIL"]
    refused = run(["serve"], variables)
    assert refused.returncode == 1
    for name in ("PUBLIC_URL", "SMTP_HOST", "SECRET_KEYS", "OPERATOR_EMAIL"):
        assert f"ARTICLE17_{name}" in refused.stderr


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_killed_at_a_random_moment_and_restarted_it_tells_everybody_under_one_id(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    catcher = MailCatcher()
    await catcher.start()
    relay = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(catcher.port), "SMTP_TLS": "none", "LEASE_SECONDS": "3"}
    variables = environment(tmp_path, **relay)
    token = await asyncio.to_thread(_prepare, tmp_path, variables)
    process = Process(variables, tmp_path)
    await process.ready()
    cases = [await _submit(process, token, f"key-{number}") for number in range(4)]
    await asyncio.sleep(chance.uniform(0, 0.15))
    process.kill()
    process = Process(variables, tmp_path)
    await process.ready()
    expected = len(cases) * (len(STATES) + 2)  # each State, the secretariat for the BCH, the filer's copy
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    deadline = time.monotonic() + 25
    while time.monotonic() < deadline:
        for mail in catcher.mails:
            if "Task" not in mail.subject:
                ids[(mail.to, mail.subject)].add(str(mail.message["Message-ID"]))
        if len(ids) >= expected:
            break
        await asyncio.sleep(0.1)
    assert await process.stop() == 0
    await catcher.stop()
    assert len(ids) == expected, sorted(ids)
    assert all(len(found) == 1 for found in ids.values()), ids
