"""OECD unique identifiers: one form to compare them, and a digit that tells misprints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.lmo import check_identifier, normalise, verification_digit, written_as_registered

REGISTERED = [
    "MON-ØØ81Ø-6",
    "SYN-BTØ11-1",
    "DAS-Ø15Ø7-1",
    "DP-ØØ4114-3",
    "MON-89788-1",
    "ACS-BNØØ5-8",
    "BCS-BNØ12-7",
    "DP-Ø73496-4",
    "ACS-ZMØØ4-3",
    "BCS-OSØØ3-7",
    "CDC-FLØØ1-2",
    "MON-ØØØ73-7",
    "MON-718ØØ-4",
    "SYN-IR162-4",
    "MON-ØØ6Ø3-6",
    "DAS-59122-7",
]


@pytest.mark.parametrize("identifier", REGISTERED)
def test_a_registered_identifier_gives_no_warning(identifier: str) -> None:
    assert check_identifier(identifier) == []


@pytest.mark.parametrize(
    ("identifier", "right"),
    [("MON-718ØØ-3", "MON-718ØØ-4"), ("MON-ØØ81Ø-5", "MON-ØØ81Ø-6"), ("MON-89Ø34-4", "MON-89Ø34-3")],
)
def test_a_wrong_digit_gives_one_warning_that_says_the_right_one(identifier: str, right: str) -> None:
    (warning,) = check_identifier(identifier)
    assert warning.values["right"] == right
    assert right in str(warning)


@pytest.mark.parametrize(
    "identifier",
    ["MON-ØØ81Ø", "MON810", "", "MONS-ØØ81Ø-6", "MO-ØØ81Ø-6", "MON-ØØ081Ø-6", "MON-ØØ81²-6", "MON-ØØ81Ø-6 x "],
)
def test_a_wrong_form_gives_a_warning_that_shows_a_right_one(identifier: str) -> None:
    assert any("does not have the form" in str(warning) for warning in check_identifier(identifier))


@pytest.mark.parametrize(
    "typed",
    ["MON-00810-6", "mon-øø81ø-6", "MON-∅∅81∅-6", "MON–ØØ81Ø–6", "MON‑0081Ø—6", " MON - 00810 - 6 "],
)
def test_all_ways_to_write_zero_case_and_dash_are_one_identifier(typed: str) -> None:
    assert normalise(typed) == "MON-ØØ81Ø-6"
    assert check_identifier(typed) == []


def test_the_letter_o_stays_the_letter_o() -> None:
    assert normalise("MON-OO81O-6") == "MON-OO81O-6"
    assert check_identifier("MON-OO81O-6") == []
    assert len(check_identifier("ACS-ZMOO4-3")) == 1


@pytest.mark.parametrize(
    "joined", ["MON-ØØ6Ø3-6 x MON-ØØ81Ø-6", "mon-00603-6×mon-00810-6", "MON-ØØ6Ø3-6 X MON-ØØ81Ø-6"]
)
def test_stacked_events_are_joined_in_one_way_and_checked_one_by_one(joined: str) -> None:
    assert normalise(joined) == "MON-ØØ6Ø3-6 x MON-ØØ81Ø-6"
    assert check_identifier(joined) == []


def test_only_the_wrong_part_of_a_stack_is_named() -> None:
    (warning,) = check_identifier("MON-ØØ6Ø3-6 x MON-ØØ81Ø-5")
    assert warning.values["identifier"] == "MON-ØØ81Ø-5"


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZØ123456789", min_size=8, max_size=8))
def test_exactly_one_digit_fits_any_codes(codes: str) -> None:
    fitting = [d for d in "Ø123456789" if check_identifier(f"{codes[:3]}-{codes[3:]}-{d}") == []]
    assert fitting == [verification_digit(codes)]


@given(st.text())
def test_any_text_can_be_checked(text: str) -> None:
    assert all(str(warning) for warning in check_identifier(text))


@given(st.text(alphabet="abcMON0Øø∅123456789-–— "))
def test_the_normal_form_of_an_identifier_is_stable(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("handed_in", "kept"),
    [("MON-00810-6", "MON-ØØ81Ø-6"), ("mon-ØØ81Ø-6", "MON-ØØ81Ø-6"), ("MON-71800-3", "MON-71800-3"), ("n/a", "n/a")],
)
def test_a_sound_identifier_is_kept_in_its_one_form_and_any_other_as_handed_in(handed_in: str, kept: str) -> None:
    assert written_as_registered(handed_in) == kept
