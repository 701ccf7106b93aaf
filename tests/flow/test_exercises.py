"""Tells how an exercise runs: the same machinery, marked everywhere, apart from real cases, scored and purged."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.database.tables import case_file, case_log, delivery, received_mail, report
from contacts.model import StateCode
from notify.account import OPERATOR, Account, Role
from notify.errors import InvalidDocument, NotAllowed, NotFound
from notify.exercising import keep_exercises
from notify.outbox import Lane
from notify.rows import CaseFilter
from notify.service.exchanging import case_message
from notify.service.exercises import plan_exercise, show_exercise
from notify.service.reading import list_cases, show_case, show_notifications
from notify.service.records import show_record
from notify.service.watching import find_breaks
from notify.words import AccountId, CaseReference
from tests.builders import contact, network, report_from, secretariat
from tests.flow.story import START, Story


def scenario(*states: str, severity: str = "high", **changes: Any) -> dict[str, Any]:
    """Build a scenario that tells these States."""
    filed = report_from("KE", *states, severity=severity, organizations=["FAO"])
    return {"report": filed, "announced": True} | copy.deepcopy(changes)


async def plan(story: Story, document: dict[str, Any]) -> CaseReference:
    return await plan_exercise(document, OPERATOR, story.ports)


async def shown(story: Story, reference: str) -> dict[str, Any]:
    return await show_exercise(CaseReference(reference), OPERATOR, story.ports)


async def test_an_exercise_begins_at_its_time_and_not_before(story: Story) -> None:
    await story.load(network("UG"))
    starts_at = (START + timedelta(days=2)).isoformat()
    reference = await plan(story, scenario("UG", starts_at=starts_at))
    assert reference == "EX17-2026-0001" and (await shown(story, reference))["state"] == "planned"
    await story.advance(days=1, hours=23)
    assert story.told() == set()
    await story.advance(hours=2)
    assert (await shown(story, reference))["state"] == "running"
    assert "a171@ug.example" in story.told()


async def test_each_subject_body_page_and_answer_says_that_it_is_an_exercise(story: Story) -> None:
    await story.load([*network("UG"), contact("TZ", webhook=story.receiver.url), contact("KE", "bch_focal_point")])
    reference = await plan(story, scenario("UG", "TZ"))
    await story.drain()
    await story.acknowledge("a171@ug.example")
    await story.advance(hours=80)
    assert len(story.catcher.mails) > 10
    for mail in story.catcher.mails:
        assert mail.subject.startswith("[EX17-2026-0001] EXERCISE – "), mail.subject
        assert "EXERCISE – this is an exercise: what it describes has not happened." in mail.text, mail.subject
    assert story.receiver.received
    for _, body in story.receiver.received:
        assert body["data"]["exercise"] is True and body["data"]["case_reference"] == reference
    assert (await show_case(reference, OPERATOR, story.ports))["status"] == "exercise"
    listed = await list_cases(CaseFilter(reader=OPERATOR), story.ports)
    assert [case["exercise"] for case in listed["cases"]] == [True]
    message = await case_message(reference, OPERATOR, "en", story.ports)
    assert b"<status>Exercise</status>" in story.system.write_cap(message)


async def test_an_exercise_reaches_neither_the_clearing_house_nor_an_organization(story: Story) -> None:
    fao = contact("UG", name="fao").model_copy(update={"id": "fao-1", "role": "organization", "state": None})
    fao = fao.model_copy(update={"organization": "FAO", "email": "biosafety@fao.example"})
    await story.load([*network("UG"), contact("KE", "bch_focal_point"), fao])
    reference = await plan(story, scenario("UG"))
    await story.advance(hours=80)
    told = await show_notifications(reference, OPERATOR, story.ports)
    assert [n["addressee"]["code"] for n in told["notifications"]] == ["UG"]
    assert not {"bch1@ke.example", "biosafety@fao.example"} & story.told()
    assert (await show_record(reference, OPERATOR, story.ports))["state"] == "none"
    assert "record" not in {clock["kind"] for clock in (await show_case(reference, OPERATOR, story.ports))["clocks"]}


async def test_an_exercise_nobody_announced_goes_only_to_states_that_agreed(story: Story) -> None:
    await story.load(network("UG"))
    with pytest.raises(InvalidDocument, match="has not agreed"):
        await plan(story, scenario("UG", announced=False))
    await story.load([contact("UG", unannounced_exercises=True)])
    assert await plan(story, scenario("UG", announced=False)) == "EX17-2026-0001"


async def test_only_the_secretariat_plans_exercises(story: Story) -> None:
    kenya = Account(AccountId("acc_ke"), "Kenya", Role.AUTHORITY, StateCode("KE"))
    with pytest.raises(NotAllowed):
        await plan_exercise(scenario("UG"), kenya, story.ports)


async def test_an_exercise_is_scored_by_state_and_channel(story: Story) -> None:
    hooked = contact("TZ", webhook=story.receiver.url)
    await story.load([*network("UG", "RW"), hooked])
    reference = await plan(story, scenario("UG", "TZ", "RW"))
    await story.advance(hours=1)
    await story.acknowledge("a171@ug.example", grade="assessed", assessment="not_affected")
    await story.advance(hours=14)
    await story.acknowledge("a171@tz.example")
    await story.advance(hours=80)
    scores = {score["state"]: score for score in (await shown(story, reference))["scores"]}
    assert {state: score["result"] for state, score in scores.items()} == {
        "RW": "no_receipt", "TZ": "late", "UG": "in_time",
    }  # fmt: skip
    assert scores["UG"]["seconds_to_receipt"] == 3600 and scores["UG"]["means"] == "link"
    assert {one["channel"]: one["reached"] for one in scores["TZ"]["channels"]} == {"email": True, "webhook": True}
    assert "no_receipt" in scores["RW"]["steps"]


async def test_an_answered_exercise_confirms_the_contact(story: Story) -> None:
    await story.load(network("UG"))
    await plan(story, scenario("UG"))
    await story.drain()
    await story.acknowledge("a171@ug.example")
    await story.drain()
    async with story.system.database.read() as work:
        confirmed = {c.email: c.confirmed_on for c in await work.contacts.of_states([StateCode("UG")])}
    assert confirmed["a171@ug.example"] == START.date() and confirmed["a172@ug.example"] != START.date()


async def test_a_real_case_never_waits_behind_an_exercise(story: Story) -> None:
    states = ("UG", "TZ", "RW", "BI", "ET", "SO", "SD", "EG", "ZM", "MW")
    await story.load(network(*states))
    await plan(story, scenario(*states, severity="critical"))
    await story.system.worker.drain([Lane.FLOW])
    real = (await story.submit(report_from("KE", "UG", severity="moderate"))).reference
    async with story.system.database.write() as work:
        until = START + timedelta(minutes=1)
        claimed = await work.outbox.claim(Lane.EMAIL, claim="t:1", now=START, until=until, limit=100)
        waiting = await work.outbox.claim(Lane.EXERCISE, claim="t:2", now=START, until=until, limit=1000)
    assert claimed and {message.case_reference for message in claimed} == {real}
    assert len(waiting) > 50 and {message.case_reference[:4] for message in waiting} == {"EX17"}


async def test_steps_of_real_cases_are_claimed_before_those_of_exercises(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    await plan(story, scenario("UG", "TZ", severity="critical"))
    await story.drain()
    await story.submit(report_from("KE", "UG", severity="moderate"))
    later = START + timedelta(days=9)
    async with story.system.database.write() as work:
        until = later + timedelta(minutes=1)
        claimed = await work.outbox.claim(Lane.FLOW, claim="t:1", now=later, until=until, limit=100)
    order = [message.case_reference.startswith("EX17") for message in claimed]
    assert any(order) and not all(order) and order == sorted(order)


async def test_an_exercise_ends_and_is_purged_and_its_scores_stay(story: Story) -> None:
    await story.load(network("UG"))
    reference = await plan(story, scenario("UG"))
    await story.drain()
    await story.acknowledge("a171@ug.example", grade="assessed", assessment="not_affected")
    await story.drain()
    await keep_exercises(story.ports)
    ended = await shown(story, reference)
    assert ended["state"] == "ended" and ended["purge_at"] == "2027-02-16T09:00:00Z"
    real = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(days=91)
    await keep_exercises(story.ports)
    purged = await shown(story, reference)
    assert purged["state"] == "purged" and purged["scores"] == ended["scores"]
    with pytest.raises(NotFound):
        await show_case(reference, OPERATOR, story.ports)
    async with story.system.database.reader.connect() as connection:
        for column in (case_file.c.reference, report.c.case_reference, delivery.c.case_reference):
            kept = set(await connection.scalars(sa.select(column)))
            assert reference not in kept and real in kept
        assert reference in set(await connection.scalars(sa.select(case_log.c.chain)))
        assert (await connection.scalar(sa.select(sa.func.count()).select_from(received_mail))) == 0
    assert await find_breaks(story.ports) == []
    await story.advance(days=1)


async def test_a_running_exercise_and_a_real_case_are_never_purged(story: Story) -> None:
    await story.load(network("UG"))
    reference = await plan(story, scenario("UG"))
    real = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(days=13)
    await keep_exercises(story.ports)
    assert (await shown(story, reference))["state"] == "running"
    await story.advance(days=400)
    await keep_exercises(story.ports)
    assert (await shown(story, reference))["state"] == "ended", (
        "it ended by its time, and is kept for a while from then"
    )
    assert (await show_case(real, OPERATOR, story.ports))["status"] == "open"


async def test_an_authority_may_file_an_exercise_of_its_own(story: Story) -> None:
    await story.load([secretariat(), contact("UG")])
    reference = (await story.submit(report_from("KE", "UG", status="exercise"))).reference
    await story.drain()
    assert (await shown(story, reference))["state"] == "running"
