"""Exercises: their scenario, what keeps them apart, their scores, when they are purged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.model import StateCode
from notify.case import CaseStatus, reference
from notify.errors import InvalidDocument, NotAllowed
from notify.exercise import (
    KEPT_FOR,
    PREFIX,
    Scenario,
    check_scenario,
    is_exercise,
    is_urgent,
    may_be_told,
    may_purge,
    purge_at,
    require_real,
)
from notify.exercise_scores import ChannelFact, Result, StateFact, scores
from notify.notification import BCH, Addressee, AddresseeKind
from notify.routing import addressed_states, tells_the_bch
from notify.words import CaseReference, ChannelName, Means, Severity
from tests.rules.report_builders import EXAMPLES, NOT_STATES, PLACES, example

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
REAL = reference("A17", 2026, 1)
EXERCISE = reference(PREFIX, 2026, 1)


def scenario(**changes: Any) -> dict[str, Any]:
    return {"report": example("llrice601"), "recipients": ["NL", "FR"], "announced": True} | changes


def check(document: object, *agreed: str) -> Scenario:
    return check_scenario(
        document,
        now=NOW,
        is_state=lambda code: code not in NOT_STATES and len(code) == 2,
        is_place=PLACES.__contains__,
        agreed=frozenset(map(StateCode, agreed)),
    )


def faults(document: object, *agreed: str) -> dict[str, str]:
    with pytest.raises(InvalidDocument) as caught:
        check(document, *agreed)
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def test_an_exercise_tells_its_recipients_and_nobody_else() -> None:
    report = example("llrice601") | {"organizations": ["FAO"]}
    found = check(scenario(report=report, recipients=["NL", "KE"]))
    assert found.recipients == ("NL", "KE")
    assert set(addressed_states(found.report)) == {"NL", "KE"}
    assert found.report.organizations == ()
    assert found.report.is_exercise and not tells_the_bch(found.report)
    assert found.starts_at == NOW


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_real_report_can_be_an_exercise_or_says_whom_it_would_tell_as_well(path: Any) -> None:
    report = example(path.stem)
    try:
        found = check(scenario(report=report, recipients=["KE", "UG"]))
    except InvalidDocument as invalid:
        assert all("would also tell" in fault.detail for fault in invalid.faults)
    else:
        assert set(addressed_states(found.report)) == {"KE", "UG"}


def test_without_recipients_they_are_the_states_that_the_report_names() -> None:
    document = scenario()
    del document["recipients"]
    found = check(document)
    named = {entry["state"] for entry in example("llrice601")["affected_states"]}
    assert set(found.recipients) == named - {"US"}


def test_an_exercise_starts_when_it_says() -> None:
    assert check(scenario(starts_at="2026-12-01T10:00+01:00")).starts_at == datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("value", ["tomorrow", 5, "2026-12-01T10:00", "2026-11-19T09:00Z", "2029-01-01T00:00Z", []])
def test_a_start_must_be_a_time_ahead(value: object) -> None:
    assert set(faults(scenario(starts_at=value))) == {"/starts_at"}


def test_nobody_is_surprised_who_did_not_agree() -> None:
    assert set(faults(scenario(announced=False), "FR")) == {"/recipients/0"}
    assert not check(scenario(announced=False), "FR", "NL").announced


@pytest.mark.parametrize("document", [None, [], "x", 3])
def test_what_is_no_object_is_one_fault(document: object) -> None:
    assert list(faults(document)) == [""]


def test_every_fault_is_named_by_its_place() -> None:
    report = example("llrice601") | {"status": "actual", "colour": "red"}
    report["release"]["types"] = ["parade"]
    recipients = ["NL", "NL", "XX", 5, "US", None]
    assert set(faults({"report": report, "recipients": recipients, "announced": "no", "who": 1})) == {
        "/who",
        "/announced",
        "/recipients/1",
        "/recipients/2",
        "/recipients/3",
        "/recipients/4",
        "/recipients/5",
        "/report/status",
        "/report/colour",
        "/report/release/types/0",
    }


@pytest.mark.parametrize("recipients", [[], "NL", {"NL": 1}, ["KE"] * 201])
def test_recipients_are_a_list_of_states(recipients: object) -> None:
    assert "/recipients" in faults(scenario(recipients=recipients))


@pytest.mark.parametrize("report", [None, [], "report"])
def test_an_exercise_needs_a_report(report: object) -> None:
    assert "/report" in faults(scenario(report=report))


def test_a_state_of_origin_that_is_no_recipient_is_not_told_by_surprise() -> None:
    report = example("llrice601")
    report["origin"] = {"state": "JP", "certainty": "possible"}
    assert "JP" in faults(scenario(report=report))["/report"]
    assert check(scenario(report=report, recipients=["NL", "JP"]))


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("NL"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["state", "report", "x"]), inner),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["report", "recipients", "announced", "starts_at", "x"]), ANY))
def test_any_json_is_a_scenario_or_an_invalid_document(document: dict[str, Any]) -> None:
    try:
        check(document)
    except InvalidDocument as invalid:
        assert invalid.faults


@settings(max_examples=100, deadline=None)
@given(ANY, st.sampled_from(["affected_states", "confidential", "organizations", "attachments", "reporting_state"]))
def test_a_report_with_any_json_in_it_is_refused_or_taken(value: object, field: str) -> None:
    try:
        found = check(scenario(report=example("llrice601") | {field: value}))
    except InvalidDocument as invalid:
        assert invalid.faults
    else:
        assert set(addressed_states(found.report)) == {"NL", "FR"}


def test_an_exercise_never_reaches_the_bch_nor_an_organization() -> None:
    state = Addressee(AddresseeKind.STATE, "NL")
    assert is_exercise(EXERCISE) and not is_exercise(REAL)
    assert may_be_told(EXERCISE, state)
    assert not may_be_told(EXERCISE, BCH)
    assert not may_be_told(EXERCISE, Addressee(AddresseeKind.ORGANIZATION, "FAO"))
    assert may_be_told(REAL, BCH)
    require_real(REAL)
    with pytest.raises(NotAllowed, match="exercise"):
        require_real(EXERCISE)


@pytest.mark.parametrize("severity", list(Severity))
def test_no_message_of_an_exercise_goes_before_one_of_a_real_case(severity: Severity) -> None:
    assert not is_urgent(EXERCISE, severity)
    assert is_urgent(REAL, severity) is severity.urgent


def test_a_state_and_each_of_its_channels_are_scored_from_facts() -> None:
    minute = timedelta(minutes=1)
    mail = ChannelFact(ChannelName.EMAIL, 2, NOW + minute, NOW + minute * 3)
    dead = ChannelFact(ChannelName.WEBHOOK, 1, failed=1)
    received = NOW + minute * 10
    facts = [
        StateFact(StateCode("UG"), NOW, NOW + minute * 5, received, means=Means.LINK, steps=("reminder",)),
        StateFact(StateCode("KE"), NOW, received, received, received + minute, Means.API, channels=(mail, dead)),
        StateFact(StateCode("TZ"), NOW, received),
    ]
    found = {score.state: score for score in scores(facts, received + minute)}
    assert list(found) == ["KE", "TZ", "UG"]
    assert {state: score.result for state, score in found.items()} == {
        "KE": Result.IN_TIME,
        "TZ": Result.NO_RECEIPT,
        "UG": Result.LATE,
    }
    kenya = found[StateCode("KE")]
    assert (kenya.seconds_to_receipt, kenya.seconds_to_assessment) == (600, 660)
    assert [(one.reached, one.seconds_to_accept, one.seconds_to_proof, one.failed) for one in kenya.channels] == [
        (True, 60, 180, 0),
        (False, None, None, 1),
    ]
    assert found[StateCode("UG")].steps == ("reminder",)
    early = {score.state: score.result for score in scores(facts, NOW + minute)}
    assert early[StateCode("TZ")] is Result.PENDING, "its target has not passed yet"


@pytest.mark.parametrize("status", list(CaseStatus))
def test_only_exercises_that_ended_are_purged_and_only_in_time(status: CaseStatus) -> None:
    ended = status in (CaseStatus.CLOSED, CaseStatus.WITHDRAWN)
    assert may_purge(EXERCISE, status, NOW, NOW + KEPT_FOR) is ended
    assert not may_purge(EXERCISE, status, NOW, NOW + KEPT_FOR - timedelta(seconds=1))
    assert not may_purge(EXERCISE, status, None, NOW + KEPT_FOR)
    assert not may_purge(REAL, status, NOW, NOW + KEPT_FOR * 99)


def test_a_reference_that_only_looks_like_an_exercise_is_a_real_case() -> None:
    assert purge_at(CaseReference("EX170-2026-1"), CaseStatus.CLOSED, NOW) is None
