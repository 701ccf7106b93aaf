"""Tells how a case closes: announced, asked twice, closed on proven silence, kept open by an objection, reopened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from notify.account import OPERATOR, Account, Role
from notify.errors import Conflict, InvalidDocument, NotAllowed, NotFound
from notify.service.access import create_account
from notify.service.closing_cases import announce_close, answer_close, answer_close_by_link, reopen
from notify.service.reading import show_case
from notify.words import CaseReference
from tests.builders import contact, network, report_from, secretariat
from tests.flow.story import Story, tell

LESSONS = {"en": "Check the seed before sowing."}
ANSWER = {"by": "A. Person", "office": "Biosafety desk"}


async def final_case(story: Story, *states: str, acknowledged: bool = True) -> CaseReference:
    """Open a case, have every State acknowledge it, and hand in its final report."""
    case = (await story.submit(report_from("KE", *states))).reference
    await story.drain()
    for state in states if acknowledged else ():
        await story.acknowledge(f"a171@{state.lower()}.example")
    await story.follow(case, "final", lessons=LESSONS)
    await story.drain()
    return case


async def status(story: Story, reference: CaseReference) -> str:
    return str((await show_case(reference, OPERATOR, story.ports))["status"])


async def close(story: Story, reference: CaseReference) -> dict[str, Any]:
    return await announce_close(reference, {}, OPERATOR, story.ports)


async def authority(story: Story, state: str) -> Account:
    return await create_account(f"authority of {state}", Role.AUTHORITY, state, story.ports)


async def test_silence_closes_a_case_after_the_window_and_is_never_called_consent(story: Story) -> None:
    await story.load(network("UG"))
    case = await final_case(story, "UG")
    view = await close(story, case)
    assert view["status"] == "open" and [one["state"] for one in view["states"]] == ["UG"]
    await story.drain()
    asked = story.inbox("a171@ug.example")[-1]
    assert "About to close" in asked.subject and "no objection received" in asked.text
    await story.advance(days=13.9)
    assert await status(story, case) == "open"
    await story.advance(days=0.2)
    assert await status(story, case) == "closed"
    last = story.inbox("a171@ug.example")[-1]
    assert "closed" in last.subject and "No objection received from Uganda" in last.text
    assert "without prejudice" in last.text and "never as consent" not in last.text
    closed = next(body for kind, body in await story.log(case) if kind == "CaseClosed")
    assert closed["no_objection_received"] == ["UG"] and closed["did_not_object"] == []


async def test_a_state_that_called_itself_affected_is_asked_twice(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    await story.drain()
    await story.acknowledge("a171@ug.example", grade="assessed", assessment="affected")
    await story.acknowledge("a171@tz.example")
    await story.follow(case, "final", lessons=LESSONS)
    await close(story, case)
    await story.advance(days=8)
    asked = [mail for mail in story.inbox("a171@ug.example") if "About to close" in mail.subject]
    assert len(asked) == 2 and "second and last time" in asked[-1].text
    assert len([mail for mail in story.inbox("a171@tz.example") if "About to close" in mail.subject]) == 1
    await story.advance(days=7)
    assert await status(story, case) == "closed"


async def test_an_objection_keeps_the_case_open_and_names_nobody_to_the_others(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    case = await final_case(story, "UG", "TZ")
    await close(story, case)
    await story.drain()
    token = story.link(story.inbox("a171@ug.example")[-1])
    await answer_close_by_link(token, ANSWER | {"answer": "objects", "reason": "still found"}, story.ports)
    await story.advance(days=30)
    assert await status(story, case) == "open"
    (told,) = [mail for mail in story.inbox("a171@tz.example") if "stays open" in mail.subject]
    assert "A State objected" in told.text and "Uganda" not in told.text
    (own,) = [mail for mail in story.inbox("cna@ke.example") if "stays open" in mail.subject]
    assert "Uganda objected to the close" in own.text
    with pytest.raises(Conflict):
        await answer_close_by_link(token, ANSWER | {"answer": "does_not_object"}, story.ports)


async def test_states_that_say_that_they_do_not_object_are_named_as_such(story: Story) -> None:
    await story.load(network("UG"))
    case = await final_case(story, "UG")
    await close(story, case)
    await story.drain()
    account = await authority(story, "UG")
    await answer_close(case, ANSWER | {"answer": "does_not_object"}, account, story.ports)
    await story.drain()
    assert await status(story, case) == "closed"
    assert "Said that they do not object: Uganda" in story.inbox("a171@ug.example")[-1].text


async def test_a_state_without_a_proven_receipt_keeps_the_case_open(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    await story.drain()
    await story.acknowledge("a171@ug.example")
    await story.follow(case, "final", lessons=LESSONS)
    with pytest.raises(Conflict, match="TZ"):
        await close(story, case)
    await story.drain()
    await story.acknowledge("a171@tz.example")
    assert (await close(story, case))["announced_at"] is not None


async def test_a_close_that_was_not_proven_told_waits_for_its_proof(database_url: str, tmp_path: Path) -> None:
    async with tell(database_url, tmp_path) as story:
        await story.load([contact("UG", webhook=story.receiver.url), secretariat()])
        case = await final_case(story, "UG", acknowledged=False)
        # The endpoint proves that the report came; then it is silent, and nobody of Uganda has ever answered.
        story.receiver.answers = [503] * 400
        await close(story, case)
        await story.advance(days=20)
        assert await status(story, case) == "open"
        story.receiver.answers = []
        await story.drain()
        await story.acknowledge("a171@ug.example")
        await story.advance(days=2)
        assert await status(story, case) == "closed"


async def test_what_keeps_a_case_from_closing_is_said_at_once(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG", affected_states_determined=False))).reference
    await story.drain()
    with pytest.raises(Conflict) as refused:
        await close(story, case)
    for reason in ("final report", "not determined", "no proven receipt"):
        assert reason in str(refused.value)
    await story.acknowledge("a171@ug.example")
    await story.follow(case, "final", affected_states_determined=True)
    with pytest.raises(Conflict, match="lessons"):
        await close(story, case)


async def test_a_report_of_substance_gives_the_close_up(story: Story) -> None:
    await story.load(network("UG"))
    case = await final_case(story, "UG")
    await close(story, case)
    await story.drain()
    await story.follow(case, "situation_update", monitoring={"en": "found again"})
    await story.drain()
    assert any("stays open" in mail.subject for mail in story.inbox("a171@ug.example"))
    await story.advance(days=30)
    assert await status(story, case) == "open"


async def test_a_withdrawal_while_a_close_is_announced_tells_of_the_withdrawal_alone(story: Story) -> None:
    await story.load(network("UG"))
    case = await final_case(story, "UG")
    await close(story, case)
    await story.drain()
    before = len(story.inbox("a171@ug.example"))
    await story.follow(case, "withdrawal")
    await story.advance(days=30)
    assert ["WITHDRAWN" in mail.subject for mail in story.inbox("a171@ug.example")[before:]] == [True]
    assert await status(story, case) == "withdrawn"


async def test_new_evidence_reopens_a_closed_case_and_reports_follow_again(story: Story) -> None:
    await story.load(network("UG"))
    case = await final_case(story, "UG")
    await close(story, case)
    await story.advance(days=15)
    with pytest.raises(Conflict, match="reopen"):
        await story.follow(case, "complement", monitoring={"en": "daily"})
    with pytest.raises(InvalidDocument):
        await reopen(case, {"evidence": " "}, OPERATOR, story.ports)
    view = await reopen(case, {"evidence": "Found again near Busia."}, OPERATOR, story.ports)
    assert view["status"] == "reopened"
    await story.drain()
    mail = story.inbox("a171@ug.example")[-1]
    assert "reopened" in mail.subject and "Found again near Busia." in mail.text
    assert (await story.follow(case, "complement", monitoring={"en": "daily"})).sequence == 3
    with pytest.raises(Conflict):
        await reopen(case, {"evidence": "once more"}, OPERATOR, story.ports)


async def test_announcing_twice_asks_once(story: Story) -> None:
    await story.load(network("UG"))
    case = await final_case(story, "UG")
    await close(story, case)
    await close(story, case)
    await story.drain()
    assert len([mail for mail in story.inbox("a171@ug.example") if "About to close" in mail.subject]) == 1


async def test_a_case_that_told_no_state_closes_at_once(story: Story) -> None:
    await story.load([secretariat()])
    case = await final_case(story, "KE", acknowledged=False)
    assert (await close(story, case))["status"] == "closed"


async def test_only_the_reporting_state_closes_and_only_a_told_state_answers(story: Story) -> None:
    await story.load(network("UG"))
    case = await final_case(story, "UG")
    uganda, brazil, kenya = [await authority(story, state) for state in ("UG", "BR", "KE")]
    with pytest.raises(NotAllowed):
        await announce_close(case, {}, uganda, story.ports)
    with pytest.raises(NotFound):
        await announce_close(case, {}, brazil, story.ports)
    await announce_close(case, {}, kenya, story.ports)
    with pytest.raises(NotAllowed):
        await answer_close(case, ANSWER | {"answer": "objects"}, kenya, story.ports)
    with pytest.raises(InvalidDocument) as invalid:
        await answer_close(case, {"answer": "maybe"}, uganda, story.ports)
    assert {fault.pointer for fault in invalid.value.faults} == {"/answer", "/by", "/office"}


async def test_a_webhook_tells_of_the_close(story: Story) -> None:
    await story.load([contact("UG", webhook=story.receiver.url), secretariat()])
    case = await final_case(story, "UG")
    await close(story, case)
    await story.advance(days=15)
    (asked,), (closed,) = story.receiver.of("case.closing"), story.receiver.of("case.closed")
    assert asked["data"]["details"]["again"] is False and asked["data"]["details"]["window_ends_at"]
    assert any("No objection received" in line for line in closed["data"]["details"]["lines"])
