"""Tells how the States of a case consult: in the joint lane and in private, by questions, answers and conclusions."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.model import StateCode
from notify.account import OPERATOR, Account, Role
from notify.errors import Conflict, InvalidDocument, NotAllowed, NotFound
from notify.service import concluding, consulting
from notify.service.consultation_views import show_consultation
from notify.service.following import follow_up
from notify.service.reading import show_case, show_notifications
from notify.service.timeline import show_timeline
from notify.words import AccountId, CaseReference
from tests.builders import contact, network, report_from, secretariat
from tests.flow.story import Story


def account(state: str, role: Role = Role.AUTHORITY) -> Account:
    return Account(AccountId(f"acc-{state}-{role}"), f"{state} {role}", role, StateCode(state))


KENYA, UGANDA, TANZANIA = account("KE"), account("UG"), account("TZ")
SECRETARIAT = Account(AccountId("acc-sec"), "Secretariat", Role.SECRETARIAT, None)
NAMES = {"by": "A. Officer", "office": "Biosafety desk"}
PRIVATE, JOINT = {"lane": "private"}, {"lane": "joint"}


async def _case(story: Story, *states: str, **changes: Any) -> CaseReference:
    await story.load(network("KE", *states))
    reference = (await story.submit(report_from("KE", *states, **changes))).reference
    await story.drain()
    return reference


def texts(story: Story, address: str) -> list[str]:
    return [mail.text for mail in story.inbox(address)]


async def lanes_of(story: Story, case: CaseReference, reader: Account) -> dict[str, list[Any]]:
    """Give the texts that a reader is shown, by lane; None stands for traffic alone."""
    shown = (await show_consultation(case, reader, story.ports))["entries"]
    lanes: dict[str, list[Any]] = {}
    for entry in shown:
        lanes.setdefault(entry["lane"], []).append(entry["text"])
    return lanes


async def test_the_consultation_opens_with_the_dispatch_of_an_article_17_notification(story: Story) -> None:
    case = await _case(story, "UG")
    assert (await show_consultation(case, UGANDA, story.ports))["opened_at"] == "2026-11-18T09:00:00Z"
    assert "ConsultationOpened" in [kind for kind, _ in await story.log(case)]


async def test_the_consultation_of_any_other_class_opens_when_a_state_of_the_case_asks(story: Story) -> None:
    case = await _case(story, "UG", severity="moderate")
    with pytest.raises(Conflict):
        await consulting.post_message(case, JOINT | {"text": "Where?"}, UGANDA, story.ports)
    await consulting.open_on_request(case, UGANDA, story.ports)
    await consulting.open_on_request(case, KENYA, story.ports)
    await story.drain()
    assert [kind for kind, _ in await story.log(case)].count("ConsultationOpened") == 1
    assert "Consultation opened" in story.inbox("cna@ke.example")[-1].subject
    await consulting.post_message(case, JOINT | {"text": "Where?"}, UGANDA, story.ports)


async def test_a_joint_message_is_mailed_to_every_other_state_in_its_language_and_thread(story: Story) -> None:
    await story.load([contact("UG", language="fr"), contact("TZ"), secretariat()])
    case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    await story.advance(minutes=1)
    said = {"en": "Which river?", "fr": "Quelle rivière ?"}
    await consulting.post_message(case, JOINT | {"text": said}, TANZANIA, story.ports)
    await story.drain()
    french = story.inbox("a171@ug.example")[-1]
    assert "Quelle rivière ?" in french.text
    assert french.message["In-Reply-To"] == story.inbox("a171@ug.example")[0].message["Message-ID"]
    assert "Which river?" in story.inbox("cna@ke.example")[-1].text
    assert "Which river?" in story.inbox("secretariat@cbd.example")[-1].text
    assert "Which river?" not in str(texts(story, "a171@tz.example"))


async def test_what_is_said_in_a_private_lane_reaches_the_two_states_alone(story: Story) -> None:
    case = await _case(story, "UG", "TZ")
    await consulting.post_message(case, PRIVATE | {"text": "The silo is Agrox"}, UGANDA, story.ports)
    await consulting.post_message(case, PRIVATE | {"state": "UG", "text": "Agrox confirmed"}, KENYA, story.ports)
    await story.drain()
    assert "The silo is Agrox" in story.inbox("cna@ke.example")[-1].text
    assert "Agrox confirmed" in story.inbox("a171@ug.example")[-1].text
    assert "A reply by mail is read by the secretariat" in story.inbox("a171@ug.example")[-1].text
    reached = {mail.to for mail in story.catcher.mails if "Agrox" in mail.text}
    assert reached == {"cna@ke.example", "a171@ug.example"}
    assert await lanes_of(story, case, TANZANIA) == {}
    assert await lanes_of(story, case, SECRETARIAT) == {"private/UG": [None, None]}
    assert await lanes_of(story, case, UGANDA) == {"private/UG": ["The silo is Agrox", "Agrox confirmed"]}


async def test_the_log_says_of_a_private_lane_only_that_and_when_to_the_secretariat(story: Story) -> None:
    case = await _case(story, "UG", "TZ")
    made = await consulting.make_request(case, PRIVATE | {"text": "Whose is it?"}, UGANDA, story.ports)
    await story.drain()
    seen = (await show_timeline(case, SECRETARIAT, story.ports))["entries"]
    assert [e["body"] for e in seen if e["event"] == "PrivateLaneUsed"] == [{"lane": "private/UG"}]
    private = {d.id for d in await _deliveries(story, case) if d.step.startswith("private:")}
    assert private
    for view in (seen, await show_notifications(case, SECRETARIAT, story.ports)):
        assert not any(one in str(view) for one in private)
    shown = str(seen) + str((await show_case(case, SECRETARIAT, story.ports))["clocks"])
    assert made["id"] not in shown
    assert made["id"] in str(await show_timeline(case, UGANDA, story.ports))
    assert made["id"] in str(await show_timeline(case, KENYA, story.ports))
    assert "private" not in str(await show_timeline(case, TANZANIA, story.ports))


async def _deliveries(story: Story, case: CaseReference) -> list[Any]:
    async with story.system.database.read() as work:
        return await work.deliveries.of_case(case)


async def test_an_invited_secretariat_reads_from_then_on_and_what_the_inviting_state_said(story: Story) -> None:
    case = await _case(story, "UG")
    await consulting.post_message(case, PRIVATE | {"text": "first of UG"}, UGANDA, story.ports)
    await consulting.post_message(case, PRIVATE | {"state": "UG", "text": "first of KE"}, KENYA, story.ports)
    await story.advance(minutes=1)
    invited = await concluding.invite_secretariat(case, {}, UGANDA, story.ports)
    assert await concluding.invite_secretariat(case, {}, UGANDA, story.ports) == invited
    await story.advance(minutes=1)
    await consulting.post_message(case, PRIVATE | {"state": "UG", "text": "second of KE"}, KENYA, story.ports)
    await story.advance(minutes=1)
    assert await lanes_of(story, case, SECRETARIAT) == {"private/UG": ["first of UG", None, "second of KE"]}
    assert "second of KE" in story.inbox("secretariat@cbd.example")[-1].text
    with pytest.raises(NotFound):
        await concluding.end_invitation(case, invited["id"], KENYA, story.ports)
    await concluding.end_invitation(case, invited["id"], UGANDA, story.ports)
    await story.advance(minutes=1)
    await consulting.post_message(case, PRIVATE | {"text": "third"}, UGANDA, story.ports)
    assert (await lanes_of(story, case, SECRETARIAT))["private/UG"][-1] is None
    assert "third" not in str(texts(story, "secretariat@cbd.example"))


async def test_the_secretariat_never_writes_and_a_stranger_finds_no_case(story: Story) -> None:
    case = await _case(story, "UG")
    with pytest.raises(NotAllowed):
        await consulting.post_message(case, JOINT | {"text": "Please hurry"}, SECRETARIAT, story.ports)
    with pytest.raises(NotFound):
        await consulting.post_message(case, JOINT | {"text": "Me too"}, account("BR"), story.ports)
    with pytest.raises(NotFound):
        await show_consultation(case, account("KE", Role.CONTACT), story.ports)


async def test_the_same_message_twice_in_a_row_is_one(story: Story) -> None:
    case = await _case(story, "UG")
    once = await consulting.post_message(case, JOINT | {"text": "Hello"}, UGANDA, story.ports)
    again = await consulting.post_message(case, JOINT | {"text": "Hello"}, UGANDA, story.ports)
    assert once == again
    await story.drain()
    assert len([text for text in texts(story, "cna@ke.example") if "Hello" in text]) == 1


async def test_a_request_has_its_clock_reminds_who_is_asked_and_then_becomes_a_task(story: Story) -> None:
    case = await _case(story, "UG")
    made = await consulting.make_request(case, JOINT | {"text": "How much seed?"}, UGANDA, story.ports)
    assert made["due_at"] == "2026-11-20T09:00:00Z"  # high: 48 hours
    assert made["to_state"] == "KE"
    await story.advance(hours=23)
    assert not [m for m in story.inbox("cna@ke.example") if "Reminder" in m.subject]
    await story.advance(hours=2)
    (reminder,) = [m for m in story.inbox("cna@ke.example") if "Reminder, please answer" in m.subject]
    assert "How much seed?" in reminder.text
    await story.advance(hours=22)
    assert await story.tasks("unanswered_request") == []
    await story.advance(hours=2)
    (task,) = await story.tasks("unanswered_request")
    assert (task.owner, task.state) == ("secretariat", "KE")
    assert any(made["id"] in m.text for m in story.inbox("secretariat@cbd.example") if "Task:" in m.subject)
    answer = {"answer": "answered", "text": "Two tons"}
    await consulting.say_to_request(made["id"], answer, KENYA, story.ports)
    (task,) = await story.tasks("unanswered_request")
    assert task.done_at is not None


async def test_nothing_is_asked_for_after_the_answer_and_more_needed_begins_anew(story: Story) -> None:
    case = await _case(story, "UG")
    made = await consulting.make_request(case, JOINT | {"text": "How much?"}, UGANDA, story.ports)
    await story.advance(hours=1)
    first = await consulting.say_to_request(made["id"], {"answer": "answered", "text": "Some"}, KENYA, story.ports)
    assert (first["status"], first["met_at"]) == ("answered", "2026-11-18T10:00:00Z")
    again = await consulting.say_to_request(made["id"], {"answer": "answered", "text": "Some"}, KENYA, story.ports)
    assert again == first
    await story.advance(hours=60)
    assert await story.tasks("unanswered_request") == []
    assert not [m for m in story.inbox("cna@ke.example") if "Reminder, please answer" in m.subject]
    more = {"answer": "more_needed", "text": "How many tons?"}
    again = await consulting.say_to_request(made["id"], more, UGANDA, story.ports)
    assert (again["status"], again["met_at"], again["due_at"]) == ("more_needed", None, "2026-11-22T22:00:00Z")
    await story.advance(hours=49)
    assert len(await story.tasks("unanswered_request")) == 1
    declined = {"answer": "declined", "reason": "It is confidential (Article 21)."}
    assert (await consulting.say_to_request(made["id"], declined, KENYA, story.ports))["status"] == "declined"
    await story.drain()
    assert "It is confidential" in story.inbox("a171@ug.example")[-1].text


async def test_a_private_request_left_unanswered_tells_the_secretariat_neither_what_nor_by_whom(story: Story) -> None:
    case = await _case(story, "UG", "TZ")
    await consulting.make_request(case, PRIVATE | {"text": "Whose silo?"}, UGANDA, story.ports)
    await story.advance(hours=49)
    (task,) = await story.tasks("unanswered_request")
    assert task.state == "UG"
    assert "Whose silo?" not in str([m.text for m in story.inbox("secretariat@cbd.example")])


async def test_only_the_two_states_of_a_request_speak_to_it(story: Story) -> None:
    case = await _case(story, "UG", "TZ")
    made = await consulting.make_request(case, JOINT | {"text": "How much?"}, UGANDA, story.ports)
    hidden = await consulting.make_request(case, PRIVATE | {"text": "Whose?"}, UGANDA, story.ports)
    answer = {"answer": "answered", "text": "Two"}
    with pytest.raises(NotAllowed):
        await consulting.say_to_request(made["id"], answer, TANZANIA, story.ports)
    with pytest.raises(NotAllowed):
        await consulting.say_to_request(made["id"], answer, UGANDA, story.ports)
    with pytest.raises(NotFound):
        await consulting.say_to_request(hidden["id"], answer, TANZANIA, story.ports)
    with pytest.raises(NotFound):
        await consulting.say_to_request("req_none", answer, TANZANIA, story.ports)


async def test_assistance_is_offered_and_taken_up(story: Story) -> None:
    case = await _case(story, "UG")
    offer = JOINT | {"kind": "offer_of_assistance", "to": "UG", "text": "Our laboratory"}
    made = await consulting.make_request(case, offer, KENYA, story.ports)
    taken = await consulting.say_to_request(made["id"], {"answer": "agreed"}, UGANDA, story.ports)
    assert taken["status"] == "answered"
    await story.drain()
    assert "offers assistance" in story.inbox("a171@ug.example")[-1].text


async def test_disposal_is_asked_by_a_party_of_the_party_of_origin(story: Story) -> None:
    case = await _case(story, "UG", "TZ")
    wrong = JOINT | {"kind": "disposal", "to": "TZ", "text": "Please take it back"}
    with pytest.raises(InvalidDocument):
        await consulting.make_request(case, wrong, UGANDA, story.ports)
    made = await consulting.make_request(case, wrong | {"to": "KE"}, UGANDA, story.ports)
    assert made["kind"] == "disposal"


async def test_conclusions_are_agreed_or_dissented_from_by_name_and_silence_is_neither(story: Story) -> None:
    case = await _case(story, "UG", "TZ")
    text = JOINT | NAMES | {"text": "Survey the border strip"}
    made = await concluding.propose_conclusion(case, text, KENYA, story.ports)
    assert (made["outcome"], made["silent"]) == ("proposed", ["TZ", "UG"])
    dissent = NAMES | {"stand": "dissents", "reason": "The strip is too narrow"}
    await concluding.state_position(made["id"], NAMES | {"stand": "agrees"}, UGANDA, story.ports)
    stands = await concluding.state_position(made["id"], dissent, TANZANIA, story.ports)
    assert stands["outcome"] == "agreed_by_some"
    assert {(p["state"], p["stand"]) for p in stands["positions"]} == {
        ("KE", "agrees"), ("UG", "agrees"), ("TZ", "dissents"),
    }  # fmt: skip
    await story.drain()
    assert any("The strip is too narrow" in text for text in texts(story, "a171@ug.example"))
    newer = text | {"text": "Survey both strips", "replaces": made["id"]}
    await concluding.propose_conclusion(case, newer, KENYA, story.ports)
    shown = (await show_consultation(case, UGANDA, story.ports))["conclusions"]
    assert [one["outcome"] for one in shown] == ["superseded", "proposed"]


async def test_a_webhook_gets_the_text_and_the_reporting_state_hears_by_its_authority(story: Story) -> None:
    ours = contact("KE", "competent_national_authority", name="cna-system", webhook=story.receiver.url)
    await story.load([contact("UG", webhook=story.receiver.url), ours, secretariat()])
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    await consulting.post_message(case, JOINT | {"text": "From Uganda"}, UGANDA, story.ports)
    await consulting.post_message(case, JOINT | {"text": "From Kenya"}, KENYA, story.ports)
    await story.drain()
    told = [(body["data"]["state"], body["data"]["details"]["text"]) for body in story.receiver.of("message.posted")]
    assert sorted(told) == [("KE", "From Uganda"), ("UG", "From Kenya")]


async def test_a_withdrawn_case_is_not_consulted_on(story: Story) -> None:
    case = await _case(story, "UG")
    withdrawal = {"type": "withdrawal", "reason": {"en": "It never left"}}
    await follow_up(case, withdrawal, OPERATOR, "key-2", story.ports)
    with pytest.raises(Conflict):
        await consulting.post_message(case, JOINT | {"text": "Hello"}, UGANDA, story.ports)
