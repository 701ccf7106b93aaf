"""Tells what States do: measures, seen by those each State chooses, compared in time."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.model import StateCode
from notify.account import Account, Role
from notify.errors import InvalidDocument, NotAllowed, NotFound
from notify.service import consulting, measuring
from notify.words import AccountId, CaseReference
from tests.builders import network, report_from
from tests.flow.story import Story


def account(state: str | None, role: Role = Role.AUTHORITY) -> Account:
    return Account(AccountId(f"acc-{state}-{role}"), f"{state} {role}", role, StateCode(state) if state else None)


KENYA, UGANDA, TANZANIA = account("KE"), account("UG", Role.CONTACT), account("TZ")
SECRETARIAT = account(None, Role.SECRETARIAT)
SURVEY = {"type": "sampling_survey", "status": "planned", "description": {"en": "Border fields"}}


async def _case(story: Story) -> CaseReference:
    await story.load(network("KE", "UG", "TZ"))
    reference = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    await story.drain()
    return reference


async def seen(story: Story, case: CaseReference, reader: Account) -> list[tuple[str, Any]]:
    """Give the measures that a reader is shown, as State and type."""
    listed = (await measuring.list_measures(case, reader, story.ports))["measures"]
    return [(one["state"], one["type"]) for one in listed]


async def test_a_measure_is_seen_and_told_by_the_choice_of_its_state(story: Story) -> None:
    case = await _case(story)
    await measuring.report_measure(case, SURVEY | {"visible_to": ["KE"]}, UGANDA, story.ports)
    await story.drain()
    assert await seen(story, case, UGANDA) == [("UG", "sampling_survey")]
    assert await seen(story, case, KENYA) == [("UG", "sampling_survey")]
    assert await seen(story, case, TANZANIA) == []
    assert await seen(story, case, SECRETARIAT) == [("UG", None)]
    assert "Border fields" in story.inbox("cna@ke.example")[-1].text
    assert "Border fields" not in str([mail.text for mail in story.inbox("a171@tz.example")])
    with pytest.raises(NotFound):
        await measuring.list_measures(case, account("BR"), story.ports)


async def test_its_status_changes_in_time_by_its_own_state_alone(story: Story) -> None:
    case = await _case(story)
    made = await measuring.report_measure(case, SURVEY, UGANDA, story.ports)
    await story.advance(hours=2)
    under_way = {"status": "under_way", "since": "2026-11-18", "damage_considered": "not_yet"}
    changed = await measuring.change_measure(case, made["id"], under_way, UGANDA, story.ports)
    assert [one["status"] for one in changed["history"]] == ["planned", "under_way"]
    assert await measuring.change_measure(case, made["id"], under_way, UGANDA, story.ports) == changed
    with pytest.raises(NotAllowed):
        await measuring.change_measure(case, made["id"], under_way, KENYA, story.ports)
    await story.drain()
    assert "under way" in story.inbox("a171@tz.example")[-1].text
    listed = await measuring.list_measures(case, KENYA, story.ports)
    assert listed["damage_considered"] == {"UG": "not_yet"}


async def test_a_measure_that_is_opened_to_all_is_read_by_all_from_then_on(story: Story) -> None:
    case = await _case(story)
    made = await measuring.report_measure(case, SURVEY | {"visible_to": []}, UGANDA, story.ports)
    assert await seen(story, case, KENYA) == []
    opened = {"status": "planned", "visible_to": "all"}
    await measuring.change_measure(case, made["id"], opened, UGANDA, story.ports)
    assert await seen(story, case, TANZANIA) == [("UG", "sampling_survey")]
    assert await seen(story, case, SECRETARIAT) == [("UG", "sampling_survey")]


async def test_the_timeline_compares_states_from_when_each_was_told(story: Story) -> None:
    case = await _case(story)
    await story.advance(hours=1)
    await measuring.report_measure(case, SURVEY | {"status": "completed"}, UGANDA, story.ports)
    await story.advance(hours=2)
    await measuring.report_measure(case, SURVEY | {"visible_to": ["KE"]}, TANZANIA, story.ports)
    compared = await measuring.compare_measures(case, KENYA, story.ports)
    soon = {one["state"]: (one["reported_seconds"], one["completed_seconds"]) for one in compared["comparison"]}
    assert soon == {"UG": (3600, 3600), "TZ": (10800, None)}
    assert [row["state"] for row in compared["timeline"]] == ["UG", "TZ"]
    theirs = await measuring.compare_measures(case, UGANDA, story.ports)
    assert [row["state"] for row in theirs["timeline"]] == ["UG"]
    assert "TZ" not in theirs["told_at"]


async def test_a_measure_follows_only_a_disposal_request_of_its_own_state(story: Story) -> None:
    case = await _case(story)
    asked = {"lane": "private", "kind": "disposal", "text": "Please take it back"}
    made = await consulting.make_request(case, asked, UGANDA, story.ports)
    back = {"type": "repatriation", "status": "proposed", "request": made["id"]}
    for stranger in (TANZANIA, account("TZ", Role.CONTACT)):
        with pytest.raises(InvalidDocument):
            await measuring.report_measure(case, back, stranger, story.ports)
    with pytest.raises(InvalidDocument):
        await measuring.report_measure(case, back | {"request": "req_none"}, KENYA, story.ports)
    assert (await measuring.report_measure(case, back, KENYA, story.ports))["request"] == made["id"]


async def test_only_states_of_the_case_are_named_as_readers(story: Story) -> None:
    case = await _case(story)
    with pytest.raises(InvalidDocument, match="/visible_to/1"):
        await measuring.report_measure(case, SURVEY | {"visible_to": ["KE", "BR"]}, UGANDA, story.ports)
    with pytest.raises(NotAllowed):
        await measuring.report_measure(case, SURVEY, SECRETARIAT, story.ports)
