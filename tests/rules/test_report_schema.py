"""The JSON Schema of a report, and its vocabularies."""

from __future__ import annotations

import json

import jsonschema

from notify.report import report_schema
from notify.vocabulary import VOCABULARIES
from tests.rules.report_builders import EXAMPLES, changed


def test_the_schema_is_sound_and_takes_every_real_report() -> None:
    schema = report_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for path in EXAMPLES:
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), schema)
    jsonschema.validate({"type": "final", "reason": "closed"}, schema)


def test_the_schema_refuses_what_the_service_refuses() -> None:
    validator = jsonschema.Draft202012Validator(report_schema())
    for change in (
        lambda d: d.update(colour="red"),
        lambda d: d.pop("lmos"),
        lambda d: d["release"].update(types=["parade"]),
        lambda d: d["release"].update(place={"latitude": 91}),
        lambda d: d.update(notification_class="urgent"),
    ):
        assert not validator.is_valid(changed(change))


def test_the_schema_explains_every_field_that_is_stated() -> None:
    shapes = report_schema()["$defs"]
    fields = {
        f"{shape}.{name}": field for shape in shapes for name, field in shapes[shape].get("properties", {}).items()
    }
    without = {place for place, field in fields.items() if not field.get("description")}
    assert {place for place in without if not place.startswith("PartialDate.")} == set()
    assert len(fields) > 100


def test_the_schema_says_the_form_of_a_code_of_a_state() -> None:
    validator = jsonschema.Draft202012Validator(report_schema())
    document = json.loads(EXAMPLES[0].read_text(encoding="utf-8"))
    for code, fits in (("KE", True), ("Kenya", False), ("unknown", False)):
        assert validator.is_valid(document | {"reporting_state": code}) is fits
    for code, fits in (("KE", True), ("unknown", True), ("nowhere", False)):
        assert validator.is_valid(document | {"release": document["release"] | {"state": code}}) is fits


DESCRIPTIVE = {
    "release_type",
    "cause",
    "pathway",
    "lmo_use",
    "authorisation",
    "environment",
    "movement_status",
    "certainty",
    "detection_method",
    "measure_type",
    "measure_status",
    "effect_kind",
}


def test_every_descriptive_vocabulary_ends_with_unknown_and_other() -> None:
    open_ended = {name for name, codes in VOCABULARIES.items() if codes[-2:] == ("unknown", "other")}
    assert open_ended >= DESCRIPTIVE
