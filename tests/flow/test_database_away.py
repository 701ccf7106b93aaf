"""Tells what happens while PostgreSQL is away: calls are put off, nothing is lost, and all goes on by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.database.migrating import upgrade
from adapters.wiring.application import build_application
from notify.account import OPERATOR
from notify.errors import DatabaseAway
from notify.service.access import create_account, issue_token
from tests.builders import network, report_from
from tests.databases import plain_database
from tests.flow.story import Story, tell
from tests.postgresql import NoPostgreSQL, Server, server

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def own_server() -> Iterator[Server]:
    """Run a server that a test may stop; its database has its tables."""
    try:
        with server() as running:
            running.run("CREATE DATABASE cases")
            upgrade(running.url("cases"))
            yield running
    except NoPostgreSQL as missing:
        pytest.skip(str(missing))


@pytest.fixture
async def story(own_server: Server, tmp_path: Path) -> AsyncIterator[Story]:
    async with tell(own_server.url("cases"), tmp_path, contacts=network("UG")) as told:
        yield told


@pytest.fixture
async def client(story: Story) -> AsyncIterator[Client]:
    async with TestClient(TestServer(build_application(story.system))) as opened:
        yield opened


async def test_a_restart_is_told_as_come_back_and_then_everything_goes_on(
    own_server: Server, story: Story, client: Client
) -> None:
    await create_account("Kenya", "authority", "KE", story.ports)
    token = await issue_token("Kenya", story.ports)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
    report = report_from("KE", "UG")
    assert (await client.get("/readyz")).status == 200

    own_server.stop(at_once=True)
    for _ in range(2):  # the connections that broke, and then new ones
        async with client.post("/api/v1/cases", json=report, headers=headers) as answer:
            assert (answer.status, answer.content_type) == (503, "application/problem+json")
            assert int(answer.headers["Retry-After"]) > 0
            told = await answer.json()
            assert told["type"].endswith("#problem-database-away")
            assert str(own_server.port) not in str(told)
    async with client.get("/readyz") as answer:
        assert (answer.status, (await answer.json())["reasons"]) == (503, ["the database does not answer"])
    assert (await client.get("/healthz")).status == 200
    with pytest.raises(DatabaseAway):
        await story.drain()

    own_server.start()
    assert (await client.get("/readyz")).status == 200
    async with client.post("/api/v1/cases", json=report, headers=headers) as answer:
        assert answer.status == 201
        reference = (await answer.json())["reference"]
    await story.drain()
    assert len(story.inbox("a171@ug.example")) == 1
    assert reference in story.inbox("a171@ug.example")[0].text


async def test_a_unit_of_work_that_loses_its_server_changes_nothing_and_the_next_one_works(
    own_server: Server, story: Story
) -> None:
    with pytest.raises(DatabaseAway):
        async with story.system.database.write() as work:
            await work.cases.next_reference("A17", 2026)
            own_server.stop(at_once=True)
            await work.commit()
    own_server.start()
    async with story.system.database.write() as work:
        assert await work.cases.next_reference("A17", 2026) == "A17-2026-0001"
        await work.commit()


async def test_a_server_that_takes_no_writes_any_more_is_left(own_server: Server) -> None:
    database = plain_database(own_server.url("cases"))
    own_server.run("ALTER DATABASE cases SET default_transaction_read_only = on")
    with pytest.raises(DatabaseAway):
        async with database.write() as work:
            await work.cases.next_reference("A17", 2026)
    own_server.run("ALTER DATABASE cases RESET default_transaction_read_only")
    # The same connection would still be read-only: its session began while the server was.
    async with database.write() as work:
        assert await work.cases.next_reference("A17", 2026) == "A17-2026-0001"
    await database.close()


async def test_a_fault_of_our_own_is_not_told_as_a_database_that_is_away(own_server: Server, client: Client) -> None:
    own_server.run("ALTER TABLE account RENAME TO elsewhere", "cases")
    async with client.get("/api/v1/cases", headers={"Authorization": "Bearer a17_x"}) as answer:
        assert answer.status == 500


async def test_sqlite_tells_a_lock_that_is_held_too_long_as_away_and_a_missing_table_as_a_fault(
    tmp_path: Path,
) -> None:
    import sqlite3

    database = plain_database(f"sqlite:///{tmp_path}/cases.sqlite")
    await database.create_tables()
    async with database.read() as work:
        await work.accounts.all()
    other = sqlite3.connect(tmp_path / "cases.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseAway):
        async with database.read() as work:
            await work._connection.exec_driver_sql("PRAGMA busy_timeout=1")
            await work.accounts.set_token(OPERATOR.id, "hash")
    other.execute("ROLLBACK")
    other.execute("ALTER TABLE account RENAME TO elsewhere")
    other.close()
    with pytest.raises(Exception, match="no such table") as fault:
        async with database.read() as work:
            await work.accounts.all()
    assert not isinstance(fault.value, DatabaseAway)
    await database.close()
