"""Holds the examples of the README to what the service accepts."""

from __future__ import annotations

import re
from pathlib import Path

from contacts.loading import load_contacts
from contacts.registry import load_registry

ROOT = Path(__file__).parents[1]


def test_the_example_contacts_load() -> None:
    text = (ROOT / "examples" / "contacts.csv").read_text(encoding="utf-8")
    assert len(load_contacts(text, media="csv", registry=load_registry())) == 9


def test_every_test_that_the_readme_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(named) > 10
    for path, name in named:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not name or f"def {name}(" in text, f"{path}::{name}"
