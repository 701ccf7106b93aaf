"""Gives each test a fresh database: a SQLite file, or a PostgreSQL database copied from a template."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.database.engine import SqlDatabase
from notify.handlers import messages_for
from tests.postgresql import NoPostgreSQL, Server, server

TEMPLATE = "article17_template"


def plain_database(url: str) -> SqlDatabase:
    """Open a database without sealing, for tests of stores."""
    return SqlDatabase(url, reactions=messages_for, seal=lambda content: content, unseal=lambda content: content)


async def _create_tables(url: str) -> None:
    database = plain_database(url)
    await database.create_tables()
    await database.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Run one PostgreSQL server for the tests of this process."""
    try:
        with server() as running:
            running.run(f"CREATE DATABASE {TEMPLATE}")
            asyncio.run(_create_tables(running.url(TEMPLATE)))
            yield running
    except NoPostgreSQL as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a fresh database that has its tables (on SQLite they are made on opening)."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/article17.sqlite"
        return
    running: Server = request.getfixturevalue("postgresql")
    name = f"t_{secrets.token_hex(6)}"
    running.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield running.url(name)
    running.run(f"DROP DATABASE {name} WITH (FORCE)")
