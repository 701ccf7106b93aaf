"""The handling priority: the rules of the domain, the eleven real reports, and never less urgent when worse."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.severity import SeverityFacts, SeverityFinding, assess, compute
from notify.severity_reasons import REASONS
from notify.vocabulary import VOCABULARIES
from notify.words import NotificationClass, Severity
from tests.rules.report_builders import example, parse

URGENCY = [Severity.LOW, Severity.MODERATE, Severity.HIGH, Severity.CRITICAL]
# Each from good to bad.
ORDERS: dict[str, list[Any]] = {
    "crossing": ["unlikely", "possible", "likely", "imminent", "occurred"],
    "self_sustaining": ["no", "possible", "yes"],
    "consequence": ["minor", "moderate", "severe"],
    "containment": ["full", "partial", "none"],
    "sensitive_receptor": ["no", "yes"],
    "gene_drive": [False, True],
    "authorised_nowhere": [False, True],
}

MILD = SeverityFacts(
    crossing="possible",
    self_sustaining="no",
    consequence="minor",
    containment="none",
    sensitive_receptor="no",
    gene_drive=False,
    authorised_nowhere=False,
    notification_class=NotificationClass.ILLEGAL_MOVEMENT,
)


def finding(document: dict[str, Any]) -> SeverityFinding:
    report, _ = parse(document)
    return assess(report)


def level(**changes: Any) -> Severity:
    return compute(replace(MILD, **changes))[0]


@pytest.mark.parametrize(
    ("name", "computed"),
    [
        ("mexico-landrace", "critical"),
        ("bacillus-subtilis", "high"),
        ("gt73-rapeseed", "high"),
        ("llrice601", "high"),
        ("papaya-okinawa", "high"),
        ("starlink", "high"),
        ("triffid-flax", "high"),
        ("gm-zebrafish", "moderate"),
        ("orange-petunia", "moderate"),
        ("oregon-wheat", "moderate"),
        ("mir162", "low"),
    ],
)
def test_each_real_report_gets_its_known_priority(name: str, computed: str) -> None:
    assert finding(example(name)).computed == computed


def test_starlink_is_critical_by_the_written_override_of_its_filer() -> None:
    found = finding(example("starlink"))
    assert (found.level, found.computed, found.overridden) == (Severity.CRITICAL, Severity.HIGH, True)
    assert "Possible allergen in food" in str(found.reason)


def test_an_override_is_told_in_the_original_language() -> None:
    document = example("starlink") | {"original_language": "fr"}
    document["severity_override"] = {"level": "low", "reason": {"en": "small", "fr": "petit"}}
    found = finding(document)
    assert found.level is Severity.LOW
    assert "petit" in str(found.reason)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"crossing": "occurred", "consequence": "severe"}, "critical"),
        ({"crossing": "likely", "consequence": "severe", "containment": "partial"}, "critical"),
        ({"gene_drive": True, "crossing": "possible"}, "critical"),
        ({"gene_drive": True, "crossing": "unlikely"}, "moderate"),
        ({"gene_drive": True, "crossing": "unlikely", "consequence": "unknown"}, "high"),
        ({"crossing": "imminent", "consequence": "moderate"}, "high"),
        ({"crossing": "possible", "consequence": "severe"}, "high"),
        ({"crossing": "occurred", "self_sustaining": "possible", "sensitive_receptor": "yes"}, "high"),
        ({"crossing": "occurred", "self_sustaining": "no", "sensitive_receptor": "yes"}, "moderate"),
        ({"crossing": "occurred", "self_sustaining": "yes", "sensitive_receptor": "unknown"}, "high"),
        ({"crossing": "occurred", "self_sustaining": "possible", "sensitive_receptor": "unknown"}, "moderate"),
        ({"crossing": "occurred", "consequence": "severe", "containment": "full"}, "high"),
        ({"crossing": "occurred", "consequence": "moderate", "containment": "full"}, "moderate"),
        ({"crossing": "possible", "consequence": "severe", "containment": "full"}, "low"),
        ({"crossing": "occurred", "consequence": "minor", "containment": "full"}, "low"),
        ({"crossing": "unlikely"}, "low"),
        ({"crossing": "unlikely", "sensitive_receptor": "yes"}, "moderate"),
        ({"crossing": "possible"}, "moderate"),
        ({"crossing": "unknown", "consequence": "unknown", "containment": "unknown"}, "high"),
    ],
)
def test_the_first_rule_that_fits_decides(changes: dict[str, Any], expected: str) -> None:
    assert level(**changes) == expected


def test_authorised_nowhere_lifts_moderate_to_high_only_when_something_was_unknown() -> None:
    assert level(authorised_nowhere=True) is Severity.MODERATE
    assert level(authorised_nowhere=True, self_sustaining="unknown") is Severity.HIGH
    assert level(authorised_nowhere=True, crossing="possible", consequence="unknown") is Severity.HIGH
    assert level(authorised_nowhere=True, consequence="unknown", containment="full") is Severity.LOW


@pytest.mark.parametrize("crossing", ["unlikely", "possible"])
def test_the_class_sets_the_floor(crossing: str) -> None:
    assert level(crossing=crossing, notification_class=NotificationClass.ARTICLE_17) is Severity.HIGH
    assert level(crossing=crossing, notification_class=NotificationClass.PRELIMINARY) is Severity.MODERATE


def test_information_turns_moderate_into_low_and_asks_to_look_again_above() -> None:
    document = example("oregon-wheat") | {"notification_class": "information"}
    assert finding(document).computed is Severity.LOW
    assert finding(document).hints == ()
    document["severity_inputs"] = document["severity_inputs"] | {"crossing": "occurred"}
    found = finding(document)
    assert found.computed is Severity.HIGH
    assert "look at the class" in str(found.hints[0])


def test_the_reason_names_the_inputs_and_says_that_it_is_no_finding_on_risk() -> None:
    reason = str(finding(example("llrice601")).reason)
    assert reason.startswith("High, because")
    assert "crossing: occurred" in reason
    assert "consequence: unknown" in reason
    assert reason.endswith("handling priority, computed, not a finding on risk.")


def test_a_confidential_authorisation_is_not_told_in_the_reason() -> None:
    document = example("orange-petunia")
    document["severity_inputs"] = document["severity_inputs"] | {"self_sustaining": "unknown"}
    document["lmo_use"] = document["lmo_use"] | {"authorisation": "nowhere"}
    assert "authorised nowhere" in str(finding(document).reason)
    document["confidential"] = {"/lmo_use": {"audience": "recipients", "ground": "article_21_1"}}
    assert "authorised" not in str(finding(document).reason)
    assert finding(document).computed is Severity.HIGH


@pytest.mark.parametrize("text", REASONS)
def test_every_reason_can_be_filled_with_the_values_that_it_gets(text: str) -> None:
    values = {**MILD.values(), "before": "low", "level": "high", "computed": "low", "reason": "x"}
    assert "{" not in text.format_map(values)


def every_combination() -> list[SeverityFacts]:
    names = list(ORDERS)
    choices = [[*ORDERS[name], "unknown"] if isinstance(ORDERS[name][0], str) else ORDERS[name] for name in names]
    return [replace(MILD, **dict(zip(names, chosen, strict=True))) for chosen in product(*choices)]


def test_every_combination_of_inputs_has_a_level_and_a_reason_that_says_it() -> None:
    for facts in every_combination():
        computed, reason = compute(facts)
        assert str(reason).lower().startswith(computed.value)


@given(st.data())
def test_it_is_never_less_urgent_when_an_input_gets_worse(data: st.DataObject) -> None:
    codes = {name: st.sampled_from(VOCABULARIES[name]) for name in list(ORDERS)[:5]}
    flags = {name: st.booleans() for name in ("gene_drive", "authorised_nowhere")}
    classes = st.sampled_from(NotificationClass)
    facts = data.draw(st.builds(SeverityFacts, **codes, **flags, notification_class=classes))
    name = data.draw(st.sampled_from(sorted(ORDERS)))
    better = data.draw(st.integers(0, len(ORDERS[name]) - 2))
    worse = data.draw(st.integers(better + 1, len(ORDERS[name]) - 1))
    before, after = (compute(replace(facts, **{name: ORDERS[name][index]}))[0] for index in (better, worse))
    assert URGENCY.index(after) >= URGENCY.index(before)
