"""Tells how a presumed State of origin is asked "is it yours?", and what its silence leads to."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.model import StateCode
from notify.account import Account, Role
from notify.errors import Conflict, InvalidDocument, NotAllowed, NotFound
from notify.service import inquiring
from notify.service.feed import read_feed
from notify.words import AccountId
from tests.builders import contact, network, report_from
from tests.flow.story import Story


def account(state: str | None, role: Role = Role.AUTHORITY) -> Account:
    return Account(AccountId(f"acc-{state}-{role}"), f"{state} {role}", role, StateCode(state) if state else None)


UGANDA, KENYA, STRANGER = account("UG"), account("KE", Role.CONTACT), account("TZ")
SECRETARIAT = account(None, Role.SECRETARIAT)
INQUIRY: dict[str, Any] = {
    "title": {"en": "Orange petunias"},
    "asked": "KE",
    "signs": {"en": "An orange colour that no wild petunia has", "fr": "Une couleur orange"},
    "contact_for_information": {"office": "Laboratory", "email": "lab@ug.example"},
}
ANSWER = {"answer": "no_event", "text": "All fields were looked at", "by": "A. Officer", "office": "Desk"}


async def _inquiry(story: Story, **changes: Any) -> str:
    await story.load(network("UG", "KE"))
    made = await inquiring.make_inquiry(INQUIRY | changes, UGANDA, story.ports)
    await story.drain()
    return str(made["reference"])


async def test_an_inquiry_has_its_own_reference_and_clock_and_reaches_the_asked_state_at_once(story: Story) -> None:
    reference = await _inquiry(story)
    assert reference == "INQ17-2026-0001"
    (mail,) = story.inbox("a171@ke.example")
    assert mail.subject == "[INQ17-2026-0001] Inquiry, please answer: Orange petunias"
    assert "Uganda saw signs and asks Kenya, as presumed State of origin and never as responsible" in mail.text
    assert "An orange colour" in mail.text
    assert "Report submitted" not in mail.text
    shown = await inquiring.show_inquiry(reference, KENYA, story.ports)
    assert (shown["status"], shown["due_at"]) == ("open", "2026-11-20T09:00:00Z")


async def test_the_answer_is_told_to_who_asked_and_ends_the_ladder(story: Story) -> None:
    reference = await _inquiry(story)
    await story.advance(hours=1)
    answered = await inquiring.answer(reference, ANSWER, KENYA, story.ports)
    assert await inquiring.answer(reference, ANSWER, KENYA, story.ports) == answered
    before = len(story.inbox("a171@ke.example"))
    await story.advance(hours=200)
    assert "knows of no occurrence" in story.inbox("a171@ug.example")[-1].text
    assert "All fields were looked at" in story.inbox("secretariat@cbd.example")[-1].text
    assert len(story.inbox("a171@ke.example")) == before
    assert await story.tasks("telephone_now") == []


async def test_silence_climbs_the_ladder_to_a_telephone_call_of_who_asks(story: Story) -> None:
    reference = await _inquiry(story)
    await story.advance(hours=11)
    assert len(story.inbox("a171@ke.example")) == 1
    await story.advance(hours=2)
    assert "Reminder of an inquiry" in story.inbox("a171@ke.example")[-1].subject
    await story.advance(hours=12)
    assert "Inquiry not answered yet" in story.inbox("a172@ke.example")[-1].subject
    await story.advance(hours=12)
    assert story.inbox("nfp1@ke.example")
    await story.advance(hours=12)
    (call,) = await story.tasks("telephone_now")
    assert (call.owner, call.state, call.case_reference) == ("UG", "KE", reference)
    assert "please telephone now" in story.inbox("a171@ug.example")[-1].text
    await story.advance(hours=200)
    steps = [body["step"] for kind, body in await story.log(reference) if kind == "InquiryEscalated"]
    assert steps == ["reminder", "alternates", "authorities", "telephone", "letter", "no_receipt"]
    await inquiring.answer(reference, ANSWER, KENYA, story.ports)
    assert all(task.done_at for task in await story.tasks("telephone_now"))


async def test_a_refused_mailbox_moves_to_the_next_contact_now(story: Story) -> None:
    story.refused["a171@ke.example"] = "550 5.1.1 unknown"
    await _inquiry(story)
    await story.advance(minutes=5)
    assert len(story.inbox("a172@ke.example")) == 1


async def test_a_state_without_any_contact_is_reached_by_hand(story: Story) -> None:
    await story.load([*network("UG")])
    await inquiring.make_inquiry(INQUIRY, UGANDA, story.ports)
    await story.drain()
    (task,) = await story.tasks("no_contact")
    assert task.state == "KE"
    assert "INQ17-2026-0001" in story.inbox("secretariat@cbd.example")[-1].text


async def test_only_who_asks_who_is_asked_and_the_secretariat_know_of_it(story: Story) -> None:
    reference = await _inquiry(story)
    for reader in (UGANDA, KENYA, SECRETARIAT):
        assert (await inquiring.show_inquiry(reference, reader, story.ports))["reference"] == reference
        assert len((await inquiring.list_inquiries(reader, story.ports))["inquiries"]) == 1
        assert "InquiryMade" in {event["event"] for event in (await read_feed(0, reader, story.ports)).events}
    with pytest.raises(NotFound):
        await inquiring.show_inquiry(reference, STRANGER, story.ports)
    with pytest.raises(NotFound):
        await inquiring.answer(reference, ANSWER, STRANGER, story.ports)
    assert (await inquiring.list_inquiries(STRANGER, story.ports))["inquiries"] == []
    assert (await read_feed(0, STRANGER, story.ports)).events == ()
    with pytest.raises(NotAllowed):
        await inquiring.answer(reference, ANSWER, UGANDA, story.ports)


async def test_an_inquiry_that_becomes_a_case_names_it_once_it_is_open(story: Story) -> None:
    reference = await _inquiry(story)
    becomes = {"answer": "becomes_case", "by": "A. Officer", "office": "Desk"}
    await inquiring.answer(reference, becomes, KENYA, story.ports)
    with pytest.raises(InvalidDocument, match="no case that your State may read"):
        named = becomes | {"case_reference": "A17-2026-0001"}
        await inquiring.answer(reference, named, account("KE"), story.ports)
    case = (await story.submit(report_from("KE", "UG"))).reference
    named = becomes | {"case_reference": case}
    answered = await inquiring.answer(reference, named, account("KE"), story.ports)
    assert [one["case_reference"] for one in answered["answers"]] == [None, case]


async def test_a_laboratory_network_asks_through_the_secretariat(story: Story) -> None:
    await story.load(network("KE"))
    asked = INQUIRY | {"laboratory_network": "ENGL"}
    made = await inquiring.make_inquiry(asked, SECRETARIAT, story.ports)
    assert made["asker"] == {"kind": "laboratory_network", "name": "ENGL"}
    await story.drain()
    assert "ENGL saw signs" in story.inbox("a171@ke.example")[-1].text
    with pytest.raises(NotAllowed):
        await inquiring.make_inquiry(asked, UGANDA, story.ports)


async def test_an_inquiry_is_made_once_and_taken_back_by_who_made_it(story: Story) -> None:
    reference = await _inquiry(story)
    assert (await inquiring.make_inquiry(INQUIRY, UGANDA, story.ports))["reference"] == reference
    with pytest.raises(NotAllowed):
        await inquiring.withdraw(reference, KENYA, story.ports)
    await inquiring.withdraw(reference, UGANDA, story.ports)
    await inquiring.withdraw(reference, UGANDA, story.ports)
    await story.advance(hours=100)
    assert len(story.inbox("a171@ke.example")) == 2
    assert "Inquiry withdrawn" in story.inbox("a171@ke.example")[-1].subject
    with pytest.raises(Conflict):
        await inquiring.answer(reference, ANSWER, KENYA, story.ports)


async def test_an_exercise_is_marked_and_names_no_real_case(story: Story) -> None:
    await story.load(network("UG", "KE"))
    made = await inquiring.make_inquiry(INQUIRY, UGANDA, story.ports, exercise=True)
    assert made["reference"].startswith("EXINQ17-")
    await story.drain()
    assert "EXERCISE" in story.inbox("a171@ke.example")[-1].subject
    case = (await story.submit(report_from("KE", "UG"))).reference
    with pytest.raises(Conflict):
        named = ANSWER | {"answer": "known", "case_reference": case}
        await inquiring.answer(made["reference"], named, account("KE"), story.ports)


async def test_a_webhook_of_an_inquiry_names_its_reference(story: Story) -> None:
    await story.load([contact("KE", webhook=story.receiver.url), *network("UG")])
    await inquiring.make_inquiry(INQUIRY, UGANDA, story.ports)
    await story.drain()
    (body,) = story.receiver.of("inquiry.made")
    assert body["data"]["case_reference"] == "INQ17-2026-0001"
    assert body["data"]["details"]["signs"]["en"].startswith("An orange colour")
