"""Runs PostgreSQL's own pg_dump and pg_restore; what they connect with stands in their environment, never in argv."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from notify.errors import Article17Error

DEBIAN = Path("/usr/lib/postgresql")

# Tables by name, because a database may be shared: what others keep in it is neither saved nor replaced.
_DUMP = ("--format=custom", "--no-owner", "--no-privileges", "--no-tablespaces", "--no-security-labels")
_DUMP_WAITS = ("--no-password", "--lock-wait-timeout=30000")
_RESTORE = ("--clean", "--if-exists", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")


class ToolFailed(Article17Error):
    """A program of PostgreSQL is missing or failed; `hint` says how to mend it."""

    def __init__(self, problem: str, hint: str | None = None) -> None:
        self.problem, self.hint = problem, hint
        super().__init__(problem)


def dump(url: sa.URL, tables: Sequence[str], target: Path, *, version: int) -> None:
    """Write these tables, as they stand in one moment, to a file; `version` is the server's major one."""
    wanted = [f"--table={name}" for name in tables]
    _run(url, [str(find_tool("pg_dump", version)), *_DUMP, *_DUMP_WAITS, *wanted, f"--file={target}"])


def restore(url: sa.URL, source: Path, *, version: int, database: str) -> None:
    """Replace the tables that a file of `dump` holds, all or none of them."""
    place = f"--dbname={make_conninfo(dbname=database)}"
    command = [str(find_tool("pg_restore", version)), *_RESTORE, "--no-password", place, str(source)]
    _run(url, command, hint="Nothing was changed. Where tables of another version stand, use an empty database.")


def find_tool(name: str, version: int, *, debian: Path = DEBIAN) -> Path:
    """Find a program, on PATH or where Debian keeps them, as near to the server's version as can be, and not older."""
    found = {path: _version(path) for path in _candidates(name, debian)}
    fitting = [path for path, own in found.items() if own >= version]
    if not fitting:
        there = f", only of {max(found.values())}" if found else ""
        hint = f"Install the client programs, like the Debian package postgresql-client-{version}."
        raise ToolFailed(f"there is no {name} of PostgreSQL {version} or newer here{there}", hint)
    return min(fitting, key=lambda path: found[path])


def _candidates(name: str, debian: Path) -> Iterator[Path]:
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    yield from sorted(debian.glob(f"*/bin/{name}"))


def _version(tool: Path) -> int:
    told = subprocess.run([str(tool), "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r" (\d+)", told.stdout)
    return int(found[1]) if found else 0


def environment(url: sa.URL) -> dict[str, str]:
    """Give the environment in which libpq finds the database of an address, password included."""
    _, options = url.get_dialect()().create_connect_args(url)
    variables = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    ours = {envvar.decode(): str(options[name]) for name, envvar in variables.items() if envvar and options.get(name)}
    return {**os.environ, **ours}


def _run(url: sa.URL, command: Sequence[str], *, hint: str | None = None) -> None:
    done = subprocess.run(  # noqa: S603 — our own program, without a shell
        command, env=environment(url), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise ToolFailed(f"{Path(command[0]).name} failed: {'; '.join(said[:3]) or f'status {done.returncode}'}", hint)
