"""Tells a database that is away from one that refuses, and leaves a server that takes no writes any more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from notify.errors import DatabaseAway

_READ_ONLY = "25006"  # PostgreSQL: read_only_sql_transaction

# SQLite calls a missing table operational too: that is a fault, and no waiting mends it.
_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


@contextmanager
def told_as_away() -> Iterator[None]:
    """Raise DatabaseAway for what a restart, a failover, a lock or a full disk does to a connection."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise DatabaseAway("all connections to it are in use") from error
    except DBAPIError as error:
        if not _is_away(error):
            raise
        raise DatabaseAway(reason_of(error)) from error


def reason_of(error: DBAPIError) -> str:
    """Give the first line of what the database or its driver said."""
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__


def _is_away(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        # The lower byte is the primary code; the rest says more of the same.
        return code & 0xFF in _PASSING
    if error.connection_invalidated or getattr(error.orig, "sqlstate", None) == _READ_ONLY:
        return True
    return isinstance(error, OperationalError | InterfaceError)


def leave_a_server_that_became_a_standby(context: sa.ExceptionContext) -> None:
    """Give up the connections to a PostgreSQL server that lost its role, so that the next ones find who has it now."""
    if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True
