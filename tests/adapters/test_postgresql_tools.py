"""The programs of PostgreSQL: which one is taken, and that no secret stands where other accounts can read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.database.addresses import sync_url
from adapters.database.postgresql_tools import ToolFailed, dump, environment, find_tool

URL = "postgresql://us%40er:p%40ss,%20word@h1:5432,[::1]:5433/cases?sslmode=require&target_session_attrs=read-write"


def program(path: Path, version: int, more: str = "") -> Path:
    """Write a program that says its version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        "#!/bin/sh",
        f'if [ "$1" = --version ]; then echo "{path.name} (PostgreSQL) {version}.4"; exit 0; fi',
        more,
    ]
    path.write_text("\n".join(lines), encoding="ascii")
    path.chmod(0o755)
    return path


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the only folder in which programs are looked for by name."""
    folder = tmp_path / "path"
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_the_program_nearest_to_the_server_and_not_older_is_taken(tmp_path: Path, on_path: Path) -> None:
    named = program(on_path / "pg_dump", 18)
    debian = {version: program(tmp_path / str(version) / "bin" / "pg_dump", version) for version in (14, 16, 17)}
    assert find_tool("pg_dump", 16, debian=tmp_path) == debian[16]
    assert find_tool("pg_dump", 15, debian=tmp_path) == debian[16]
    assert find_tool("pg_dump", 18, debian=tmp_path) == named


def test_a_missing_program_is_named_with_its_package(tmp_path: Path, on_path: Path) -> None:
    program(on_path / "pg_dump", 14)
    with pytest.raises(ToolFailed, match="pg_dump of PostgreSQL 16 or newer here, only of 14") as missing:
        find_tool("pg_dump", 16, debian=tmp_path / "none")
    assert "postgresql-client-16" in str(missing.value.hint)


def test_everything_that_connects_stands_in_the_environment() -> None:
    found = environment(sync_url(URL))
    assert (found["PGUSER"], found["PGPASSWORD"], found["PGDATABASE"]) == ("us@er", "p@ss, word", "cases")
    assert (found["PGHOST"], found["PGPORT"]) == ("h1,::1", "5432,5433")
    assert (found["PGSSLMODE"], found["PGTARGETSESSIONATTRS"]) == ("require", "read-write")


def test_no_argument_holds_the_password(tmp_path: Path, on_path: Path) -> None:
    seen = tmp_path / "seen"
    program(on_path / "pg_dump", 99, f'printf "%s\\n" "$*" > {seen}; printf "%s" "$PGPASSWORD" > {seen}.password')
    dump(sync_url(URL), ["case_file"], tmp_path / "target", version=99)
    assert "case_file" in seen.read_text(encoding="utf-8")
    assert "p@ss" not in seen.read_text(encoding="utf-8")
    assert (tmp_path / "seen.password").read_text(encoding="utf-8") == "p@ss, word"


def test_a_program_that_fails_is_quoted(tmp_path: Path, on_path: Path) -> None:
    program(on_path / "pg_dump", 99, "echo 'pg_dump: error: no such luck' >&2; exit 3")
    with pytest.raises(ToolFailed, match="no such luck"):
        dump(sync_url(URL), ["case_file"], tmp_path / "target", version=99)
