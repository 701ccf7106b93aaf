"""Tells how the clocks of a case run: facts meet them, reminders go before, a task follows, proof is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.settings import InvalidSettings
from contacts.model import StateCode
from notify.account import OPERATOR, Account, Role
from notify.outbox import Lane
from notify.service.drafts import create_draft, remove_draft
from notify.service.reading import show_case, show_notifications
from notify.words import AccountId, CaseReference
from tests.builders import contact, network, report_from, secretariat
from tests.flow.story import START, Story, tell


@pytest.fixture
async def strict(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    """Tell a story under the default policy, in which a message without proof is not enough."""
    async with tell(database_url, tmp_path, policy=None) as told:
        yield told


async def clocks(story: Story, case: str, code: str) -> dict[str, dict[str, Any]]:
    """Read the clocks of one addressee, the last round of each."""
    shown = await show_notifications(CaseReference(case), OPERATOR, story.ports)
    (mine,) = [n for n in shown["notifications"] if n["addressee"]["code"] == code]
    return {clock["kind"]: clock for clock in mine["clocks"]}


async def case_clocks(story: Story, case: str) -> dict[str, dict[str, Any]]:
    """Read the clocks of the case itself."""
    return {clock["kind"]: clock for clock in (await show_case(CaseReference(case), OPERATOR, story.ports))["clocks"]}


async def missed(story: Story, case: str) -> list[str]:
    """List the clocks whose time passed on record."""
    return [body["clock"] for kind, body in await story.log(case) if kind == "ClockMissed"]


def reminders(story: Story, address: str) -> list[str]:
    return [mail.text for mail in story.inbox(address) if "Due soon" in mail.subject]


async def test_each_clock_is_shown_with_when_it_is_due_and_what_met_it(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=1)
    await story.acknowledge("a171@ug.example")
    found = await clocks(story, case, "UG")
    assert found["dispatch"]["outcome"] == "met" and found["dispatch"]["due_at"] == "2026-11-18T09:05:00Z"
    assert found["acknowledgement"]["outcome"] == "met" and found["acknowledgement"]["due_at"] == "2026-11-18T21:00:00Z"
    assert found["acknowledgement"]["met_at"] == "2026-11-18T10:00:00Z"
    assert found["assessed"]["outcome"] == "running" and found["assessed"]["due_at"] == "2026-11-20T09:00:00Z"
    of_case = await case_clocks(story, case)
    assert {"complete", "update", "record"} <= of_case.keys()
    assert of_case["update"]["due_at"] == "2026-11-25T09:00:00Z" and of_case["update"]["owner"] == "KE"


async def test_a_state_is_reminded_to_assess_and_then_the_secretariat_has_a_task(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=1)
    await story.acknowledge("a171@ug.example")
    await story.advance(hours=22.9)
    assert reminders(story, "a171@ug.example") == []
    await story.advance(hours=0.2)
    (reminder,) = reminders(story, "a171@ug.example")
    assert "Uganda is affected, potentially affected, not affected, or cannot say" in reminder
    await story.advance(hours=22)
    assert len(reminders(story, "a171@ug.example")) == 2
    assert "assessed" not in await missed(story, case)
    await story.advance(hours=3)
    assert "assessed" in await missed(story, case)
    (task,) = [task for task in await story.tasks("clock_missed") if "affected" in str(task.text)]
    assert "UG" in str(task.text) and task.owner == "secretariat"
    assert (await clocks(story, case, "UG"))["assessed"]["outcome"] == "missed"


async def test_nothing_fires_for_what_was_done_in_time(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=1)
    await story.acknowledge("a171@ug.example", grade="assessed", assessment="not_affected")
    await story.advance(hours=60)
    assert reminders(story, "a171@ug.example") == []
    assert "assessed" not in await missed(story, case)


async def test_reminders_missed_while_the_service_was_down_fire_once_the_latest_only(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    await story.acknowledge("a171@ug.example")
    story.clock.advance(hours=50)
    await story.drain()
    assert reminders(story, "a171@ug.example") == []
    assert sorted(await missed(story, case)) == ["assessed", "first_answer", "record"]
    await story.advance(hours=10)
    assert (await missed(story, case)).count("assessed") == 1


async def test_one_task_names_every_state_whose_time_passed_together(story: Story) -> None:
    await story.load(network("UG", "TZ", "RW"))
    await story.submit(report_from("KE", "UG", "TZ", "RW"))
    await story.advance(hours=48.1)
    (task,) = [task for task in await story.tasks("clock_missed") if "affected" in str(task.text)]
    assert all(code in str(task.text) for code in ("RW", "TZ", "UG"))


async def test_a_case_has_one_message_that_waits_for_its_clocks(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    await story.advance(hours=1)
    await story.follow(case, "situation_update", release={"ongoing": "no"})
    await story.advance(hours=40)
    async with story.system.database.write() as work:
        waiting = await work.outbox.claim(
            Lane.FLOW, claim="test:1", now=START + timedelta(days=400), until=START + timedelta(days=401), limit=100
        )
    assert [message.handler for message in waiting].count("watch_clocks") == 1


async def test_the_reporting_state_is_reminded_to_report_how_it_stands_and_a_report_begins_the_clock_anew(
    story: Story,
) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(days=3.6)
    assert any("how the situation stands" in text for text in reminders(story, "cna@ke.example"))
    await story.follow(case, "no_change")
    await story.advance(days=4)
    assert "update" not in await missed(story, case)
    rounds = [clock for clock in (await show_case(CaseReference(case), OPERATOR, story.ports))["clocks"]]
    first, second = [clock for clock in rounds if clock["kind"] == "update"]
    assert (first["outcome"], second["outcome"], second["round"]) == ("met", "running", 2)
    await story.advance(days=4)
    assert "update" in await missed(story, case)


async def test_the_end_of_a_case_stops_its_clocks(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=1)
    await story.follow(case, "withdrawal")
    before = len(reminders(story, "a171@ug.example")) + len(reminders(story, "cna@ke.example"))
    await story.advance(days=40)
    assert len(reminders(story, "a171@ug.example")) + len(reminders(story, "cna@ke.example")) == before
    assert await missed(story, case) == []
    assert (await case_clocks(story, case))["update"]["outcome"] in ("stopped", "met")


async def test_a_message_that_nothing_takes_over_is_a_task_after_its_time(story: Story) -> None:
    await story.load(network("UG"))
    story.refused["a171@ug.example"] = "451 4.7.1 later"
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(minutes=6)
    assert await missed(story, case) == ["dispatch"]
    (task,) = [task for task in await story.tasks("clock_missed") if "taken over" in str(task.text)]
    assert "UG" in str(task.text)


async def test_an_addressee_sees_its_own_clocks_and_those_of_the_case(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    await story.advance(minutes=6)
    uganda = Account(AccountId("acc_ug"), "Uganda", Role.AUTHORITY, StateCode("UG"))
    shown = await show_case(CaseReference(case), uganda, story.ports)
    assert {clock["subject"] for clock in shown["clocks"]} == {case, "UG"}
    everything = await show_case(CaseReference(case), OPERATOR, story.ports)
    assert {clock["subject"] for clock in everything["clocks"]} == {case, "UG", "TZ"}


async def test_without_proof_in_time_the_next_contact_is_told(strict: Story) -> None:
    await strict.load(network("UG"))
    case = (await strict.submit(report_from("KE", "UG"))).reference
    await strict.advance(minutes=29)
    assert strict.inbox("a172@ug.example") == []
    await strict.advance(minutes=2)
    assert len(strict.inbox("a172@ug.example")) == 1 and strict.inbox("duty3@ug.example") == []
    assert (await clocks(strict, case, "UG"))["proof"]["outcome"] == "missed"
    states = {d["contact"]: d["state"] for n in await deliveries(strict, case) for d in n}
    assert states["ug-a17-1"] == "unknown" and states["ug-a17-2"] == "accepted"
    await strict.advance(minutes=31)
    assert len(strict.inbox("duty3@ug.example")) == 1, "and so on, from one contact to the next"


async def deliveries(story: Story, case: str) -> list[list[dict[str, Any]]]:
    shown = await show_notifications(CaseReference(case), OPERATOR, story.ports)
    return [n["deliveries"] for n in shown["notifications"] if n["state"]]


async def test_an_answer_ends_the_search_for_proof(strict: Story) -> None:
    await strict.load(network("UG"))
    await strict.submit(report_from("KE", "UG"))
    await strict.advance(minutes=10)
    await strict.acknowledge("a171@ug.example")
    await strict.advance(hours=2)
    assert [mail for mail in strict.inbox("a172@ug.example") if "answered" not in mail.subject] == []


async def test_a_webhook_that_took_it_over_is_proof(strict: Story) -> None:
    await strict.load([secretariat(), contact("UG", webhook=strict.receiver.url), contact("UG", order=2)])
    case = (await strict.submit(report_from("KE", "UG"))).reference
    await strict.advance(hours=2)
    assert strict.inbox("a172@ug.example") == []
    assert (await clocks(strict, case, "UG"))["proof"]["outcome"] == "met"


async def test_an_address_that_answered_lately_needs_no_other_proof_and_for_no_longer_than_ninety_days(
    strict: Story,
) -> None:
    await strict.load([secretariat(), contact("UG"), contact("UG", order=2)])
    await strict.submit(report_from("KE", "UG"))
    await strict.drain()
    await strict.acknowledge("a171@ug.example", grade="assessed", assessment="affected")
    await strict.advance(days=80)
    second = (await strict.submit(report_from("KE", "UG"), key="second")).reference
    await strict.advance(hours=2)
    assert not [mail for mail in strict.inbox("a172@ug.example") if second in mail.subject]
    assert (await clocks(strict, second, "UG"))["proof"]["outcome"] == "met"
    await strict.advance(days=20)
    third = (await strict.submit(report_from("KE", "UG"), key="third")).reference
    await strict.advance(hours=2)
    assert [mail for mail in strict.inbox("a172@ug.example") if third in mail.subject]


async def test_public_holidays_stop_the_clocks_of_working_time(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "holidays.csv").write_text("state,date\nUG,2026-11-19\n", encoding="utf-8")
    settings = {"ARTICLE17_HOLIDAYS_FILE": str(tmp_path / "holidays.csv")}
    async with tell(database_url, tmp_path, contacts=network("UG"), settings=settings) as story:
        case = (await story.submit(report_from("KE", "UG", severity="moderate"))).reference
        # 24 working hours from Wednesday noon in Kampala; the Thursday does not count.
        assert (await clocks(story, case, "UG"))["acknowledgement"]["due_at"] == "2026-11-20T09:00:00Z"


async def test_a_file_of_holidays_with_a_fault_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "holidays.csv").write_text("state,date\nUG,2026-11-31\n", encoding="utf-8")
    settings = {"ARTICLE17_HOLIDAYS_FILE": str(tmp_path / "holidays.csv")}
    with pytest.raises(InvalidSettings, match="line 2"):
        async with tell(f"sqlite+aiosqlite:///{tmp_path}/a.sqlite", tmp_path, settings=settings):
            pass


async def test_a_draft_is_prompted_each_hour_until_it_is_submitted_or_thrown_away(story: Story) -> None:
    await story.load(network("KE"))
    async with story.system.database.write() as work:
        await work.accounts.add(
            account := Account(AccountId("acc_ke"), "Kenya", Role.AUTHORITY, StateCode("KE"), story.clock.now())
        )
        await work.commit()
    draft = await create_draft(report_from("KE", "UG"), account, story.ports)
    await story.advance(minutes=59)
    assert story.inbox("cna-contact1@ke.example") == []
    await story.advance(hours=2)
    prompts = story.inbox("cna-contact1@ke.example")
    assert len(prompts) == 2 and "waits to be submitted" in prompts[0].subject and draft["id"] in prompts[0].text
    await remove_draft(draft["id"], account, story.ports)
    await story.advance(hours=3)
    assert len(story.inbox("cna-contact1@ke.example")) == 2
