"""A report handed in: the whole shape is taken, nine facts are enough, and what looks wrong is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from notify.errors import InvalidDocument
from notify.report import draft_faults, parse_later_report, report_schema
from notify.words import NotificationClass
from tests.rules.report_builders import EXAMPLES, changed, example, faults, minimal, parse


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_real_report_is_accepted_and_written_as_it_was_handed_in(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    report, warnings = parse(document)
    assert report.document() == document
    assert warnings == ()
    assert faults(document) == {}


def test_nine_facts_are_enough() -> None:
    report, _ = parse(minimal())
    assert report.document() == minimal()
    assert report.notification_class is NotificationClass.PRELIMINARY
    assert report.severity_inputs.consequence == "unknown"
    assert report.severity_inputs.self_sustaining == "unknown"
    assert report.release.ongoing == "unknown"
    assert report.lmos[0].gene_drive == "unknown"
    assert (report.language, report.status, report.is_exercise) == ("en", "actual", False)


NEEDED = sorted(set(minimal()) - {"affected_states_determined", "affected_states"})


@pytest.mark.parametrize("name", NEEDED)
def test_each_needed_fact_is_asked_for_by_its_place(name: str) -> None:
    document = minimal()
    del document[name]
    found = faults(document)
    assert list(found) == [f"/{name}"]
    assert found[f"/{name}"].startswith("is needed") or name == "type"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_but_the_nine_facts_blocks(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    for name in set(document) - set(minimal()) - {"confidential"}:
        rest = {key: value for key, value in document.items() if key not in (name, "confidential")}
        assert faults(rest) == {}, name


def test_affected_states_may_be_left_out_only_when_they_are_not_determined() -> None:
    document = minimal()
    del document["affected_states"]
    assert faults(document) == {}
    document["affected_states_determined"] = True
    assert list(faults(document)) == ["/affected_states"]
    assert list(faults(document | {"affected_states": []})) == ["/affected_states"]


def test_the_shape_takes_everything_that_the_interface_names() -> None:
    document = example("llrice601") | {
        "illegal_status": "suspected",
        "notification_class": "illegal_movement",
        "knowledge": {
            "first_indication": {"value": "2006-07-01T09:30Z", "precision": "hour"},
            "reported_to_authority": {"value": None, "precision": "unknown"},
            "confirmed": None,
        },
        "severity_override": {"level": "high", "reason": {"en": "much trade"}},
        "quantity": {"value": 20, "unit": "t", "minimum": 1.5, "maximum": 30, "method": {"en": "scale"}},
        "detection": {"method": "sequencing", "laboratory": {"en": "Lab"}, "reference_material": "IRMM-1"},
        "monitoring": {"en": "Sampling"},
        "communities_informed": True,
        "damage_considered": "not_yet",
        "consignments": [
            {
                "product": "rice",
                "from": "US",
                "to": "TW",
                "transit_states": ["unknown", "GL"],
                "dispatched_on": "2006-07",
                "quantity": "3 barges",
            }
        ],
        "findings": [{"state": "TW", "date": {"value": "2006", "precision": "year"}, "method": "inspection"}],
        "first_public_statement": {"date": "2006-08-18", "url": "https://biosafety.us.example/1"},
        "risk_assessments": [{"title": "RA", "url": "http://biosafety.us.example/ra"}],
        "attachments": [{"filename": "übersicht.pdf", "media_type": "application/pdf", "sha256": "ab" * 32, "size": 9}],
        "confidential": {"/quantity": {"audience": "parties", "ground": "national_law"}},
        "status": "exercise",
        "original_language": "en",
    }
    document["affected_states"][0] |= {"basis": "shared_water", "reason": "downstream", "movement": "unknown"}
    document["release"] |= {"types": [{"code": "other", "text": "parade"}, "unknown"], "ongoing": "yes"}
    document["release"]["place"] = {"name": {"en": "Field"}, "latitude": -90, "longitude": 180.0}
    report, _ = parse(document)
    assert report.document() == document
    assert report.consignments[0].from_ == "US"
    assert report.is_exercise
    jsonschema.validate(document, report_schema())


def test_text_of_any_script_stays_as_it_is() -> None:
    text = "\u200fأرز 稻米 рис 🌾\n\tsecond line\nBcc: nobody@example.org"
    report, _ = parse(changed(lambda document: document.update(title={"ar": text}, health={"zh-Hans": text})))
    assert report.title["ar"] == text
    assert report.health == {"zh-Hans": text}


def test_line_ends_of_any_machine_become_line_feeds() -> None:
    report, _ = parse(changed(lambda document: document.update(health={"en": "one\r\ntwo\rthree"})))
    assert report.health == {"en": "one\ntwo\nthree"}


def test_null_says_the_same_as_leaving_a_field_out_except_for_what_is_not_stated() -> None:
    report, _ = parse(minimal() | {"quantity": None, "effects": None, "health": None})
    assert report.document() == minimal()
    assert report.document()["knowledge"] == {"first_indication": None}


def test_true_and_false_are_read_as_yes_and_no() -> None:
    document = minimal()
    document["lmos"][0]["gene_drive"] = True
    document["release"]["ongoing"] = False
    report, _ = parse(document)
    assert (report.has_gene_drive, report.release.ongoing) == (True, "no")


def test_the_reporting_state_may_be_affected_itself() -> None:
    document = minimal() | {"affected_states": [{"state": "KE", "status": "affected"}]}
    assert parse(document)[0].affected_states[0].movement == "unknown"


def test_the_european_union_can_report_and_be_addressed() -> None:
    document = minimal() | {"reporting_state": "EU", "affected_states": [{"state": "EU", "status": "transit"}]}
    found = draft_faults(document, is_state=lambda code: code == "KE", is_place=lambda code: False)
    assert found == []


@pytest.mark.parametrize(
    "lmo",
    [
        {"bch_record": "BCH-LMO-SCBD-14750-1"},
        {"unique_identifier": "MON-00810-6"},
        {"common_name": "Rice"},
        {"scientific_name": "Oryza sativa"},
        {"event": "LLRICE601"},
        {"description": {"en": "glowing fish"}},
    ],
)
def test_any_identity_of_an_lmo_is_enough(lmo: dict[str, Any]) -> None:
    assert faults(minimal() | {"lmos": [lmo]}) == {}


def test_a_wrong_check_digit_warns_and_does_not_block() -> None:
    document = minimal() | {"lmos": [{"unique_identifier": "MON-718ØØ-3"}]}
    report, (warning,) = parse(document)
    assert warning.pointer == "/lmos/0/unique_identifier"
    assert "MON-718ØØ-4" in str(warning.sentence)
    assert report.lmos[0].unique_identifier == "MON-718ØØ-3"


def test_what_is_not_living_and_what_contradicts_itself_is_warned_of() -> None:
    document = minimal() | {
        "original_language": "fr",
        "determination": {"outcome": "information", "office": "Desk", "reason": "small"},
    }
    document["lmos"][0]["viability"] = "not_living"
    pointers = [warning.pointer for warning in parse(document)[1]]
    assert pointers == ["/lmos/0/viability", "/original_language", "/determination/outcome"]


def test_a_later_report_states_its_reason_and_what_changes() -> None:
    document = {
        "type": "situation_update",
        "reason": {"en": "second site"},
        "material": True,
        "health": {"en": "none seen"},
    }
    report, _ = parse_later_report(document, is_state=lambda code: True, is_place=lambda code: True)
    assert report.document() == document
    assert report.material is True
    assert faults(document) == {}
    assert list(faults({"type": "withdrawal"})) == ["/reason"]
    assert list(faults({"type": "correction", "reason": "x", "affected_states": [{"state": "NL"}]})) == [
        "/affected_states/0/status"
    ]


def test_a_later_report_cannot_open_a_case() -> None:
    with pytest.raises(InvalidDocument):
        parse({"type": "follow_up", "reason": "more"})
