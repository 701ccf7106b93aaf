"""Tells how people see what was tried, and send it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contacts.model import ContactId, StateCode
from notify.account import OPERATOR, Account, Role
from notify.delivery import DeliveryState
from notify.errors import Conflict, InvalidDocument, NotAllowed, NotFound
from notify.events import SERVICE_CHAIN
from notify.outbox import Lane
from notify.rows import DeliveryRow
from notify.service.acknowledging import acknowledge_by_telephone
from notify.service.resending import list_attempts, replay_contact, resend_delivery
from notify.service.secretariat import parked_messages
from notify.service.testing import queue_test_notice
from notify.words import AccountId, CaseReference, ChannelName, DeliveryId
from tests.builders import contact, report_from, secretariat
from tests.flow.story import START, Story
from tests.flow.test_endpoints import always, events

UG = ContactId("ug-a17-1")
UGANDA = Account(AccountId("acc_ug"), "Authority of Uganda", Role.AUTHORITY, StateCode("UG"))
BRAZIL = Account(AccountId("acc_br"), "Authority of Brazil", Role.AUTHORITY, StateCode("BR"))


async def a_case(story: Story, key: str = "key-1", **changes: Any) -> str:
    return (await story.submit(report_from("KE", "UG", **changes), key=key)).reference


async def load(story: Story) -> None:
    await story.load([contact("UG", webhook=story.receiver.url), contact("UG", order=2), secretariat()])


async def webhooks(story: Story, case: str) -> list[DeliveryRow]:
    async with story.system.database.read() as work:
        rows = await work.deliveries.of_case(CaseReference(case))
    return [row for row in rows if row.channel is ChannelName.WEBHOOK and row.contact == UG]


async def test_every_try_is_shown_the_latest_first_and_page_by_page(story: Story) -> None:
    await load(story)
    story.receiver.answers = [503, 500, 200]
    case = await a_case(story)
    await story.advance(minutes=1)
    found = await list_attempts(UG, UGANDA, story.ports, channel=ChannelName.WEBHOOK)
    assert [(each["number"], each["status"], each["result"]) for each in found["attempts"]] == [
        (3, 200, "delivered"), (2, 500, "delayed"), (1, 503, "delayed"),
    ]  # fmt: skip
    first = found["attempts"][-1]
    assert (first["failure"], first["case_reference"], first["type"]) == ("temporary", case, "notification.issued")
    assert first["next_attempt_at"] is not None and first["reason"] and first["milliseconds"] >= 0
    assert found["attempts"][0]["failure"] is None
    pages, before = [], None
    while True:
        page = await list_attempts(UG, UGANDA, story.ports, before=before, limit=1)
        pages += [each["id"] for each in page["attempts"]]
        before = page["next"]
        if before is None:
            break
    everything = await list_attempts(UG, UGANDA, story.ports)
    assert pages == [each["id"] for each in everything["attempts"]]
    assert {each["channel"] for each in everything["attempts"]} == {"email", "webhook"}


@pytest.mark.parametrize("before", ["nonsense", "dlv_1.x", ".1", "dlv_1.1111111"])
async def test_a_page_begins_after_a_try_and_nothing_else(story: Story, before: str) -> None:
    await load(story)
    with pytest.raises(InvalidDocument):
        await list_attempts(UG, OPERATOR, story.ports, before=before)


async def test_what_was_delivered_is_sent_again_under_its_id_and_on_record(story: Story) -> None:
    await load(story)
    case = await a_case(story)
    await story.drain()
    (row,) = await webhooks(story, case)
    queued = await resend_delivery(row.id, UGANDA, story.ports)
    assert (queued["delivery"], queued["contact"], queued["channel"]) == (row.id, UG, "webhook")
    await story.drain()
    assert [webhook_id for webhook_id, _ in story.receiver.received] == [row.id, row.id]
    (resent,) = await events(story, "DeliveryResent", case)
    assert (resent["account"], resent["delivery_id"], resent["tries"]) == (UGANDA.id, row.id, 1)
    found = await list_attempts(UG, UGANDA, story.ports, channel=ChannelName.WEBHOOK)
    assert [each["number"] for each in found["attempts"]] == [2, 1]


async def test_what_had_got_through_stays_delivered_when_sending_it_again_fails(story: Story) -> None:
    await load(story)
    case = await a_case(story)
    await story.drain()
    (row,) = await webhooks(story, case)
    for status in (503, 404):
        always(story, status)
        await resend_delivery(row.id, OPERATOR, story.ports)
        await story.advance(seconds=5)
    (row,) = await webhooks(story, case)
    assert row.state is DeliveryState.DELIVERED
    assert "a172@ug.example" not in story.told(), "and nobody else is told for that"


async def test_what_failed_and_what_was_parked_is_sent_again(story: Story) -> None:
    await load(story)
    story.receiver.answers = [404, 415]
    cases = [await a_case(story), await a_case(story, "another")]
    await story.drain()
    assert len(await parked_messages(story.ports)) == 1
    for case in cases:
        (row,) = await webhooks(story, case)
        await resend_delivery(row.id, OPERATOR, story.ports)
    await story.drain()
    assert [(await webhooks(story, case))[0].state for case in cases] == [DeliveryState.DELIVERED] * 2
    assert await parked_messages(story.ports) == []


async def test_what_waits_for_its_next_try_goes_now_and_is_not_sent_twice(story: Story) -> None:
    await load(story)
    story.receiver.answers = [503] * 4
    case = await a_case(story)
    await story.advance(minutes=1)
    (row,) = await webhooks(story, case)
    await resend_delivery(row.id, OPERATOR, story.ports)
    await resend_delivery(row.id, OPERATOR, story.ports)
    await story.drain()
    assert (await webhooks(story, case))[0].state is DeliveryState.DELIVERED
    taken = len(story.receiver.received)
    await story.advance(hours=1)
    assert len([each for each in story.receiver.received[taken:] if each[0] == row.id]) == 0


async def test_a_message_that_is_being_sent_cannot_be_sent_again(story: Story) -> None:
    await load(story)
    case = await a_case(story)
    await story.system.worker.drain([Lane.FLOW])
    now = story.clock.now()
    async with story.system.database.write() as work:
        await work.outbox.claim(Lane.WEBHOOK, claim="w:1", now=now, until=now + timedelta(seconds=60), limit=10)
        await work.commit()
    (row,) = await webhooks(story, case)
    with pytest.raises(Conflict):
        await resend_delivery(row.id, OPERATOR, story.ports)


async def test_a_mail_is_sent_again_under_its_id_too(story: Story) -> None:
    await load(story)
    case = await a_case(story)
    await story.drain()
    async with story.system.database.read() as work:
        rows = await work.deliveries.of_case(CaseReference(case))
    (row,) = [row for row in rows if row.contact == UG and row.channel is ChannelName.EMAIL]
    await resend_delivery(row.id, UGANDA, story.ports)
    await story.drain()
    first, again = story.inbox("a171@ug.example")
    assert first.text == again.text and row.id.encode() in again.content


async def test_a_reminder_is_sent_again_even_after_the_answer(story: Story) -> None:
    await load(story)
    case = await a_case(story)
    await story.advance(hours=4)
    (reminder,) = [row for row in await webhooks(story, case) if row.kind == "notification.reminder"]
    told = await story.notification(CaseReference(case), "UG")
    said = {"by": "A. Person", "office": "Desk"}
    await acknowledge_by_telephone(CaseReference(case), StateCode("UG"), **said, account=OPERATOR, ports=story.ports)
    assert told.id == reminder.notification_id
    await resend_delivery(reminder.id, OPERATOR, story.ports)
    await story.drain()
    assert [webhook_id for webhook_id, _ in story.receiver.received].count(reminder.id) == 2


async def test_an_endpoint_is_sent_what_it_missed_and_nothing_else(story: Story) -> None:
    await load(story)
    await a_case(story, "taken")
    await story.drain()
    always(story, 404)
    missed = [await a_case(story, f"missed-{number}") for number in range(3)]
    await queue_test_notice(UG, OPERATOR, story.ports)
    await story.drain()
    always(story, 200)
    before = len(story.receiver.received)
    answer = await replay_contact(UG, START, UGANDA, story.ports)
    assert (answer["queued"], answer["next_since"]) == (3, None)
    await story.drain()
    sent = [body["data"]["case_reference"] for _, body in story.receiver.received[before:]]
    assert sorted(sent) == sorted(missed)
    (replayed,) = await events(story, "EndpointReplayed")
    assert (replayed["contact"], replayed["number"], replayed["account"]) == (UG, 3, UGANDA.id)
    resent = [body["account"] for case in missed for body in await events(story, "DeliveryResent", case)]
    assert resent == [UGANDA.id] * 3
    assert (await replay_contact(UG, START, UGANDA, story.ports))["queued"] == 0, "twice sends nothing twice"


async def test_everything_since_a_time_is_sent_when_it_is_asked_for(story: Story) -> None:
    await load(story)
    await a_case(story, "before")
    await story.advance(minutes=10)
    since = story.clock.now()
    later = await a_case(story, "later")
    await story.drain()
    before = len(story.receiver.received)
    assert (await replay_contact(UG, since, UGANDA, story.ports, everything=True))["queued"] == 1
    await story.drain()
    assert [body["data"]["case_reference"] for _, body in story.receiver.received[before:]] == [later]


async def test_a_replay_waits_behind_whatever_is_urgent(story: Story) -> None:
    await load(story)
    await a_case(story)
    await story.drain()
    await replay_contact(UG, START, OPERATOR, story.ports, everything=True)
    async with story.system.database.write() as work:
        now = story.clock.now()
        claimed = await work.outbox.claim(Lane.WEBHOOK, claim="w:1", now=now, until=now, limit=10)
    assert [message.urgency.name for message in claimed] == ["RETRY"]


async def test_a_long_replay_says_from_when_to_go_on(story: Story) -> None:
    await load(story)
    always(story, 404)
    for number in range(3):
        await a_case(story, f"key-{number}")
        await story.advance(minutes=1)
    always(story, 200)
    answer = await replay_contact(UG, START, OPERATOR, story.ports, most=2)
    assert (answer["queued"], answer["next_since"]) == (2, "2026-11-18T09:02:00Z")


async def test_an_endpoint_that_is_gone_or_not_registered_is_sent_nothing(story: Story) -> None:
    await load(story)
    story.receiver.answers = [410]
    case = await a_case(story)
    await story.drain()
    with pytest.raises(Conflict, match="gone"):
        await replay_contact(UG, START, OPERATOR, story.ports)
    (row,) = await webhooks(story, case)
    await resend_delivery(row.id, OPERATOR, story.ports)
    await story.drain()
    assert (await webhooks(story, case))[0].state is DeliveryState.DELIVERED, "one by hand is tried"
    await story.load([contact("UG", order=2)])
    with pytest.raises(Conflict, match="endpoint"):
        await replay_contact(ContactId("ug-a17-2"), START, OPERATOR, story.ports)


async def test_the_future_holds_nothing_to_be_sent_again(story: Story) -> None:
    await load(story)
    with pytest.raises(InvalidDocument):
        await replay_contact(UG, START + timedelta(days=1), OPERATOR, story.ports)


async def test_only_ones_own_state_is_seen_and_sent_again(story: Story) -> None:
    await load(story)
    case = await a_case(story)
    await story.drain()
    (row,) = await webhooks(story, case)
    for act in (
        lambda account: list_attempts(UG, account, story.ports),
        lambda account: resend_delivery(row.id, account, story.ports),
        lambda account: replay_contact(UG, START, account, story.ports),
    ):
        with pytest.raises(NotFound):
            await act(BRAZIL)
        with pytest.raises(NotAllowed):
            await act(Account(AccountId("acc"), "Reader", Role.READER, None))
    with pytest.raises(NotFound):
        await resend_delivery(DeliveryId("dlv_unknown"), UGANDA, story.ports)
    async with story.system.database.read() as work:
        (filed,) = [row for row in await work.deliveries.of_case(CaseReference(case)) if row.contact is None]
    with pytest.raises(NotFound):
        await resend_delivery(filed.id, UGANDA, story.ports)
    await resend_delivery(filed.id, OPERATOR, story.ports)
    assert len(await events(story, "DeliveryResent", case)) == 1
    assert await events(story, "DeliveryResent", SERVICE_CHAIN) == []
