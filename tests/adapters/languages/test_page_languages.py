"""The acknowledgement page speaks its reader's language, or the one chosen on it, and is right in both directions."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from contacts.registry import UN_LANGUAGES
from tests.adapters.portal_system import DESK, portal_system, rice_report

OPEN = re.compile(r'<html lang="(\w+)" dir="(\w+)">')
CHOICE = re.compile(r'<li><a href="\?([^"]*)" lang="(\w+)" hreflang="\w+" dir="(\w+)"')


def spoken(page: str) -> tuple[str, str]:
    """Give the language and direction that a page says it is in."""
    opened = OPEN.search(page)
    assert opened
    return opened[1], opened[2]


@pytest.mark.parametrize("language", UN_LANGUAGES)
async def test_the_page_speaks_the_contacts_language_whatever_the_browser_asks_for(
    tmp_path: Path, language: str
) -> None:
    desk = DESK.model_copy(update={"language": language})
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report(), desk))
        async with system.client.get(link, headers={"Accept-Language": "fr, en;q=0.5"}) as response:
            page = await response.text()
            assert response.headers["Content-Language"] == language
    assert spoken(page) == (language, "rtl" if language == "ar" else "ltr")


async def test_a_contact_without_a_language_of_the_six_reads_its_states_or_english(tmp_path: Path) -> None:
    desk = DESK.model_copy(update={"language": "tlh"})
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(rice_report(), desk)))
    assert '<html lang="en" dir="ltr">' in page


async def test_the_page_offers_the_six_languages_by_their_own_names(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(rice_report())))
    offered = {code: (address, way) for address, code, way in CHOICE.findall(page)}
    assert offered.keys() == set(UN_LANGUAGES) - {"en"}
    assert offered["ar"] == ("language=ar", "rtl")
    assert '<span lang="en" dir="ltr" aria-current="true">English</span>' in page
    for name in ("العربية", "Español", "Français", "Русский", "中文"):
        assert f">{name}</a>" in page


async def test_the_language_chosen_on_the_page_wins_and_lasts_until_the_answer_is_in(tmp_path: Path) -> None:
    desk = DESK.model_copy(update={"language": "es"})
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report(), desk))
        _, page = await system.get(f"{link}?language=ru")
        status, faulty = await system.post(f"{link}?language=ru", {"by": "", "office": ""})
        _, done = await system.post(f"{link}?language=ru", {"by": "И. Петров", "office": "Отдел"})
        _, later = await system.get(link)
    assert '<html lang="ru" dir="ltr">' in page
    assert page.count('action="?language=ru"') == 2
    assert (status, "Обнаружена ошибка" in faulty) == (422, True)
    assert "Ваш ответ зарегистрирован" in done
    assert 'href="?language=ar&amp;done=acknowledged"' in done
    assert '<html lang="es" dir="ltr">' in later


@pytest.mark.parametrize("chosen", ["tlh", "", "../ru", "ru%00", "RU", "en&language=ru"])
async def test_a_language_that_is_none_of_the_six_changes_nothing(tmp_path: Path, chosen: str) -> None:
    desk = DESK.model_copy(update={"language": "es"})
    async with portal_system(tmp_path) as system:
        _, page = await system.get(f"{await system.link(await system.file(rice_report(), desk))}?language={chosen}")
    assert spoken(page) == ("en" if chosen.startswith("en&") else "es", "ltr")


async def test_a_page_without_a_known_reader_speaks_what_the_browser_asks_for_or_what_is_chosen(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        async with system.client.get("/a/none", headers={"Accept-Language": "ar"}) as response:
            asked = await response.text()
        async with system.client.get("/a/none?language=zh", headers={"Accept-Language": "ar"}) as response:
            chosen = await response.text()
    assert '<html lang="ar" dir="rtl">' in asked
    assert '<html lang="zh" dir="ltr">' in chosen


async def test_an_arabic_page_sets_apart_what_runs_from_left_to_right(tmp_path: Path) -> None:
    desk = DESK.model_copy(update={"language": "ar"})
    report = rice_report(
        quantity={"value": 20000, "unit": "t"}, risk_assessments=[{"title": "Text", "url": "https://x.example/r"}]
    )
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(report, desk)))
    for apart in ("<bdi>Europe/Amsterdam</bdi>", "<bdi>UTC+01:00</bdi>", "<bdi>BCS-OSØØ3-7</bdi>"):
        assert apart in page
    assert '<bdi dir="ltr">A17-2026-0001</bdi>' in page
    assert '<bdi dir="ltr">20,000</bdi>' in page
    assert '<bdi dir="ltr"><a href="https://x.example/r"' in page
    assert '<bdi dir="ltr"><a href="mailto:desk@biosafety.us.example"' in page
    assert not re.search("[\u2066-\u2069]", page)


async def test_the_original_text_keeps_its_language_and_direction_on_an_arabic_page(tmp_path: Path) -> None:
    desk = DESK.model_copy(update={"language": "ar"})
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(rice_report(), desk)))
    assert '<h1 lang="en" dir="ltr">LLRICE601' in page
    assert "ذو الحجية" in page


async def test_what_a_reader_typed_stands_unmarked_in_its_field(tmp_path: Path) -> None:
    typed = "د. \u2068منى\u2069 <b>"
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        _, page = await system.post(f"{link}?language=ar", {"by": typed, "office": ""})
    assert f'value="{html.escape(typed)}"' in page


async def test_an_arabic_office_is_set_apart_on_an_english_page(tmp_path: Path) -> None:
    office = "مكتب السلامة الأحيائية"
    desk = DESK.model_copy(update={"office": office})
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(rice_report(), desk)))
    assert f"You were told as: <bdi>{office}</bdi>." in page


@pytest.mark.parametrize("language", sorted(set(UN_LANGUAGES) - {"en"}))
async def test_the_reason_of_the_severity_is_said_without_a_code(tmp_path: Path, language: str) -> None:
    desk = DESK.model_copy(update={"language": language})
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(rice_report(), desk)))
    summary = page.partition("<dl>")[2].partition('<form method="post"')[0]
    words = re.sub(r"<[^>]+>|UTC|Europe/Amsterdam", " ", re.sub(r'<dd lang="en".*?</dd>', "", summary))
    assert {"occurred", "none", "unknown", "moderate"}.isdisjoint(re.findall(r"[a-z]+", words))
