"""The command line: exit status, the last line of JSON, every fault with its place."""

from __future__ import annotations

import json
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
        "contacts list", "contacts gaps", "contacts webhook", "report check", "report submit", "case list",
        "case show", "case export", "acknowledge", "tasks list", "tasks done", "dispatch pause", "dispatch resume",
        "outbox list", "outbox retry", "log verify", "backup", "restore",
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
    assert done.stderr == ""
    assert real("case", "show", "A17-1999-0001", folder=tmp_path).status == 1
    assert real("report", "submit", "no-such-file", folder=tmp_path).status == 2


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
