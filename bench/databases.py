"""Opens a fresh durable database for each round: a SQLite file, or a PostgreSQL database with fsync on."""

from __future__ import annotations

import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgresql import NoPostgreSQL, Server, find_binaries, free_port, unprivileged

KINDS = ("sqlite", "postgresql")
_OPTIONS = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=256MB", "max_connections=100")


class DurableServer(Server):
    """A PostgreSQL server that loses nothing: the tests' server trades that for speed."""

    def start(self) -> None:
        options = [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *_OPTIONS]
        command = [str(find_binaries() / "postgres"), "-D", str(self.folder)]
        for option in options:
            command += ["-c", option]
        with (self.folder.parent / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen([*unprivileged(), *command], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._answers():
                return
            time.sleep(0.05)
        raise NoPostgreSQL((self.folder.parent / "postgres.log").read_text(errors="replace")[-800:])


class Databases:
    """Gives fresh databases of both kinds; PostgreSQL starts when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: DurableServer | None = None

    @contextmanager
    def fresh(self, kind: str) -> Iterator[tuple[str, Path]]:
        """Give the address of an empty database and a data folder."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            folder = Path(name)
            if kind == "sqlite":
                yield f"sqlite+aiosqlite:///{folder}/article17.sqlite", folder
                return
            server, database = self._running(), f"b_{secrets.token_hex(6)}"
            server.run(f"CREATE DATABASE {database}")
            yield server.url(database), folder
            server.run(f"DROP DATABASE {database} WITH (FORCE)")

    def _running(self) -> DurableServer:
        if self._server is None:
            self._server = DurableServer(self._folder / "postgresql" / "data", free_port())
            self._server.folder.parent.mkdir()
            self._server.create()
            self._server.start()
        return self._server

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()


@contextmanager
def databases() -> Iterator[Databases]:
    """Keep databases for a measurement, and remove them at its end."""
    with tempfile.TemporaryDirectory(prefix="article17-bench-") as name:
        kept = Databases(Path(name))
        try:
            yield kept
        finally:
            kept.stop()
