"""Migrations: a database ends at exactly the tables of the code, whatever it was before."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.database.columns import metadata
from adapters.database.migrating import (
    MIGRATIONS,
    SchemaState,
    WrongSchema,
    differences,
    require_schema,
    schema_state,
    upgrade,
    write_revision,
)
from tests.databases import plain_database
from tests.postgresql import Server


def file_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/article17.sqlite"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database without any tables."""
    if request.param == "sqlite":
        yield file_url(tmp_path)
        return
    running: Server = request.getfixturevalue("postgresql")
    running.run("CREATE DATABASE to_migrate")
    yield running.url("to_migrate")
    running.run("DROP DATABASE to_migrate WITH (FORCE)")


def open_plainly(url: str) -> sa.Engine:
    return sa.create_engine(
        url.replace("+aiosqlite", "").replace("postgresql:", "postgresql+psycopg:"), poolclass=sa.NullPool
    )


def execute(url: str, statement: str) -> None:
    with open_plainly(url).begin() as connection:
        connection.execute(sa.text(statement))


def written(found: object) -> str:
    return json.dumps(found, default=str, sort_keys=True)


def shapes(url: str) -> dict[str, object]:
    """Read every column, key, index and constraint that the database really has."""
    with open_plainly(url).connect() as connection:
        inspector = sa.inspect(connection)
        return {
            name: (
                sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)),
                inspector.get_pk_constraint(name),
                sorted(map(written, inspector.get_foreign_keys(name))),
                sorted(map(written, inspector.get_indexes(name))),
                sorted(map(written, inspector.get_unique_constraints(name))),
            )
            for name in metadata.tables
        }


def test_a_fresh_database_ends_at_exactly_the_tables_of_the_code(url: str) -> None:
    assert schema_state(url) == "empty"
    done = upgrade(url)
    assert (done.before, done.after) == (None, "0001")
    assert schema_state(url) == "current"
    with open_plainly(url).connect() as connection:
        assert differences(connection) == []


async def test_migrated_tables_have_the_shape_of_created_ones(url: str) -> None:
    upgrade(url)
    migrated = shapes(url)
    with open_plainly(url).begin() as connection:
        metadata.drop_all(connection)
    database = plain_database(url)
    await database.create_tables()
    await database.close()
    assert shapes(url) == migrated


def test_migrating_again_changes_nothing(url: str) -> None:
    upgrade(url)
    execute(url, "INSERT INTO case_number (series, last) VALUES ('A17-2026', 3)")
    done = upgrade(url)
    assert done.before == done.after
    with open_plainly(url).connect() as connection:
        assert connection.scalar(sa.text("SELECT last FROM case_number")) == 3


async def test_tables_made_without_migrations_are_taken_over(url: str) -> None:
    database = plain_database(url)
    await database.create_tables()
    await database.close()
    assert schema_state(url) == "current"
    assert upgrade(url).before is None
    assert upgrade(url).before == "0001"


def test_strange_tables_without_a_revision_are_refused_and_left_alone(url: str) -> None:
    execute(url, "CREATE TABLE contact (name TEXT)")
    assert schema_state(url) == "behind"
    with pytest.raises(WrongSchema, match="not those of this version"):
        upgrade(url)
    with open_plainly(url).connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["contact"]


def test_tables_of_others_in_the_same_database_are_no_difference(url: str) -> None:
    execute(url, "CREATE TABLE somebody_elses (name TEXT)")
    assert schema_state(url) == "empty"
    upgrade(url)
    assert schema_state(url) == "current"


def test_a_database_of_a_newer_version_is_refused_with_a_hint(url: str) -> None:
    upgrade(url)
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    assert schema_state(url) is SchemaState.AHEAD
    for attempt in (upgrade, require_schema):
        with pytest.raises(WrongSchema, match="newer version") as refused:
            attempt(url)
        assert "restore a backup" in refused.value.hint


def test_an_embedded_database_without_tables_is_given_them_at_its_first_use(tmp_path: Path) -> None:
    require_schema(file_url(tmp_path))
    assert schema_state(file_url(tmp_path)) == "current"


def test_a_postgresql_database_is_only_migrated_by_command(postgresql: Server) -> None:
    postgresql.run("CREATE DATABASE not_migrated")
    with pytest.raises(WrongSchema, match=r"no tables yet.*article17 migrate"):
        require_schema(postgresql.url("not_migrated"))
    assert schema_state(postgresql.url("not_migrated")) == "empty"


def test_looking_at_a_database_that_is_not_there_makes_no_file(tmp_path: Path) -> None:
    assert schema_state(file_url(tmp_path)) == "empty"
    assert list(tmp_path.iterdir()) == []


def test_a_migration_that_fails_leaves_no_half_of_it(tmp_path: Path) -> None:
    url = file_url(tmp_path)
    execute(url, "CREATE TABLE ix_outbox_waiting (name TEXT)")
    with pytest.raises(sa.exc.OperationalError):
        upgrade(url)
    with open_plainly(url).connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["ix_outbox_waiting"]


def test_a_new_migration_follows_the_newest_one(tmp_path: Path) -> None:
    migrations = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    path = write_revision("Change nothing", migrations)
    assert path.name == "0002_change_nothing.py"
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"""Change nothing."""\n')
    assert "down_revision = '0001'" in text
    compile(text, path.name, "exec")
