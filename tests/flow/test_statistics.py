"""Tells what the statistics say: from the log alone, the same each time, to each account what it may see."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.database.tables import (
    acknowledgement,
    attempt,
    case_figures,
    case_log,
    deadline,
    delivery,
    task,
)
from contacts.model import StateCode
from notify.account import OPERATOR, Account, Role
from notify.service.exercises import plan_exercise
from notify.service.statistics import Period, compute_statistics, fold_cases, statistics_document
from notify.statistics import csv_text
from notify.words import AccountId
from tests.builders import network, report_from
from tests.flow.story import START, Story


def account(role: Role, state: str | None = None) -> Account:
    return Account(AccountId("acc_1"), "An account", role, StateCode(state) if state else None)


async def statistics(story: Story, who: Account = OPERATOR, period: Period = Period()) -> dict[str, Any]:  # noqa: B008
    return statistics_document(await compute_statistics(who, period, story.ports))


def row(document: dict[str, Any], clock: str, by: str = "total", value: str = "all", **more: Any) -> dict[str, Any]:
    wanted = {"section": "reports", "clock": clock, "by": by, "value": value} | more
    found: dict[str, Any]
    (found,) = [one for one in document["response_times"] if wanted.items() <= one.items()]
    return found


async def one_answers_of_three(story: Story) -> str:
    """Let one State answer in time, one late, and one never."""
    await story.load(network("UG", "TZ", "RW"))
    case = (await story.submit(report_from("KE", "UG", "TZ", "RW"))).reference
    await story.advance(hours=1)
    await story.acknowledge("a171@ug.example", grade="assessed", assessment="not_affected")
    await story.advance(hours=13)
    await story.acknowledge("a171@tz.example")
    await story.advance(hours=80)
    return case


async def test_who_has_no_receipt_counts_as_not_recorded_within_target(story: Story) -> None:
    await one_answers_of_three(story)
    document = await statistics(story)
    assert document["headline"] == {"share_acknowledged_within_target": 1 / 3, "n": 3}
    found = row(document, "acknowledgement")
    assert (found["n"], found["within_target"], found["open"]) == (3, 1, 1)
    assert found["median_seconds"] == 14 * 3600 and found["p90_seconds"] is None
    assert row(document, "assessed")["share"] == 1 / 3
    assert row(document, "dispatch")["share"] == 1
    assert row(document, "acknowledgement", "region", "Africa")["n"] == 3
    assert row(document, "acknowledgement", "severity", "high")["n"] == 3
    assert row(document, "acknowledgement", "channel", "email")["n"] == 3
    assert row(document, "update")["n"] == 1 and row(document, "complete")["open"] == 1


async def test_the_same_log_gives_the_same_figures_whatever_else_is_lost(story: Story) -> None:
    await one_answers_of_three(story)
    before = await statistics(story)
    async with story.system.database.writer.begin() as connection:
        for table in (case_figures, attempt, acknowledgement, deadline, delivery, task):
            await connection.execute(sa.delete(table))
    after = await statistics(story)
    assert after == before


async def test_figures_follow_the_log_as_it_grows(story: Story) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert row(await statistics(story), "acknowledgement")["recorded"] == 0
    await story.advance(hours=2)
    await story.acknowledge("a171@ug.example")
    assert row(await statistics(story), "acknowledgement")["median_seconds"] == 7200
    assert await fold_cases(story.ports) == 0, "what did not grow is not read again"


async def test_a_changed_log_row_changes_the_figures_once_its_log_grows(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=2)
    await story.acknowledge("a171@ug.example")
    await statistics(story)
    async with story.system.database.writer.begin() as connection:
        await connection.execute(sa.delete(case_log).where(case_log.c.kind == "NotificationAcknowledged"))
    await story.follow(case, "no_change")
    assert row(await statistics(story), "acknowledgement")["recorded"] == 0


async def test_a_state_sees_its_own_figures_and_no_other(story: Story) -> None:
    await one_answers_of_three(story)
    for role in (Role.AUTHORITY, Role.CONTACT, Role.BCH_FOCAL_POINT):
        document = await statistics(story, account(role, "TZ"))
        assert document["state"] == "TZ" and "network" not in document and "volume" not in document
        assert (row(document, "acknowledgement")["n"], document["headline"]["n"]) == (1, 1)
        assert row(document, "acknowledgement")["median_seconds"] == 14 * 3600
    kenya = await statistics(story, account(Role.AUTHORITY, "KE"))
    assert {one["clock"] for one in kenya["response_times"]} == {"complete", "update", "record", "first_answer"}


async def test_a_reader_sees_the_totals_of_real_reports_alone(story: Story) -> None:
    await one_answers_of_three(story)
    document = await statistics(story, account(Role.READER))
    assert {one["by"] for one in document["response_times"]} == {"total"}
    assert row(document, "acknowledgement")["n"] == 3 and "knowledge_to_filing" not in document


async def test_the_secretariat_sees_regions_volume_completeness_network_and_the_total_time_to_filing(
    story: Story,
) -> None:
    await one_answers_of_three(story)
    document = await statistics(story, account(Role.SECRETARIAT))
    volumes = {(one["by"], one["value"]): one["cases"] for one in document["volume"]}
    assert volumes["class", "article_17"] == volumes["organism", "Oryza sativa"] == volumes["region", "Africa"] == 1
    assert {(one["at"], one["item"]) for one in document["completeness"]} >= {("24 h", "a"), ("24 h", "e")}
    designated = {one["group"]: one for one in document["network"] if one["figure"] == "designated"}
    assert designated["Africa"]["states"] == 3
    assert document["knowledge_to_filing"] == {"cases": 1, "of": 1, "median_days": 0, "mean_days": 0}


async def test_exercises_and_reports_of_non_parties_stand_apart(story: Story) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("US", "UG"), key="voluntary")
    await plan_exercise({"report": report_from("KE", "UG"), "announced": True}, OPERATOR, story.ports)
    await story.advance(hours=20)
    document = await statistics(story)
    sections = {one["section"] for one in document["response_times"] if one["clock"] == "acknowledgement"}
    assert sections == {"voluntary", "exercises"} and document["headline"]["n"] == 0


async def test_only_the_period_that_was_asked_for_is_counted(story: Story) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("KE", "UG"), key="first")
    await story.advance(days=40)
    await story.submit(report_from("KE", "UG"), key="second")
    await story.drain()
    later = Period(START + timedelta(days=1), None)
    assert row(await statistics(story, period=later), "acknowledgement")["n"] == 1
    before = Period(None, START + timedelta(days=1))
    assert row(await statistics(story, period=before), "acknowledgement")["not_yet_due"] == 0
    assert row(await statistics(story), "acknowledgement")["n"] == 2


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "a;=1"])
async def test_no_cell_can_start_a_spreadsheet_formula(story: Story, name: str) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("KE", "UG", lmos=[{"common_name": name.strip(), "scientific_name": name.strip()}]))
    await story.drain()
    found = await compute_statistics(OPERATOR, Period(), story.ports)
    for line in csv.reader(io.StringIO(csv_text(found.times))):
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in line)
