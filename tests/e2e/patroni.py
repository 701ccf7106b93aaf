"""Runs a real PostgreSQL cluster of two nodes on loopback: Patroni on each, and one etcd between them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from tests.postgresql import NoPostgreSQL, find_binaries, free_port, unprivileged

PATRONI_VARIABLE = "ARTICLE17_TEST_PATRONI"
"""Names a `patroni` program; without it, one on PATH is taken, or one is installed into a throw-away environment."""

SCOPE = "article17"


class NoCluster(Exception):
    """There can be no cluster here, and the message says how to mend it."""


def find_etcd() -> str:
    found = shutil.which("etcd")
    if found is None:
        raise NoCluster("no etcd: install the Debian package etcd-server")
    return found


def find_patroni(folder: Path) -> str:
    """Find Patroni, or install it into a folder, which is thrown away with it."""
    named = os.environ.get(PATRONI_VARIABLE) or shutil.which("patroni")
    if named:
        return named
    wanted = ["patroni[etcd3]", "psycopg[binary]"]
    steps = ([sys.executable, "-m", "venv", str(folder)], [str(folder / "bin/pip"), "install", "--quiet", *wanted])
    for step in steps:
        made = subprocess.run(step, capture_output=True, text=True, check=False, timeout=600)
        if made.returncode != 0:
            raise NoCluster(f"no Patroni: install patroni[etcd3] from PyPI, and name its program in {PATRONI_VARIABLE}")
    return str(folder / "bin/patroni")


def _all_binaries() -> Path:
    """Find the folder that holds the tools for copies and standbys, too; links to two of them are not enough."""
    folder = (find_binaries() / "postgres").resolve().parent
    missing = [name for name in ("pg_basebackup", "pg_controldata", "pg_isready") if not (folder / name).exists()]
    if missing:
        raise NoCluster(f"no {', '.join(missing)} in {folder}: install the Debian package postgresql")
    return folder


class Node:
    """One server and the Patroni that watches over it."""

    def __init__(self, name: str, folder: Path, patroni: str, etcd_port: int) -> None:
        self.name, self.port, self._api = name, free_port(), free_port()
        self._folder = folder / name
        self._folder.mkdir(mode=0o700)
        self._patroni = patroni
        self._file = self._folder / "patroni.json"
        self._file.write_text(json.dumps(self._configuration(etcd_port)), encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def _configuration(self, etcd_port: int) -> dict[str, Any]:
        accounts = {
            "superuser": {"username": "article17", "password": "one"},
            "replication": {"username": "replicator", "password": "two"},
        }
        return {
            "scope": SCOPE,
            "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self._api}", "connect_address": f"127.0.0.1:{self._api}"},
            "etcd3": {"host": f"127.0.0.1:{etcd_port}"},
            "bootstrap": {
                # Short times, as nobody wants to wait; a standby that lacks what was accepted must not lead.
                "dcs": {
                    "ttl": 20,
                    "loop_wait": 2,
                    "retry_timeout": 5,
                    "maximum_lag_on_failover": 0,
                    "synchronous_mode": True,
                    "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 100}},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}],
            },
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}",
                "connect_address": f"127.0.0.1:{self.port}",
                "data_dir": str(self._folder / "data"),
                "bin_dir": str(_all_binaries()),
                "authentication": accounts,
                "pgpass": str(self._folder / "pgpass"),
                "parameters": {"unix_socket_directories": ""},
                "pg_hba": [
                    "host all all 127.0.0.1/32 scram-sha-256",
                    "host replication replicator 127.0.0.1/32 scram-sha-256",
                ],
            },
        }

    def start(self) -> None:
        with (self._folder / "patroni.log").open("ab") as log:
            command = [*unprivileged(), self._patroni, str(self._file)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def role(self) -> str:
        """Say what the node is: primary, replica, sync_standby, or nothing while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._api}/patroni", timeout=2) as answer:
                told = json.load(answer)
        except urllib.error.HTTPError as error:
            told = json.load(error)
        except OSError:
            return ""
        if told.get("state") not in ("running", "streaming"):
            return ""
        return "sync_standby" if told.get("sync_standby") else str(told.get("role"))

    def kill(self) -> None:
        """Kill the server and its Patroni at once, as when the machine dies."""
        if self._process is None:
            return
        postmaster = self._folder / "data" / "postmaster.pid"
        ours = int(postmaster.read_text().splitlines()[0]) if postmaster.exists() else None
        os.killpg(self._process.pid, signal.SIGKILL)
        if ours is not None:
            with suppress(ProcessLookupError):
                os.kill(ours, signal.SIGKILL)
        self._process.wait(timeout=10)
        self._process = None


class Cluster:
    """Two nodes and what they agree by."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._etcd: subprocess.Popen[bytes] | None = None
        self.nodes: list[Node] = []

    def start(self) -> None:
        """Start everything, and wait until a leader has a synchronous standby."""
        etcd, patroni = find_etcd(), find_patroni(self._folder / "environment")
        try:
            _all_binaries()
            unprivileged()
        except NoPostgreSQL as missing:
            raise NoCluster(str(missing)) from missing
        client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        line = [etcd, "--data-dir", str(self._folder / "etcd"), "--unsafe-no-fsync"]
        line += ["--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer]
        with (self._folder / "etcd.log").open("ab") as log:
            self._etcd = subprocess.Popen(line, stdout=log, stderr=log)
        self.nodes = [Node(name, self._folder, patroni, int(client.rpartition(":")[2])) for name in ("one", "two")]
        for node in self.nodes:
            node.start()
        deadline = time.monotonic() + 90
        while sorted(node.role() for node in self.nodes) not in (
            ["primary", "sync_standby"],
            ["master", "sync_standby"],
        ):
            if time.monotonic() > deadline:
                logs = [(self._folder / node.name / "patroni.log").read_text()[-1500:] for node in self.nodes]
                raise AssertionError("the cluster did not form:\n" + "\n".join(logs))
            time.sleep(0.2)

    @property
    def leader(self) -> Node:
        return next(node for node in self.nodes if node.role() in ("primary", "master"))

    def url(self, database: str) -> str:
        """Give the address that names both nodes."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgresql://article17:one@{hosts}/{database}?target_session_attrs=read-write"

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()
        if self._etcd is not None:
            self._etcd.kill()
            self._etcd.wait(timeout=10)
