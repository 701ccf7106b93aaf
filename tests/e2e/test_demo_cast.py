"""The invented contacts, the parts and the form reader of the demonstration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.cli.demonstration.contacts import PARTIES_WITHOUT_CONTACT, demonstration_contacts
from adapters.cli.demonstration.page_form import find_form
from adapters.cli.demonstration.parts import Part, Role, acts_at, deal
from contacts.address import email_fault, webhook_fault
from contacts.model import Contact, ContactRole
from contacts.registry import UN_LANGUAGES, load_registry

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def contacts() -> list[Contact]:
    return demonstration_contacts(load_registry(), endpoints="http://127.0.0.1:9/hooks", with_webhook=frozenset({"DE"}))


def test_every_state_has_contacts_and_none_of_them_is_real() -> None:
    made = contacts()
    states = {contact.state for contact in made if contact.state}

    assert states == {state.state_code for state in load_registry().states}
    assert len({contact.id for contact in made}) == len(made)
    assert all(contact.email.endswith(".example") and email_fault(contact.email) is None for contact in made)
    assert all("(demonstration)" in contact.office for contact in made)
    numbers = [contact.telephone for contact in made if contact.telephone]
    assert all(number.startswith(("+44 20 7946 0", "+44 161 496 0")) for number in numbers)
    assert made == contacts()


def test_as_many_parties_lack_an_article_17_contact_as_were_found_to() -> None:
    parties = {state.state_code for state in load_registry().states if state.party}
    designated = {c.state for c in contacts() if c.role is ContactRole.ARTICLE_17_CONTACT and c.state in parties}
    lacking = len(parties) - len(designated)

    assert round(100 * lacking / len(parties)) == PARTIES_WITHOUT_CONTACT


def test_the_contacts_are_as_mixed_as_real_ones() -> None:
    made = contacts()

    assert {contact.language for contact in made} == set(UN_LANGUAGES)
    assert {contact.role for contact in made} == set(ContactRole)
    assert any(contact.order > 1 for contact in made)
    assert any(contact.duty for contact in made if contact.state)
    assert [contact.duty for contact in made if contact.role is ContactRole.SECRETARIAT] == [False, True]
    assert any(contact.confirmed_on is None for contact in made)
    assert any(contact.telephone is None for contact in made)
    assert {"FAO", "IPPC", "WOAH", "WHO"} <= {contact.organization for contact in made}
    webhooks = {contact.state: contact.webhook.url for contact in made if contact.webhook}
    assert webhooks["DE"] == "http://127.0.0.1:9/hooks/DE"
    assert all(webhook_fault(url) is None for url in webhooks.values())


def test_the_parts_are_dealt_in_order_as_far_as_they_reach() -> None:
    assert [role.part for role in deal(["NL", "FR"]).values()] == [Part.LINK, Part.SILENT]
    states = [f"S{number}" for number in range(8)]
    assert [role.part for role in deal(states).values()] == [*Part, Part.LINK, Part.SILENT]
    assert deal(states)["S7"] == Role(Part.SILENT, 1)


def test_the_late_ones_act_after_the_due_time_and_the_others_before() -> None:
    due_at = NOW + timedelta(hours=12)
    for turn in range(10):
        assert acts_at(Role(Part.SILENT, turn), NOW, due_at) is None
        for part in (Part.LINK, Part.API, Part.REFUSED):
            at = acts_at(Role(part, turn), NOW, due_at)
            assert at is not None
            assert NOW < at < due_at
        late = acts_at(Role(Part.LATE, turn), NOW, due_at)
        assert late is not None
        # Before the draft note verbale is answered by "no receipt recorded", three targets after the start.
        assert due_at < late < NOW + timedelta(hours=36)


def test_the_form_reader_finds_the_form_that_asks_for_a_name() -> None:
    page = """<form action="?"><input type=hidden name=action value=decline><input type=submit name=go value=x></form>
    <form method="post" action="?b=1"><input type="hidden" name="action" value="acknowledge">
    <input type="text" name="by" value=""><textarea name="note"></textarea>
    <input type="radio" name="grade" value="received" checked><input type="radio" name="grade" value="acting">
    <input type="checkbox" name="sure" value="yes"></form>"""

    form = find_form(page, asking_for="by")

    assert form is not None
    assert form.action == "?b=1"
    assert form.fields == {"action": "acknowledge", "by": "", "note": "", "grade": "received"}
    assert find_form(page, asking_for="telephone") is None
