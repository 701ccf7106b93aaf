"""The commands of statistics and exercises: tables, JSON, CSV, a picture, and each fault of a scenario."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from tests.adapters.cli_runs import Article17, article17, loaded, with_case
from tests.builders import report_from

__all__ = ["article17", "loaded", "with_case"]

HEADLINE = "Acknowledged within target: "


def scenario(**changes: Any) -> str:
    return json.dumps({"report": report_from("MX", "KE"), "announced": True} | changes)


def test_statistics_are_shown_as_a_table_with_a_picture(with_case: Article17) -> None:
    reference = with_case("case", "list", "--json").json["cases"][0]["reference"]
    with_case("acknowledge", reference, "KE", "--by", "A", "--office", "B", "--means", "telephone")
    shown = with_case("statistics")
    assert shown.status == 0 and shown.stdout.startswith(f"{HEADLINE}100 % of 1.")
    assert "acknowledgement" in shown.stdout and "100 %│" in shown.stdout and "Oryza sativa" in shown.stdout


def test_statistics_are_given_as_json_in_either_way(with_case: Article17) -> None:
    whole = json.loads(with_case("statistics", "--format", "json").stdout)
    last = with_case("statistics", "--json").json
    assert whole.keys() == last.keys() and last["headline"] == {"share_acknowledged_within_target": 0.0, "n": 1}


def test_statistics_are_given_as_csv(with_case: Article17) -> None:
    shown = with_case("statistics", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(shown.stdout)))
    assert {row["clock"] for row in rows} >= {"dispatch", "acknowledgement", "assessed", "update"}


def test_a_period_without_cases_has_no_figures(with_case: Article17) -> None:
    shown = with_case("statistics", "--to", "2020-01-01")
    assert shown.status == 0 and "No clock has run." in shown.stdout
    assert with_case("statistics", "--from", "yesterday").status == 2


def test_an_exercise_is_planned_and_shown(loaded: Article17) -> None:
    planned = loaded("exercise", "start", "-", given=scenario(starts_at="2999-01-01T09:00Z"))
    assert planned.status == 2, "not so far ahead"
    planned = loaded("exercise", "start", "-", given=scenario())
    assert planned.status == 0 and "it tells KE" in planned.stdout
    reference = planned.stdout.split()[1]
    assert reference.startswith("EX17-")
    shown = loaded("exercise", "show", reference)
    assert shown.stdout.startswith(f"EXERCISE {reference}: planned, announced")
    assert loaded("exercise", "show", reference, "--json").json["recipients"] == ["KE"]
    assert loaded("exercise", "show", "EX17-2026-9999").status == 1


def test_each_fault_of_a_scenario_is_named_with_its_place(loaded: Article17) -> None:
    wrong = loaded("exercise", "start", "-", "--json", given=scenario(announced=False, recipients=["KE", "XX"]))
    assert wrong.status == 2
    assert {fault["pointer"] for fault in wrong.json["errors"]} >= {"/recipients/0", "/recipients/1"}
