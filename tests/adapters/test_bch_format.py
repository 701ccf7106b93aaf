"""Tests the BCH document against a schema that was written from the BCH documentation by itself."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from adapters.bch.record_format import record_identifier, to_biosafety_decision
from adapters.bch.text_form import to_text
from contacts.model import StateCode
from notify.record import BCHRecord, draft_record
from notify.words import CaseReference, Severity

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "adapters" / "bch" / "biosafety_decision.schema.json").read_text(encoding="utf-8"))
FORMATS = Draft202012Validator.FORMAT_CHECKER
DRAFT = Draft202012Validator(SCHEMA, format_checker=FORMATS)
CLEARANCE = Draft202012Validator(SCHEMA | {"$ref": "#/$defs/clearance"}, format_checker=FORMATS)
CASE = CaseReference("A17-2026-0001")
# mir162 is voluntary information, which has no record.
PUBLISHED = sorted(path for path in (ROOT / "examples" / "reports").glob("*.json") if "mir162" not in path.name)


def report(name: str = "triffid") -> dict[str, Any]:
    path = next(path for path in PUBLISHED if name in path.name)
    document = json.loads(path.read_text(encoding="utf-8"))
    if "/quantity" in document.pop("confidential", {}):
        del document["quantity"]
    del document["sender"]
    return dict(document)


def record_of(document: dict[str, Any], **more: Any) -> BCHRecord:
    record = draft_record(
        document,
        case_reference=CASE,
        reporting_state=StateCode(document["reporting_state"]),
        submitted_on=date(2026, 11, 20),
        severity=Severity.HIGH,
        **more,
    )
    assert record is not None
    return record


def decision(document: dict[str, Any], **more: Any) -> dict[str, Any]:
    return to_biosafety_decision(record_of(document, **more), identifier=record_identifier(CASE))


def full_decision() -> dict[str, Any]:
    document = report()
    document["release"]["date"] = {"value": "2009-09-08", "precision": "day"}
    return decision(document, authority_record="52000000abcd12", contact_record="52000000cbd080")


def faults(validator: Draft202012Validator, document: Any) -> list[str]:
    return [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(document)]


def test_the_schema_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_every_drafted_record_fits_the_schema(path: Path) -> None:
    document = decision(report(path.stem))
    assert faults(DRAFT, document) == []
    assert faults(CLEARANCE, document) == ["[]: 'authorities' is a required property"]
    languages = {tag for value in document.values() if isinstance(value, dict) for tag in value if len(tag) == 2}
    assert languages == set(document["header"]["languages"])


def test_a_record_with_its_authority_is_ready_for_clearance() -> None:
    assert faults(CLEARANCE, full_decision()) == []


def test_the_document_holds_what_the_bch_asks_for() -> None:
    document = full_decision()
    assert document["header"]["schema"] == "biosafetyDecision"
    assert document["header"]["languages"] == ["en", "ar"]
    assert document["government"] == {"identifier": "ca"}
    assert document["date"] == "2026-11-20"
    assert document["releaseDate"] == "2009-09-08"
    assert document["isAmendment"] is False
    assert document["expires"] is True
    assert document["authorities"] == [{"identifier": "52000000abcd12"}]
    assert document["pointOfContact"] == [{"identifier": "52000000cbd080"}]
    assert "ar" in document["otherTransboundryInformation"]
    assert document["relevantInformation"]["en"].startswith("<div>Affected States: DE, FR, SE, GB, BR.</div>")


def test_what_is_unknown_is_absent_and_not_empty() -> None:
    document = report()
    for name in ("lmo_use", "effects", "health", "risk_management", "risk_assessments"):
        document.pop(name, None)
    written = decision(document)
    absent = {"authorities", "pointOfContact", "releaseDate", "lmoUseInformation", "adverseEffectInformation"}
    assert not (absent | {"relevantDocuments", "documents", "modifiedOrganisms"}) & written.keys()


def test_markup_in_a_report_is_escaped_where_the_bch_reads_html() -> None:
    document = report()
    document["determination"]["reason"] = {"en": "<script>alert(1)</script> & more"}
    html = decision(document)["relevantInformation"]["en"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html
    assert "<script" not in html


def test_an_illegal_movement_links_its_lmos_or_describes_them_and_never_both() -> None:
    document = report("papaya")
    described = decision(document)
    assert "otherTransboundryInformation" in described
    document["lmos"] = [lmo | {"bch_record": "52000000lmo001"} for lmo in document["lmos"]]
    linked = decision(document)
    assert linked["modifiedOrganisms"] == [{"identifier": "52000000lmo001"} for _ in document["lmos"]]
    assert "otherTransboundryInformation" not in linked
    assert document["other_information"]["en"][:40] in linked["relevantInformation"]["en"]
    assert faults(DRAFT, linked) == []


def test_variants_of_a_language_become_the_language_and_the_plain_one_stays() -> None:
    document = report()
    document["title"] = {"zh-Hans": "variant", "zh": "plain", "pt-BR": "only"}
    assert decision(document)["title"] == {"zh": "plain", "pt": "only"}
    assert faults(DRAFT, decision(document)) == []


def test_the_identifier_follows_from_the_case_alone() -> None:
    identifier = record_identifier(CASE)
    assert identifier == record_identifier(CASE) == identifier.upper()
    assert uuid.UUID(identifier).version == 5
    assert identifier != record_identifier(CaseReference("A17-2026-0002"))
    assert identifier != record_identifier(CASE, service="https://another.example")


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(document: dict[str, Any]) -> None:
        *parents, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        at(document, tuple(parents))[last] = value

    return apply


ILLEGAL = {"identifier": "3FF9FEB3-20FA-4287-B562-46635A1154A3"}
UNINTENTIONAL = {"identifier": "83C0DBFB-AD5C-4B88-8ECE-5365991F2956"}
MUST_FAIL = {
    "GUID in lower case": change("header/identifier", record_identifier(CASE).lower()),
    "no GUID": change("header/identifier", "A17-2026-0001"),
    "another schema": change("header/schema", "contact"),
    "two decision types": change("decisionTypes", [UNINTENTIONAL, ILLEGAL]),
    "the same decision type twice": change("decisionTypes", [UNINTENTIONAL, UNINTENTIONAL]),
    "no decision type": change("decisionTypes", []),
    "a decision type of another article": change("decisionTypes/0/identifier", "BE64016A-C3BD-4C61-9620-C3FEF96B2A24"),
    "the movement type of the other article": change("decisionTypes", [ILLEGAL]),
    "the correctly spelled name": change("otherTransboundaryInformation", {"en": "text"}),
    "a time in the release date": change("releaseDate", "2009-09-08T10:00:00Z"),
    "a partial release date": change("releaseDate", "2009-09"),
    "a day that does not exist": change("releaseDate", "2009-02-30"),
    "government in capitals": change("government/identifier", "CA"),
    "an empty text": change("title/en", ""),
    "an empty language map": change("lmoUseInformation", {}),
    "a plain string for a language map": change("title", "Flax"),
    "a second line in a one-line box": change("releaseCircumstance/en", "one\ntwo"),
    "a language tag with a region": change("title/en-GB", "Flax"),
    "an empty list of authorities": change("authorities", []),
    "a reference that is no uid": change("pointOfContact/0/identifier", "short"),
    "an LMO linked under Article 17.1": change("modifiedOrganisms", [{"identifier": "52000000lmo001"}]),
    "risk assessments linked under Article 17.1": change("riskAssessments", [{"identifier": "52000000ra0001"}]),
    "an amendment of nothing": change("isAmendment", True),
    "true as a word": change("expires", "true"),
    "a link without a web address": change("relevantDocuments/0/url", "javascript:alert(1)"),
}


@pytest.mark.parametrize("breaking", MUST_FAIL.values(), ids=MUST_FAIL)
def test_a_document_broken_on_purpose_is_refused(breaking: Callable[[dict[str, Any]], None]) -> None:
    document = full_decision()
    assert faults(DRAFT, document) == []
    breaking(document)
    assert faults(DRAFT, document) != []


def places(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    steps = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for step, value in steps:
        yield from places(value, (*path, step))


WHOLE = full_decision()
PLACES = list(places(WHOLE))
OTHER_VALUES: tuple[Any, ...] = (None, 17, 1.5, True, "", "  ", [], {}, ["text"], {"text": "text"})


OBJECTS = [path for path in PLACES if isinstance(at(WHOLE, path), dict)]
UNKNOWN_NAMES = st.text(min_size=4).filter(lambda name: f'"{name}"' not in json.dumps(SCHEMA))


def of_another_type(value: Any) -> list[Any]:
    return [other for other in OTHER_VALUES if type(other) is not type(value) or not str(other or "").strip()]


@given(st.data())
def test_a_value_of_another_type_or_an_empty_one_is_refused_wherever_it_stands(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in PLACES if path]))
    document = deepcopy(WHOLE)
    at(document, path[:-1])[path[-1]] = data.draw(st.sampled_from(of_another_type(at(WHOLE, path))))
    assert faults(DRAFT, document) != []


@given(path=st.sampled_from(OBJECTS), name=UNKNOWN_NAMES, value=st.sampled_from(OTHER_VALUES))
def test_an_unknown_field_is_refused_wherever_it_stands(path: tuple[Any, ...], name: str, value: Any) -> None:
    document = deepcopy(WHOLE)
    at(document, path)[name] = value
    assert faults(DRAFT, document) != []


@given(st.sampled_from(SCHEMA["$defs"]["draft"]["required"]))
def test_a_document_without_a_mandatory_field_is_refused(name: str) -> None:
    document = deepcopy(WHOLE)
    del document[name]
    assert faults(DRAFT, document) != []


LETTERS = st.characters(exclude_categories=["Cs"])
WORDS = st.text(LETTERS, min_size=1, max_size=40).filter(lambda text: bool(text.strip()))
MAPS = st.dictionaries(st.sampled_from(["en", "fr", "es", "ru", "zh", "ar", "zh-Hant"]), WORDS, min_size=1, max_size=3)
DATES = st.one_of(
    st.dates().map(lambda day: {"value": day.isoformat(), "precision": "day"}),
    st.datetimes().map(lambda time: {"value": time.isoformat(), "precision": "hour"}),
    st.sampled_from([{"value": "2013", "precision": "year"}, {"value": None, "precision": "unknown"}]),
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "health": MAPS,
        "monitoring": MAPS,
        "other_information": MAPS,
        "quantity": st.fixed_dictionaries({}, optional={"text": MAPS, "value": st.integers(), "unit": WORDS}),
        "risk_management": st.lists(MAPS, max_size=2),
        "measures": st.lists(st.fixed_dictionaries({"type": st.just("recall"), "description": MAPS}), max_size=2),
        "detection": st.fixed_dictionaries({"method": st.just("sequencing"), "laboratory": MAPS | WORDS}),
        "affected_states": st.just([]),
        "status": st.just("exercise"),
        "notification_class": st.sampled_from(["preliminary", "illegal_movement"]),
    },
)


@given(title=MAPS, moment=DATES, parts=PARTS, party=st.booleans())
def test_whatever_a_report_says_its_record_fits_the_schema(
    title: dict[str, str], moment: dict[str, Any], parts: dict[str, Any], party: bool
) -> None:
    document = report() | {"title": title} | parts
    document["release"]["date"] = moment
    assert faults(DRAFT, decision(document, reporting_party=party)) == []


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_the_text_form_says_all_that_the_document_says(path: Path) -> None:
    record = record_of(report(path.stem))
    text = to_text(record)
    document = to_biosafety_decision(record, identifier=record_identifier(CASE))
    flat = " ".join(line for line in text.splitlines() if not line.startswith("---"))
    for value in document.values():
        if isinstance(value, dict) and "identifier" not in value:
            for words in (words for words in value.values() if not words.startswith("<div>")):
                assert words in flat
    for link in document.get("relevantDocuments", []):
        assert link["url"] in text
    assert "To complete before clearance" in text


def test_the_text_form_names_what_was_left_out_and_nothing_of_it() -> None:
    text = to_text(record_of(report(), withheld=["/quantity"]))
    assert text.rstrip().endswith("/quantity")
    assert "915,000" not in text


def test_the_text_form_takes_its_headings_from_the_language_asked_for() -> None:
    text = to_text(record_of(report()), language="fr", label=lambda words, language: f"{language}:{words}")
    assert text.startswith("fr:Type of decision or communication\n")
