"""The calls on what was tried for a contact, and on what is sent again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contacts.model import ContactId
from notify.breaker import Failure, after_failure, health_of
from notify.delivery import DeliveryState
from notify.errors import FailureKind
from notify.rows import Attempt, DeliveryRow
from notify.words import CaseReference, ChannelName
from tests.adapters.api_system import START, WILLING, ApiSystem, api_system
from tests.builders import report_from

KE = ContactId("ke-a17-1")


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiSystem]:
    """Open the API with an endpoint of Kenya that answered its challenge."""
    async with api_system(tmp_path) as opened:
        reply = await opened.ask("POST", f"/contacts/{KE}/webhook", body={"url": WILLING})
        assert reply.status == 200, reply.text
        yield opened


async def told(api: ApiSystem) -> DeliveryRow:
    """Let Uganda report, and give the webhook to Kenya."""
    reply = await api.file(report_from("UG", "KE"), "addressee")
    assert reply.status == 201, reply.text
    async with api.ports.database.read() as work:
        rows = await work.deliveries.of_case(CaseReference(reply.document["reference"]))
    (row,) = [row for row in rows if row.contact == KE and row.channel is ChannelName.WEBHOOK]
    return row


def attempt(row: DeliveryRow, number: int, **changes: Any) -> Attempt:
    """Build a try that failed with 404 and an answer that nobody should trust."""
    values: dict[str, Any] = {
        "delivery_id": row.id,
        "number": number,
        "started_at": START + timedelta(seconds=number),
        "milliseconds": 12,
        "result": DeliveryState.BOUNCED,
        "status": 404,
        "reason": "the endpoint refuses the message (404)",
        "answer": "<script>not here</script>",
        "destination": WILLING,
        "failure": FailureKind.RECIPIENT,
    }
    return Attempt(**values | changes)


async def enter(api: ApiSystem, *tried: Attempt) -> None:
    async with api.ports.database.write() as work:
        await work.deliveries.enter(tried)
        await work.commit()


async def test_tries_are_listed_with_all_that_is_known_of_them(api: ApiSystem) -> None:
    row = await told(api)
    await enter(api, attempt(row, 1), attempt(row, 2))
    reply = await api.ask("GET", f"/contacts/{KE}/attempts?channel=webhook&limit=1")
    assert reply.status == 200
    (latest,) = reply.document["attempts"]
    assert latest == {
        "id": f"{row.id}.2",
        "delivery": row.id,
        "channel": "webhook",
        "type": "notification.issued",
        "case_reference": row.case_reference,
        "number": 2,
        "at": "2026-11-20T12:00:02Z",
        "milliseconds": 12,
        "result": "bounced",
        "status": 404,
        "failure": "recipient",
        "reason": "the endpoint refuses the message (404)",
        "answer": "<script>not here</script>",
        "destination": WILLING,
        "next_attempt_at": None,
        "delivery_state": "bounced",
    }
    following = await api.ask("GET", f"/contacts/{KE}/attempts?channel=webhook&before={reply.document['next']}")
    assert [each["number"] for each in following.document["attempts"]] == [1]
    assert following.document["next"] is None


@pytest.mark.parametrize(
    "query", ["channel=telephone", "limit=0", "limit=201", "before=dlv_1.x", "before=a/b", "who=me"]
)
async def test_a_question_about_tries_that_makes_no_sense_is_refused(api: ApiSystem, query: str) -> None:
    assert (await api.ask("GET", f"/contacts/{KE}/attempts?{query}")).status in (400, 422)


async def test_one_message_is_queued_again_under_its_id(api: ApiSystem) -> None:
    row = await told(api)
    await enter(api, attempt(row, 1))
    reply = await api.ask("POST", f"/deliveries/{row.id}/resend", "own_contact")
    assert (reply.status, reply.document["delivery"], reply.document["channel"]) == (202, row.id, "webhook")
    async with api.ports.database.read() as work:
        log = await work.log.rows(row.case_reference)
    (resent,) = [entry.body for entry in log if entry.kind == "DeliveryResent"]
    assert (resent["delivery_id"], resent["tries"]) == (row.id, 1)


async def test_a_delivery_of_another_state_looks_like_one_that_is_not_there(api: ApiSystem) -> None:
    row = await told(api)
    hidden = await api.ask("POST", f"/deliveries/{row.id}/resend", "stranger")
    absent = await api.ask("POST", "/deliveries/dlv_0/resend", "stranger")
    assert (hidden.status, hidden.document["detail"]) == (absent.status, absent.document["detail"])
    assert hidden.status == 404


async def test_an_endpoint_is_sent_what_it_missed(api: ApiSystem) -> None:
    row = await told(api)
    await enter(api, attempt(row, 1))
    path = f"/contacts/{KE}/replay"
    reply = await api.ask("POST", path, body={"since": "2026-11-20"})
    assert (reply.status, reply.document) == (
        202,
        {"contact": KE, "since": "2026-11-20T00:00:00Z", "queued": 1, "next_since": None},
    )
    assert (await api.ask("POST", path, body={"since": "2026-11-20"})).document["queued"] == 0
    assert (await api.ask("POST", path, "addressee", {"since": "2026-11-20"})).status == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/since"),
        ({"since": "yesterday"}, "/since"),
        ({"since": None}, "/since"),
        ({"since": 17}, "/since"),
        ({"since": "2030-01-01"}, "/since"),
        ({"since": "2026-11-20", "all": "yes"}, "/all"),
        ({"since": "2026-11-20", "until": "2026-11-21"}, "/until"),
    ],
)
async def test_a_replay_names_what_is_wrong_with_it(api: ApiSystem, body: dict[str, Any], pointer: str) -> None:
    reply = await api.ask("POST", f"/contacts/{KE}/replay", body=body)
    assert (reply.status, reply.pointers) == (422, [pointer])


async def test_how_an_endpoint_fares_is_shown_and_may_come_back_as_it_was_shown(api: ApiSystem) -> None:
    failed = after_failure(health_of(None, KE, WILLING), Failure(START, "it is gone (410)", gone=True))
    async with api.ports.database.write() as work:
        await work.endpoints.put([failed])
        await work.commit()
    shown = (await api.ask("GET", f"/contacts/{KE}")).document
    assert shown["webhook"]["health"] == {
        "condition": "gone",
        "failing_since": "2026-11-20T12:00:00Z",
        "failures": 1,
        "retries_wait_until": None,
        "recovered_at": None,
        "last_error": "it is gone (410)",
    }
    listed = (await api.ask("GET", "/contacts")).document["contacts"]
    assert [each["webhook"]["health"]["condition"] for each in listed if "webhook" in each] == ["gone"]
    assert (await api.ask("PUT", f"/contacts/{KE}", body=shown)).status == 200
    shown["webhook"]["health"] = "well"
    assert (await api.ask("PUT", f"/contacts/{KE}", body=shown)).pointers == ["/webhook"]
    figures = (await api.ask("GET", "/metrics")).text
    assert 'article17_endpoints{condition="gone"} 1.0' in figures


async def test_one_that_is_gone_is_sent_nothing_before_a_test(api: ApiSystem) -> None:
    await told(api)
    failed = after_failure(health_of(None, KE, WILLING), Failure(START, "it is gone (410)", gone=True))
    async with api.ports.database.write() as work:
        await work.endpoints.put([failed])
        await work.commit()
    reply = await api.ask("POST", f"/contacts/{KE}/replay", body={"since": "2026-11-20"})
    assert reply.status == 409 and "test" in reply.document["detail"]
