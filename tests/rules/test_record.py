"""Tests what the BCH record says of a report, and what it never says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contacts.model import StateCode
from notify.record import BCHRecord, RecordKind, RecordTexts, draft_record
from notify.words import CaseReference, Severity

REPORTS = Path(__file__).parents[2] / "examples" / "reports"
KINDS = {
    "bacillus-subtilis-vitamin-b2-2014": RecordKind.ARTICLE_17_1,
    "gm-zebrafish-europe-2006": RecordKind.ARTICLE_25_3,
    "gt73-rapeseed-seed-2018": RecordKind.ARTICLE_17_1,
    "llrice601-2006": RecordKind.ARTICLE_17_1,
    "mexico-landrace-maize-2001": RecordKind.ARTICLE_17_1,
    "mir162-maize-china-2013": None,
    "orange-petunia-2017": RecordKind.ARTICLE_17_1,
    "oregon-wheat-2013": RecordKind.ARTICLE_17_1,
    "papaya-okinawa-2011": RecordKind.ARTICLE_25_3,
    "starlink-maize-2000": RecordKind.ARTICLE_17_1,
    "triffid-flax-2009": RecordKind.ARTICLE_17_1,
}
PUBLISHED = [name for name, kind in KINDS.items() if kind is not None]
TEXTS = [field.name for field in fields(RecordTexts)]


def public_report(name: str) -> tuple[dict[str, Any], list[str]]:
    """Read a report and drop by hand what is marked, and the sender; say which pointers were dropped."""
    document = json.loads((REPORTS / f"{name}.json").read_text(encoding="utf-8"))
    withheld = ["/sender", *document.pop("confidential", {})]
    del document["sender"]
    if "/quantity" in withheld:
        del document["quantity"]
    if "/attachments/0" in withheld:
        document["attachments"] = []
    return document, withheld


def drafted(document: Mapping[str, Any], **more: Any) -> BCHRecord:
    record = draft_or_none(document, **more)
    assert record is not None
    return record


def draft_or_none(document: Mapping[str, Any], **more: Any) -> BCHRecord | None:
    return draft_record(
        document,
        case_reference=CaseReference("A17-2026-0001"),
        reporting_state=StateCode(document["reporting_state"]),
        submitted_on=date(2026, 11, 20),
        severity=Severity.HIGH,
        **more,
    )


def everything_said(record: BCHRecord) -> str:
    texts = [words for name in TEXTS for words in getattr(record.texts, name).values()]
    return "\n".join([*texts, *map(str, record.to_complete), *map(repr, record.relevant_documents)])


@pytest.fixture
def llrice() -> dict[str, Any]:
    return public_report("llrice601-2006")[0]


def narratives(part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        if part and all(len(key) == 2 and isinstance(value, str) for key, value in part.items()):
            yield from part.items()
        else:
            for value in part.values():
                yield from narratives(value)
    elif isinstance(part, list):
        for value in part:
            yield from narratives(value)


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_each_class_gets_its_kind_of_record_and_information_none(name: str, kind: RecordKind | None) -> None:
    record = draft_or_none(public_report(name)[0])
    assert (record.kind if record else None) == kind


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_preliminary_record_and_only_that_says_so_in_its_title(name: str) -> None:
    document = public_report(name)[0]
    title = drafted(document).texts.title["en"]
    assert title.endswith(document["title"]["en"])
    assert title.startswith("Preliminary") == (document["notification_class"] == "preliminary")


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_public_narrative_reaches_the_record_in_its_own_language(name: str) -> None:
    document = public_report(name)[0]
    record = drafted(document)
    found = list(narratives(document))
    assert found
    for language, narrative in found:
        assert any(narrative in getattr(record.texts, text).get(language, "") for text in TEXTS), narrative
        assert language in record.languages


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_record_lists_every_affected_state(name: str) -> None:
    document = public_report(name)[0]
    said = drafted(document).texts.relevant_information["en"]
    states = {entry["state"] for entry in document["affected_states"]}
    lists = [line.rstrip(".").split(": ")[1] for line in said.splitlines() if line.split(":")[0].endswith("tates")]
    assert states <= {code for line in lists for code in line.split(", ")}


@pytest.mark.parametrize(
    ("moment", "in_text"),
    [
        ({"value": "2013-10", "precision": "month"}, "2013-10 (the day is not known)"),
        ({"value": "1998", "precision": "year"}, "1998 (the month is not known)"),
        ({"value": None, "precision": "unknown"}, "Date of the release: not known"),
    ],
)
def test_a_partial_date_stands_in_the_text_and_not_in_the_date(
    llrice: dict[str, Any], moment: dict[str, Any], in_text: str
) -> None:
    llrice["release"]["date"] = moment
    record = drafted(llrice)
    assert record.release_date is None
    assert in_text in record.texts.circumstances["en"]
    assert any("day of the release" in str(sentence) for sentence in record.to_complete)


@pytest.mark.parametrize(
    "moment",
    [
        {"value": "2006-08-18", "precision": "day"},
        {"value": "2006-08-18T23:00+02:00", "precision": "hour"},
    ],
)
def test_a_date_known_to_the_day_or_hour_is_the_release_date(llrice: dict[str, Any], moment: dict[str, Any]) -> None:
    llrice["release"]["date"] = moment
    record = drafted(llrice)
    assert record.release_date == date(2006, 8, 18)
    assert moment["value"] in record.texts.circumstances["en"]
    assert not any("day of the release" in str(sentence) for sentence in record.to_complete)


def test_a_confidential_quantity_leaves_no_trace_in_the_record() -> None:
    document, withheld = public_report("triffid-flax-2009")
    record = drafted(document, withheld=withheld)
    assert "quantity" not in everything_said(record).lower()
    assert "915,000" not in repr(record)
    assert "CDC-FLØØ1-2" in record.texts.quantities["en"]
    assert "/quantity" in record.withheld
    assert "not public" in record.texts.relevant_information["en"]


def test_a_confidential_attachment_is_not_asked_for() -> None:
    document, withheld = public_report("orange-petunia-2017")
    assert "varieties.csv" not in repr(drafted(document, withheld=withheld))


def test_coordinates_operators_and_the_sender_are_not_in_the_record_even_when_they_are_handed_in(
    llrice: dict[str, Any],
) -> None:
    llrice["sender"] = {"name": "Secret Sender"}
    llrice["release"]["place"] = {"name": {"en": "A mill"}, "latitude": 12.34567, "longitude": 76.54321}
    operators = {"consignor": "Secret A", "consignee": "Secret B"}
    llrice["consignments"] = [{"product": "Rice", "from": "US", "to": "DE", **operators}]
    said = repr(drafted(llrice))
    assert "A mill" in said
    assert "Rice" in said
    assert not any(secret in said for secret in ("Secret", "12.34567", "76.54321"))


def test_a_withheld_list_of_states_is_not_called_undetermined(llrice: dict[str, Any]) -> None:
    llrice["affected_states"] = []
    assert "not determined" in drafted(llrice).texts.relevant_information["en"]
    withheld = drafted(llrice, withheld=["/affected_states/0"])
    assert "not determined" not in withheld.texts.relevant_information["en"]


def test_a_priority_set_for_withheld_reasons_is_not_shown_as_computed() -> None:
    document = public_report("starlink-maize-2000")[0]
    assert "set by the reporting State" in drafted(document).texts.relevant_information["en"]
    del document["severity_override"]
    assert "computed" in drafted(document).texts.relevant_information["en"]
    hidden = drafted(document, withheld=["/severity_override"])
    assert "priority" not in hidden.texts.relevant_information["en"]


def test_what_the_case_cannot_know_is_listed_and_not_invented(llrice: dict[str, Any]) -> None:
    record = drafted(llrice)
    assert record.authority_record is None
    assert record.contact_record is None
    listed = "\n".join(map(str, record.to_complete))
    assert f"competent national authority: {llrice['authority']['name']}" in listed
    assert f"point of contact: {llrice['contact_for_information']['office']}" in listed
    assert "document (PDF)" in listed
    assert llrice["contact_for_information"]["email"] in record.texts.relevant_information["en"]


def test_a_known_contact_record_takes_the_place_of_the_text(llrice: dict[str, Any]) -> None:
    record = drafted(llrice, authority_record="52000000ABCD", contact_record="52000000cbd080@2")
    assert (record.authority_record, record.contact_record) == ("52000000ABCD", "52000000cbd080@2")
    assert llrice["contact_for_information"]["email"] not in record.texts.relevant_information["en"]
    assert not any("BCH record of" in str(sentence) for sentence in record.to_complete)


@pytest.mark.parametrize("shown", ["BCH-CON-XA-115000-1", "short", "with a blank in it"])
def test_what_is_no_identifier_of_the_bch_counts_as_unknown(llrice: dict[str, Any], shown: str) -> None:
    record = drafted(llrice, authority_record=shown, contact_record=shown)
    assert record.authority_record is None
    assert record.contact_record is None
    assert len([sentence for sentence in record.to_complete if "BCH record of" in str(sentence)]) == 2


def test_only_an_illegal_movement_links_lmos_and_only_when_all_have_a_record(llrice: dict[str, Any]) -> None:
    llrice["lmos"] = [{"description": {"en": "Rice"}, "bch_record": "52000000abc123"}]
    assert drafted(llrice).lmo_records == ()
    assert "52000000abc123" in drafted(llrice).texts.quantities["en"]
    illegal = llrice | {"notification_class": "illegal_movement"}
    assert drafted(illegal).lmo_records == ("52000000abc123",)
    illegal["lmos"] = [*llrice["lmos"], {"description": {"en": "Other rice"}}]
    record = drafted(illegal)
    assert record.lmo_records == ()
    assert any("52000000abc123" in str(sentence) for sentence in record.to_complete)


def test_the_report_of_a_non_party_is_headed_as_voluntary(llrice: dict[str, Any]) -> None:
    heading = "Voluntary information, in line with Article 24(2)."
    assert drafted(llrice, reporting_party=False).texts.relevant_information["en"].splitlines()[0] == heading
    assert heading not in drafted(llrice).texts.relevant_information["en"]


def test_an_exercise_is_marked_in_its_title_and_text(llrice: dict[str, Any]) -> None:
    record = drafted(llrice | {"status": "exercise"})
    assert record.exercise
    assert record.texts.title["en"].startswith("EXERCISE: ")
    assert record.texts.relevant_information["en"].startswith("Exercise")
    assert "never published" in str(record.to_complete[0])


def test_codes_and_states_are_put_into_words_of_the_language_of_the_text(llrice: dict[str, Any]) -> None:
    llrice["lmo_use"]["description"]["fr"] = "Essai au champ"

    def label(code: str, language: str) -> str:
        return code if "{" in code else f"<{code} {language}>"

    record = drafted(llrice, label=label)
    assert f"<{llrice['lmo_use']['use']} fr>" in record.texts.use["fr"]
    assert f"<{llrice['lmo_use']['use']} en>" in record.texts.use["en"]
    assert "<US en>" in record.texts.release_place["en"]


def test_the_original_language_comes_first(llrice: dict[str, Any]) -> None:
    llrice["original_language"] = "fr"
    llrice["title"]["fr"] = "Riz"
    assert drafted(llrice).languages == ("fr", "en")


def test_words_in_place_of_a_code_are_kept(llrice: dict[str, Any]) -> None:
    llrice["release"]["causes"] = ["human_error", {"code": "other", "text": "A flooded cellar"}, "unknown"]
    assert "Cause: human error, A flooded cellar." in drafted(llrice).texts.circumstances["en"]


def test_a_quantity_in_figures_is_written_out_in_full(llrice: dict[str, Any]) -> None:
    llrice["quantity"] = {"value": 1250000.0, "unit": "kg", "minimum": 0, "maximum": 2.5}
    said = drafted(llrice).texts.quantities["en"]
    assert "Estimated quantity: 1250000 kg." in said
    assert "At least 0 kg." in said
    assert "At most 2.5 kg." in said


def test_drafting_changes_nothing_and_the_same_report_gives_the_same_record(llrice: dict[str, Any]) -> None:
    before = deepcopy(llrice)
    assert drafted(llrice) == drafted(llrice)
    assert llrice == before


def test_braces_in_a_narrative_are_only_text(llrice: dict[str, Any]) -> None:
    llrice["title"]["en"] = "Rice {0} {title.__class__}"
    llrice["health"] = {"en": "{text}"}
    record = drafted(llrice)
    assert record.texts.title["en"] == "Rice {0} {title.__class__}"
    assert "Human health: {text}." in record.texts.adverse_effects["en"]
