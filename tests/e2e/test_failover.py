"""Kills the leader of a real Patroni cluster during a burst of filings: no accepted report is lost."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.database.migrating import upgrade
from tests.e2e.chaos import Fleet, Receivers, Run, prepare, settings
from tests.e2e.patroni import Cluster, NoCluster
from tests.e2e.processes import run

CASES = 120
PROCESSES = [["serve", "--no-worker"], ["serve", "--no-worker"], ["work"], ["work"]]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Run two nodes; the service's database is there, with its tables."""
    folder = Path(tempfile.mkdtemp(prefix="article17-patroni-"))
    running = Cluster(folder)
    try:
        running.start()
        running.run("CREATE DATABASE cases")
        upgrade(running.url("cases"))
        yield running
    except NoCluster as missing:
        pytest.skip(str(missing))
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.chaos
async def test_the_leader_dies_during_a_burst_and_no_accepted_report_is_lost(tmp_path: Path, cluster: Cluster) -> None:
    receivers = Receivers(seed=1)
    await receivers.start()
    variables = settings(tmp_path, cluster.url("cases"), receivers)
    tokens, contacts = await prepare(variables, receivers.url, accounts=4)
    fleet = Fleet(variables, tmp_path, PROCESSES)
    burst = Run(fleet, receivers, tokens, contacts, seed=1)
    try:
        await fleet.start()
        filing = asyncio.create_task(burst.file_cases(CASES, pause=0.2))
        while len(burst.filed) < CASES // 4:
            await asyncio.sleep(0.05)
        died = cluster.leader
        killed_at = time.time()
        await asyncio.to_thread(died.kill)
        burst.broken.append((killed_at, killed_at))
        await filing
        await burst.until_all_are_told(within=120)
        assert await fleet.stop() == [0] * len(PROCESSES)
    finally:
        fleet.end()
        await receivers.stop()
    after = sorted(filed.at for filed in burst.filed if filed.at > killed_at + 0.5)
    first_sent = min(seen.at for seen in receivers.all() if seen.at > after[0])
    lost = {filed.reference for filed in burst.filed} - _kept(cluster.url("cases"))
    print(
        f"{len(burst.filed)} reports accepted, {len(lost)} lost; after the kill of the leader the next report was "
        f"accepted after {after[0] - killed_at:.1f} s and the next message sent after {first_sent - killed_at:.1f} s; "
        f"{len(burst.repeats())} messages came twice; median wait of the accepted in between "
        f"{statistics.median(after) - killed_at:.1f} s"
    )
    assert len({filed.reference for filed in burst.filed}) == CASES
    assert lost == set()
    assert not burst.missing(), sorted(burst.missing())
    assert not burst.under_several_ids()
    assert cluster.leader is not died
    verified = await asyncio.to_thread(run, ["log", "verify"], variables)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _kept(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {str(row[0]) for row in connection.execute("SELECT reference FROM case_file")}
