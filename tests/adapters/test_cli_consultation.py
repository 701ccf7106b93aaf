"""Commands by which the operator speaks for a State that instructed it: consultation, measures, inquiries, files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.adapters.cli_runs import Article17, article17, loaded, with_case

__all__ = ["article17", "loaded", "with_case"]

CASE = "A17-2026-0001"
NAMES = ("--by", "A. Officer", "--office", "Desk")


@pytest.fixture
def reference(with_case: Article17) -> str:
    listed = with_case("case", "list", "--json").json["cases"]
    return str(listed[0]["reference"])


def test_a_request_is_made_answered_and_shown(with_case: Article17, reference: str, tmp_path: Path) -> None:
    (tmp_path / "map.pdf").write_bytes(b"%PDF-1.7 a map")
    asked = with_case(
        "case", "ask", reference, "--state", "ke", "--lane", "private", "--text", "How much?",
        "--attach", str(tmp_path / "map.pdf"), "--json",
    )  # fmt: skip
    assert asked.status == 0, asked.stderr
    assert (asked.json["lane"], asked.json["to_state"]) == ("private/KE", "MX")
    answer = ("case", "answer", asked.json["id"], "--state", "MX", "--answer", "answered", "--text", "Two tons")
    assert "answered" in with_case(*answer).stdout
    shown = with_case("case", "consultation", reference, "--as", "KE")
    assert "Two tons" in shown.stdout
    operator = with_case("case", "consultation", reference)
    assert "Two tons" not in operator.stdout
    assert "traffic" in operator.stdout


def test_a_message_a_conclusion_and_a_position_are_recorded(with_case: Article17, reference: str) -> None:
    said = with_case("case", "message", reference, "--state", "MX", "--text", "We survey the border")
    assert (said.status, said.stdout.startswith("Message msg_")) == (0, True)
    made = with_case("case", "conclude", reference, "--state", "MX", "--text", "Survey", *NAMES, "--json").json
    stands = with_case("case", "position", made["id"], "--state", "KE", "--stand", "agrees", *NAMES, "--json").json
    assert stands["outcome"] == "agreed"
    invited = with_case("case", "invite", reference, "--state", "KE", "--json").json
    assert with_case("case", "invite", reference, "--state", "KE", "--end", invited["id"]).status == 0


def test_what_a_state_may_not_say_is_refused_with_its_reason(with_case: Article17, reference: str) -> None:
    assert with_case("case", "message", reference, "--state", "Kenya", "--text", "x").status == 2
    assert with_case("case", "message", reference, "--state", "BR", "--text", "x").status == 1
    nothing = with_case("case", "message", reference, "--state", "KE", "--json")
    assert nothing.status == 2
    assert [fault["pointer"] for fault in nothing.json["errors"]] == ["/text"]


def test_an_assessment_and_a_measure_are_recorded_and_compared(with_case: Article17, reference: str) -> None:
    said = ("case", "assess", reference, "--state", "KE", "--assessment", "affected", "--visible-to", "MX", *NAMES)
    assert "affected" in with_case(*said).stdout
    made = with_case(
        "case", "measure", reference, "--state", "KE", "--type", "recall", "--status", "planned",
        "--description", "All lots", "--json",
    ).json  # fmt: skip
    change = ("case", "measure", reference, "--state", "KE", "--change", made["id"], "--status", "under_way", "--json")
    assert [one["status"] for one in with_case(*change).json["history"]] == ["planned", "under_way"]
    assert "under_way" in with_case("case", "measures", reference).stdout
    assert "recall" in with_case("case", "measures", reference, "--timeline").stdout


def test_an_inquiry_is_made_answered_and_listed(loaded: Article17, tmp_path: Path) -> None:
    inquiry = {
        "title": {"en": "Orange petunias"},
        "asked": "KE",
        "signs": "An orange colour",
        "contact_for_information": {"office": "Laboratory", "email": "lab@mx.example"},
    }
    (tmp_path / "inquiry.json").write_text(json.dumps(inquiry), encoding="utf-8")
    made = loaded("inquiry", "make", "inquiry.json", "--state", "MX", "--json").json
    reference = made["reference"]
    answer = ("inquiry", "answer", reference, "--state", "KE", "--answer", "no_event", "--text", "Looked", *NAMES)
    assert loaded(*answer).status == 0
    assert "answered" in loaded("inquiry", "list").stdout
    assert "no_event" in loaded("inquiry", "show", reference).stdout
    assert loaded("inquiry", "withdraw", reference, "--state", "MX").status == 1
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    assert loaded("inquiry", "make", "broken.json", "--state", "MX").status == 2


def test_a_file_is_handed_in_and_written_out(loaded: Article17, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("id,count\n1,2\n", encoding="utf-8")
    stored = loaded("attachment", "add", "table.csv", "--state", "KE", "--json").json
    assert (stored["media_type"], stored["scan"]) == ("text/csv", "unscanned")
    assert loaded("attachment", "get", stored["sha256"], "--as", "KE", "--to", "copy.csv").status == 0
    assert (tmp_path / "copy.csv").read_bytes() == (tmp_path / "table.csv").read_bytes()
    assert loaded("attachment", "get", stored["sha256"], "--as", "MX", "--to", "other.csv").status == 1
    assert not (tmp_path / "other.csv").exists()
