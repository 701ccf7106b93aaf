"""Tells how endpoints fail and recover: who is told, what waits, what is stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from contacts.model import Contact, ContactId
from notify.account import OPERATOR
from notify.breaker import Condition, Health
from notify.events import SERVICE_CHAIN
from notify.outbox import Lane
from notify.prepared import Prepared
from notify.recording import record
from notify.sending import Outcome
from notify.service.directory import list_contacts, register_webhook, remove_contact, replace_contact
from notify.service.testing import queue_test_notice
from notify.service.watching import queue_state, watch_endpoints
from tests.builders import contact, report_from, secretariat
from tests.flow.story import Story

UG = ContactId("ug-a17-1")
AUTHORITY = "cna1@ug.example"


def of_uganda(story: Story, **changes: Any) -> list[Contact]:
    """List contacts of Uganda, the first with an endpoint, and the secretariat."""
    return [
        contact("UG", webhook=story.receiver.url, **changes),
        contact("UG", order=2),
        contact("UG", "competent_national_authority", name="cna"),
        secretariat(),
    ]


def always(story: Story, status: int) -> None:
    """Let the endpoint give this answer from now on."""
    story.receiver.answers = [] if status == 200 else [status] * 10_000


async def health_of(story: Story, contact_id: ContactId = UG) -> Health | None:
    async with story.system.database.read() as work:
        return (await work.endpoints.of([contact_id])).get(contact_id)


async def condition(story: Story, contact_id: ContactId = UG) -> Condition | None:
    health = await health_of(story, contact_id)
    return health.condition if health is not None else None


async def events(story: Story, kind: str, chain: str = SERVICE_CHAIN) -> list[dict[str, Any]]:
    return [body for name, body in await story.log(chain) if name == kind]


def subjects(story: Story, address: str) -> list[str]:
    return [mail.subject for mail in story.inbox(address)]


async def test_an_endpoint_that_takes_nothing_moves_to_the_next_contact_though_it_is_tried_on(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 503)
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(minutes=1)
    assert "a172@ug.example" not in story.told(), "four failures may be a restart"
    await story.advance(minutes=3)
    assert len(story.inbox("a171@ug.example")) == 1, "e-mail goes out in any case"
    assert len(story.inbox("a172@ug.example")) == 1
    delayed = await events(story, "DeliveryDelayed", case)
    assert [body.get("breaker_open", False) for body in delayed] == [False] * 4 + [True]
    await story.advance(minutes=50)
    always(story, 200)
    await story.advance(hours=1, minutes=15)
    assert len(story.receiver.of("notification.issued")) == 9
    assert await condition(story) is Condition.WELL
    assert len(story.inbox("a172@ug.example")) == 1, "nobody is told twice for it"


async def test_each_new_case_gets_its_first_try_at_once_however_long_the_endpoint_fails(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 500)
    await story.submit(report_from("KE", "UG"))
    await story.advance(hours=5)
    assert await condition(story) is Condition.DEGRADED
    tried = len(story.receiver.received)
    case = (await story.submit(report_from("KE", "UG"), key="another")).reference
    await story.drain()
    assert [body["data"]["case_reference"] for _, body in story.receiver.received[tried:]] == [case]
    assert len(story.inbox("a172@ug.example")) == 3, "and the next contact is told of it at once (one is a reminder)"


async def test_retries_of_many_messages_wait_for_the_endpoint_together(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 503)
    for number in range(8):
        await story.submit(report_from("KE", "UG"), key=f"key-{number}")
    await story.drain()
    health = await health_of(story)
    assert health is not None and health.failures == 8
    assert health.open_until == story.clock.now() + timedelta(seconds=30)
    await story.advance(seconds=29)
    assert len(story.receiver.received) == 8, "none is tried again after 3 or 10 seconds"
    always(story, 200)
    await story.advance(seconds=5)
    assert len({webhook_id for webhook_id, _ in story.receiver.received[8:]}) == 8
    assert await condition(story) is Condition.WELL


async def test_a_retry_that_was_claimed_with_others_waits_once_the_first_of_them_failed(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 503)
    for number in range(6):
        await story.submit(report_from("KE", "UG"), key=f"key-{number}")
    await story.drain()
    story.clock.move_to(story.clock.now() + timedelta(seconds=30))
    first, second, *_ = await _prepared(story, limit=6)
    recorder, sender = story.system.worker._recorder, story.system.worker._sender
    assert first.dispatch is not None, "the wait is over"
    assert recorder.retry_waits_until(second) is None
    outcome = await sender.send(first, lambda: float("inf"))
    assert outcome is not None
    recorder.add(outcome)
    await recorder.flush()
    assert recorder.retry_waits_until(second) == story.clock.now() + timedelta(seconds=30)


async def test_the_state_and_the_secretariat_are_told_when_it_fails_and_when_it_is_well_again(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 503)
    await story.submit(report_from("KE", "UG"))
    await story.advance(minutes=4)
    assert await events(story, "EndpointFailing") == []
    await story.advance(minutes=6)
    (failing,) = await events(story, "EndpointFailing")
    assert (failing["contact"], failing["failures"], "gone" in failing) == (UG, 6, False)
    for address in ("a171@ug.example", AUTHORITY):
        (mail,) = [mail for mail in story.inbox(address) if "takes no messages" in mail.subject]
        assert "127.0.0.1" in mail.text and "/hook" not in mail.text, "the host, and no path that may hold a secret"
    (task,) = await story.tasks("failing_endpoint")
    assert (task.case_reference, task.owner, task.state, task.done_at) == (SERVICE_CHAIN, "secretariat", "UG", None)
    assert any("Task" in subject for subject in subjects(story, "secretariat@cbd.example"))
    always(story, 200)
    await story.advance(hours=2)
    assert len(await events(story, "EndpointRecovered")) == 1
    for address in ("a171@ug.example", AUTHORITY):
        assert any("takes messages again" in subject for subject in subjects(story, address))
    (task,) = await story.tasks("failing_endpoint")
    assert task.done_at is not None
    (recovered,) = story.receiver.of("endpoint.recovered")
    assert recovered["data"]["details"]["contact"] == UG
    assert story.receiver.of("endpoint.failing") == [], "it is not told to the endpoint that fails"


async def test_another_endpoint_of_the_state_is_told_by_webhook(story: Story) -> None:
    async with an_endpoint() as other:
        authority = contact("UG", "competent_national_authority", name="cna", webhook=other.url)
        await story.load([contact("UG", webhook=story.receiver.url), authority, secretariat()])
        always(story, 410)
        await story.submit(report_from("KE", "UG"))
        await story.drain()
        told = [body for body in other.received if body["type"] == "endpoint.failing"]
    assert [(body["data"]["details"]["contact"], body["data"]["details"]["gone"]) for body in told] == [(UG, True)]


async def test_an_endpoint_that_is_gone_gets_nothing_more_and_people_are_told_at_once(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 410)
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert [body["gone"] for body in await events(story, "EndpointFailing")] == [True]
    assert any("takes no messages" in subject for subject in subjects(story, AUTHORITY))
    always(story, 200)
    case = (await story.submit(report_from("KE", "UG"), key="another")).reference
    await story.drain()
    assert len(story.receiver.received) == 1
    failed = await events(story, "DeliveryFailed", case)
    assert [body["channel"] for body in failed] == ["webhook"], "it is on record, and not silent"
    assert any(case in subject for subject in subjects(story, "a172@ug.example")), "the next contact is told now"


async def test_a_test_that_it_takes_wakes_an_endpoint_that_was_gone(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 410)
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    await queue_test_notice(UG, OPERATOR, story.ports)
    await story.drain()
    assert await condition(story) is Condition.GONE, "a test that it refuses changes nothing"
    always(story, 200)
    await queue_test_notice(UG, OPERATOR, story.ports)
    await story.drain()
    assert await condition(story) is Condition.WELL
    assert any("takes messages again" in subject for subject in subjects(story, AUTHORITY))
    await story.submit(report_from("KE", "UG"), key="another")
    await story.drain()
    assert len(story.receiver.of("notification.issued")) == 2


async def test_a_challenge_that_it_answers_wakes_it_too(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 410)
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    await register_webhook(UG, OPERATOR, story.ports)
    assert await condition(story) is Condition.WELL
    assert len(await events(story, "EndpointRecovered")) == 1


async def test_another_url_and_a_removed_contact_begin_anew(story: Story) -> None:
    people = of_uganda(story)
    await story.load(people)
    always(story, 410)
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    async with an_endpoint() as other:
        await register_webhook(UG, OPERATOR, story.ports, url=other.url)
        assert await health_of(story) is None
        back = people[0].model_copy(update={"webhook": None})
        await replace_contact(back, None, OPERATOR, story.ports)
        await remove_contact(UG, OPERATOR, story.ports)
    assert await health_of(story) is None


async def test_a_refusal_that_is_our_own_fault_says_nothing_of_the_endpoint(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 415)
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert await health_of(story) is None


async def test_one_failure_without_any_traffic_since_is_told_of_after_hours(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 404)
    await story.submit(report_from("KE", "UG"))
    await story.advance(hours=3, minutes=59)
    assert await watch_endpoints(story.ports) == 0
    await story.advance(minutes=1)
    assert await watch_endpoints(story.ports) == 1
    assert await watch_endpoints(story.ports) == 0, "once"
    await story.drain()
    assert any("takes no messages" in subject for subject in subjects(story, AUTHORITY))


async def test_when_very_many_fail_at_once_the_operator_is_told_and_no_state(story: Story) -> None:
    states = ["UG", "TZ", "RW", "BI", "SS", "ET"]
    await story.load([contact(state, webhook=story.receiver.url) for state in states] + [secretariat()])
    always(story, 503)
    await story.submit(report_from("KE", *states))
    await story.advance(minutes=10)
    await watch_endpoints(story.ports)
    await story.drain()
    assert len(await events(story, "EndpointFailing")) == 6
    assert await story.tasks("failing_endpoint") == []
    (alarm,) = story.inbox("operator@service.example")
    assert "own network" in alarm.text
    always(story, 200)
    await story.advance(hours=3)
    assert not any(
        "endpoint" in mail.subject for state in states for mail in story.inbox(f"a171@{state.lower()}.example")
    )


async def test_how_endpoints_fare_is_shown(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 503)
    await story.submit(report_from("KE", "UG"))
    await story.advance(minutes=10)
    shown = {each["id"]: each for each in (await list_contacts(OPERATOR, story.ports))["contacts"]}
    health = shown[UG]["webhook"]["health"]
    assert (health["condition"], health["failures"]) == ("degraded", 6)
    assert "503" in health["last_error"] and health["failing_since"] is not None
    assert (await queue_state(story.ports)).endpoints == {"failing": 0, "degraded": 1, "gone": 0}


async def test_a_result_whose_claim_was_lost_leaves_no_trace_on_the_endpoint(story: Story) -> None:
    await story.load(of_uganda(story))
    always(story, 410)
    await story.submit(report_from("KE", "UG"))
    await story.system.worker.drain([Lane.FLOW])
    outcome = await _tried_under_a_lost_claim(story)
    assert outcome.endpoint is not None and outcome.endpoint.failure is not None
    async with story.system.database.write() as work:
        await record(work, [outcome], story.ports)
    assert await health_of(story) is None
    assert await events(story, "EndpointFailing") == []


async def _prepared(story: Story, limit: int) -> list[Prepared]:
    """Claim webhooks, and make them ready."""
    now = story.clock.now()
    async with story.system.database.write() as work:
        until = now + timedelta(seconds=60)
        messages = await work.outbox.claim(Lane.WEBHOOK, claim="lost:1", now=now, until=until, limit=limit)
        await work.commit()
    return await story.system.worker._sender.prepare(messages)


async def _tried_under_a_lost_claim(story: Story) -> Outcome:
    (prepared,) = await _prepared(story, limit=1)
    outcome = await story.system.worker._sender.send(prepared, lambda: float("inf"))
    async with story.system.database.write() as work:
        await work.outbox.release([prepared.message.id], owner="lost")
        await work.commit()
    assert outcome is not None
    return outcome


class Endpoint:
    """An endpoint of its own, whose answer carries headers."""

    def __init__(self) -> None:
        self.url, self.status, self.headers = "", 200, dict[str, str]()
        self.received: list[dict[str, Any]] = []

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json()
        if "challenge" in body["data"]:
            return web.json_response(body["data"])
        self.received.append(body)
        return web.Response(status=self.status, headers=self.headers)


@asynccontextmanager
async def an_endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_post("/hook", endpoint.take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        yield endpoint
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("severity", "asked", "kept"),
    [
        ("high", "60", timedelta(seconds=60)),
        ("high", "86400", timedelta(hours=2)),  # never longer than our own longest delay
        ("critical", "86400", timedelta(hours=1)),  # the reminder falls due after a quarter of four hours
    ],
)
async def test_a_wait_that_is_asked_for_is_kept_until_the_ladder_climbs(
    story: Story, severity: str, asked: str, kept: timedelta
) -> None:
    async with an_endpoint() as endpoint:
        endpoint.status, endpoint.headers = 429, {"Retry-After": asked}
        await story.load([contact("UG", webhook=endpoint.url), secretariat()])
        began = story.clock.now()
        case = (await story.submit(report_from("KE", "UG", severity=severity))).reference
        await story.drain()
        (delayed,) = await events(story, "DeliveryDelayed", case)
    assert datetime.fromisoformat(delayed["next_attempt_at"]) - began == kept
