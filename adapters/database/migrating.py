"""Brings a database to the tables of this version, and says how far it is."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from adapters.database.addresses import sync_url
from adapters.database.tables import metadata
from notify.errors import Article17Error

MIGRATIONS = Path(__file__).with_name("migrations")

_BUSY_SECONDS = 30
_LOCK = 17_0417  # any number, the same in every process


class SchemaState(StrEnum):
    """How the tables of a database stand to those of this version."""

    EMPTY = "empty"
    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"


class WrongSchema(Article17Error):
    """The tables of the database do not fit this version of the service; `hint` says how to mend it."""

    def __init__(self, problem: str, hint: str) -> None:
        self.problem, self.hint = problem, hint
        super().__init__(f"{problem} ({hint})")


@dataclass(frozen=True, slots=True)
class Upgrade:
    """From which revision to which a database was brought; None is a database without tables."""

    before: str | None
    after: str


def schema_state(url: str) -> SchemaState:
    """Say how far a database is, without changing it; raises SQLAlchemy's errors when it cannot be reached."""
    if _is_missing_file(url):
        return SchemaState.EMPTY
    with _connection(url, begin="BEGIN") as connection:
        return _state(connection)


def require_schema(url: str) -> None:
    """Make sure that the tables are those of this version; an embedded database without any is given them.

    Raises WrongSchema with a hint, and changes nothing then.
    """
    state = schema_state(url)
    if state is SchemaState.EMPTY and sync_url(url).get_backend_name() == "sqlite":
        upgrade(url)
    elif state is SchemaState.AHEAD:
        raise _too_new()
    elif state is not SchemaState.CURRENT:
        lacking = "has no tables yet" if state is SchemaState.EMPTY else "is of an older version"
        raise WrongSchema(f"The database {lacking}.", "Run: article17 migrate")


def upgrade(url: str) -> Upgrade:
    """Bring a database to the tables of this version, in one transaction; once more is harmless.

    Tables that stand there without a revision are taken over when they are those of this version.
    Raises WrongSchema when they are not, or when the database is of a newer version.
    """
    with _connection(url, begin="BEGIN IMMEDIATE") as connection:
        if connection.dialect.name == "postgresql":
            # Two processes that migrate at the same time wait for each other.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        before, state = _revision(connection), _state(connection)
        if state is SchemaState.AHEAD:
            raise _too_new()
        if before is None and state is not SchemaState.EMPTY:
            _take_over(connection, state)
        else:
            command.upgrade(_config(MIGRATIONS, connection), "head")
        return Upgrade(before, _revision(connection) or "")


def differences(connection: sa.Connection) -> list[Any]:
    """List in what the tables of a database differ from those of this version."""
    return list(compare_metadata(_context(connection), metadata))


def write_revision(message: str, migrations: Path = MIGRATIONS) -> Path:
    """Write the migration from the newest revision to the tables as they stand in the code (for developers)."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/scratch.sqlite"
        with _connection(url, begin="BEGIN IMMEDIATE") as connection:
            config = _config(migrations, connection)
            command.upgrade(config, "head")
            number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
    return next((migrations / "versions").glob(f"{number:04d}_*.py"))


def _too_new() -> WrongSchema:
    hint = "Use the version of article17 that migrated it last, or a newer one, or restore a backup."
    return WrongSchema("The database is of a newer version than this program.", hint)


def _take_over(connection: sa.Connection, state: SchemaState) -> None:
    if state is not SchemaState.CURRENT:
        hint = "Use an empty database, or one that `article17 migrate` made."
        raise WrongSchema("The database holds tables that are not those of this version, and no revision.", hint)
    _context(connection).stamp(_scripts(), "head")


def _state(connection: sa.Connection) -> SchemaState:
    revision, scripts = _revision(connection), _scripts()
    if revision is None:
        found = metadata.tables.keys() & set(sa.inspect(connection).get_table_names())
        if not found:
            return SchemaState.EMPTY
        return SchemaState.BEHIND if differences(connection) else SchemaState.CURRENT
    if revision == scripts.get_current_head():
        return SchemaState.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return SchemaState.BEHIND if revision in known else SchemaState.AHEAD


def _revision(connection: sa.Connection) -> str | None:
    return _context(connection).get_current_revision()


def _context(connection: sa.Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"target_metadata": metadata, "include_name": _is_ours})


def _is_ours(name: str | None, kind: str, parents: Mapping[Any, str | None]) -> bool:
    """Leave out what others keep in the same database."""
    return kind != "table" or name in metadata.tables


def _scripts(migrations: Path = MIGRATIONS) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(migrations))


def _config(migrations: Path, connection: sa.Connection | None = None) -> Config:
    config = Config(stdout=io.StringIO(), attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _connection(url: str, *, begin: str) -> Iterator[sa.Connection]:
    """Open one transaction; on SQLite `begin` says whether it takes the write lock at once."""
    engine = sa.create_engine(sync_url(url), poolclass=sa.NullPool)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the begin event opens transactions itself, also around changes of tables
    connection.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")


def _is_missing_file(url: str) -> bool:
    parsed = sync_url(url)
    path = parsed.database
    return parsed.get_backend_name() == "sqlite" and bool(path) and path != ":memory:" and not Path(str(path)).exists()
