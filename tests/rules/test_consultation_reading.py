"""Who may read and write what of a consultation, pair by pair."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.account import OF_A_STATE, Account, Role
from notify.consultation import (
    JOINT,
    Answer,
    ConsultationLane,
    Invitation,
    LaneAct,
    LaneKind,
    entries_of,
    lane_named,
    may_invite,
    may_read,
    may_write,
    private,
    seen,
)
from notify.errors import InvalidDocument, NotAllowed
from notify.reader import Reader, Sight
from notify.words import AccountId
from tests.rules.consultation_builders import (
    CASE,
    KENYA,
    SECRETARIAT,
    TANZANIA,
    UGANDA,
    act,
    faults,
    hours,
    message,
    request,
    state,
)

UG, TZ = private(state("UG")), private(state("TZ"))
GONE = private(state("RW"))  # a State that is not told of the case
INVITED_BY_UGANDA = [Invitation(UG, state("UG"), hours(10), hours(20))]

# "=" all of it, "~" that and when, "." nothing. Columns: the joint lane, Uganda's, Tanzania's, one of a State not told.
SIGHTS = {"=": Sight.CONTENT, "~": Sight.THAT_AND_WHEN, ".": Sight.NOTHING}
LANES = (JOINT, UG, TZ, GONE)
MAY_READ = {
    (Role.AUTHORITY, "KE"): "===.",
    (Role.AUTHORITY, "UG"): "==..",
    (Role.AUTHORITY, "TZ"): "=.=.",
    (Role.AUTHORITY, "EU"): "=...",
    (Role.AUTHORITY, "RW"): "....",
    (Role.AUTHORITY, None): "....",
    (Role.CONTACT, "KE"): "....",
    (Role.CONTACT, "UG"): "==..",
    (Role.CONTACT, "TZ"): "=.=.",
    (Role.CONTACT, "EU"): "=...",
    (Role.CONTACT, "RW"): "....",
    (Role.CONTACT, None): "....",
    (Role.BCH_FOCAL_POINT, "KE"): "=...",
    (Role.BCH_FOCAL_POINT, "UG"): "....",
    (Role.BCH_FOCAL_POINT, "TZ"): "....",
    (Role.BCH_FOCAL_POINT, "EU"): "....",
    (Role.BCH_FOCAL_POINT, "RW"): "....",
    (Role.BCH_FOCAL_POINT, None): "....",
    (Role.SECRETARIAT, None): "=~~.",
    (Role.READER, None): "....",
    (Role.OPERATOR, None): "=~~.",
}


def reader(role: Role, code: str | None) -> Reader:
    return Reader(role, None if code is None else state(code))


def test_the_table_holds_every_role_with_every_relation() -> None:
    relations = ("KE", "UG", "TZ", "EU", "RW", None)
    rest = [(role, None) for role in Role if role not in OF_A_STATE]
    assert set(MAY_READ) == {*product(sorted(OF_A_STATE), relations), *rest}


@pytest.mark.parametrize("author", ["KE", "UG", "TZ"])
@pytest.mark.parametrize(("role", "code"), MAY_READ)
def test_what_each_reader_sees_of_each_lane_and_of_each_message_in_it(
    role: Role, code: str | None, author: str
) -> None:
    wanted = [SIGHTS[mark] for mark in MAY_READ[role, code]]
    assert [may_read(reader(role, code), lane, CASE, message(author, lane), ()) for lane in LANES] == wanted
    assert [may_read(reader(role, code), lane, CASE, None, ()) for lane in LANES] == wanted


@pytest.mark.parametrize(("role", "code"), MAY_READ)
def test_an_invitation_opens_its_lane_to_the_secretariat_and_changes_nothing_for_anybody_else(
    role: Role, code: str | None
) -> None:
    invited = [Invitation(UG, state("UG"), hours(0))]
    sights = [may_read(reader(role, code), lane, CASE, message("KE", lane, 1), invited) for lane in LANES]
    wanted = "==~." if role is Role.SECRETARIAT else MAY_READ[role, code]
    assert sights == [SIGHTS[mark] for mark in wanted]


# The State that invited, its own words before, theirs while it stands, and both after it ended.
@pytest.mark.parametrize(
    ("author", "after", "sight"),
    [
        ("UG", 9.9, "="),
        ("KE", 9.9, "~"),
        ("UG", 10, "="),
        ("KE", 10, "="),
        ("KE", 19.9, "="),
        ("KE", 20, "~"),
        ("UG", 20, "~"),
    ],
)
def test_the_invited_secretariat_reads_what_was_said_knowingly(author: str, after: float, sight: str) -> None:
    said = message(author, UG, after)
    assert may_read(SECRETARIAT, UG, CASE, said, INVITED_BY_UGANDA) is SIGHTS[sight]


def test_an_invitation_by_a_state_that_is_not_of_the_lane_opens_nothing() -> None:
    said = message("KE", UG, 1)
    assert may_read(SECRETARIAT, UG, CASE, said, [Invitation(UG, state("TZ"), hours(0))]) is Sight.THAT_AND_WHEN
    assert may_read(SECRETARIAT, UG, CASE, said, [Invitation(TZ, state("KE"), hours(0))]) is Sight.THAT_AND_WHEN


def test_of_a_private_lane_the_secretariat_is_shown_that_and_when_and_not_by_whom() -> None:
    said = [message("UG", UG, 1, "secret"), message("KE", JOINT, 2, "open")]
    traffic, joint = seen(SECRETARIAT, said, CASE, ())
    assert (traffic.lane, traffic.at, traffic.entry) == (UG, hours(1), None)
    assert "secret" not in repr(traffic)
    assert joint.entry == said[1]


def test_an_invited_secretariat_reads_the_answer_and_not_the_question_before() -> None:
    asked = request("KE", "UG", UG, acts=(act(Answer.ANSWERED, "UG", 11),))
    question, answer = seen(SECRETARIAT, entries_of(asked), CASE, [Invitation(UG, state("UG"), hours(10))])
    assert question.entry is None
    assert isinstance(answer.entry, LaneAct)
    assert answer.entry.act == asked.acts[0]
    (shown, _) = seen(UGANDA, entries_of(asked), CASE, ())
    assert shown.entry == request("KE", "UG", UG)


def test_a_third_state_does_not_learn_that_a_private_lane_was_used() -> None:
    said = [message("UG", UG, 1), message("UG", JOINT, 2)]
    assert [one.entry for one in seen(TANZANIA, said, CASE, ())] == [said[1]]


def test_a_state_told_later_reads_the_joint_lane_from_its_beginning() -> None:
    assert may_read(UGANDA, JOINT, CASE, message("KE", JOINT, -100), ()) is Sight.CONTENT


@given(
    st.sampled_from(sorted(MAY_READ, key=str)),
    st.lists(
        st.builds(
            Invitation,
            st.sampled_from(LANES),
            st.sampled_from([state(code) for code in ("KE", "UG", "TZ", "RW")]),
            st.integers(0, 9).map(hours),
            st.none() | st.integers(0, 9).map(hours),
        ),
        max_size=4,
    ),
    st.sampled_from(LANES),
    st.integers(0, 9),
)
def test_no_invitation_takes_sight_away_or_gives_a_state_more(
    who: tuple[Role, str | None], invited: list[Invitation], lane: ConsultationLane, after: int
) -> None:
    said = message("KE", lane, after)
    without, with_them = (may_read(reader(*who), lane, CASE, said, given_) for given_ in ((), invited))
    order = list(Sight)
    assert order.index(with_them) >= order.index(without)
    assert with_them is without or who[0] is Role.SECRETARIAT


@pytest.mark.parametrize(("role", "code"), MAY_READ)
def test_only_the_states_of_a_lane_write_in_it(role: Role, code: str | None) -> None:
    acting = role in (Role.AUTHORITY, Role.CONTACT)
    wanted = [acting and mark == "=" for mark in MAY_READ[role, code]]
    assert [may_write(reader(role, code), lane, CASE) for lane in LANES] == wanted
    assert [may_invite(reader(role, code), lane, CASE) for lane in LANES] == [False, *wanted[1:]]


def test_a_document_names_its_lane() -> None:
    assert lane_named(LaneKind.JOINT, None, KENYA, CASE) == JOINT
    assert lane_named(LaneKind.PRIVATE, "UG", KENYA, CASE) == UG
    assert lane_named(LaneKind.PRIVATE, None, UGANDA, CASE) == UG
    assert lane_named(LaneKind.PRIVATE, "UG", UGANDA, CASE) == UG


def test_the_reporting_state_says_with_whom_its_private_lane_runs() -> None:
    for named in (None, "RW", "KE"):
        with pytest.raises(InvalidDocument) as refused:
            lane_named(LaneKind.PRIVATE, named, KENYA, CASE)
        assert list(faults(refused.value)) == ["/state"]
    with pytest.raises(InvalidDocument):
        lane_named(LaneKind.JOINT, "UG", KENYA, CASE)


def test_a_state_names_no_lane_of_another_and_the_secretariat_none() -> None:
    for writer, named in ((UGANDA, "TZ"), (UGANDA, "KE"), (SECRETARIAT, "UG"), (Reader(Role.READER), None)):
        with pytest.raises(NotAllowed):
            lane_named(LaneKind.PRIVATE, named, writer, CASE)


def test_a_lane_is_read_back_as_it_was_written() -> None:
    assert [ConsultationLane.read(str(lane)) for lane in (JOINT, UG)] == [JOINT, UG]
    with pytest.raises(ValueError, match="private lane"):
        ConsultationLane(LaneKind.PRIVATE)
    with pytest.raises(ValueError, match="joint lane"):
        ConsultationLane(LaneKind.JOINT, state("UG"))


def test_an_account_reads_as_its_role_and_state() -> None:
    account = Account(AccountId("x"), "x", Role.CONTACT, state("TZ"))
    assert Reader.of(account) == TANZANIA
