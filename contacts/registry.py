"""Knows the States and places of the world, and who among a State's contacts is told, and in which order."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources

from contacts.model import Contact, ContactId, ContactRole, State, StateCode
from contacts.verification import is_stale, never_confirmed

FALLBACK_CHAIN = (
    ContactRole.NATIONAL_FOCAL_POINT,
    ContactRole.COMPETENT_NATIONAL_AUTHORITY,
    ContactRole.BCH_FOCAL_POINT,
)
"""Which role is told where no Article 17 contact is designated (Article 17(2)), first one first."""

UN_LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")

_LADDER = (ContactRole.ARTICLE_17_CONTACT, *FALLBACK_CHAIN, ContactRole.ORGANIZATION, ContactRole.SECRETARIAT)
_CRITICAL = _LADDER[:3]


class UnknownState(LookupError):
    """The code names no State of the registry."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Holds every State that can be addressed, and every ISO 3166-1 code that can be named as a place."""

    states_by_code: Mapping[str, State]
    places: Mapping[str, str]

    @property
    def states(self) -> tuple[State, ...]:
        """List every State and the EU, by code."""
        return tuple(self.states_by_code.values())

    def find(self, code: str) -> State | None:
        """Find the State of a code, or None."""
        return self.states_by_code.get(code)

    def state(self, code: str) -> State:
        """Return the State of a code; raises `UnknownState` when it has none."""
        found = self.states_by_code.get(code)
        if found is None:
            raise UnknownState(f"{code!r} is not in the registry of States")
        return found

    def is_state(self, code: str) -> bool:
        """Say whether the code can be addressed: a State, Party or not, or the EU."""
        return code in self.states_by_code

    def is_place(self, code: str) -> bool:
        """Say whether the code can be named as a place: a State, the EU, or any other ISO 3166-1 alpha-2 code."""
        return code in self.states_by_code or code in self.places

    def is_party(self, code: str) -> bool:
        """Say whether the Protocol binds the holder of this code; unknown codes are no Party."""
        found = self.states_by_code.get(code)
        return found is not None and found.party

    def name(self, code: str) -> str:
        """Return the short English name of a State or place, or the code itself when it is neither."""
        found = self.states_by_code.get(code)
        return found.name if found else self.places.get(code, code)


@cache
def load_registry() -> Registry:
    """Read the registry that comes with the package: states.csv and places.csv, whose first lines name sources."""
    states = {row["state_code"]: _state_from(row) for row in _rows("states.csv")}
    places = {row["code"]: row["name"] for row in _rows("places.csv")}
    return Registry(states, places)


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("contacts").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _state_from(row: Mapping[str, str]) -> State:
    return State(
        state_code=StateCode(row["state_code"]),
        iso3=row["iso3"],
        name=row["name"],
        region=row["region"] or None,
        party=row["party"] == "true",
        entry_into_force=date.fromisoformat(row["entry_into_force"]) if row["entry_into_force"] else None,
        un_language=row["un_language"] or None,
        time_zone=row["time_zone"],
        weekend=frozenset(int(digit) for digit in row["weekend"]),
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """Who is told at once, under which role, and whether for want of a designated Article 17 contact.

    `role` is None when the State has no contact at all: the secretariat reaches it by hand.
    """

    contacts: tuple[Contact, ...]
    role: ContactRole | None
    fallback: bool


def contacts_for(contacts: Iterable[Contact], *, everyone: bool) -> Selection:
    """Select who of one State is told at once: the designated contacts of the lowest order, else the fallback chain.

    `everyone` (critical cases) selects all designated contacts, the national focal point and the competent authority.
    """
    ladder = in_ladder_order(contacts)
    roles = {contact.role for contact in ladder}
    role = next((role for role in _LADDER[:4] if role in roles), None)
    fallback = role is not ContactRole.ARTICLE_17_CONTACT
    if everyone and roles.intersection(_CRITICAL):
        return Selection(tuple(contact for contact in ladder if contact.role in _CRITICAL), role, fallback)
    return Selection(of_lowest_order(ladder, role) if role else (), role, fallback)


def of_lowest_order(contacts: Iterable[Contact], role: ContactRole) -> tuple[Contact, ...]:
    """Select the contacts of one role that share its lowest `order`; for an organization these are told at once."""
    holders = [contact for contact in in_ladder_order(contacts) if contact.role is role]
    lowest = min((contact.order for contact in holders), default=1)
    return tuple(contact for contact in holders if contact.order == lowest)


def in_ladder_order(contacts: Iterable[Contact]) -> list[Contact]:
    """Sort one addressee's contacts as the ladder climbs: by role, duty mailboxes last within it, then by `order`."""
    return sorted(contacts, key=lambda c: (_LADDER.index(c.role), c.duty, c.order, c.id))


def not_told(contacts: Sequence[Contact], told: frozenset[ContactId]) -> list[Contact]:
    """Leave out who was told already, also at the same address under another role."""
    addresses = {contact.email.casefold() for contact in contacts if contact.id in told}
    return [c for c in contacts if c.id not in told and c.email.casefold() not in addresses]


def next_contact(contacts: Sequence[Contact], told: frozenset[ContactId]) -> Contact | None:
    """Find whom to tell next when an address fails or a contact says that it is none any more; None: nobody is left."""
    return next(iter(not_told(in_ladder_order(contacts), told)), None)


def alternates(contacts: Sequence[Contact]) -> list[Contact]:
    """Select the alternates (`order` 2 and above) and duty mailboxes of the role that was told at once."""
    role = contacts_for(contacts, everyone=False).role or ContactRole.ORGANIZATION
    return [c for c in in_ladder_order(contacts) if c.role is role and (c.order > 1 or c.duty)]


def authorities(contacts: Iterable[Contact]) -> list[Contact]:
    """Select the national focal point and the competent national authority (Article 19)."""
    wanted = (ContactRole.NATIONAL_FOCAL_POINT, ContactRole.COMPETENT_NATIONAL_AUTHORITY)
    return [contact for contact in in_ladder_order(contacts) if contact.role in wanted]


def merge_same_address(contacts: Iterable[Contact]) -> list[tuple[Contact, tuple[ContactRole, ...]]]:
    """Give each mail address once, with every role it holds; the first contact of an address stands for it."""
    merged: dict[str, tuple[Contact, tuple[ContactRole, ...]]] = {}
    for contact in contacts:
        key = contact.email.casefold()
        first, roles = merged.get(key, (contact, ()))
        merged[key] = (first, roles if contact.role in roles else (*roles, contact.role))
    return list(merged.values())


def effective_time_zone(contact: Contact | None, state_contacts: Iterable[Contact], state: State | None) -> str:
    """Return the contact's time zone, else the first that a contact of its State has, else the capital's, else UTC."""
    if contact is not None and contact.time_zone:
        return contact.time_zone
    zones = (other.time_zone for other in in_ladder_order(state_contacts) if other.time_zone)
    return next(zones, state.time_zone if state else "UTC")


def effective_language(contact: Contact, state: State | None) -> str:
    """Return the UN language to write in: the contact's when it is one of the six, else the State's, else English."""
    primary = contact.language.split("-")[0].lower()
    if primary in UN_LANGUAGES:
        return primary
    return (state.un_language if state else None) or "en"


class GapKind(StrEnum):
    """What a State lacks, worst first."""

    NO_CONTACT = "no_contact"
    NO_ARTICLE_17_CONTACT = "no_article_17_contact"
    ONLY_UNCONFIRMED = "only_unconfirmed"


@dataclass(frozen=True, slots=True)
class Gap:
    """One State that may not be reached, and why."""

    state: State
    kind: GapKind


def gaps(contacts: Iterable[Contact], registry: Registry) -> list[Gap]:
    """List every State without a contact, without a designated one (Article 17(2)), or with none ever confirmed."""
    by_state: dict[str, list[Contact]] = {state.state_code: [] for state in registry.states}
    for contact in contacts:
        if contact.state in by_state:
            by_state[contact.state].append(contact)
    found = ((state, _gap_of(by_state[state.state_code])) for state in registry.states)
    return [Gap(state, kind) for state, kind in found if kind is not None]


def _gap_of(contacts: Sequence[Contact]) -> GapKind | None:
    if not contacts:
        return GapKind.NO_CONTACT
    if all(contact.role is not ContactRole.ARTICLE_17_CONTACT for contact in contacts):
        return GapKind.NO_ARTICLE_17_CONTACT
    return GapKind.ONLY_UNCONFIRMED if all(map(never_confirmed, contacts)) else None


def stale(contacts: Iterable[Contact], today: date) -> list[Contact]:
    """List the contacts whose last confirmation is over a year old, or that never had one."""
    return [contact for contact in contacts if never_confirmed(contact) or is_stale(contact, today)]
