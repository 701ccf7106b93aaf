"""The locked requirement files agree with the ranges that the package declares, and name no index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = [ROOT / "requirements" / "run.txt", ROOT / "requirements" / "dev.txt"]


def lines_of(name: str) -> list[str]:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


def pins_of(lock: Path) -> dict[str, str]:
    """Give each locked distribution with its block, hashes included."""
    blocks = re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8"))
    return {re.split(r"[=\[ ]", block)[0] + block.split("\\")[0].partition("==")[2]: block for block in blocks}


def test_the_ranges_of_the_package_are_those_that_are_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert sorted(lines_of("run.in")) == sorted(
        project["project"]["dependencies"] + project["build-system"]["requires"]
    )


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_each_locked_distribution_has_one_version_and_hashes(lock: Path) -> None:
    pins = pins_of(lock)
    assert len(pins) > 40
    assert [name for name, block in pins.items() if "==" not in block or "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_index(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert re.findall(r"^\s*-[-a-z]+", text.replace("--hash", ""), flags=re.MULTILINE) == []


def test_what_is_tested_is_what_runs() -> None:
    assert set(pins_of(LOCKS[0])) - set(pins_of(LOCKS[1])) == set()


@pytest.mark.parametrize("name", ["run.in", "dev.in"])
def test_each_wanted_distribution_is_locked(name: str) -> None:
    locked = {
        re.split(r"==", block)[0].split(" ")[0]
        for block in pins_of(ROOT / "requirements" / f"{name[:-3]}.txt").values()
    }
    wanted = {re.split(r"[<>=\[]", line)[0].lower() for line in lines_of(name)}
    assert wanted - locked == set()
