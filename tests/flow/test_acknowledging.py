"""Tells how a State answers, and who is told of it."""

from __future__ import annotations

import asyncio

import pytest

from contacts.model import StateCode
from notify.account import OPERATOR, Account, Role
from notify.errors import InvalidDocument, NotAllowed, StaleVersion
from notify.service.acknowledging import acknowledge_by_account, acknowledge_by_telephone
from notify.service.links import decline_by_link, dispute_by_link, note_opening
from notify.words import AccountId
from tests.builders import network, report_from
from tests.flow.story import Story

OF_UGANDA = Account(AccountId("acc-ug"), "Uganda", Role.CONTACT, StateCode("UG"))
OF_TANZANIA = Account(AccountId("acc-tz"), "Tanzania", Role.CONTACT, StateCode("TZ"))
BY_API = {"grade": "received", "by": "System", "office": "Desk"}


async def _case(story: Story, *states: str) -> str:
    await story.load(network(*states))
    reference = (await story.submit(report_from("KE", *states))).reference
    await story.drain()
    return reference


async def test_an_acknowledgement_by_link_is_told_to_the_filer_with_name_and_office(story: Story) -> None:
    await _case(story, "UG")
    await story.acknowledge("a171@ug.example", grade="assessed", assessment="affected")
    await story.drain()
    mail = story.inbox("cna@ke.example")[-1]
    assert "A. Person" in mail.text and "Biosafety desk" in mail.text and "Uganda" in mail.text


async def test_acknowledging_twice_is_harmless(story: Story) -> None:
    case = await _case(story, "UG")
    first = await story.acknowledge("a171@ug.example")
    second = await story.acknowledge("a171@ug.example")
    assert (first["new"], second["new"]) == (True, False)
    assert [kind for kind, _ in await story.log(case)].count("NotificationAcknowledged") == 1


async def test_two_acknowledgements_at_the_same_moment_give_one_event(story: Story) -> None:
    case = await _case(story, "UG")
    outcomes = await asyncio.gather(*(story.acknowledge("a171@ug.example") for _ in range(6)), return_exceptions=True)
    assert all(isinstance(outcome, dict | StaleVersion) for outcome in outcomes), outcomes
    assert [kind for kind, _ in await story.log(case)].count("NotificationAcknowledged") == 1


async def test_a_higher_grade_implies_the_lower_ones(story: Story) -> None:
    case = await _case(story, "UG")
    await story.acknowledge("a171@ug.example", grade="acting")
    notification = await story.notification(case, "UG")
    assert notification.grade == "acting"
    assert notification.received_at is not None and notification.assessed_at is not None


async def test_an_assessment_by_link_is_preliminary_until_an_account_confirms_it(story: Story) -> None:
    case = await _case(story, "UG")
    await story.acknowledge("a171@ug.example", grade="assessed", assessment="affected")
    notification = await story.notification(case, "UG")
    assert notification.assessment_preliminary
    answer = BY_API | {"grade": "assessed", "assessment": "affected"}
    await acknowledge_by_account(notification.id, answer, OF_UGANDA, story.ports)
    assert not (await story.notification(case, "UG")).assessment_preliminary


async def test_a_second_contact_confirms_an_assessment_by_link_and_the_first_alone_does_not(story: Story) -> None:
    case = await _case(story, "UG")
    await story.advance(hours=6.1)
    said = {"grade": "assessed", "assessment": "not_affected"}
    await story.acknowledge("a171@ug.example", **said)
    await story.acknowledge("a171@ug.example", **said)
    assert (await story.notification(case, "UG")).assessment_preliminary
    await story.acknowledge("a172@ug.example", **said)
    assert not (await story.notification(case, "UG")).assessment_preliminary


async def test_the_other_contacts_are_told_who_answered_and_may_say_that_it_was_not_them(story: Story) -> None:
    case = await _case(story, "UG")
    await story.advance(hours=6.1)  # the alternates are told
    await story.acknowledge("a171@ug.example")
    await story.drain()
    mail = story.inbox("a172@ug.example")[-1]
    assert "A. Person" in mail.text
    await dispute_by_link(story.link(mail), story.ports)
    (task,) = await story.tasks("disputed_answer")
    assert task.owner == "secretariat"
    async with story.system.database.read() as work:
        (answer,) = await work.notifications.acknowledgements(case)  # type: ignore[arg-type]
    assert answer.disputed_at is not None
    assert (await story.notification(case, "UG")).acknowledged


async def test_who_says_that_it_is_no_longer_the_contact_sends_the_ladder_on_at_once(story: Story) -> None:
    await _case(story, "UG")
    token = story.link(story.inbox("a171@ug.example")[0])
    await decline_by_link(token, story.ports)
    await decline_by_link(token, story.ports)
    await story.drain()
    assert len(story.inbox("a172@ug.example")) == 1
    assert len(await story.tasks("contact_declined")) == 1
    await decline_by_link(story.link(story.inbox("a172@ug.example")[0]), story.ports)
    await story.drain()
    assert len(story.inbox("duty3@ug.example")) == 1
    assert len(await story.tasks("contact_declined")) == 2


async def test_a_telephone_call_records_receipt_only(story: Story) -> None:
    case = await _case(story, "UG")
    await acknowledge_by_telephone(
        case,
        StateCode("UG"),
        by="A",
        office="B",
        account=OPERATOR,
        ports=story.ports,  # type: ignore[arg-type]
    )
    notification = await story.notification(case, "UG")
    assert (notification.grade, notification.means) == ("received", "telephone")
    with pytest.raises(InvalidDocument):
        document = BY_API | {"grade": "acting", "means": "telephone"}
        await acknowledge_by_account(notification.id, document, OPERATOR, story.ports)


async def test_one_state_cannot_acknowledge_for_another(story: Story) -> None:
    case = await _case(story, "UG", "TZ")
    notification = await story.notification(case, "UG")
    with pytest.raises(NotAllowed):
        await acknowledge_by_account(notification.id, BY_API, OF_TANZANIA, story.ports)
    assert not (await story.notification(case, "UG")).acknowledged


async def test_signs_of_a_machine_raise_a_task_and_do_not_void_the_receipt(story: Story) -> None:
    case = await _case(story, "UG")
    await story.acknowledge("a171@ug.example")  # within seconds, and the page was never opened
    assert (await story.notification(case, "UG")).acknowledged
    assert len(await story.tasks("machine_signs")) == 1


async def test_a_person_who_opens_the_page_and_takes_a_minute_shows_no_signs(story: Story) -> None:
    await _case(story, "UG")
    await note_opening(story.link(story.inbox("a171@ug.example")[0]), story.ports)
    await story.advance(minutes=2)
    await story.acknowledge("a171@ug.example")
    assert await story.tasks("machine_signs") == []


async def test_an_acknowledgement_that_wins_the_race_stops_the_step_that_is_being_taken(story: Story) -> None:
    case = await _case(story, "UG")
    story.clock.advance(hours=3.1)
    await asyncio.gather(story.drain(), story.acknowledge("a171@ug.example"), return_exceptions=True)
    await story.acknowledge("a171@ug.example")
    await story.advance(hours=40)
    rows = [kind for kind, body in await story.log(case) if body.get("addressee") == "UG"]
    after = rows[rows.index("NotificationAcknowledged") :]
    assert "NotificationEscalated" not in after


async def test_reminders_still_queued_are_cancelled_by_the_acknowledgement(story: Story) -> None:
    case = await _case(story, "UG")
    story.refused["a171@ug.example"] = "450 4.2.1 busy"
    await story.advance(hours=3.01)
    del story.refused["a171@ug.example"]
    await story.acknowledge("a171@ug.example")
    await story.advance(hours=3)
    assert "DeliveriesCancelled" in [kind for kind, _ in await story.log(case)]
    assert len(story.inbox("a171@ug.example")) == 1
