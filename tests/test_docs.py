"""The generated pages are those of the code, and what people meet is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.settings import PREFIX, Settings, settings_page, variable_names
from notify.events import Event

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def test_the_page_of_settings_is_that_of_the_code() -> None:
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == settings_page(), "run `make docs`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_each_setting_is_described_in_one_sentence(name: str) -> None:
    description = Settings.model_fields[name].description or ""
    assert re.fullmatch(r"[A-Z][^.|]*(\S\.\S[^.|]*)*\.", description), description


def test_each_event_is_documented_once_and_no_other() -> None:
    page = (DOCS / "events.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [A-Z].*\. \|$", page, flags=re.MULTILINE)
    assert sorted(rows) == sorted(Event.NAMES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_setting_named_in_a_page_exists(page: Path) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z][A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))
    assert {name for name in named if not name.startswith(f"{PREFIX}TEST_")} - variable_names() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_relative_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
