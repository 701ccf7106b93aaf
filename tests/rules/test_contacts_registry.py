"""The registry of States, and who among a State's contacts is told, in which order."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contacts.model import Contact, ContactId, ContactRole
from contacts.registry import (
    GapKind,
    UnknownState,
    alternates,
    authorities,
    contacts_for,
    effective_language,
    effective_time_zone,
    gaps,
    load_registry,
    merge_same_address,
    next_contact,
    stale,
)

REGISTRY = load_registry()
TODAY = date(2026, 11, 2)


def contact(name: str, role: str = "article_17_contact", **fields: Any) -> Contact:
    given = {"id": name, "role": role, "state": "UG", "office": name, "email": f"{name}@authority.example", **fields}
    return Contact(**given)


FOCAL_POINT = contact("focal", "national_focal_point")
AUTHORITY = contact("authority", "competent_national_authority")
BCH = contact("bch", "bch_focal_point")
PRIMARY = contact("primary")
ALTERNATE = contact("alternate", order=2)
THIRD = contact("third", order=3)
DUTY = contact("duty", order=9, duty=True)
EVERYONE = [BCH, DUTY, THIRD, AUTHORITY, ALTERNATE, FOCAL_POINT, PRIMARY]


def names(contacts: Any) -> list[str]:
    return [one.id for one in contacts]


def test_the_registry_holds_198_addressees_of_which_173_are_parties() -> None:
    assert len(REGISTRY.states) == 198
    assert sum(state.party for state in REGISTRY.states) == 173


def test_every_state_has_a_time_zone_that_loads_and_a_weekend_that_leaves_days_to_work() -> None:
    for state in REGISTRY.states:
        assert ZoneInfo(state.time_zone).key == state.time_zone
        assert state.weekend
        assert state.weekend < set(range(1, 8))


@pytest.mark.parametrize(
    ("code", "time_zone", "weekend"),
    [
        ("EU", "Europe/Brussels", {6, 7}),
        ("EG", "Africa/Cairo", {5, 6}),
        ("US", "America/New_York", {6, 7}),
        ("IR", "Asia/Tehran", {5}),
        ("AE", "Asia/Dubai", {6, 7}),
        ("KI", "Pacific/Tarawa", {6, 7}),
        ("AU", "Australia/Sydney", {6, 7}),
    ],
)
def test_a_state_has_the_clock_of_its_capital_and_its_own_weekend(code: str, time_zone: str, weekend: set[int]) -> None:
    state = REGISTRY.state(code)
    assert (state.time_zone, set(state.weekend)) == (time_zone, weekend)


def test_the_249_codes_of_iso_3166_are_places_and_so_is_the_eu() -> None:
    assert len(REGISTRY.places) == 249
    assert all(REGISTRY.is_place(code) for code in ("GL", "TW", "NL", "EU"))
    assert not any(REGISTRY.is_place(code) for code in ("XX", "nl", "", "UK"))


def test_every_state_but_the_eu_is_an_iso_code() -> None:
    assert {state.state_code for state in REGISTRY.states} - set(REGISTRY.places) == {"EU"}


def test_a_place_is_not_a_state() -> None:
    assert not REGISTRY.is_state("GL")
    assert REGISTRY.name("GL") == "Greenland"
    assert REGISTRY.find("GL") is None
    with pytest.raises(UnknownState, match="GL"):
        REGISTRY.state("GL")


def test_non_parties_are_states_and_the_eu_is_a_party() -> None:
    assert REGISTRY.is_state("US") and not REGISTRY.is_party("US")
    assert REGISTRY.is_state("EU") and REGISTRY.is_party("EU")
    assert not REGISTRY.is_party("GL")


def test_the_designated_contacts_of_the_lowest_order_are_told_at_once() -> None:
    second = contact("second")
    selection = contacts_for([*EVERYONE, second], everyone=False)
    assert names(selection.contacts) == ["primary", "second"]
    assert selection.role is ContactRole.ARTICLE_17_CONTACT
    assert not selection.fallback


def test_the_lowest_order_need_not_be_one() -> None:
    assert names(contacts_for([THIRD, ALTERNATE], everyone=False).contacts) == ["alternate"]


def test_a_duty_mailbox_of_the_lowest_order_is_told_at_once() -> None:
    duty = contact("duty", duty=True)
    assert names(contacts_for([duty, ALTERNATE], everyone=False).contacts) == ["duty"]


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ([BCH, AUTHORITY, FOCAL_POINT], FOCAL_POINT),
        ([BCH, AUTHORITY], AUTHORITY),
        ([BCH], BCH),
    ],
)
def test_where_none_is_designated_the_first_role_of_the_chain_is_told(held: list[Contact], told: Contact) -> None:
    selection = contacts_for(held, everyone=False)
    assert selection.contacts == (told,)
    assert selection.role is told.role
    assert selection.fallback


@pytest.mark.parametrize("everyone", [True, False])
def test_a_state_without_contacts_is_left_to_the_secretariat(everyone: bool) -> None:
    selection = contacts_for([], everyone=everyone)
    assert (selection.contacts, selection.role, selection.fallback) == ((), None, True)


def test_a_critical_case_tells_all_designated_contacts_focal_point_and_authority() -> None:
    selection = contacts_for(EVERYONE, everyone=True)
    assert names(selection.contacts) == ["primary", "alternate", "third", "duty", "focal", "authority"]
    assert not selection.fallback


def test_a_critical_case_without_a_designated_contact_tells_focal_point_and_authority() -> None:
    selection = contacts_for([BCH, AUTHORITY, FOCAL_POINT], everyone=True)
    assert names(selection.contacts) == ["focal", "authority"]
    assert selection.role is ContactRole.NATIONAL_FOCAL_POINT
    assert selection.fallback


def test_a_critical_case_tells_the_bch_focal_point_where_there_is_nobody_else() -> None:
    assert names(contacts_for([BCH], everyone=True).contacts) == ["bch"]


def test_the_ladder_climbs_over_alternates_duty_focal_point_authority_and_bch() -> None:
    told: frozenset[ContactId] = frozenset()
    climbed = []
    while (following := next_contact(EVERYONE, told)) is not None:
        climbed.append(following.id)
        told |= {following.id}
    assert climbed == ["primary", "alternate", "third", "duty", "focal", "authority", "bch"]


def test_the_next_contact_is_never_one_at_an_address_that_was_told() -> None:
    same = contact("focal", "national_focal_point", email="Primary@Authority.Example")
    assert next_contact([PRIMARY, same, AUTHORITY], frozenset({PRIMARY.id})) == AUTHORITY


def test_alternates_are_those_of_order_two_and_the_duty_mailbox() -> None:
    assert names(alternates(EVERYONE)) == ["alternate", "third", "duty"]


def test_where_none_is_designated_the_alternates_are_those_of_the_role_told() -> None:
    second = contact("second", "national_focal_point", order=2)
    assert names(alternates([second, FOCAL_POINT, contact("other", "bch_focal_point", order=2)])) == ["second"]


def test_authorities_are_the_focal_point_and_the_competent_authority() -> None:
    assert names(authorities(EVERYONE)) == ["focal", "authority"]


def test_one_address_in_two_roles_gets_one_mail_that_names_both() -> None:
    both = contact("both", "national_focal_point", email="PRIMARY@authority.example")
    assert merge_same_address([PRIMARY, AUTHORITY, both, PRIMARY]) == [
        (PRIMARY, (ContactRole.ARTICLE_17_CONTACT, ContactRole.NATIONAL_FOCAL_POINT)),
        (AUTHORITY, (ContactRole.COMPETENT_NATIONAL_AUTHORITY,)),
    ]


def test_the_time_zone_is_the_contacts_then_the_states_first_contacts_then_the_capitals_then_utc() -> None:
    uganda = REGISTRY.state("UG")
    abroad = contact("abroad", time_zone="Europe/Paris")
    assert effective_time_zone(abroad, [PRIMARY], uganda) == "Europe/Paris"
    assert effective_time_zone(AUTHORITY, [AUTHORITY, abroad], uganda) == "Europe/Paris"
    assert effective_time_zone(None, [PRIMARY], uganda) == "Africa/Kampala"
    assert effective_time_zone(PRIMARY, [], None) == "UTC"


@pytest.mark.parametrize(
    ("language", "state", "expected"),
    [("fr", "UG", "fr"), ("zh-Hant", "CN", "zh"), ("wo", "SN", "fr"), ("de", "NL", "en"), ("de", None, "en")],
)
def test_mails_go_out_in_a_un_language(language: str, state: str | None, expected: str) -> None:
    written = contact("one", language=language)
    assert effective_language(written, REGISTRY.state(state) if state else None) == expected


def test_gaps_name_each_state_once_with_the_worst_that_is_missing() -> None:
    held = [
        contact("confirmed", confirmed_on=date(2020, 1, 1)),
        contact("fresh", state="KE"),
        contact("focal", "national_focal_point", state="TZ", confirmed_on=date(2026, 1, 1)),
    ]
    found = {str(gap.state.state_code): gap.kind for gap in gaps(held, REGISTRY)}
    assert "UG" not in found
    assert found["KE"] is GapKind.ONLY_UNCONFIRMED
    assert found["TZ"] is GapKind.NO_ARTICLE_17_CONTACT
    assert found["NL"] is GapKind.NO_CONTACT
    assert len(found) == 197


def test_stale_contacts_are_those_not_confirmed_within_a_year() -> None:
    held = [
        contact("old", confirmed_on=date(2025, 11, 1)),
        contact("just", confirmed_on=date(2025, 11, 2)),
        contact("never"),
    ]
    assert names(stale(held, TODAY)) == ["old", "never"]
