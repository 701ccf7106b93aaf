"""Completeness per letter of Article 17(3)."""

from __future__ import annotations

import json
from typing import Any

from notify.completeness import ItemCompleteness, completeness
from tests.rules.report_builders import EXAMPLES, example, parse


def complete(document: dict[str, Any]) -> dict[str, ItemCompleteness]:
    report, _ = parse(document)
    return completeness(report)


def test_every_real_report_has_all_five_letters_with_a_share_that_fits() -> None:
    for path in EXAMPLES:
        found = complete(json.loads(path.read_text(encoding="utf-8")))
        assert list(found) == ["a", "b", "c", "d", "e"]
        for item in found.values():
            given, missing = len(item["given"]), len(item["missing"])
            assert item["share"] == round(given / (given + missing), 2)
            assert not set(item["given"]) & set(item["missing"])
        json.dumps(found)


def test_llrice_gives_its_names_and_lacks_a_telephone() -> None:
    found = complete(example("llrice601"))
    assert "/lmos/0/event" in found["a"]["given"]
    assert "/quantity/method" in found["a"]["missing"]
    assert found["e"]["missing"] == ["/contact_for_information/telephone"]
    assert found["e"]["share"] == 0.8


def test_unknown_counts_as_missing() -> None:
    document = example("llrice601")
    assert {"/release/causes", "/release/ongoing"} <= set(complete(document)["b"]["missing"])
    assert "/effects/0/kind" in complete(document)["c"]["missing"]
    document["release"] |= {"ongoing": "ended", "causes": ["procedural", "unknown"]}
    assert {"/release/causes", "/release/ongoing"} <= set(complete(document)["b"]["given"])


def test_each_lmo_is_looked_at() -> None:
    document = example("llrice601")
    document["lmos"].append({"common_name": "Wheat"})
    missing = complete(document)["a"]["missing"]
    assert "/lmos/1/event" in missing
    assert "/lmos/0/event" not in missing


def test_without_effects_the_first_place_for_one_is_named() -> None:
    document = example("llrice601")
    del document["effects"], document["health"], document["risk_management"]
    item = complete(document)["c"]
    assert "/effects/0/kind" in item["missing"]
    assert (item["given"], item["share"]) == ([], 0.0)


def test_a_report_with_everything_is_complete() -> None:
    document = example("llrice601")
    document["quantity"] = {"value": 20, "unit": "t", "method": "weighing", "certainty": "probable"}
    document["release"] |= {"ongoing": "no", "causes": ["procedural"], "place": {"latitude": 1.5, "longitude": 2}}
    document["release"]["place"]["environments"] = ["cropland"]
    found = complete(document)
    assert found["a"]["missing"] == []
    assert found["b"] == {"given": found["b"]["given"], "missing": [], "share": 1.0}
