"""Tries several workers on PostgreSQL: one that froze past its lease, wake-ups between them, a rolling restart."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import aiohttp
import psycopg
import pytest

from adapters.database.migrating import upgrade
from tests.builders import report_from
from tests.e2e.chaos import AFFECTED, Receivers, prepare, settings
from tests.e2e.processes import Process
from tests.postgresql import NoPostgreSQL, server

pytestmark = pytest.mark.timeout(240)  # processes on a loaded machine take their time

LEASE = 5
IN_HAND = 4 + 4
"""Connections to the relay, and calls to one host: what a worker may have begun when it freezes."""


@pytest.fixture
def url() -> Iterator[str]:
    """Run a server of its own, with the tables."""
    try:
        with server() as running:
            running.run("CREATE DATABASE workers")
            upgrade(running.url("workers"))
            yield running.url("workers")
    except NoPostgreSQL as missing:
        pytest.skip(str(missing))


@pytest.fixture
async def receivers() -> AsyncIterator[Receivers]:
    opened = Receivers(seed=1)
    await opened.start()
    yield opened
    await opened.stop()


class Service:
    """One web process without a worker, and workers that come and go."""

    def __init__(self, folder: Path, variables: dict[str, str], tokens: list[str], url: str) -> None:
        self._folder, self._variables, self._tokens, self._url = folder, variables, tokens, url
        self.processes: list[Process] = []
        self.filed = 0

    async def start(self) -> None:
        self.web = self._new("serve", "--no-worker")
        await self.web.ready()

    def _new(self, *line: str) -> Process:
        self.processes.append(Process(self._variables, self._folder, *line))
        return self.processes[-1]

    async def worker(self) -> Process:
        """Start one more worker, and wait until it listens."""
        before, process = self.listening(), self._new("work")
        await until(lambda: self.listening() > before)
        return process

    def listening(self) -> int:
        query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN article17%'"
        return int(self._ask(query))

    def claims(self) -> int:
        """Count messages that somebody has claimed and not done."""
        return int(self._ask("SELECT count(*) FROM outbox WHERE claimed_by IS NOT NULL AND done_at IS NULL"))

    def undone(self) -> int:
        """Count messages that are due, or are being run."""
        return int(self._ask("SELECT count(*) FROM outbox WHERE done_at IS NULL AND due_at <= now()"))

    def _ask(self, query: str) -> object:
        with psycopg.connect(self._url) as connection:
            row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        return row[0] if row else 0

    async def file_until(self, enough: asyncio.Event) -> None:
        """File one case after the other until it is enough."""
        while not enough.is_set():
            await self.file()

    async def file(self, number: int = 1) -> None:
        """File some cases, from accounts in turn."""
        async with aiohttp.ClientSession() as session:
            for _ in range(number):
                token = self._tokens[self.filed % len(self._tokens)]
                headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"key-{self.filed}"}
                self.filed += 1
                address = f"{self.web.url}/api/v1/cases"
                report = report_from("KE", *AFFECTED)
                async with session.post(address, json=report, headers=headers) as answer:
                    if answer.status == 428:  # the brake asks whether so many cases are meant
                        headers["Confirmation"] = (await answer.json())["confirmation"]
                    else:
                        assert answer.status == 201, await answer.text()
                        continue
                async with session.post(address, json=report, headers=headers) as answer:
                    assert answer.status == 201, await answer.text()


@pytest.fixture
async def service(tmp_path: Path, url: str, receivers: Receivers) -> AsyncIterator[Service]:
    # The poll is slow, so that only wake-ups and due times can be quick; the ladder stays out of the way.
    slow = {"LEASE_SECONDS": str(LEASE), "POLL_SECONDS": "30"}
    variables = settings(tmp_path, url, receivers, **slow)
    (tmp_path / "policy.toml").write_text('version = "slow"\n', encoding="utf-8")
    tokens, _ = await prepare(variables, receivers.url, accounts=5)
    opened = Service(tmp_path, variables, tokens, url)
    await opened.start()
    yield opened
    for process in opened.processes:
        process.kill()


async def until(is_so: Callable[[], object], within: float = 30) -> float:
    """Wait until something is so; give the seconds it took."""
    began = time.monotonic()
    # In a thread, as the receivers live in this loop and must answer meanwhile.
    while not await asyncio.to_thread(is_so):
        assert time.monotonic() - began < within, "it never came"
        await asyncio.sleep(0.05)
    return time.monotonic() - began


def told_of_cases(receivers: Receivers) -> Counter[tuple[str, str]]:
    """Count first tellings by case and receiver."""
    first = ("Article 17 notification", "notification.issued")
    return Counter((seen.reference, seen.receiver) for seen in receivers.all() if seen.said.startswith(first))


EACH = len(AFFECTED) + 1 + 2  # mails to the States and the secretariat, calls to the endpoints


async def test_a_worker_that_froze_past_its_lease_sends_and_commits_nothing_when_it_goes_on(
    service: Service, receivers: Receivers
) -> None:
    frozen = await service.worker()
    # Its relay and its endpoints take their time, so that it freezes in the middle, with claims in hand.
    for proxy in receivers.proxies:
        proxy.delay = 0.4
    await service.file(8)
    await until(lambda: service.claims() > 0 and receivers.all())
    frozen.freeze()
    for proxy in receivers.proxies:
        proxy.delay = 0.0
        proxy.cut_all()  # what it had begun to send is lost on the way
    before = len(receivers.all())
    await service.worker()
    await until(lambda: len(told_of_cases(receivers)) == 8 * EACH, within=LEASE + 30)
    await until(lambda: service.undone() == 0)
    done, logged = receivers.all(), service._ask("SELECT count(*) FROM case_log")
    assert len(done) > before
    frozen.thaw()
    # It wakes at once to record what it had in hand, and to send the rest of what it had claimed.
    await asyncio.sleep(LEASE)
    again = (
        Counter(seen.message_id for seen in receivers.all()) - Counter(seen.message_id for seen in done)
    ).elements()
    known, came = {seen.message_id for seen in done}, list(again)
    assert set(came) <= known, "a send that had begun keeps its id"
    assert len(came) <= IN_HAND, "and no other was begun"
    assert service._ask("SELECT count(*) FROM case_log") == logged
    assert service._ask("SELECT count(*) FROM (SELECT 1 FROM attempt GROUP BY delivery_id HAVING count(*) > 1) x") == 0
    # And it is well: alone, it tells the next case.
    await service.processes[-1].stop()
    await service.file()
    await until(lambda: len(told_of_cases(receivers)) == 9 * EACH)


async def test_a_worker_that_froze_inside_a_transaction_holds_up_the_others_no_longer_than_its_lease(
    service: Service, receivers: Receivers
) -> None:
    frozen = await service.worker()
    for proxy in receivers.proxies:
        proxy.delay = 0.2  # so that it still has results to record when the web process has nothing more to do
    await service.file(8)
    await freeze_inside_a_transaction(frozen, service)
    for proxy in receivers.proxies:
        proxy.delay = 0.0
    await service.worker()
    await until(lambda: len(told_of_cases(receivers)) == 8 * EACH, within=LEASE + 30)
    await until(lambda: service.undone() == 0)
    frozen.thaw()
    await service.file()
    await until(lambda: len(told_of_cases(receivers)) == 9 * EACH)


async def freeze_inside_a_transaction(worker: Process, service: Service) -> None:
    """Freeze a worker again and again until one of its transactions is open and has locked rows."""
    locked = """SELECT count(*) FROM pg_stat_activity JOIN pg_locks USING (pid)
        WHERE state LIKE 'idle in transaction%' AND mode = 'RowExclusiveLock'"""

    def caught() -> bool:
        worker.freeze()
        time.sleep(0.05)  # what was already on its way to the server is over then
        if service._ask(locked):
            return True
        worker.thaw()
        return False

    await until(caught)


async def test_a_report_at_one_process_wakes_a_worker_of_another_at_once(
    service: Service, receivers: Receivers
) -> None:
    await service.worker()
    await asyncio.sleep(1)  # it has looked everywhere and rests now, for 30 s
    for number in range(1, 4):
        await service.file()
        seconds = await until(lambda wanted=number * EACH: len(told_of_cases(receivers)) >= wanted)
        assert seconds < 2, "a poll of 30 s would be later"


async def test_a_rolling_restart_of_the_workers_during_a_burst_loses_nothing_and_doubles_nothing(
    service: Service, receivers: Receivers
) -> None:
    first, second = await service.worker(), await service.worker()
    rolled = asyncio.Event()
    filing = asyncio.create_task(service.file_until(rolled))
    for old in (first, second):
        seen = len(receivers.all())
        await until(lambda seen=seen: len(receivers.all()) > seen)
        assert await old.stop() == 0
        await service.worker()
    rolled.set()
    await filing
    await until(lambda: len(told_of_cases(receivers)) == service.filed * EACH)
    await until(lambda: service.undone() == 0)
    assert set(told_of_cases(receivers).values()) == {1}, "nobody was told twice"
