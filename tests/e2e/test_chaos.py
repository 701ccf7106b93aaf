"""Kills, crashes and cuts a running service at seeded moments; its receivers say whether anything was lost."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.database.migrating import upgrade
from tests.e2e.chaos import LAST_STEP, STALE, Fleet, Receivers, Run, prepare, settings
from tests.e2e.processes import run
from tests.postgresql import NoPostgreSQL, Server, server

pytestmark = pytest.mark.timeout(240)  # processes on a loaded machine take their time

SMALL = [["serve"]]
LARGE = [["serve", "--no-worker"], ["serve", "--no-worker"], ["work"], ["work"]]
IN_FLIGHT = 40
"""What may be on its way, or not yet recorded, when one process dies or the database does."""


@pytest.fixture
def own_server() -> Iterator[Server]:
    """Run a server that a test may crash; its database has its tables."""
    try:
        with server() as running:
            running.run("CREATE DATABASE chaos")
            upgrade(running.url("chaos"))
            yield running
    except NoPostgreSQL as missing:
        pytest.skip(str(missing))


async def chaos(folder: Path, seed: int, own_server: Server | None, *, cases: int, rounds: int) -> Run:
    """File cases and answer some while everything breaks; wait until the dust has settled; stop; give the run."""
    receivers = Receivers(seed)
    await receivers.start()
    url = own_server.url("chaos") if own_server else f"sqlite+aiosqlite:///{folder}/article17.sqlite"
    variables = settings(folder, url, receivers)
    tokens, contacts = await prepare(variables, receivers.url, accounts=4)
    fleet = Fleet(variables, folder, LARGE if own_server else SMALL)
    told = Run(fleet, receivers, tokens, contacts, seed, own_server)
    try:
        await fleet.start()
        enough = asyncio.Event()
        answering = asyncio.create_task(told.answer_mails(enough))
        await asyncio.gather(told.file_cases(cases, pause=3.0), told.break_things(rounds))
        await told.until_all_are_told(within=40)
        enough.set()
        await answering
        # The last step of the youngest case, and what might come too late after the last answer.
        moments = [filed.at + LAST_STEP for filed in told.filed] + list(told.answered.values())
        await asyncio.sleep(max(0.0, max(moments) + STALE - time.time()))
        assert await fleet.stop() == [0] * len(fleet.processes)
    finally:
        fleet.end()
        await receivers.stop()
    verified = await asyncio.to_thread(run, ["log", "verify"], variables)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    listed = await asyncio.to_thread(run, ["outbox", "list", "--json"], variables)
    told.parked = json.loads(listed.stdout.splitlines()[-1])
    return told


def judge(told: Run, cases: int) -> None:
    """Check from the receivers' side that nothing was lost and nothing doubled without a reason."""
    cuts = sum(len(proxy.cuts) for proxy in told.receivers.proxies)
    repeats = told.repeats()
    figures = f"{dict(told.done)}, {cuts} cuts, {len(told.receivers.all())} messages, {len(repeats)} repeats"
    print(f"seed {told.seed}: {figures}, {len(told.answered)} answers, {len(told.steps())} steps")
    assert len({filed.reference for filed in told.filed}) == cases
    assert not told.missing(), f"{figures}; lost: {sorted(told.missing())}"
    assert not told.under_several_ids(), figures
    assert [seen for seen, something_broke in repeats if not something_broke] == [], figures
    assert len(repeats) <= cuts + IN_FLIGHT * len(told.broken), figures
    assert told.too_late() == [], figures
    assert not told.parked["parked"], told.parked
    assert told.done["kills"] and cuts and told.answered and told.steps(), f"nothing was tried: {figures}"


async def test_killed_and_cut_off_at_random_one_process_on_sqlite_loses_nothing(tmp_path: Path) -> None:
    judge(await chaos(tmp_path, 17, None, cases=24, rounds=1), 24)


async def test_killed_and_cut_off_at_random_four_processes_on_postgresql_lose_nothing(
    tmp_path: Path, own_server: Server
) -> None:
    judge(await chaos(tmp_path, 17, own_server, cases=24, rounds=1), 24)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(1, 6))
async def test_for_long_on_sqlite(tmp_path: Path, seed: int) -> None:
    judge(await chaos(tmp_path, seed, None, cases=300, rounds=8), 300)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(1, 6))
async def test_for_long_on_postgresql(tmp_path: Path, own_server: Server, seed: int) -> None:
    judge(await chaos(tmp_path, seed, own_server, cases=300, rounds=8), 300)
