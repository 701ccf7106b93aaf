"""What the acknowledgement page shows, to whom, in which words."""

from __future__ import annotations

import html
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.portal.entries import Reader
from contacts.model import ContactId, StateCode
from contacts.registry import load_registry
from notify.case import Case
from notify.notices import may_be_in_confidence
from tests.adapters.portal_system import DESK, portal_system, rice_report
from tests.builders import REPORTS, contact, example

WITH_ADDRESSEES = sorted(path.stem for path in REPORTS.glob("*.json") if not path.stem.startswith("papaya"))


def plain(page: str) -> str:
    """Leave only the words of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def texts_of(value: Any) -> list[str]:
    """List every narrative or name in a report; codes and dates are shown by other words."""
    if isinstance(value, dict):
        return [text for field in value.values() for text in texts_of(field)]
    if isinstance(value, list):
        return [text for entry in value for text in texts_of(entry)]
    return [value] if isinstance(value, str) and " " in value else []


async def test_the_first_lines_say_what_an_officer_must_know(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(rice_report())))
    words = plain(page)
    for told in (
        "From Competent national authority of US (demonstration), United States of America, transmitted by this",
        "Case number A17-2026-0001",
        "high (handling priority, computed, not a finding on risk)",
        "What Rice, Oryza sativa L., LLRICE601, BCS-OSØØ3-7",
        "Where and when United States of America, 1998",
        "How to detect it event-specific PCR",
        "Netherlands is named by the reporting State as affected.",
        "Please acknowledge receipt by Saturday, 21 November 2026, 01:00 (Europe/Amsterdam, UTC+01:00), which is 00:00",
        "This time is a target of this service; Article 17 names no hour.",
        "Voluntary information, in line with Article 24(2)",
    ):
        assert told in words
    assert "EXERCISE" not in words
    assert words.index("Answer for Netherlands") < words.index("The whole report")


@pytest.mark.parametrize("name", WITH_ADDRESSEES)
async def test_every_text_of_every_real_report_is_shown_on_a_small_page(tmp_path: Path, name: str) -> None:
    report = example(name)
    state = next(a["state"] for a in report["affected_states"] if a["state"] != report["reporting_state"])
    contact = DESK.model_copy(update={"id": "own-1", "state": StateCode(state), "email": "own@biosafety.example"})
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(report, contact), ContactId("own-1")))
    assert len(page.encode()) < 30_000
    words = plain(page)
    assert [text for text in texts_of(report) if " ".join(text.split()) not in words] == []
    for item in ("(a) Quantities", "(b) Circumstances", "(c) Possible adverse", "(d) Other", "(e) Point of contact"):
        assert item in words


async def test_the_page_needs_no_script_and_no_image(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(rice_report())))
    assert re.findall(r"<(script|img|iframe|style)|\son\w+=|style=", page) == []


async def test_every_field_of_the_form_has_its_label(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(rice_report())))
    for name in ("by", "office"):
        assert f'<label for="{name}">' in page
        assert re.search(rf'<input type="text" name="{name}" id="{name}" value=""', page)
    assert len(re.findall(r'<label><input type="radio"', page)) == 8
    assert page.count("<legend>") == page.count("<fieldset") == 2


async def test_an_exercise_is_marked(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(rice_report(status="exercise"))))
    assert "EXERCISE – this is an exercise: what it describes has not happened." in page
    assert "EX17-2026-0001" in page


async def test_what_is_confidential_is_absent_and_its_place_is_listed(tmp_path: Path) -> None:
    marks = {
        "/monitoring": {"audience": "secretariat", "ground": "national_law"},
        "/quantity": {"audience": "parties", "ground": "article_21_1"},
    }
    report = rice_report(monitoring={"en": "The hidden survey"}, confidential=marks)
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(report)))
    words = plain(page)
    assert "The hidden survey" not in words
    assert "Withheld from this page as confidential Monitoring I am not this contact any more" in words
    assert "33 of 162 samples" in words
    assert "Estimated quantity every Party, Article 21(1)" in words


async def test_a_non_party_is_told_that_it_reads_in_confidence(tmp_path: Path) -> None:
    marks = {"/quantity": {"audience": "recipients", "ground": "article_21_1"}}
    report = example("triffid") | {"confidential": marks}
    report["affected_states"] = [{"state": code, "status": "affected"} for code in ("US", "NL")]
    american = DESK.model_copy(update={"id": "us-1", "state": StateCode("US"), "email": "desk@biosafety.us.example"})
    async with portal_system(tmp_path) as system:
        case = await system.file(report, american, DESK)
        _, of_non_party = await system.get(await system.link(case, "us-1"))
        _, of_party = await system.get(await system.link(case, "nl-1"))
    assert "Given in confidence: please keep it so (Article 21)." in of_non_party
    assert "Given in confidence" not in of_party


async def test_a_presumed_origin_is_asked_to_confirm_or_correct(tmp_path: Path) -> None:
    report = rice_report(origin={"state": "BR", "certainty": "suspected"})
    brazil = DESK.model_copy(update={"id": "br-1", "state": StateCode("BR"), "email": "desk@biosafety.br.example"})
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(report, brazil), "br-1"))
    assert "Brazil is named as presumed origin; please confirm or correct." in page
    assert "responsible" not in page


async def test_a_state_named_as_affected_and_as_presumed_origin_reads_both(tmp_path: Path) -> None:
    report = rice_report(origin={"state": "NL", "certainty": "suspected"})
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(report)))
    assert "is named by the reporting State as affected." in page
    assert "as affected, and as presumed origin; it is asked to confirm or correct." in page
    assert "NL is named" not in page


async def test_texts_carry_their_language_and_the_original_is_named_as_authoritative(tmp_path: Path) -> None:
    report = rice_report(
        title={"fr": "Riz LLRICE601", "ar": "أرز", "en": "Rice LLRICE601"},
        original_language="fr",
        health={"ar": "لا يوجد"},
    )
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(report)))
    assert '<h1 lang="en" dir="ltr">Rice LLRICE601</h1>' in page
    assert '<p class="title" lang="fr" dir="ltr">Riz LLRICE601</p>' in page
    assert '<dd lang="ar" dir="rtl">لا يوجد</dd>' in page
    assert "are authoritative in French" in page
    assert "(French, the original text)" in page


async def test_the_page_says_in_which_language_and_direction_it_is_written(tmp_path: Path) -> None:
    spanish = DESK.model_copy(update={"language": "es"})
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report(), spanish))
        async with system.client.get(link) as response:
            page, language = await response.text(), response.headers["Content-Language"]
    assert '<html lang="es" dir="ltr">' in page
    assert language == "es"


def test_a_reader_gets_the_own_language_first_and_never_loses_the_original() -> None:
    reader = Reader("en", "es", "fr", lambda code: code)
    texts = reader.narrative({"ru": "рис", "fr": "riz", "es": "arroz"})
    assert [text.language for text in texts] == ["es", "fr", "ru"]
    assert [text.language for text in reader.brief({"ru": "рис", "fr": "riz", "es": "arroz"})] == ["es", "fr"]
    assert [text.language for text in reader.brief({"ru": "рис"})] == ["ru"]


async def test_what_people_type_is_shown_and_never_run(tmp_path: Path) -> None:
    evil = "<script>alert('x')</script>\"'><img src=x onerror=y>"
    report = rice_report(
        title={"en": evil},
        health={"en": evil},
        authority={"name": evil, "email": "cna@biosafety.us.example"},
        measures=[{"type": {"code": "other", "text": evil}, "status": "planned"}],
        risk_assessments=[{"title": evil, "url": 'https://x.example/"><script>'}],
    )
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(report, DESK.model_copy(update={"office": evil})))
        _, refused = await system.post(link, {"by": evil, "office": "", "grade": evil, "assessment": evil})
        _, accepted = await system.post(link, {"by": evil, "office": evil})
    for page in (refused, accepted):
        assert "<script" not in page
        assert "<img" not in page
        assert html.escape(evil).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page


@pytest.mark.parametrize("url", ["https://x.example/report", "http://x.example/report"])
async def test_addresses_can_be_followed(tmp_path: Path, url: str) -> None:
    report = rice_report(risk_assessments=[{"title": "Assessment", "url": url}])
    report["contact_for_information"]["telephone"] = "+1 (202) 555-0100"
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(report)))
    assert f'href="{url}"' in page
    assert 'href="tel:+12025550100"' in page
    assert 'href="mailto:desk@biosafety.us.example"' in page


def test_nobody_is_told_its_own_report_in_confidence() -> None:
    registry = load_registry()
    focal_point, other = contact("US", "bch_focal_point"), contact("AR")
    case = cast("Case", SimpleNamespace(reporting_state="US"))
    assert not may_be_in_confidence(focal_point, case, registry)
    assert may_be_in_confidence(other, case, registry)
    assert not may_be_in_confidence(contact("KE"), case, registry)
