"""Saves the whole database to one file while the service runs, and brings it back from there."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from adapters.database import postgresql_tools
from adapters.database.addresses import APPLICATION_NAME, sync_url
from adapters.database.migrating import SchemaState, schema_state
from adapters.database.tables import case_file, metadata
from notify.errors import Article17Error

REVISION_TABLE = "alembic_version"
BUSY_SECONDS = 30
_DUMP_BEGINS = b"PGDMP"


class CannotCopy(Article17Error):
    """The database can be neither saved nor restored like this; `hint` says what to do."""

    def __init__(self, problem: str, hint: str | None = None) -> None:
        self.problem, self.hint = problem, hint
        super().__init__(problem)


def save(url: str, target: Path) -> None:
    """Write the database as it stands in one moment to a file, which appears when it is whole, for its owner alone.

    Nobody has to stop for it. Raises CannotCopy, ToolFailed, OSError, or SQLAlchemy's errors.
    """
    if schema_state(url) is SchemaState.EMPTY:
        raise CannotCopy("the database has no tables yet: there is nothing to save")
    address = sync_url(url)
    with _written_whole(target) as part:
        if address.get_backend_name() == "sqlite":
            _save_sqlite(Path(str(address.database)), part)
        else:
            _save_postgresql(address, part)


def cases_in(url: str) -> int:
    """Count the cases that a database holds; one without tables, or without a file, holds none."""
    if schema_state(url) is SchemaState.EMPTY:
        return 0
    with _connection(sync_url(url)) as connection:
        if not sa.inspect(connection).has_table(case_file.name):
            return 0
        return int(connection.scalar(sa.select(sa.func.count()).select_from(case_file)) or 0)


def bring_back(url: str, source: Path) -> None:
    """Replace what the database holds by what a file of `save` holds: all of it, or on any fault nothing.

    On SQLite the caller holds the lock of the one process. Raises CannotCopy, ToolFailed, OSError, SQLAlchemy's errors.
    """
    address = sync_url(url)
    is_dump = _begins_as_dump(source)
    if address.get_backend_name() == "sqlite":
        if is_dump:
            raise CannotCopy(f"{source} is a backup of a PostgreSQL database, and this one is SQLite")
        _require_sound_sqlite(source)
        _restore_sqlite(source, Path(str(address.database)))
        return
    if not is_dump:
        raise CannotCopy(f"{source} is no backup of a PostgreSQL database")
    _restore_postgresql(address, source)


def _begins_as_dump(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(len(_DUMP_BEGINS)) == _DUMP_BEGINS


@contextmanager
def _written_whole(target: Path) -> Iterator[Path]:
    """Give a place beside the target that takes its name when everything is on the disk, and vanishes otherwise."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        _to_disk(part)
        part.replace(target)
        _to_disk(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _to_disk(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _save_sqlite(path: Path, part: Path) -> None:
    """Copy in one step: in WAL mode that holds a snapshot, and neither readers nor the writer wait for it."""
    with _sqlite(path, mode="rw") as live, _sqlite(part, mode="rw") as copy:
        live.backup(copy)
        # One file, that any place can hold: no log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")


def _require_sound_sqlite(source: Path) -> None:
    with _sqlite(source, mode="ro") as saved:
        faults = [str(row[0]) for row in saved.execute("PRAGMA integrity_check(3)")]
    if faults != ["ok"]:
        raise CannotCopy(f"{source} is damaged: {'; '.join(faults)}")
    state = schema_state(f"sqlite:///{source}")
    if state is SchemaState.EMPTY:
        raise CannotCopy(f"{source} is no backup of this service: it has none of its tables")
    if state is SchemaState.AHEAD:
        hint = "Use the version of article17 that wrote it, or a newer one."
        raise CannotCopy(f"{source} is of a newer version than this program", hint)


def _restore_sqlite(source: Path, path: Path) -> None:
    """Copy into the database that is there, as one transaction: a kill on the way leaves the old contents."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _sqlite(source, mode="ro") as saved, _sqlite(path, mode="rwc") as live:
        saved.backup(live)


@contextmanager
def _sqlite(path: Path, *, mode: str) -> Iterator[sqlite3.Connection]:
    try:
        address = f"file:{quote(str(path.resolve()))}?mode={mode}"
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise CannotCopy(f"{path} cannot be copied: {error}") from error


def _save_postgresql(address: sa.URL, part: Path) -> None:
    with _connection(address) as connection:
        version, _ = _server(connection)
        there = set(sa.inspect(connection).get_table_names())
    tables = sorted(there & {*metadata.tables, REVISION_TABLE})
    postgresql_tools.dump(address, tables, part, version=version)


def _restore_postgresql(address: sa.URL, source: Path) -> None:
    with _connection(address) as connection:
        version, database = _server(connection)
        others = connection.scalar(_OTHERS, {"ours": APPLICATION_NAME})
    if others:
        hint = "Stop every `article17 serve` and `article17 work` on it first, on all machines."
        raise CannotCopy(f"the database is in use: article17 is connected to it {others} times", hint)
    postgresql_tools.restore(address, source, version=version, database=database)
    with _connection(address) as connection:
        # A restored table has no statistics yet, and the first claims would read all of it.
        connection.execute(sa.text("ANALYZE"))


_OTHERS = sa.text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :ours AND pid <> pg_backend_pid()"
)


def _server(connection: sa.Connection) -> tuple[int, str]:
    """Give the major version of the server, and the name of the database."""
    number = int(connection.scalar(sa.text("SHOW server_version_num")) or 0)
    return number // 10_000, str(connection.scalar(sa.text("SELECT current_database()")))


@contextmanager
def _connection(address: sa.URL) -> Iterator[sa.Connection]:
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
