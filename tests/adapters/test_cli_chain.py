"""Commands that carry a case on: later reports, the close, the reopening; what they print and how they end."""

from __future__ import annotations

import json
from typing import Any

from tests.adapters.cli_runs import Article17, Outcome, article17, loaded, with_case
from tests.builders import report_from

__all__ = ["article17", "loaded", "with_case"]

LATER = {"type": "complement", "reason": {"en": "More is known."}, "quantity": {"text": {"en": "two sacks"}}}


def reference(run: Article17) -> str:
    return str(run("case", "list", "--json").json["cases"][0]["reference"])


def follow(run: Article17, *options: str, **stated: Any) -> Outcome:
    document = json.dumps(LATER | stated)
    return run("report", "submit", "-", "--case", reference(run), *options, "--json", given=document)


def test_a_later_report_is_added_once_however_often_its_file_is_given(with_case: Article17) -> None:
    first, again = follow(with_case), follow(with_case)
    assert (first.status, first.json["sequence"], first.json["new"]) == (0, 2, True)
    assert (again.status, again.json["sequence"], again.json["new"]) == (0, 2, False)
    assert [one["pointer"] for one in first.json["differences"]] == ["/quantity"]
    assert "complement" in with_case("case", "show", reference(with_case)).stdout


def test_a_preview_of_a_later_report_prints_what_it_changes_and_whom_else_to_name(with_case: Article17) -> None:
    case = reference(with_case)
    document = json.dumps(LATER)
    shown = with_case("report", "submit", "-", "--case", case, "--preview", given=document)
    assert shown.status == 0
    for said in ("Nothing was submitted", "/quantity", "Told again: ", "You may want to name as well", "land border"):
        assert said in shown.stdout, said
    checked = with_case("report", "check", "-", "--case", case, "--json", given=document)
    assert (checked.status, checked.json["valid"], checked.json["sequence"]) == (0, True, 2)
    assert len(with_case("case", "show", case, "--json").json["reports"]) == 1


def test_the_preview_of_a_first_report_prints_suggestions(loaded: Article17) -> None:
    shown = loaded("report", "submit", "-", "--preview", given=json.dumps(report_from("MX", "KE")))
    assert shown.status == 0 and "US shares a land border with MX" in shown.stdout


def test_the_faults_of_a_later_report_end_with_two(with_case: Article17) -> None:
    for options in ((), ("--preview",)):
        refused = follow(with_case, *options, colour="blue", release={"ongoing": "never"})
        assert refused.status == 2, refused.stderr
        assert {fault["pointer"] for fault in refused.json["errors"]} == {"/colour", "/release/ongoing"}
    assert len(with_case("case", "show", reference(with_case), "--json").json["reports"]) == 1


def test_what_cannot_follow_says_why(with_case: Article17) -> None:
    assert follow(with_case, type="withdrawal", quantity=None).status == 0
    refused = follow(with_case)
    assert refused.status == 1 and "was withdrawn" in refused.json["error"]


def test_a_case_that_may_not_close_says_all_that_keeps_it_open(with_case: Article17) -> None:
    refused = with_case("case", "close", reference(with_case), "--json")
    assert refused.status == 1
    assert "final report" in refused.json["error"] and "no proven receipt of KE" in refused.json["error"]
    assert with_case("case", "reopen", reference(with_case), "--evidence", "more").status == 1


def test_a_close_is_announced_and_shown(with_case: Article17) -> None:
    case = reference(with_case)
    receipt = ("--by", "A. Otieno", "--office", "National Biosafety Authority")
    assert with_case("acknowledge", case, "KE", *receipt).status == 0
    assert follow(with_case, type="final", quantity=None, lessons={"en": "look earlier"}).status == 0
    announced = with_case("case", "close", case)
    assert announced.status == 0 and "was announced" in announced.stdout and "KE" in announced.stdout
    again = with_case("case", "close", case, "--json")
    assert (
        again.json["states"][0]["asked_at"] == with_case("case", "close", case, "--json").json["states"][0]["asked_at"]
    )
