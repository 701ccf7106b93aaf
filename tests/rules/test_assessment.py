"""What a State says of itself: preliminary until confirmed, changed by it alone, seen by whom it chooses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.model import ContactId
from notify.account import Role
from notify.acknowledgement import Acknowledgement, apply
from notify.assessment import Statement, assessment_of, check_assessment, history, may_read, require_own, seen
from notify.document import visibility_of
from notify.errors import InvalidDocument, NotAllowed
from notify.notification import Addressee, AddresseeKind, Notification
from notify.reader import ALL_STATES, Reader, Sight, Visibility
from notify.sentence import Sentence
from notify.words import Assessment, CaseReference, Grade, Means, NotificationId, Severity
from tests.rules.consultation_builders import CASE, KENYA, SECRETARIAT, TANZANIA, UGANDA, faults, hours, state

AFFECTED, NOT_AFFECTED = Assessment.AFFECTED, Assessment.NOT_AFFECTED
UGANDA_CONTACT = Reader(Role.CONTACT, state("UG"))
EU = Reader(Role.AUTHORITY, state("EU"))
FOCAL_POINT = Reader(Role.BCH_FOCAL_POINT, state("KE"))
OPERATOR = Reader(Role.OPERATOR)
OUTSIDE = Reader(Role.AUTHORITY, state("RW"))
PUBLIC = Reader(Role.READER)


def said(
    assessment: Assessment = AFFECTED, means: Means = Means.LINK, contact: str = "one", after: float = 1, **more: Any
) -> Statement:
    return Statement(f"s{after}", state("UG"), assessment, hours(after), means, ContactId(contact), **more)


def test_by_link_or_reply_it_is_preliminary_and_by_an_account_it_is_not() -> None:
    found = {means: history([said(means=means)])[0].preliminary for means in Means if means is not Means.TELEPHONE}
    assert found == {Means.LINK: True, Means.REPLY: True, Means.API: False, Means.PORTAL: False}


@pytest.mark.parametrize(("means", "contact"), [(Means.API, "one"), (Means.PORTAL, "one"), (Means.LINK, "two")])
def test_an_account_or_a_second_contact_confirms_it(means: Means, contact: str) -> None:
    steps = history([said(), said(means=means, contact=contact, after=2)])
    assert [step.preliminary for step in steps] == [True, False]


def test_the_same_contact_does_not_confirm_itself() -> None:
    (only,) = history([said(), said(means=Means.REPLY, after=2)])
    assert only.preliminary


def test_what_is_confirmed_stands_against_a_mail_and_the_mail_is_kept() -> None:
    statements = [said(means=Means.API), said(NOT_AFFECTED, after=2)]
    standing = assessment_of(statements)
    assert standing is not None
    assert standing.statement.assessment is AFFECTED
    assert [(step.statement.assessment, step.took_effect) for step in history(statements)] == [
        (AFFECTED, True),
        (NOT_AFFECTED, False),
    ]


def test_an_account_changes_what_stands() -> None:
    standing = assessment_of([said(means=Means.API), said(NOT_AFFECTED, Means.PORTAL, after=2)])
    assert standing is not None
    assert standing.statement.assessment is NOT_AFFECTED


def test_a_state_that_said_nothing_has_no_assessment() -> None:
    assert assessment_of([]) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Assessment),
            st.sampled_from([Means.LINK, Means.REPLY, Means.API, Means.PORTAL]),
            st.sampled_from(["one", "two", "three"]),
        ),
        max_size=8,
    )
)
def test_it_agrees_with_what_the_notification_says(answers: list[tuple[Assessment, Means, str]]) -> None:
    notification = Notification(
        NotificationId("n1"), CaseReference("A17-2026-0001"), Addressee(AddresseeKind.STATE, "UG"), "affected",
        Sentence("told"), datetime(2026, 11, 2, tzinfo=UTC), None, asked_at=datetime(2026, 11, 2, tzinfo=UTC), round=1,
        severity=Severity.HIGH,
    )  # fmt: skip
    statements = []
    for place, (assessment, means, contact) in enumerate(answers, 1):
        answer = Acknowledgement(
            f"s{place}", notification.id, Grade.ASSESSED, assessment, "A. Officer", "Desk", means, hours(place),
            ContactId(contact),
        )  # fmt: skip
        apply(notification, answer)
        statements.append(said(assessment, means, contact, place))
    standing = assessment_of(statements)
    if standing is None:
        assert notification.assessment is None
    else:
        assert standing.statement.assessment is notification.assessment
        assert standing.preliminary is notification.assessment_preliminary


READERS = {
    "KE": KENYA, "UG": UGANDA, "UG contact": UGANDA_CONTACT, "TZ": TANZANIA, "EU": EU, "KE BCH": FOCAL_POINT,
    "secretariat": SECRETARIAT, "operator": OPERATOR, "RW": OUTSIDE, "public": PUBLIC,
}  # fmt: skip
# Who reads all ("=") and who only that and when ("~"); the others learn nothing.
MAY_READ = [
    (True, ALL_STATES, "KE= UG= UG contact= secretariat~ operator~"),
    (False, ALL_STATES, "KE= UG= UG contact= TZ= EU= KE BCH= secretariat= operator="),
    (False, Visibility(False), "KE= UG= UG contact= secretariat~ operator~"),
    (False, Visibility(False, frozenset({"TZ"})), "KE= UG= UG contact= TZ= secretariat~ operator~"),
    (False, Visibility(False, frozenset({"secretariat"})), "KE= UG= UG contact= secretariat= operator~"),
]


@pytest.mark.parametrize(("preliminary", "visible_to", "readers"), MAY_READ)
def test_who_sees_it(preliminary: bool, visible_to: Visibility, readers: str) -> None:
    (step,) = history([said(means=Means.LINK if preliminary else Means.API)])
    marks = {Sight.CONTENT: "=", Sight.THAT_AND_WHEN: "~"}
    sights = {name: may_read(reader, step, visible_to, CASE) for name, reader in READERS.items()}
    shown = " ".join(name + marks[sight] for name, sight in sights.items() if sight is not Sight.NOTHING)
    assert shown == readers


def test_the_latest_choice_of_readers_holds_for_the_whole_history() -> None:
    narrow = Visibility(False)
    statements = [said(means=Means.API), said(means=Means.API, after=2, visible_to=narrow)]
    assert [one.stated is not None for one in seen(KENYA, statements, CASE)] == [True, True]
    assert seen(TANZANIA, statements, CASE) == []
    widened = [*statements, said(means=Means.API, after=3, visible_to=ALL_STATES)]
    assert len(seen(TANZANIA, widened, CASE)) == 3


def test_of_a_preliminary_assessment_the_secretariat_learns_that_and_when() -> None:
    (one,) = seen(SECRETARIAT, [said()], CASE)
    assert (one.state, one.at, one.stated) == ("UG", hours(1), None)


def test_a_state_alone_speaks_for_itself() -> None:
    require_own(UGANDA, state("UG"), CASE)
    require_own(UGANDA_CONTACT, state("UG"), CASE)
    require_own(KENYA, state("KE"), CASE)
    for writer in (KENYA, TANZANIA, SECRETARIAT, OPERATOR, PUBLIC, Reader(Role.BCH_FOCAL_POINT, state("UG"))):
        with pytest.raises(NotAllowed):
            require_own(writer, state("UG"), CASE)


NAMED = {"by": "A. Officer", "office": "Desk"}


def test_a_right_document_is_read_and_its_readers_are_states_of_the_case() -> None:
    read = check_assessment({"assessment": "affected", "visible_to": ["TZ", "secretariat"], **NAMED})
    assert visibility_of(read.visible_to, CASE) == Visibility(False, frozenset({"TZ", "secretariat"}))
    assert visibility_of(check_assessment({"assessment": "affected", **NAMED}).visible_to, CASE) == ALL_STATES
    with pytest.raises(InvalidDocument) as refused:
        visibility_of(("TZ", "RW"), CASE)
    assert list(faults(refused.value)) == ["/visible_to/1"]


@pytest.mark.parametrize("visible_to", ["everyone", ["Uganda"], [1], {"TZ": True}, ["TZ"] * 201])
def test_whom_it_is_for_is_all_or_a_list_of_states(visible_to: object) -> None:
    with pytest.raises(InvalidDocument) as refused:
        check_assessment({"visible_to": visible_to})
    assert {"/visible_to", "/assessment", "/by", "/office"} <= set(faults(refused.value))


def test_a_choice_of_readers_is_read_back_as_it_was_written() -> None:
    for choice in (ALL_STATES, Visibility(False), Visibility(False, frozenset({"TZ", "UG"}))):
        assert Visibility.from_json(choice.to_json()) == choice
