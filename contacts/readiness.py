"""Counts how well the network of contacts could be reached today (Implementation Plan 2021-2030, A.1(b))."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from contacts.model import Contact, ContactId, ContactRole, State
from contacts.registry import Registry
from contacts.verification import is_stale, never_confirmed

_NEEDED = frozenset(
    {
        ContactRole.ARTICLE_17_CONTACT,
        ContactRole.NATIONAL_FOCAL_POINT,
        ContactRole.COMPETENT_NATIONAL_AUTHORITY,
    }
)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Counts States of one group; each figure is a number of States out of `total`.

    `designated`: has an Article 17 contact (Article 17(2)). `confirmed`: one of them was confirmed within the year.
    `with_alternate`: has a second one or a duty mailbox. `with_telephone`: one can be telephoned. `bounced`: a
    designated address bounced. `complete`: has national focal point, competent authority and Article 17 contact
    (indicator A.1(b)). `reachable`: complete, and for each of the three a confirmed address that has not bounced.
    """

    total: int
    designated: int
    confirmed: int
    with_alternate: int
    with_telephone: int
    bounced: int
    complete: int
    reachable: int

    def share(self, count: int) -> float | None:
        """Return a count as a share of the group in 0..1, or None for an empty group."""
        return count / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class NetworkReadiness:
    """The readiness of all States, of the Parties, of each UN regional group, and of the EU in a row of its own."""

    states: Readiness
    parties: Readiness
    regions: dict[str, Readiness]
    european_union: Readiness


def readiness(
    contacts: Iterable[Contact], registry: Registry, today: date, bounced: frozenset[ContactId] = frozenset()
) -> NetworkReadiness:
    """Count the network's health. The EU is a Party and no State: it is in `parties` and in its own row only.

    `bounced`: the contacts whose last delivery bounced. States in no regional group are in no region's row.
    """
    held: dict[str, list[Contact]] = {}
    for contact in contacts:
        if contact.state is not None:
            held.setdefault(contact.state, []).append(contact)

    def count(group: Iterable[State]) -> Readiness:
        return _count([_facts(held.get(state.state_code, []), today, bounced) for state in group])

    states = [state for state in registry.states if state.state_code != "EU"]
    regions = sorted({state.region for state in states if state.region})
    return NetworkReadiness(
        states=count(states),
        parties=count(state for state in registry.states if state.party),
        regions={region: count(state for state in states if state.region == region) for region in regions},
        european_union=count(state for state in registry.states if state.state_code == "EU"),
    )


def _facts(held: Sequence[Contact], today: date, bounced: frozenset[ContactId]) -> tuple[bool, ...]:
    def good(contact: Contact) -> bool:
        return not never_confirmed(contact) and not is_stale(contact, today)

    designated = [contact for contact in held if contact.role is ContactRole.ARTICLE_17_CONTACT]
    reachable = {contact.role for contact in held if good(contact) and contact.id not in bounced}
    return (
        bool(designated),
        any(map(good, designated)),
        len(designated) > 1 or any(contact.duty for contact in designated),
        any(contact.telephone for contact in designated),
        any(contact.id in bounced for contact in designated),
        {contact.role for contact in held} >= _NEEDED,
        reachable >= _NEEDED,
    )


def _count(facts: Sequence[tuple[bool, ...]]) -> Readiness:
    columns = zip(*facts, strict=True) if facts else [()] * 7
    return Readiness(len(facts), *(sum(column) for column in columns))
