"""The command line: exit status, the last line of JSON, every fault with its place."""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from sqlalchemy import create_engine, text

from adapters.cli import main
from notify.case import CaseStatus
from tests.adapters.cli_runs import Article17, article17, real
from tests.builders import REPORTS, example
from tests.postgresql import Server


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name), command


__all__ = ["article17"]

EVERY = dict(commands(main))
each_command = pytest.mark.parametrize("path", EVERY, ids=" ".join)


def test_the_commands_are_those_of_the_interface() -> None:
    assert {" ".join(path) for path in EVERY} == {
        "serve", "work", "migrate", "check", "accounts create", "accounts token", "accounts list", "contacts load",
        "contacts list", "contacts gaps", "contacts webhook", "contacts revoke", "report check", "report submit",
        "case list", "case show", "case export", "case close", "case reopen",
        "acknowledge", "tasks list", "tasks done", "dispatch pause",
        "dispatch resume", "outbox list", "outbox retry", "log verify", "statistics", "exercise start",
        "exercise show", "backup", "restore", "keys list", "keys change",
        "attachment add", "attachment get", "case answer", "case ask", "case assess", "case conclude",
        "case consultation", "case invite", "case measure", "case measures", "case message", "case position",
        "contacts attempts", "contacts replay", "contacts resend", "inquiry answer", "inquiry list",
        "inquiry make", "inquiry show", "inquiry withdraw", "listen",
    }  # fmt: skip


@each_command
def test_each_command_explains_itself_with_an_example(article17: Article17, path: tuple[str, ...]) -> None:
    shown = article17(*path, "--help")
    assert shown.status == 0
    _, _, example_lines = shown.stdout.partition("Example:\n")
    assert example_lines.strip().startswith(f"article17 {' '.join(path)}")
    assert "--json" in shown.stdout


def test_help_lists_the_demonstration_without_loading_it(article17: Article17) -> None:
    assert "demo " in article17("--help").stdout


def test_a_report_is_submitted_by_the_real_command(tmp_path: Path) -> None:
    report = str(next(REPORTS.glob("llrice601*.json")))
    done = real("report", "submit", report, "--json", folder=tmp_path)
    assert done.status == 0, done.stderr
    assert done.json["reference"].startswith("A17-")
    assert done.json["severity"]["level"] == "high"
    new, silent = done.stderr.splitlines()
    assert "a new database was made in" in new
    assert silent.startswith("Nothing goes out until `article17 serve` or `article17 work` runs")
    again = real("report", "submit", report, folder=tmp_path)
    assert "new database" not in again.stderr
    assert "To be done by people" in again.stdout
    assert "Mexico has no contact in the registry" in again.stdout
    assert real("case", "show", "A17-1999-0001", folder=tmp_path).status == 1
    assert real("report", "submit", "no-such-file", folder=tmp_path).status == 2


def test_a_submission_is_silent_about_sending_while_a_process_serves(article17: Article17, tmp_path: Path) -> None:
    article17("migrate")
    report = json.dumps(example("llrice601"))
    with (tmp_path / "data" / "article17.sqlite.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        served = article17("report", "submit", "-", given=report)
    assert (served.status, served.stderr) == (0, "")


def test_the_version_is_told(article17: Article17) -> None:
    assert re.fullmatch(r"article17 \d+.*\n", article17("--version").stdout)


def test_characters_that_the_output_does_not_know_are_replaced(tmp_path: Path) -> None:
    contact = {"state": "CI", "role": "article_17_contact", "office": "Autorité", "email": "a@ci.example"}
    (tmp_path / "contacts.json").write_text(json.dumps({"contacts": [contact]}), encoding="utf-8")
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    assert real("contacts", "load", str(tmp_path / "contacts.json"), folder=tmp_path, **ascii_only).status == 0
    shown = real("contacts", "list", folder=tmp_path, **ascii_only)
    assert (shown.status, "Autorit?" in shown.stdout) == (0, True)
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize("command", ["--help", "report check examples/reports/llrice601-2006.json"])
def test_an_output_that_is_full_is_told_in_one_line(command: str) -> None:
    program = [sys.executable, "-c", "from adapters.cli import main; main(prog_name='article17')"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*program, *command.split()], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30, check=False,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["article17: the output cannot be written: No space left on device"]


def test_a_port_in_use_is_named_with_a_hint(article17: Article17) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = real("serve", "--port", str(port), "--json", folder=Path(os.environ["ARTICLE17_DATA_DIR"]))
    assert refused.status == 1
    assert refused.json["error"] == f"port {port} of 127.0.0.1 is in use"
    assert "--port" in refused.json["hint"]


def test_a_data_folder_that_cannot_be_written_is_named_with_a_hint(article17: Article17, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused = article17("case", "list", "--json", ARTICLE17_DATA_DIR=str(tmp_path / "file" / "data"))
    assert refused.status == 1
    assert "ARTICLE17_DATA_DIR" in refused.json["hint"]
    assert "Errno" not in refused.json["error"]


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom adapters.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'sqlalchemy', 'pydantic', 'aiohttp', 'alembic', 'rich.table'} & set(sys.modules)))"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.splitlines()[-1] == "[]"
    assert time.monotonic() - started < 5


def test_wrong_usage_is_told_in_json_too_where_that_is_wanted(article17: Article17) -> None:
    wrong = article17("tasks", "done", "tsk_1", "--json")
    assert wrong.status == 2
    assert "--result" in wrong.json["error"]
    assert "Usage:" in wrong.stderr
    assert article17("no-such-command").status == 2


def test_settings_with_faults_are_all_listed(article17: Article17) -> None:
    wrong = article17("case", "list", "--json", ARTICLE17_MODE="somewhere", ARTICLE17_SMTP_PORT="many")
    assert wrong.status == 2
    assert {fault["place"] for fault in wrong.json["errors"]} == {"ARTICLE17_MODE", "ARTICLE17_SMTP_PORT"}
    assert "ARTICLE17_SMTP_PORT: " in wrong.stderr


@pytest.mark.parametrize("command", ["serve", "work"])
def test_production_does_not_start_while_something_essential_is_missing(article17: Article17, command: str) -> None:
    refused = article17(command, "--json", ARTICLE17_MODE="production", ARTICLE17_PUBLIK_URL="https://a.example")
    assert refused.status == 1
    missing = {fault["id"]: fault["hint"] for fault in refused.json["errors"]}
    assert set(missing) == {"public-url", "mail-relay", "secret-keys", "operator-address"}
    assert all(missing.values())
    assert "Did you mean ARTICLE17_PUBLIC_URL?" in refused.stderr


def test_other_commands_need_only_database_and_secret_keys_in_production(article17: Article17, tmp_path: Path) -> None:
    refused = article17("case", "list", ARTICLE17_MODE="production")
    assert refused.status == 1
    assert "secret-keys: " in refused.stderr
    assert not (tmp_path / "data" / "secret-key").exists()
    assert article17("case", "list", ARTICLE17_MODE="production", ARTICLE17_SECRET_KEYS="k" * 40).status == 0


def test_a_database_sealed_with_another_key_is_named_with_a_hint(article17: Article17) -> None:
    assert article17("case", "list", ARTICLE17_SECRET_KEYS="k" * 40).status == 0
    refused = article17("case", "list", ARTICLE17_SECRET_KEYS="l" * 40)
    assert refused.status == 1
    assert "ARTICLE17_SECRET_KEYS" in refused.stderr
    assert article17("case", "list", ARTICLE17_SECRET_KEYS="l" * 40 + "," + "k" * 40).status == 0


def test_a_database_that_cannot_be_opened_is_named_without_a_traceback(article17: Article17, tmp_path: Path) -> None:
    refused = article17("case", "list", ARTICLE17_DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/nowhere/a.sqlite")
    assert refused.status == 1
    assert "the database cannot be used" in refused.stderr


def test_a_database_of_a_newer_version_is_refused_by_every_command(article17: Article17, tmp_path: Path) -> None:
    assert article17("migrate", "--json").json == {"before": None, "after": "0001"}
    with create_engine(f"sqlite:///{tmp_path}/data/article17.sqlite").begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for command in (["migrate"], ["case", "list"], ["serve"]):
        refused = article17(*command)
        assert refused.status == 1, command
        assert "newer version" in refused.stderr
        assert "restore a backup" in refused.stderr


def test_commands_work_on_postgresql_once_it_is_migrated(article17: Article17, postgresql: Server) -> None:
    postgresql.run("CREATE DATABASE for_commands")
    address = {"ARTICLE17_DATABASE_URL": postgresql.url("for_commands")}
    refused = article17("case", "list", **address)
    assert refused.status == 1
    assert "article17 migrate" in refused.stderr
    assert article17("migrate", **address).status == 0
    assert article17("report", "submit", str(next(REPORTS.glob("triffid*.json"))), **address).status == 0
    assert len(article17("case", "list", "--json", **address).json["cases"]) == 1
    assert article17("log", "verify", **address).status == 0


def test_the_choices_of_a_list_are_those_of_the_code() -> None:
    status = next(option for option in EVERY["case", "list"].params if option.name == "status")
    assert isinstance(status.type, click.Choice)
    assert set(status.type.choices) == set(CaseStatus)


def test_a_text_from_outside_cannot_steer_the_terminal(article17: Article17, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(json.dumps(example("llrice601") | {"\x1b[2J": 1}), encoding="utf-8")
    refused = article17("report", "check", "bad.json")
    assert refused.status == 2
    assert "\x1b" not in refused.stderr
