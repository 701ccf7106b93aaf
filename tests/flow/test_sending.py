"""Tells what happens when the outside fails: mail servers, receivers, workers, claims."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiohttp import web

from adapters.clock import SteppedClock
from contacts.model import WebhookFormat
from notify.account import OPERATOR
from notify.errors import DeliveryError
from notify.events import DeliveryAccepted, Event
from notify.lanes import Lease
from notify.outbox import Lane
from notify.ports import Ports
from notify.preparing import Operator
from notify.sending import Outcome, Sender
from notify.service.directory import load_contacts_file
from notify.service.secretariat import free_message, parked_messages
from notify.words import ChannelName, OutboxId
from notify.worker import Worker, WorkerLimits
from tests.builders import contact, network, report_from, secretariat
from tests.flow.story import Story, tell


async def test_a_refused_mailbox_moves_to_the_next_contact_now(story: Story) -> None:
    await story.load(network("UG"))
    story.refused["a171@ug.example"] = "550 5.1.1 no such user"
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    assert len(story.inbox("a172@ug.example")) == 1
    failed = [body for kind, body in await story.log(case) if kind == "DeliveryFailed"]
    assert [(body["state"], body["status"]) for body in failed] == [("bounced", 550)]


async def test_when_every_address_fails_a_person_is_asked_and_the_filer_is_told(story: Story) -> None:
    await story.load([contact("UG"), contact("UG", order=2), secretariat()])
    for order in (1, 2):
        story.refused[f"a17{order}@ug.example"] = "550 5.1.1 no such user"
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert len(await story.tasks("no_contact")) == 1
    assert any("reached" in mail.subject + mail.text for mail in story.inbox("cna@ke.example"))


async def test_a_busy_mail_server_is_tried_again_with_growing_gaps(story: Story) -> None:
    await story.load(network("UG"))
    story.refused["a171@ug.example"] = "451 4.3.0 later"
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(minutes=1)
    delays = [body for kind, body in await story.log(case) if kind == "DeliveryDelayed"]
    assert [body["attempt"] for body in delays] == [1, 2, 3, 4]
    del story.refused["a171@ug.example"]
    await story.advance(minutes=5)
    assert len(story.inbox("a171@ug.example")) == 1


async def test_a_mail_server_that_is_down_loses_nothing(story: Story) -> None:
    await story.load(network("UG"))
    port = story.catcher.port
    await story.catcher.stop()
    await story.submit(report_from("KE", "UG"))
    await story.advance(minutes=1)
    await story.catcher.start(port=port)
    await story.advance(minutes=10)
    assert len(story.inbox("a171@ug.example")) == 1


async def test_mail_and_webhook_go_out_in_parallel_and_a_webhook_is_mailed_as_well(story: Story) -> None:
    await story.load([contact("UG", webhook=story.receiver.url), secretariat()])
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert len(story.inbox("a171@ug.example")) == 1
    (body,) = story.receiver.of("notification.issued")
    assert (body["data"]["state"], body["data"]["severity"]) == ("UG", "high")


async def test_a_webhook_that_fails_twice_is_tried_again_under_the_same_id(story: Story) -> None:
    await story.load([contact("UG", webhook=story.receiver.url), secretariat()])
    story.receiver.answers = [503, 500, 200]
    await story.submit(report_from("KE", "UG"))
    await story.advance(minutes=1)
    ids = [webhook_id for webhook_id, _ in story.receiver.received]
    assert len(ids) == 3 and len(set(ids)) == 1


async def test_an_endpoint_that_is_gone_moves_to_the_next_contact_now(story: Story) -> None:
    await story.load([contact("UG", webhook=story.receiver.url), contact("UG", order=2), secretariat()])
    story.receiver.answers = [410]
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert len(story.inbox("a172@ug.example")) == 1


async def test_both_channels_of_one_contact_failing_tell_one_further_contact(story: Story) -> None:
    await story.load([*network("UG"), contact("UG", webhook=story.receiver.url)])
    story.receiver.answers = [410]
    story.refused["a171@ug.example"] = "550 5.1.1 no such user"
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert "a172@ug.example" in story.told() and "duty3@ug.example" not in story.told()


async def test_a_webhook_without_a_passed_challenge_gets_no_case(story: Story) -> None:
    await load_contacts_file([contact("UG", webhook=story.receiver.url), secretariat()], OPERATOR, story.ports)
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert story.receiver.received == []


async def test_a_webhook_that_does_not_echo_its_challenge_is_not_registered(story: Story) -> None:
    with pytest.raises(DeliveryError):
        await story.ports.challenge(
            story.receiver.url.replace("/hook", "/elsewhere"), [b"x" * 32], WebhookFormat.STANDARD
        )


def _worker(story: Story, ports: Ports, name: str, lease: float = 60) -> Worker:
    channels = {ChannelName.EMAIL: story.system.email, ChannelName.WEBHOOK: story.system.webhook}
    return Worker(ports, channels, Operator("op@x.example"), name=name, limits=WorkerLimits(lease=lease))


async def test_a_worker_killed_between_send_and_record_sends_again_under_the_same_id(story: Story) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("KE", "UG"))
    dying = _worker(story, story.ports, "dying")
    messages = await dying._claim(Lease("dying:1", Lane.EMAIL, 0.0), 100)
    sender = Sender(story.ports, {ChannelName.EMAIL: story.system.email}, dying._sender._operator)
    for prepared in await sender.prepare(messages):
        await sender.send(prepared, lease_ends=lambda: 1e12)  # sent, and the worker dies before it could say so
    assert len(story.inbox("a171@ug.example")) == 1
    await story.drain()
    assert len(story.inbox("a171@ug.example")) == 1  # still leased
    await story.advance(seconds=61)
    first, second = story.inbox("a171@ug.example")
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert story.link(first) == story.link(second)


async def test_a_worker_whose_lease_ran_out_commits_nothing_and_starts_no_send(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    frozen = _worker(story, story.ports, "frozen")
    messages = await frozen._claim(Lease("frozen:1", Lane.EMAIL, 0.0), 100)
    prepared = await frozen._sender.prepare(messages)
    assert await frozen._sender.send(prepared[0], lease_ends=lambda: 0.0) is None
    outcome = await frozen._sender.send(prepared[0], lease_ends=lambda: 1e12)
    assert isinstance(outcome, Outcome)
    story.clock.advance(seconds=120)  # its lease is over, and another worker has done the work
    await story.drain()
    before = await story.log(case)
    frozen._recorder.add(outcome)
    await frozen._recorder.flush()
    assert await story.log(case) == before


async def test_two_workers_on_one_outbox_send_each_message_once(story: Story) -> None:
    states = ("UG", "TZ", "RW", "BI", "ET", "ZM", "MW", "MZ")
    await story.load(network(*states))
    await story.submit(report_from("KE", *states))
    workers = [_worker(story, story.ports, f"w{number}") for number in range(3)]
    await asyncio.gather(*(worker.drain() for worker in workers))
    assert all(len(story.inbox(f"a171@{state.lower()}.example")) == 1 for state in states)


async def test_a_message_that_cannot_be_handled_is_parked_alarmed_and_freed_by_hand(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    async with story.system.database.write() as work:
        await work._connection.exec_driver_sql("UPDATE outbox SET handler = 'nobody' WHERE handler = 'climb_ladder'")
        await work.commit()
    await story.advance(hours=4)
    parked = [message for message in await parked_messages(story.ports) if message["handler"] == "nobody"]
    assert parked and case in [message["case_reference"] for message in parked]
    assert len(story.inbox("operator@service.example")) == len(parked)
    async with story.system.database.write() as work:
        await work._connection.exec_driver_sql("UPDATE outbox SET handler = 'climb_ladder' WHERE handler = 'nobody'")
        await work.commit()
    for message in parked:
        await free_message(OutboxId(message["id"]), OPERATOR, story.ports)
    await story.drain()
    assert await story.steps(case, "UG") == ["reminder"]


async def test_what_was_accepted_goes_out_after_a_restart(database_url: str, tmp_path: Path) -> None:
    async with tell(database_url, tmp_path, contacts=network("UG")) as story:
        await story.submit(report_from("KE", "UG"))
        moment = story.clock.now()
    async with tell(database_url, tmp_path, clock=SteppedClock(moment)) as again:
        await again.drain()
        assert len(again.inbox("a171@ug.example")) == 1


async def test_no_recipient_sees_the_address_of_another(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    await story.submit(report_from("KE", "UG", "TZ"))
    await story.advance(hours=10)
    for mail in story.catcher.mails:
        if mail.to.endswith("ug.example"):
            assert b"tz.example" not in mail.content


async def test_a_receiver_that_hangs_holds_up_nobody_else(story: Story) -> None:
    hung = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await hung.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hang)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slow = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await story.load([contact("UG", order=order) for order in range(1, 30)] + [secretariat()])
    contacts = [contact("UG", name=f"slow{number}", webhook=slow) for number in range(30)]
    await load_contacts_file(contacts, OPERATOR, story.ports)
    await load_contacts_file([contact("TZ", webhook=story.receiver.url)], OPERATOR, story.ports)
    async with story.system.database.write() as work:
        for told in [*contacts, contact("TZ")]:
            await work.contacts.add_webhook_secret(
                told.id, b"x" * 32, now=story.clock.now(), others_until=story.clock.now()
            )
            await work.contacts.mark_webhook_verified(told.id)
        await work.commit()
    await story.submit(report_from("KE", "UG", "TZ"))
    draining = asyncio.create_task(story.drain())
    async with asyncio.timeout(20):
        while not story.receiver.received:
            await asyncio.sleep(0.01)
    assert not draining.done()
    hung.set()
    await draining
    await runner.cleanup()


async def test_results_that_come_together_are_recorded_together(story: Story) -> None:
    states = ("UG", "TZ", "RW", "BI", "ET", "ZM", "MW", "MZ")
    await story.load(network(*states))
    await story.submit(report_from("KE", *states))
    groups: list[int] = []

    def count(events: Sequence[Event]) -> None:
        accepted = sum(isinstance(event, DeliveryAccepted) for event in events)
        groups.extend([accepted] if accepted else [])

    story.system.database.after_commit = story.system.after_commit(count)
    await story.drain()
    assert sum(groups) == len(story.catcher.mails) >= len(states)
    assert len(groups) <= sum(groups) / 2, "one transaction each would cost the disk a wait each"
