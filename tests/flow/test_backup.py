"""Tells that a backup, taken in the middle of a running case, brings all of it back, and that it then goes on."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from adapters.cli import main
from adapters.clock import SteppedClock
from adapters.database.addresses import sync_url
from adapters.database.backups import bring_back, save
from adapters.database.migrating import differences
from adapters.database.tables import metadata
from notify.service.watching import verify_log
from tests.builders import network, report_from
from tests.databases import TEMPLATE, plain_database
from tests.e2e.processes import Process, environment
from tests.flow.story import Story, tell
from tests.postgresql import NoPostgreSQL, Server, find_binaries


@pytest.fixture(autouse=True)
def programs_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the server's own pg_dump where it is looked for."""
    try:
        folder = find_binaries()
    except NoPostgreSQL:
        return
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "case.backup"


async def article17(url: str, folder: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Run a command in a loop of its own; give its status, its JSON and what it said."""
    variables = environment(folder, DATABASE_URL=url)
    done = await asyncio.to_thread(CliRunner().invoke, main, [*arguments, "--json"], env=variables)
    lines = done.stdout.splitlines()
    return done.exit_code, json.loads(lines[-1]) if lines else {}, done.stderr


def execute(url: str, statement: str) -> None:
    engine = sa.create_engine(sync_url(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def lose(url: str) -> None:
    """Lose every table, as by a broken disk."""
    engine = sa.create_engine(sync_url(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        metadata.drop_all(connection)
    engine.dispose()


async def test_a_running_case_goes_on_where_it_was_and_nothing_that_was_sent_is_sent_again(
    database_url: str, tmp_path: Path, file: Path
) -> None:
    async with tell(database_url, tmp_path, contacts=network("UG", "TZ")) as story:
        case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
        await story.drain()
        await story.acknowledge("a171@tz.example")
        await story.advance(hours=4)
        status, document, _ = await article17(database_url, tmp_path, "backup", str(file))
        assert (status, document["bytes"]) == (0, file.stat().st_size)
        moment, due_at, log = story.clock.now(), await story.next_due(), await story.log(case)
    lose(database_url)
    status, restored, said = await article17(database_url, tmp_path, "restore", str(file))
    assert (status, restored["cases"], restored["broken"]) == (0, 1, []), said
    assert restored["rows"] > len(log)
    async with tell(database_url, tmp_path, clock=SteppedClock(moment)) as again:
        assert (await again.next_due(), await again.log(case)) == (due_at, log)
        await again.drain()
        assert again.told() == set()
        await again.advance(hours=2.5)
        assert await again.steps(case, "UG") == ["reminder", "alternates"]
        assert again.told() == {"a172@ug.example", "duty3@ug.example"}
        await again.advance(hours=80)
        assert (await again.steps(case, "UG"))[-1] == "no_receipt"
        assert await again.steps(case, "TZ") == []
        assert await verify_log(again.ports) == []


async def test_what_waited_when_the_backup_was_taken_goes_out_again_under_the_same_id(
    database_url: str, tmp_path: Path, file: Path
) -> None:
    async with tell(database_url, tmp_path, contacts=network("UG")) as story:
        story.refused["a171@ug.example"] = "451 4.3.0 later"
        case = (await story.submit(report_from("KE", "UG"))).reference
        await story.drain()
        moment, told = story.clock.now(), story.told()
        await asyncio.to_thread(save, database_url, file)
        del story.refused["a171@ug.example"]
        await story.advance(minutes=1)
        (first,) = story.inbox("a171@ug.example")
        await story.acknowledge("a171@ug.example")
    status, _, said = await article17(database_url, tmp_path, "restore", str(file), "--replace")
    assert status == 0, said
    async with tell(database_url, tmp_path, clock=SteppedClock(moment)) as again:
        await again.advance(minutes=1)
        (second,) = again.inbox("a171@ug.example")
        assert second.message["Message-ID"] == first.message["Message-ID"]
        assert again.link(second) == again.link(first)
        assert again.told().isdisjoint(told)
        # The answer came after the backup and is lost with it: the same link takes it again.
        assert not (await again.notification(case, "UG")).acknowledged
        await again.acknowledge("a171@ug.example")
        await again.advance(hours=100)
        assert await again.steps(case, "UG") == []


async def test_new_cases_and_log_rows_follow_on_the_restored_ones(
    database_url: str, tmp_path: Path, file: Path
) -> None:
    async with tell(database_url, tmp_path, contacts=network("UG")) as story:
        await story.submit(report_from("KE", "UG"))
        await asyncio.to_thread(save, database_url, file)
    lose(database_url)
    bring_back(database_url, file)
    async with tell(database_url, tmp_path) as again:
        assert (await again.submit(report_from("KE", "UG"), key="key-1")).reference == "A17-2026-0001"
        assert (await again.submit(report_from("KE", "UG"), key="key-2")).reference == "A17-2026-0002"
        await again.drain()
        assert len(again.inbox("a171@ug.example")) == 2
        assert await verify_log(again.ports) == []


async def test_a_backup_beside_a_writer_holds_one_moment(
    story: Story, database_url: str, tmp_path: Path, file: Path
) -> None:
    await story.load(network("UG"))
    saving = asyncio.create_task(asyncio.to_thread(save, database_url, file))
    for number in range(8):
        await story.submit(report_from("KE", "UG"), key=f"key-{number}")
        await story.drain()
    await saving
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.sqlite"
    if not story.system.database.embedded:
        elsewhere = database_url
        await story.system.database.close()
    bring_back(elsewhere, file)
    database = plain_database(elsewhere)
    async with database.read() as work:
        assert [breach async for breach in work.log.broken()] == []
        for case in await work.cases.running():
            assert await work.notifications.of_case(case.reference), "a case came without its notifications"
    await database.close()


async def test_only_its_owner_can_read_a_backup_and_none_is_left_half_written(
    story: Story, database_url: str, tmp_path: Path, file: Path
) -> None:
    before = set(tmp_path.iterdir())
    save(database_url, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {path for path in tmp_path.iterdir() if path.name.startswith(".")} <= before
    status, told, _ = await article17(database_url, tmp_path, "backup", str(file))
    assert (status, told["hint"]) == (1, "Name another file, or --replace.")
    assert (await article17(database_url, tmp_path, "backup", str(file), "--replace"))[0] == 0


async def test_a_database_that_holds_cases_is_replaced_only_on_demand(
    database_url: str, tmp_path: Path, file: Path
) -> None:
    async with tell(database_url, tmp_path, contacts=network("UG")) as story:
        await asyncio.to_thread(save, database_url, file)
        case = (await story.submit(report_from("KE", "UG"))).reference
    status, told, _ = await article17(database_url, tmp_path, "restore", str(file))
    assert (status, told["error"]) == (1, "the database holds 1 case")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    status, told, _ = await article17(database_url, tmp_path, "restore", str(file), "--replace")
    assert status == 1, told
    async with tell(database_url, tmp_path) as again:
        assert await again.log(case)


def test_what_others_keep_in_the_same_postgresql_database_is_left_alone(postgresql: Server, file: Path) -> None:
    postgresql.run(f"CREATE DATABASE shared TEMPLATE {TEMPLATE}")
    url = postgresql.url("shared")
    execute(url, "CREATE TABLE somebody_elses (name TEXT)")
    save(url, file)
    execute(url, "INSERT INTO somebody_elses VALUES ('kept')")
    bring_back(url, file)
    with sa.create_engine(sync_url(url), poolclass=sa.NullPool).connect() as connection:
        assert connection.scalar(sa.text("SELECT name FROM somebody_elses")) == "kept"
        assert differences(connection) == []
    postgresql.run("DROP DATABASE shared WITH (FORCE)")


async def test_a_file_of_something_else_is_refused(database_url: str, tmp_path: Path, file: Path) -> None:
    async with tell(database_url, tmp_path):
        pass
    file.write_text("Dear Sir or Madam", encoding="utf-8")
    status, told, _ = await article17(database_url, tmp_path, "restore", str(file))
    assert status == 1
    assert str(file) in told["error"]
    assert (await article17(database_url, tmp_path, "log", "verify"))[0] == 0


async def test_a_log_that_was_changed_before_the_backup_is_told_after_restoring(
    database_url: str, tmp_path: Path, file: Path
) -> None:
    async with tell(database_url, tmp_path, contacts=network("UG")) as story:
        case = (await story.submit(report_from("KE", "UG"))).reference
    execute(database_url, f"UPDATE case_log SET body = '{{}}' WHERE chain = '{case}' AND sequence = 2")
    save(database_url, file)
    lose(database_url)
    status, told, _ = await article17(database_url, tmp_path, "restore", str(file))
    assert status == 1
    assert any(place.startswith(f"{case}, row 2") for place in told["broken"])


async def test_the_restoration_is_on_record(database_url: str, tmp_path: Path, file: Path) -> None:
    async with tell(database_url, tmp_path):
        await asyncio.to_thread(save, database_url, file)
    assert (await article17(database_url, tmp_path, "restore", str(file)))[0] == 0
    async with tell(database_url, tmp_path) as again:
        (entered,) = [body for kind, body in await again.log("service") if kind == "DatabaseRestored"]
    assert entered["account"] == "operator"
    assert len(entered["sha256"]) == 64


async def test_nothing_is_restored_under_a_process_that_serves(database_url: str, tmp_path: Path, file: Path) -> None:
    variables = environment(tmp_path, DATABASE_URL=database_url)
    async with tell(database_url, tmp_path):
        pass
    process = Process(variables, tmp_path)
    await process.ready()
    try:
        assert (await article17(database_url, tmp_path, "backup", str(file)))[0] == 0
        status, told, _ = await article17(database_url, tmp_path, "restore", str(file))
        assert status == 1
        assert "already served by web process" in told["error"] or "the database is in use" in told["error"]
    finally:
        assert await process.stop() == 0
    assert (await article17(database_url, tmp_path, "restore", str(file)))[0] == 0
