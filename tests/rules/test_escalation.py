"""The ladder: when each step is due, which one fires, and whom it tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.model import Contact, ContactId
from notify.escalation import (
    EscalationStep,
    contacts_for_step,
    contacts_to_telephone,
    due_step,
    next_due,
    step_times,
)
from notify.policy import load_policy
from notify.words import Severity
from notify.working_time import Calendar

SUBMITTED = datetime(2026, 11, 6, 12, tzinfo=UTC)  # a Friday
HOUR = timedelta(hours=1)
POLICY = load_policy()
HIGH = step_times(POLICY, Severity.HIGH, SUBMITTED, Calendar())


def hours(severity: Severity, calendar: Calendar | None = None) -> list[float]:
    times = step_times(POLICY, severity, SUBMITTED, calendar or Calendar())
    return [(time.due_at - SUBMITTED) / HOUR for time in times]


def contact(name: str, role: str = "article_17_contact", **fields: Any) -> Contact:
    given = {"id": name, "role": role, "state": "UG", "office": name, "email": f"{name}@authority.example", **fields}
    return Contact(**given)


CONTACTS = [
    contact("focal", "national_focal_point", telephone="2"),
    contact("alternate", order=2),
    contact("primary", telephone="1"),
    contact("authority", "competent_national_authority"),
    contact("duty", duty=True, order=2),
    contact("bch", "bch_focal_point"),
]


def told_by(step: EscalationStep, *told: str, contacts: list[Contact] = CONTACTS) -> list[str]:
    return [one.id for one in contacts_for_step(step, contacts, frozenset(map(ContactId, told)))]


def test_the_steps_are_due_at_their_shares_and_no_receipt_never_before_72_hours() -> None:
    assert hours(Severity.CRITICAL) == [1, 2, 3, 4, 8, 72]
    assert hours(Severity.HIGH) == [3, 6, 9, 12, 24, 72]


def test_moderate_and_low_steps_stand_still_on_the_weekend() -> None:
    assert hours(Severity.MODERATE) == [6, 12, 66, 72, 96, 120]
    assert hours(Severity.LOW, Calendar("UTC", frozenset())) == [18, 36, 54, 72, 144, 216]


def test_a_policy_of_seconds_makes_a_ladder_of_seconds() -> None:
    policy = load_policy('[clocks]\nacknowledgement = "8 s"\n[ladder]\nno_receipt_floor = "1 s"\n')
    times = step_times(policy, Severity.HIGH, SUBMITTED, Calendar())
    assert [(time.due_at - SUBMITTED).total_seconds() for time in times] == [2, 4, 6, 8, 16, 24]


def test_the_ladder_is_in_the_time_zone_of_its_reader() -> None:
    # At noon UTC on a Friday the weekend is twelve hours off in London and has begun on Kiritimati.
    assert hours(Severity.MODERATE, Calendar("Pacific/Kiritimati"))[0] == 46 + 6


def test_nothing_fires_before_its_time() -> None:
    assert due_step(HIGH, SUBMITTED + 3 * HOUR - timedelta(microseconds=1), None) is None
    assert due_step(HIGH, SUBMITTED + 3 * HOUR, None) is EscalationStep.REMINDER


def test_a_step_fires_once() -> None:
    assert due_step(HIGH, SUBMITTED + 3 * HOUR, EscalationStep.REMINDER) is None


def test_of_the_steps_missed_while_the_service_was_down_only_the_latest_fires() -> None:
    assert due_step(HIGH, SUBMITTED + 10 * HOUR, EscalationStep.REMINDER) is EscalationStep.AUTHORITIES
    assert due_step(HIGH, SUBMITTED + 1000 * HOUR, None) is EscalationStep.NO_RECEIPT


def test_a_clock_set_back_fires_nothing_again() -> None:
    assert due_step(HIGH, SUBMITTED + 3 * HOUR, EscalationStep.TELEPHONE) is None


def test_each_step_names_the_next_until_the_ladder_ends() -> None:
    assert next_due(HIGH, None) == HIGH[0]
    assert next_due(HIGH, EscalationStep.TELEPHONE) == (EscalationStep.LETTER, SUBMITTED + 24 * HOUR)
    assert next_due(HIGH, EscalationStep.NO_RECEIPT) is None


def test_the_reminder_tells_again_who_was_told() -> None:
    assert told_by(EscalationStep.REMINDER, "primary", "authority") == ["primary", "authority"]


def test_the_later_steps_tell_those_who_were_not_told() -> None:
    assert told_by(EscalationStep.ALTERNATES, "primary") == ["alternate", "duty"]
    assert told_by(EscalationStep.ALTERNATES, "primary", "alternate") == ["duty"]
    assert told_by(EscalationStep.AUTHORITIES, "primary", "focal") == ["authority"]


def test_a_step_skips_an_address_that_was_told_under_another_role() -> None:
    same = contact("focal", "national_focal_point", email="PRIMARY@authority.example")
    contacts = [contact("primary"), same, contact("authority", "competent_national_authority")]
    assert told_by(EscalationStep.AUTHORITIES, "primary", contacts=contacts) == ["authority"]


def test_where_everybody_was_told_at_once_only_the_reminder_has_someone_to_tell() -> None:
    everyone = [one.id for one in CONTACTS]
    assert len(told_by(EscalationStep.REMINDER, *everyone)) == 6
    assert told_by(EscalationStep.ALTERNATES, *everyone) == []
    assert told_by(EscalationStep.AUTHORITIES, *everyone) == []


@pytest.mark.parametrize("step", [EscalationStep.TELEPHONE, EscalationStep.LETTER, EscalationStep.NO_RECEIPT])
def test_the_last_steps_are_tasks_and_tell_no_contact(step: EscalationStep) -> None:
    assert told_by(step) == []


def test_those_to_telephone_come_in_the_order_of_the_ladder() -> None:
    assert [one.telephone for one in contacts_to_telephone(CONTACTS)] == ["1", "2"]


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(list(Severity)),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([Calendar(), Calendar("Africa/Cairo", frozenset({5, 6})), Calendar("Pacific/Kiritimati")]),
    st.lists(st.integers(0, 900), max_size=12),
)
def test_however_often_the_service_looks_no_step_fires_twice_or_out_of_order(
    severity: Severity, submitted: datetime, calendar: Calendar, looks: list[int]
) -> None:
    times = step_times(POLICY, severity, submitted, calendar)
    assert [time.due_at for time in times] == sorted(time.due_at for time in times)
    fired: list[EscalationStep] = []
    for look in looks:
        step = due_step(times, submitted + look * HOUR, fired[-1] if fired else None)
        if step is not None:
            fired.append(step)
    assert fired == sorted(set(fired), key=list(EscalationStep).index)
    if looks and max(looks) * HOUR >= times[-1].due_at - submitted:
        assert fired[-1] is EscalationStep.NO_RECEIPT
