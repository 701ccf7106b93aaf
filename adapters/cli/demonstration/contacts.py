"""Invents the demonstration's contacts for every State: the same ones each time, none of them real."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from contacts.model import Contact, ContactId, ContactRole, State, Webhook
from contacts.registry import Registry

PARTIES_WITHOUT_CONTACT = 32
"""Per cent of the Parties that had designated no Article 17 contact, as the Liaison Group noted in 2020."""

ORGANIZATIONS = {
    "FAO": "Food and Agriculture Organization",
    "IPPC": "International Plant Protection Convention",
    "IUCN": "International Union for Conservation of Nature",
    "OECD": "Organisation for Economic Co-operation and Development",
    "UNEP": "United Nations Environment Programme",
    "WHO": "World Health Organization",
    "WOAH": "World Organisation for Animal Health",
}

SECRETARIAT_MAILBOX = "biosafety@secretariat.example"

_FIRST_CONFIRMATION = date(2026, 1, 12)
_NOT_REAL = "(demonstration)"


def demonstration_contacts(registry: Registry, *, endpoints: str, with_webhook: frozenset[str]) -> list[Contact]:
    """Give contacts for every State, for organizations and for the secretariat, by State code.

    `endpoints`: where the built-in receiver listens. `with_webhook`: States that have a national system in any case.
    """
    made = [*_secretariat(), *_organizations()]
    parties = 0
    for place, state in enumerate(sorted(registry.states, key=lambda state: state.state_code)):
        designated = place % 2 == 0
        if state.party:
            designated = not _lacks_contact(parties)
            parties += 1
        url = f"{endpoints}/{state.state_code}"
        endpoint = url if place % 8 == 3 or state.state_code in with_webhook else None
        made += _of_state(place, state, designated=designated, endpoint=endpoint)
    return made


def _lacks_contact(party: int) -> bool:
    """Spread the Parties without a designated contact evenly over all Parties."""
    return (party * PARTIES_WITHOUT_CONTACT) // 100 != ((party + 1) * PARTIES_WITHOUT_CONTACT) // 100


def _of_state(place: int, state: State, *, designated: bool, endpoint: str | None) -> Iterator[Contact]:
    """Invent one State's offices; the first to be told carries the webhook."""
    made: list[Contact] = []
    if designated:
        made.append(_office(place, state, ContactRole.ARTICLE_17_CONTACT, "Biosafety Office"))
        if place % 3 != 1:
            made.append(_office(place, state, ContactRole.ARTICLE_17_CONTACT, "Biosafety Inspectorate", order=2))
        if place % 3 == 0:
            made.append(_office(place, state, ContactRole.ARTICLE_17_CONTACT, "Duty Desk", order=3, duty=True))
    made.append(_office(place, state, ContactRole.NATIONAL_FOCAL_POINT, "Ministry of the Environment"))
    made.append(_office(place, state, ContactRole.COMPETENT_NATIONAL_AUTHORITY, "Gene Technology Authority"))
    made.append(_office(place, state, ContactRole.BCH_FOCAL_POINT, "Biosafety Clearing-House Desk"))
    if endpoint is not None:
        made[0] = made[0].model_copy(update={"webhook": Webhook(url=endpoint)})
    yield from made


_MAILBOXES = {
    ContactRole.ARTICLE_17_CONTACT: "article17",
    ContactRole.NATIONAL_FOCAL_POINT: "focal-point",
    ContactRole.COMPETENT_NATIONAL_AUTHORITY: "authority",
    ContactRole.BCH_FOCAL_POINT: "bch",
}


def _office(place: int, state: State, role: ContactRole, office: str, *, order: int = 1, duty: bool = False) -> Contact:
    code = state.state_code.lower()
    mailbox = _MAILBOXES[role]
    # In some States one office holds two roles at one address, and so must get one mail.
    if role is ContactRole.BCH_FOCAL_POINT and place % 5 == 2:
        mailbox = _MAILBOXES[ContactRole.NATIONAL_FOCAL_POINT]
    number = "" if order == 1 else f"-{order}"
    return Contact(
        id=ContactId(f"{code}-{_MAILBOXES[role]}{number}"),
        role=role,
        state=state.state_code,
        office=f"{office}, {state.name} {_NOT_REAL}",
        email=f"{'duty' if duty else mailbox + number}@{code}.example",
        telephone=_telephone(place, order, role),
        language=state.un_language or "en",
        order=order,
        duty=duty,
        confirmed_on=None if place % 6 == 5 else _FIRST_CONFIRMATION + timedelta(days=place % 200),
    )


_PLACES_ON_THE_LIST = {ContactRole.NATIONAL_FOCAL_POINT: 4, ContactRole.COMPETENT_NATIONAL_AUTHORITY: 5}


def _telephone(place: int, order: int, role: ContactRole) -> str | None:
    """Give a number of the range +44 20 7946 0xxx, which Ofcom keeps free for fiction; some offices have none."""
    if place % 7 == 4 or role is ContactRole.BCH_FOCAL_POINT:
        return None
    return f"+44 20 7946 0{(place * 5 + _PLACES_ON_THE_LIST.get(role, order)) % 1000:03d}"


def _organizations() -> Iterator[Contact]:
    for code, name in ORGANIZATIONS.items():
        yield Contact(
            id=ContactId(f"organization-{code.lower()}"),
            role=ContactRole.ORGANIZATION,
            organization=code,
            office=f"{name}, Biosafety {_NOT_REAL}",
            email=f"biosafety@{code.lower()}.example",
            confirmed_on=_FIRST_CONFIRMATION,
        )


def _secretariat() -> Iterator[Contact]:
    offices = (("Biosafety Unit", SECRETARIAT_MAILBOX, False), ("Duty Officer", "duty@secretariat.example", True))
    for number, (office, mailbox, duty) in enumerate(offices, start=1):
        yield Contact(
            id=ContactId(f"secretariat-{number}"),
            role=ContactRole.SECRETARIAT,
            office=f"Secretariat, {office} {_NOT_REAL}",
            email=mailbox,
            telephone=f"+44 161 496 000{number}",
            time_zone="America/Toronto",
            order=number,
            duty=duty,
            confirmed_on=_FIRST_CONFIRMATION,
        )
