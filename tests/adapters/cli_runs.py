"""Runs commands for tests: in this process, on a data folder of their own, or as the real program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from adapters.cli import main
from tests.builders import report_from

CONTACTS = """\
id,state,role,office,email,telephone,order,webhook,confirmed_on
ke-1,KE,article_17_contact,National Biosafety Authority,nba@ke.example,+254 20 1234567,1,,2026-10-01
mx-1,MX,article_17_contact,Focal point,fp@mx.example,,1,https://mx.example/hook,2026-10-01
sec-1,,secretariat,Secretariat,desk@scbd.example,,1,,2026-10-01
"""


class Outcome(NamedTuple):
    status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout.splitlines()[-1])


Article17 = Callable[..., Outcome]


@pytest.fixture
def article17(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Article17:
    """Run commands in development mode, in a data folder of their own."""
    for name in [name for name in os.environ if name.startswith("ARTICLE17_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ARTICLE17_MODE", "development")
    monkeypatch.setenv("ARTICLE17_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, given: str | bytes | None = None, **variables: str) -> Outcome:
        result = CliRunner().invoke(main, arguments, input=given, env=variables)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def loaded(article17: Article17, tmp_path: Path) -> Article17:
    """Run commands on a service with contacts."""
    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    assert article17("contacts", "load", "contacts.csv").status == 0
    return article17


def submit(article17: Article17, *affected: str, **changes: Any) -> Outcome:
    report = json.dumps(report_from("MX", *affected, **changes))
    return article17("report", "submit", "-", "--json", given=report)


@pytest.fixture
def with_case(loaded: Article17) -> Article17:
    """Run commands on a service with one case, of Mexico to Kenya."""
    assert submit(loaded, "KE").status == 0
    return loaded


def real(*arguments: str, folder: Path, **variables: str) -> Outcome:
    """Run the command as a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ARTICLE17_")}
    environment |= {"ARTICLE17_MODE": "development", "ARTICLE17_DATA_DIR": str(folder), **variables}
    program = [sys.executable, "-W", "error", "-c", "from adapters.cli import main; main(prog_name='article17')"]
    done = subprocess.run(
        [*program, *arguments], env=environment, capture_output=True, text=True, timeout=30, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout, done.stderr)
