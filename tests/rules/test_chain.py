"""A case as a chain of reports: what may follow, what is wrong with it, what it changes."""

from __future__ import annotations

from typing import Any

import pytest

from notify.case import CaseStatus
from notify.chain import (
    CheckedLaterReport,
    check_later_report,
    final_stands,
    open_kinds,
    require_may_follow,
    telling,
    why_not,
)
from notify.confidentiality import visible
from notify.errors import Conflict, InvalidDocument
from notify.policy import Extent, load_policy
from notify.report_model import ReportType
from notify.words import Audience, NotificationClass, Severity
from tests.rules.report_builders import NOT_STATES, PLACES, example, minimal, parse

LATER = [kind for kind in ReportType if kind is not ReportType.INITIAL]
MARK = {"audience": "recipients", "ground": "article_21_1"}


def known(name: str = "llrice601", **changes: Any) -> dict[str, Any]:
    return parse(example(name) | changes)[0].document()


def check(kind: str, base: dict[str, Any] | None = None, **stated: Any) -> CheckedLaterReport:
    document = {"type": kind, "reason": "because", **stated}
    return check_later_report(
        document,
        known=base if base is not None else known(),
        is_state=lambda code: code not in NOT_STATES,
        is_place=PLACES.__contains__,
    )


def faults(document: object, base: dict[str, Any] | None = None) -> dict[str, str]:
    with pytest.raises(InvalidDocument) as caught:
        check_later_report(
            document,
            known=base if base is not None else known(),
            is_state=lambda code: code not in NOT_STATES,
            is_place=PLACES.__contains__,
        )
    return {fault.pointer: fault.detail for fault in caught.value.faults}


@pytest.mark.parametrize("kind", LATER)
def test_every_later_kind_may_follow_while_the_case_is_open_or_reopened(kind: ReportType) -> None:
    require_may_follow(kind, CaseStatus.OPEN)
    require_may_follow(kind, CaseStatus.REOPENED)


@pytest.mark.parametrize("kind", list(ReportType))
@pytest.mark.parametrize("status", [CaseStatus.CLOSED, CaseStatus.WITHDRAWN])
def test_nothing_follows_a_close_or_a_withdrawal(kind: ReportType, status: CaseStatus) -> None:
    with pytest.raises(Conflict):
        require_may_follow(kind, status)


def test_an_initial_report_follows_nothing() -> None:
    assert all(why_not(ReportType.INITIAL, status) is not None for status in CaseStatus)
    assert open_kinds(CaseStatus.OPEN) == tuple(LATER)
    assert open_kinds(CaseStatus.CLOSED) == ()


@pytest.mark.parametrize(
    ("after", "stands"),
    [
        ([], True),
        (["correction", "no_change"], True),
        (["follow_up"], False),
        (["reclassification"], False),
        (["complement", "final"], True),
    ],
)
def test_a_final_report_stands_until_something_of_substance_follows(after: list[str], stands: bool) -> None:
    chain = [ReportType.INITIAL, ReportType.FINAL, *map(ReportType, after)]
    assert final_stands(chain) is stands


def test_without_a_final_report_none_stands() -> None:
    assert not final_stands([ReportType.INITIAL, ReportType.CORRECTION])


@pytest.mark.parametrize("kind", ["complement", "follow_up", "situation_update", "no_change", "correction", "final"])
def test_a_later_report_needs_nothing_but_its_type_and_reason(kind: str) -> None:
    checked = check(kind)
    assert checked.document == {"type": kind, "reason": "because"}
    assert checked.differences == ()
    assert checked.known == known()
    assert not checked.consequences.material


def test_a_part_of_an_object_is_enough() -> None:
    checked = check("follow_up", release={"ongoing": False}, knowledge={"confirmed": None})
    assert checked.document["release"] == {"ongoing": "no"}
    assert checked.known["release"]["date"] == known()["release"]["date"]
    assert checked.report.release.ongoing == "no"


def test_null_says_the_same_as_leaving_out() -> None:
    assert check("follow_up", quantity=None, release={"circumstances": None}).known == known()


@pytest.mark.parametrize("document", [None, [], "report", 5])
def test_what_is_no_object_is_one_fault(document: object) -> None:
    assert list(faults(document)) == [""]


def test_every_fault_is_named_by_its_place() -> None:
    found = faults(
        {
            "type": "follow_up",
            "material": "yes",
            "colour": "red",
            "release": {"date": {"precision": "day"}, "state": "Kenya"},
            "lmos": [{"description": "no map"}, {"common_name": "rice"}],
            "affected_states": [{"state": "HK", "status": "affected"}],
            "quantity": {"minimum": 5, "maximum": 4},
            "confidential": {"/nowhere": MARK, "/health": MARK},
            "title": {"en": "bad\x00"},
        }
    )
    assert set(found) == {
        "/reason",
        "/material",
        "/colour",
        "/release/date",
        "/release/state",
        "/lmos/0/description",
        "/affected_states/0/state",
        "/quantity/minimum",
        "/confidential/~1nowhere",
        "/confidential/~1health",
        "/title/en",
    }
    assert "addressees" in found["/affected_states/0/state"]


@pytest.mark.parametrize("stated", ["initial", "alert", None, 4, ["final"]])
def test_a_later_report_says_which_kind_it_is(stated: object) -> None:
    assert "/type" in faults({"type": stated, "reason": "x"})
    assert "/type" in faults({"reason": "x"})


def test_marks_must_be_marks() -> None:
    assert "/confidential" in faults({"type": "follow_up", "reason": "x", "confidential": "all"})
    assert "/confidential/~1quantity" in faults(
        {"type": "follow_up", "reason": "x", "confidential": {"/quantity": None}}
    )


def test_endless_nesting_is_refused() -> None:
    deep: Any = "x"
    for _ in range(50_000):
        deep = [deep]
    found = faults({"type": "follow_up", "reason": "x", "health": deep})
    assert any(place.startswith("/health") for place in found)
    while isinstance(deep, list):
        deep = deep.pop()


def test_no_change_changes_nothing() -> None:
    assert check("no_change", release={"ongoing": "unknown"}).differences == ()
    found = faults({"type": "no_change", "reason": "x", "release": {"ongoing": "yes"}, "material": True})
    assert set(found) == {"/release", "/material"}


def test_a_withdrawal_takes_back_and_states_nothing_new() -> None:
    checked = check("withdrawal", other_information={"en": "It was another variety."})
    assert checked.consequences.material
    assert set(faults({"type": "withdrawal", "reason": "x", "release": {"ongoing": "no"}})) == {"/release"}
    assert set(faults({"type": "withdrawal", "reason": "x", "material": False})) == {"/material"}


@pytest.mark.parametrize("kind", ["complement", "follow_up", "situation_update", "correction", "final"])
def test_the_class_changes_by_reclassification_only(kind: str) -> None:
    assert set(faults({"type": kind, "reason": "x", "notification_class": "information"})) == {"/notification_class"}
    assert check(kind, notification_class="article_17").differences == ()


def test_a_reclassification_changes_the_class_or_what_the_priority_rests_on() -> None:
    assert set(faults({"type": "reclassification", "reason": "x"})) == {"/notification_class"}
    assert check("reclassification", severity_inputs={"containment": "partial"}).differences
    assert check("reclassification", notification_class="preliminary").report.notification_class == "preliminary"


def test_what_the_case_began_as_stays() -> None:
    assert set(faults({"type": "correction", "reason": "x", "reporting_state": "FR"})) == {"/reporting_state"}
    assert set(faults({"type": "correction", "reason": "x", "status": "exercise"})) == {"/status"}
    assert check("correction", reporting_state="US", status="actual")


def test_the_status_of_an_illegal_movement_goes_with_its_class() -> None:
    base = known(notification_class="illegal_movement", illegal_status="suspected")
    left = check("reclassification", base, notification_class="article_17")
    assert "illegal_status" not in left.known
    established = check("reclassification", base, illegal_status="established")
    assert established.known["illegal_status"] == "established"


@pytest.mark.parametrize(
    ("before", "after", "twin"),
    [
        ("article_17", "illegal_movement", True),
        ("illegal_movement", "information", True),
        ("information", "article_17", False),
        ("article_17", "preliminary", False),
    ],
)
def test_to_or_from_an_illegal_movement_links_a_twin(before: str, after: str, twin: bool) -> None:
    found = check("reclassification", known(notification_class=before), notification_class=after).consequences
    assert found.links_twin is twin
    assert (found.class_before, found.class_after) == (NotificationClass(before), NotificationClass(after))


def calm() -> dict[str, Any]:
    base = minimal()
    base["severity_inputs"] = {
        "crossing": "unlikely",
        "self_sustaining": "no",
        "consequence": "minor",
        "containment": "full",
        "sensitive_receptor": "no",
    }
    base["notification_class"] = "information"
    return parse(base)[0].document()


def test_a_case_goes_up_from_information_to_article_17_and_back_to_preliminary() -> None:
    up = check("reclassification", calm(), notification_class="article_17")
    assert (up.consequences.before.level, up.consequences.after.level) == (Severity.LOW, Severity.HIGH)
    assert up.consequences.restarts_ladder and up.consequences.material
    down = check("reclassification", up.known, notification_class="preliminary")
    assert down.consequences.after.level is Severity.MODERATE
    assert not down.consequences.restarts_ladder and not down.consequences.material


def test_a_higher_priority_is_material_whatever_is_stated() -> None:
    worse = {"crossing": "occurred", "consequence": "severe", "containment": "none"}
    assert check("follow_up", calm(), severity_inputs=worse).consequences.material
    stated = {"type": "follow_up", "reason": "x", "severity_inputs": worse, "material": False}
    assert set(faults(stated, calm())) == {"/material"}


def test_the_filer_may_mark_any_report_of_substance_as_material() -> None:
    checked = check("follow_up", material=True, release={"ongoing": "yes"})
    assert checked.consequences.material
    assert checked.document["material"] is True
    assert "marked" in str(checked.consequences.material_because[0])


def test_a_correction_of_affected_states_is_material_unless_said_otherwise() -> None:
    others = [entry for entry in known()["affected_states"] if entry["state"] != "MX"]
    corrected = check("correction", affected_states=[*others, {"state": "KE", "status": "affected"}]).consequences
    assert corrected.material
    assert corrected.added_states == ("KE",)
    assert corrected.removed_states == ("MX",)
    assert not check("correction", affected_states=others, material=False).consequences.material
    assert not check("follow_up", affected_states=others).consequences.material
    assert not check("correction", affected_states=known()["affected_states"][::-1]).consequences.material


def test_an_override_that_was_overtaken_warns() -> None:
    base = calm() | {"severity_override": {"level": "low", "reason": "a sealed box"}}
    checked = check(
        "follow_up", base, severity_inputs={"crossing": "occurred", "containment": "none", "consequence": "severe"}
    )
    assert [warning.pointer for warning in checked.warnings] == ["/severity_override"]
    assert checked.consequences.after.level is Severity.LOW


def test_only_what_is_stated_warns() -> None:
    wrong = known()
    wrong["lmos"][0]["unique_identifier"] = "MON-718ØØ-3"
    assert check("follow_up", wrong).warnings == ()
    assert [one.pointer for one in check("follow_up", wrong, lmos=wrong["lmos"]).warnings] == [
        "/lmos/0/unique_identifier"
    ]


def test_a_marked_field_stated_anew_is_stored_with_its_mark() -> None:
    base = known(quantity={"value": 5, "unit": "kg"}, confidential={"/quantity": MARK})
    checked = check("follow_up", base, quantity={"value": 9, "unit": "t"}, release={"ongoing": "no"})
    assert checked.document["confidential"] == {"/quantity": MARK}
    assert "quantity" not in visible(checked.document, Audience.PUBLIC).document
    assert "confidential" not in check("follow_up", base, release={"ongoing": "no"}).document


@pytest.mark.parametrize("kind", LATER)
def test_each_kind_is_told_as_far_as_the_policy_says(kind: ReportType) -> None:
    policy = load_policy(f'[telling]\n{kind.value} = "whole"')
    assert telling(kind, policy, material=False).extent is Extent.WHOLE
    assert telling(kind, policy, material=True).wants_acknowledgement
    assert telling(kind, policy, material=False).wants_acknowledgement is (kind is ReportType.WITHDRAWAL)
    assert telling(kind, policy, material=False).retracts is (kind is ReportType.WITHDRAWAL)


def test_a_reader_of_no_change_is_spared() -> None:
    assert telling(ReportType.NO_CHANGE, load_policy(), material=False).extent is Extent.BRIEF


def test_the_final_report_states_lessons() -> None:
    assert check("final", lessons={"en": "Test seed lots before dispatch."}).known["lessons"]
    assert "/lessons" in faults({"type": "final", "reason": "x", "lessons": "plain"})
