"""When contacts are asked to confirm themselves, and how ready the network is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contacts.model import Contact, ContactId
from contacts.readiness import Readiness, readiness
from contacts.registry import load_registry
from contacts.verification import needs_confirmation, never_confirmed

REGISTRY = load_registry()
TODAY = date(2026, 11, 2)
FRESH = date(2026, 10, 1)


def contact(name: str, role: str = "article_17_contact", **fields: Any) -> Contact:
    given = {"id": name, "role": role, "state": "UG", "office": name, "email": f"{name}@authority.example", **fields}
    return Contact(**given)


def test_a_contact_never_confirmed_needs_confirmation() -> None:
    assert never_confirmed(contact("one"))
    assert needs_confirmation(contact("one"), TODAY)


@pytest.mark.parametrize(
    ("confirmed_on", "bounced_on", "needed"),
    [
        (date(2025, 11, 2), None, False),
        (date(2025, 11, 1), None, True),
        (FRESH, date(2026, 9, 30), False),
        (FRESH, date(2026, 10, 1), True),
        (FRESH, date(2026, 10, 2), True),
    ],
)
def test_a_contact_is_asked_again_after_a_year_and_after_any_bounce(
    confirmed_on: date, bounced_on: date | None, needed: bool
) -> None:
    assert needs_confirmation(contact("one", confirmed_on=confirmed_on), TODAY, bounced_on) is needed


def network() -> list[Contact]:
    return [
        contact("ug-1", confirmed_on=FRESH, telephone="+256 1"),
        contact("ug-2", order=2),
        contact("ug-focal", "national_focal_point", confirmed_on=FRESH),
        contact("ug-authority", "competent_national_authority", confirmed_on=FRESH),
        contact("ke-1", state="KE", confirmed_on=date(2020, 1, 1)),
        contact("us-1", state="US", duty=True),
        contact("eu-1", state="EU", confirmed_on=FRESH),
        contact("fao", "organization", state=None, organization="FAO"),
    ]


def test_readiness_counts_states_by_region_and_parties() -> None:
    figures = readiness(network(), REGISTRY, TODAY)
    assert figures.regions["Africa"] == Readiness(54, 2, 1, 1, 1, 0, 1, 1)
    assert figures.regions["WEOG"] == Readiness(29, 1, 0, 1, 0, 0, 0, 0)
    assert figures.parties == Readiness(173, 3, 2, 1, 1, 0, 1, 1)


def test_the_eu_has_a_row_of_its_own_and_is_a_party_but_no_state() -> None:
    figures = readiness(network(), REGISTRY, TODAY)
    assert figures.european_union == Readiness(1, 1, 1, 0, 0, 0, 0, 0)
    assert figures.states.total == 197
    assert figures.states.designated == 3
    assert set(figures.regions) == {"Africa", "Asia-Pacific", "CEE", "GRULAC", "WEOG"}


def test_a_bounced_focal_point_leaves_a_state_complete_but_not_reachable() -> None:
    bounced = frozenset({ContactId("ug-focal"), ContactId("ke-1")})
    africa = readiness(network(), REGISTRY, TODAY, bounced).regions["Africa"]
    assert (africa.complete, africa.reachable, africa.bounced) == (1, 0, 1)


def test_a_share_is_of_the_group_and_of_nothing_there_is_none() -> None:
    assert readiness(network(), REGISTRY, TODAY).parties.share(173) == 1.0
    assert Readiness(0, 0, 0, 0, 0, 0, 0, 0).share(0) is None
