"""The stream of events: whole, resumable, for its reader alone, and gone when the service stops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from notify.rows import LogRow
from notify.service.feed import SETTLED_AFTER, settled
from notify.words import CaseReference
from tests.adapters.api_system import ApiSystem, api_system, next_event

ANSWER = {"grade": "received", "by": "A. Officer", "office": "Desk"}
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiSystem]:
    async with api_system(tmp_path) as opened:
        yield opened


async def test_what_happens_is_streamed_as_it_happens(api: ApiSystem) -> None:
    async with api.stream() as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        assert (await next_event(response))["event"] == "ready"
        case = await api.case()
        opened = await next_event(response)
        assert opened["event"] == "CaseOpened"
        assert json.loads(opened["data"])["case_reference"] == case


async def test_a_reader_who_was_cut_off_misses_nothing_and_gets_nothing_twice(api: ApiSystem) -> None:
    async with api.stream() as response:
        await next_event(response)
        case = await api.case()
        first = await next_event(response)
        second = await next_event(response)
    entries = (await api.ask("GET", f"/cases/{case}/timeline")).document["entries"]
    async with api.stream(last=second["id"]) as response:
        assert (await next_event(response))["id"] == second["id"]
        rest = [json.loads((await next_event(response))["data"]) for _ in entries[2:]]
    seen = [json.loads(first["data"]), json.loads(second["data"]), *rest]
    assert [event["sequence"] for event in seen] == [entry["sequence"] for entry in entries]
    assert [event["hash"] for event in seen] == [entry["hash"] for entry in entries]


async def test_a_reader_cut_off_before_the_first_event_can_resume(api: ApiSystem) -> None:
    async with api.stream() as response:
        ready = await next_event(response)
    await api.case()
    async with api.stream(last=ready["id"]) as response:
        await next_event(response)
        assert (await next_event(response))["event"] == "CaseOpened"


async def test_a_reader_gets_only_what_its_account_may_know(api: ApiSystem) -> None:
    case = await api.case("TZ")  # the contact of UG has no part in it
    own = await api.case("UG", "TZ")
    notification = await api.notification_of(own, "UG")
    await api.ask("POST", f"/notifications/{notification}/acknowledgements", "contact", ANSWER)
    events = []
    async with api.stream("contact", last="0") as response:
        while not events or events[-1]["event"] != "NotificationAcknowledged":
            event = await next_event(response)
            if event["event"] != "ready":
                events.append(json.loads(event["data"]))
    assert {event["case_reference"] for event in events} == {own}
    assert {e["body"]["notification_id"] for e in events if "notification_id" in e["body"]} == {notification}
    timeline = (await api.ask("GET", f"/cases/{own}/timeline", "contact")).document["entries"]
    assert [event["sequence"] for event in events] == [entry["sequence"] for entry in timeline]
    assert (await api.ask("GET", f"/cases/{case}/timeline", "contact")).status == 404


async def test_the_secretariat_gets_every_case_and_nothing_of_the_services_own_chain(api: ApiSystem) -> None:
    cases = {await api.case(), await api.case("TZ")}
    rows = sum([len((await api.ask("GET", f"/cases/{c}/timeline")).document["entries"]) for c in cases])
    async with api.stream("secretariat", last="0") as response:
        await next_event(response)
        events = [json.loads((await next_event(response))["data"]) for _ in range(rows)]
    assert {event["case_reference"] for event in events} == cases


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30])
async def test_an_id_that_is_no_position_is_refused(api: ApiSystem, last: str) -> None:
    async with api.stream(last=last) as response:
        assert response.status == 400
        assert response.headers["Content-Type"].startswith("application/problem+json")


async def test_a_stream_ends_at_once_when_the_service_stops(api: ApiSystem) -> None:
    async with api.stream() as response:
        await next_event(response)
        api.options.closing.set()
        async with asyncio.timeout(2):
            assert await response.content.read() == b""


async def test_a_database_that_fails_cuts_the_stream_and_no_second_answer_follows(api: ApiSystem) -> None:
    await api.case()
    async with api.stream() as response:
        await next_event(response)
        async with api.ports.database.writer.begin() as connection:  # type: ignore[attr-defined]
            await connection.exec_driver_sql("ALTER TABLE case_log RENAME TO case_log_gone")
        async with asyncio.timeout(5):
            rest = await response.content.read()
    assert b"HTTP/1.1" not in rest
    assert b"problem" not in rest


async def test_a_stream_has_no_head(api: ApiSystem) -> None:
    assert (await api.ask("HEAD", "/events")).status == 405


def _row(position: int, age: timedelta) -> LogRow:
    return LogRow(position, CaseReference("A17-2026-0001"), position, NOW - age, "CaseOpened", {}, "")


def test_what_comes_after_a_fresh_gap_waits_until_the_gap_is_old() -> None:
    fresh = [_row(1, timedelta(0)), _row(3, timedelta(0))]
    old = [_row(1, SETTLED_AFTER), _row(3, SETTLED_AFTER)]
    assert [row.position for row in settled(fresh, 0, NOW)] == [1]
    assert [row.position for row in settled(old, 0, NOW)] == [1, 3]
    assert settled(fresh[1:], 1, NOW) == []
