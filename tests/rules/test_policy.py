"""The policy table: its defaults, what a file may change, and its faults by line."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.policy import ClockKind, EscalationStep, InvalidPolicy, Policy, load_policy
from notify.words import Severity
from notify.working_time import Calendar, Duration

# Copied by eye from the table of the domain rule book, so that a slip of the policy file is seen.
TABLE = {
    "dispatch": ("5 min", "5 min", "15 min", "1 h"),
    "proof": ("15 min", "30 min", "2 h", "1 d"),
    "acknowledgement": ("4 h", "12 h", "24 h", "3 wd"),
    "assessed": ("24 h", "48 h", "5 wd", "10 wd"),
    "first_answer": ("12 h", "24 h", "3 wd", None),
    "answer": ("24 h", "48 h", "5 wd", "10 wd"),
    "complete": ("72 h", "7 d", "8 wd", "30 d"),
    "update": ("48 h", "7 d", "14 d", "30 d"),
    "record": ("24 h", "48 h", "5 wd", "10 wd"),
    "objection": ("14 d", "14 d", "14 d", "7 d"),
}
FRIDAY_NOON = datetime(2026, 11, 6, 12, tzinfo=UTC)


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(InvalidPolicy) as caught:
        load_policy(text)
    return [(fault.line, fault.place) for fault in caught.value.faults]


@pytest.mark.parametrize("kind", list(ClockKind))
def test_the_default_clocks_are_those_of_the_rule_book(kind: ClockKind) -> None:
    expected = tuple(Duration.parse(text) if text else None for text in TABLE[kind])
    assert tuple(load_policy().target(kind, severity) for severity in Severity) == expected


def test_the_default_ladder_is_that_of_the_rule_book() -> None:
    policy = load_policy()
    assert list(policy.shares.values()) == [0.25, 0.5, 0.75, 1.0, 2.0, 3.0]
    assert list(policy.shares) == list(EscalationStep)
    assert policy.no_receipt_floor == Duration.parse("72 h")


def test_a_file_states_only_what_differs() -> None:
    policy = load_policy(
        '[clocks.acknowledgement]\ncritical = "8 s"\n[ladder]\nno_receipt_floor = "20 s"\nletter = 1.5\n'
    )
    default = load_policy()
    assert policy.target(ClockKind.ACKNOWLEDGEMENT, Severity.CRITICAL) == Duration.parse("8 s")
    assert policy.target(ClockKind.ACKNOWLEDGEMENT, Severity.HIGH) == Duration.parse("12 h")
    assert policy.clocks[ClockKind.PROOF] == default.clocks[ClockKind.PROOF]
    assert policy.no_receipt_floor == Duration.parse("20 s")
    assert policy.shares == {**default.shares, EscalationStep.LETTER: 1.5}


@pytest.mark.parametrize(
    "text",
    [
        '[clocks]\nproof = "2 s"',
        'clocks.proof = "2 s"',
        '[clocks]\nproof = { critical = "2 s", high = "2 s", moderate = "2 s", low = "2 s" }',
        '[clocks.proof]\ncritical = "2 s"\nhigh = "2 s"\nmoderate = "2 s"\nlow = "2 s"',
    ],
)
def test_a_clock_may_be_set_in_any_way_that_toml_has(text: str) -> None:
    assert set(load_policy(text).clocks[ClockKind.PROOF].values()) == {Duration.parse("2 s")}


def test_an_empty_file_changes_nothing_but_the_version() -> None:
    assert load_policy("").clocks == load_policy().clocks


def test_a_changed_policy_never_has_the_version_of_the_default() -> None:
    changed = load_policy('[clocks]\nproof = "2 s"')
    assert changed.version != load_policy().version
    assert changed.version == load_policy('[clocks]\nproof = "2 s"').version
    assert load_policy('version = "ours-1"').version == "ours-1"


def test_every_fault_is_listed_with_its_line() -> None:
    text = """# ours
version = 7

[clocks]
proof = { critical = "soon", high = "30 min" }
acknowledgement = "on request"
speed = "1 h"

[clocks.assessed]
low = "2 wd"
urgent = "1 h"
moderate = 5

[ladder]
reminder = "half"
letter = true
no_receipt_floor = "never"

[extra]
x = 1
"""
    assert faults(text) == [
        (2, "version"),
        (5, "clocks.proof.critical"),
        (6, "clocks.acknowledgement"),
        (7, "clocks.speed"),
        (11, "clocks.assessed.urgent"),
        (12, "clocks.assessed.moderate"),
        (15, "ladder.reminder"),
        (16, "ladder.letter"),
        (17, "ladder.no_receipt_floor"),
        (19, "extra"),
    ]


def test_a_file_that_is_no_toml_names_the_line() -> None:
    assert faults('version = "x"\n[clocks\n')[0][0] == 2
    assert faults("\n\nversion = ")[0][0] == 3


@pytest.mark.parametrize("value", ["0", "-0.5", "nan", "inf", "101"])
def test_a_share_must_be_a_useful_number(value: str) -> None:
    assert faults(f"[ladder]\nreminder = {value}") == [(2, "ladder.reminder")]


def test_the_steps_must_keep_their_order() -> None:
    assert faults("[ladder]\nreminder = 0.6\n") == [(2, "ladder.reminder")]
    assert faults("[ladder]\nreminder = 0.1\nauthorities = 0.5\n") == [(3, "ladder.authorities")]


@pytest.mark.parametrize("text", ["clocks = 1", "ladder = []", "[clocks]\nproof = [1]", "[[clocks]]\nx = 1"])
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    assert faults(text)


def test_a_policy_survives_being_frozen_onto_a_case() -> None:
    for policy in (load_policy(), load_policy('[clocks]\nproof = "0.25 s"\n[ladder]\nreminder = 0.1')):
        assert Policy.from_json(json.loads(json.dumps(policy.to_json()))) == policy


def test_an_older_policy_without_a_clock_takes_its_default() -> None:
    document = load_policy().to_json()
    del document["clocks"]["objection"]
    assert Policy.from_json(document) == load_policy()


def test_a_frozen_policy_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match="soon"):
        Policy.from_json({"clocks": {"proof": "soon"}})


def test_only_moderate_and_low_stand_still_on_the_weekend() -> None:
    due = {
        severity: load_policy().due_at(ClockKind.ACKNOWLEDGEMENT, severity, FRIDAY_NOON, Calendar())
        for severity in Severity
    }
    assert due == {
        Severity.CRITICAL: datetime(2026, 11, 6, 16, tzinfo=UTC),
        Severity.HIGH: datetime(2026, 11, 7, 0, tzinfo=UTC),
        Severity.MODERATE: datetime(2026, 11, 9, 12, tzinfo=UTC),
        Severity.LOW: datetime(2026, 11, 11, 12, tzinfo=UTC),
    }


def test_a_clock_on_request_is_never_due_by_itself() -> None:
    assert load_policy().due_at(ClockKind.FIRST_ANSWER, Severity.LOW, FRIDAY_NOON, Calendar()) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_a_policy_or_has_faults(text: str) -> None:
    try:
        load_policy(text)
    except InvalidPolicy as invalid:
        assert all(fault.line >= 1 and fault.detail for fault in invalid.faults)
