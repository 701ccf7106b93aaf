"""Commands that read files and show cases: each fault with its place, each outcome in one line of JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from adapters.cli.terminal import console, table
from tests.adapters.cli_runs import CONTACTS, Article17, article17, loaded, submit, with_case
from tests.builders import REPORTS, example, report_from

__all__ = ["article17", "loaded", "with_case"]

PRIORITIES = {"mexico-landrace": "critical", "llrice601": "high", "orange-petunia": "moderate", "mir162": "low"}


def write(path: Path, document: Any) -> str:
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", PRIORITIES)
def test_a_report_is_checked_without_a_database(article17: Article17, tmp_path: Path, name: str) -> None:
    checked = article17("report", "check", str(next(REPORTS.glob(f"{name}*.json"))), "--json")
    assert checked.status == 0
    assert checked.json["severity"]["level"] == PRIORITIES[name]
    assert set(checked.json["completeness"]) == set("abcde")
    assert not (tmp_path / "data").exists()


def test_a_check_shows_people_priority_warnings_and_what_is_missing(article17: Article17) -> None:
    report = example("llrice601")
    report["lmos"][0]["unique_identifier"] = "MON-718ØØ-3"
    shown = article17("report", "check", "-", given=json.dumps(report))
    assert shown.status == 0
    assert "not a finding on risk: high" in shown.stdout
    assert "Warning: /lmos/0/unique_identifier: " in shown.stdout
    assert "/release/causes" in shown.stdout


def test_every_fault_of_a_report_is_listed_with_its_pointer(article17: Article17, tmp_path: Path) -> None:
    report = report_from("KE", "MX", capacity="bystander", colour="green")
    del report["title"]
    for command in (["check"], ["submit"], ["submit", "--preview"]):
        refused = article17("report", *command, write(tmp_path / "bad.json", report), "--json")
        assert refused.status == 2, command
        assert {fault["pointer"] for fault in refused.json["errors"]} == {"/title", "/capacity", "/colour"}
        assert "/colour: " in refused.stderr
    assert article17("case", "list", "--json").json["cases"] == []


def test_a_later_report_is_checked_alone_without_a_database(article17: Article17) -> None:
    later = {"type": "correction", "reason": {"en": "The date was wrong."}}
    checked = article17("report", "check", "-", "--json", given=json.dumps(later))
    assert (checked.status, checked.json["valid"], checked.json["type"]) == (0, True, "correction")
    refused = article17("report", "check", "-", "--json", given=json.dumps({"type": "correction", "colour": "green"}))
    assert refused.status == 2
    assert {fault["pointer"] for fault in refused.json["errors"]} == {"/reason", "/colour"}


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (b'{\n  "type": initial\n}', 2, 11),
        (b'{\n"a": "\xff"}', 2, None),
        (b'{"a": 1, "a": 2}', None, None),
        (b'{"a": NaN}', None, None),
        (b"[" * 100_000, None, None),
        (b"", 1, 1),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(
    article17: Article17, content: bytes, line: int | None, column: int | None
) -> None:
    refused = article17("report", "check", "-", "--json", given=content)
    assert refused.status == 2
    [fault] = refused.json["errors"]
    assert (fault["line"], fault["column"]) == (line, column)
    assert fault["detail"]


def test_a_preview_does_nothing(loaded: Article17) -> None:
    report = json.dumps(report_from("MX", "KE"))
    seen = loaded("report", "submit", "-", "--preview", "--json", given=report)
    assert seen.status == 0
    assert seen.json["notifications"][0]["routes"][0]["contact"] == "ke-1"
    assert "Nothing was submitted" in loaded("report", "submit", "-", "--preview", given=report).stdout
    assert loaded("case", "list", "--json").json["cases"] == []


def test_the_same_file_twice_gives_one_case(loaded: Article17) -> None:
    first, second = submit(loaded, "KE"), submit(loaded, "KE")
    assert (first.status, second.status) == (0, 0)
    assert (first.json["new"], second.json["new"]) == (True, False)
    assert first.json["reference"] == second.json["reference"]
    assert first.json["notifications"][0]["routes"][0]["contact"] == "ke-1"


def test_one_key_with_another_report_is_a_conflict(loaded: Article17) -> None:
    for state, status in (("KE", 0), ("UG", 1)):
        report = json.dumps(report_from("MX", state))
        done = loaded("report", "submit", "-", "--key", "one", given=report)
        assert done.status == status
    assert "another report" in done.stderr


def test_a_report_to_very_many_states_asks_for_a_second_confirmation(article17: Article17, tmp_path: Path) -> None:
    states = [gap["state"] for gap in article17("contacts", "gaps", "--json").json["gaps"]][:60]
    path = write(tmp_path / "many.json", report_from("MX", *[code for code in states if code not in ("MX", "EU")]))
    asked = article17("report", "submit", path, "--json")
    assert asked.status == 1
    assert f"--confirm {asked.json['confirmation']}" in asked.stderr
    assert article17("report", "submit", path, "--confirm", asked.json["confirmation"]).status == 0


def test_each_bad_line_of_a_contacts_file_is_listed_and_nothing_is_loaded(article17: Article17, tmp_path: Path) -> None:
    bad = CONTACTS.replace("nba@ke.example", "nobody").replace(",MX,", ",XX,")
    (tmp_path / "contacts.csv").write_text(bad, encoding="utf-8")
    refused = article17("contacts", "load", "contacts.csv", "--json")
    assert refused.status == 2
    assert [(fault["line"], fault["field"]) for fault in refused.json["errors"]] == [(2, "email"), (3, "state")]
    assert "line 2: email: " in refused.stderr
    assert article17("contacts", "list", "--json").json == {"contacts": []}


def test_the_format_of_contacts_is_told_by_the_name_or_by_an_option(article17: Article17, tmp_path: Path) -> None:
    contact = {"id": "ke-1", "state": "KE", "role": "article_17_contact", "office": "NBA", "email": "nba@ke.example"}
    text_of_it = json.dumps({"contacts": [contact]})
    assert article17("contacts", "load", write(tmp_path / "c.json", {"contacts": [contact]})).status == 0
    assert article17("contacts", "load", "-", given=text_of_it).status == 2
    assert article17("contacts", "load", "-", "--format", "json", "--json", given=text_of_it).json["loaded"] == 1
    assert article17("contacts", "load", "-", "--format", "csv", given=b"id\n\xff\n").status == 2


def test_loading_says_which_webhooks_wait_for_their_challenge(article17: Article17) -> None:
    done = article17("contacts", "load", "-", "--format", "csv", "--json", given=CONTACTS)
    assert done.json == {"loaded": 3, "webhooks_to_register": ["mx-1"]}


def test_contacts_are_listed_with_the_gaps_between_them(loaded: Article17) -> None:
    assert [c["id"] for c in loaded("contacts", "list", "--state", "ke", "--json").json["contacts"]] == ["ke-1"]
    gaps = {gap["state"]: gap["gap"] for gap in loaded("contacts", "gaps", "--json").json["gaps"]}
    assert "KE" not in gaps
    assert gaps["UG"] == "no_contact"
    assert "Uganda" in loaded("contacts", "gaps").stdout


def test_a_case_is_listed_and_shown(with_case: Article17) -> None:
    [case] = with_case("case", "list", "--json", "--severity", "high", "--since", "2020-01-01").json["cases"]
    assert case["reporting_state"] == "MX"
    assert with_case("case", "list", "--json", "--severity", "low").json["cases"] == []
    shown = with_case("case", "show", case["reference"])
    assert shown.status == 0
    for part in ("Release in MX", "not a finding on risk", "1 email queued", "not yet", "0 of 1 States"):
        assert part in shown.stdout
    as_json = with_case("case", "show", case["reference"], "--json").json
    assert as_json["notifications"][0]["deliveries"][0]["contact"] == "ke-1"


def test_a_list_goes_on_where_it_stopped(with_case: Article17) -> None:
    submit(with_case, "UG")
    first = with_case("case", "list", "--limit", "1", "--json")
    second = with_case("case", "list", "--limit", "1", "--json", "--before", first.json["next"])
    assert "--before" in first.stderr
    assert first.json["cases"] != second.json["cases"]


def test_an_export_holds_the_whole_case_and_is_the_same_twice(with_case: Article17) -> None:
    reference = with_case("case", "list", "--json").json["cases"][0]["reference"]
    whole = with_case("case", "export", reference)
    assert with_case("case", "export", reference).stdout == whole.stdout
    document = json.loads(whole.stdout)
    assert document == with_case("case", "export", reference, "--json").json
    assert set(document) == {"case", "notifications", "record", "reports", "tasks", "timeline"}
    assert document["reports"][0]["report"]["reporting_state"] == "MX"
    assert document["timeline"][0]["event"] == "CaseOpened"
    assert document["timeline"][0]["hash"]
    assert document["notifications"][0]["state"] == "KE"


def test_a_case_that_is_not_there_could_not_be_shown(article17: Article17) -> None:
    missing = article17("case", "export", "A17-1999-0001", "--json")
    assert missing.status == 1
    assert missing.json == {"error": "there is no case A17-1999-0001"}


def test_a_table_keeps_to_the_width_of_a_file_and_says_when_it_is_empty(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w+", encoding="utf-8") as file:
        console(file).print(table(["a"], [["x" * 500 + "[bold]\x1b[31m"]]))
        file.seek(0)
        written = file.read()
    assert "x" * 500 + "[bold]" in written
    assert "\x1b" not in written
    assert table(["a"], [], otherwise="Nothing.") == "Nothing."


def test_a_broken_log_is_found(with_case: Article17, tmp_path: Path) -> None:
    whole = with_case("log", "verify", "--json")
    assert whole.status == 0
    assert whole.json["chains"] == 2
    assert whole.json["rows"] > 4
    with create_engine(f"sqlite:///{tmp_path}/data/article17.sqlite").begin() as connection:
        connection.execute(text("UPDATE case_log SET body = '{}' WHERE sequence = 2 AND chain != 'service'"))
    broken = with_case("log", "verify", "--json")
    assert broken.status == 1
    (place,) = broken.json["broken"]
    assert place.startswith("A17-2026-") and ", row 2: " in place
    assert "the log is broken in 1 place" in broken.stderr


def test_a_log_that_was_cut_short_does_not_hold_the_head_that_a_mail_says(with_case: Article17, tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{tmp_path}/data/article17.sqlite").begin() as connection:
        rows = connection.execute(
            text("SELECT chain, sequence, hash FROM case_log WHERE chain != 'service' ORDER BY sequence")
        ).all()
    chain, last, printed = rows[-1]
    heads = ("--head", f"{chain} {last} {printed}", "--head", f"{chain} 1 {rows[0].hash}")
    whole = with_case("log", "verify", *heads, "--json")
    assert (whole.status, whole.json["heads"], whole.json["broken"]) == (0, 2, [])
    with create_engine(f"sqlite:///{tmp_path}/data/article17.sqlite").begin() as connection:
        connection.execute(
            text("DELETE FROM case_log WHERE chain = :chain AND sequence = :last"), {"chain": chain, "last": last}
        )
    cut = with_case("log", "verify", *heads[:2], "--json")
    assert cut.status == 1
    assert f"{chain}, row {last}: the log does not hold what was printed in a mail" in cut.json["broken"]


@pytest.mark.parametrize("head", ["", "A17-2026-0001", "A17-2026-0001 12", "A17-2026-0001 12 3fa9", "12 " + "a" * 64])
def test_what_is_no_head_of_a_log_is_wrong_usage(with_case: Article17, head: str) -> None:
    wrong = with_case("log", "verify", "--head", head, "--json")
    assert wrong.status == 2
    assert "is no head of a log" in wrong.json["error"]
