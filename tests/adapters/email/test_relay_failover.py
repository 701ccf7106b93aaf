"""Several relays in order: one that fails is left for a while, the next takes over, and it comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.email.channel import EmailChannel
from adapters.email.relay import Relay
from adapters.email.relays import Relays
from notify.errors import DeliveryError, FailureKind
from tests.adapters.email.smtp_servers import LOCAL, ScriptedServer
from tests.adapters.mail_builders import NOW, composer, dispatch

LONG = 3600.0


def relay_at(port: int) -> Relay:
    return Relay(LOCAL, port, "none", timeout=5.0, connect_timeout=5.0)


@asynccontextmanager
async def channel_to(
    relays: Sequence[Relay | ScriptedServer], rest_seconds: float = LONG
) -> AsyncIterator[EmailChannel]:
    chosen = [each if isinstance(each, Relay) else relay_at(each.port) for each in relays]
    channel = EmailChannel(chosen, composer(), lambda i: "b@x.example", lambda: NOW, rest_seconds=rest_seconds)
    try:
        yield channel
    finally:
        await channel.close()


@asynccontextmanager
async def running(*servers: ScriptedServer) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for server in servers:
            await stack.enter_async_context(server.running())
        yield


FAILING = {
    "greets with 4xx": ScriptedServer(greeting="421 4.3.2 going down"),
    "greets with 5xx": ScriptedServer(greeting="554 5.7.1 not you"),
    "hangs up": ScriptedServer(replies={"EHLO": None}),
    "refuses every sender": ScriptedServer(replies={"MAIL": "451 4.3.1 no space left"}),
    "wants us to sign in": ScriptedServer(replies={"MAIL": "530 5.7.0 authentication required"}),
    "hangs up at the sender": ScriptedServer(replies={"MAIL": None}),
    "hangs up at the recipient": ScriptedServer(replies={"RCPT": None}),
    "closes at the recipient": ScriptedServer(replies={"RCPT": "421 4.3.2 going down"}),
}


@pytest.mark.parametrize("first", FAILING.values(), ids=FAILING.keys())
async def test_the_next_relay_takes_over_from_one_that(first: ScriptedServer) -> None:
    first.connections, second = 0, ScriptedServer()
    async with running(first, second), channel_to([first, second]) as channel:
        for _ in range(3):
            await channel.deliver(dispatch())
        [outage] = await channel.look_at_relays()
    assert len(second.mails) == 3
    # The other mails did not ask it again.
    assert first.connections == 1
    assert (outage.relay, outage.since) == (f"{LOCAL}:{first.port}", NOW)
    assert outage.reason.startswith("the mail relay ")


async def test_the_next_relay_takes_over_from_one_that_is_not_there_or_refuses_our_account() -> None:
    async with ScriptedServer().running() as gone:
        nowhere = relay_at(gone.port)
    refusing = ScriptedServer(offers=("AUTH PLAIN",), replies={"AUTH": "535 5.7.8 wrong password"})
    last = ScriptedServer()
    async with running(refusing, last):
        signing_in = replace(relay_at(refusing.port), username="article17", password="wrong")
        async with channel_to([nowhere, signing_in, last]) as channel:
            await channel.deliver(dispatch())
            outages = await channel.look_at_relays()
    assert (len(last.mails), refusing.mails) == (1, [])
    assert ["cannot be reached" in outages[0].reason, "535" in outages[1].reason] == [True, True]
    assert "wrong password" in outages[1].reason and '"wrong"' not in outages[1].reason


async def test_a_relay_without_the_encryption_that_is_required_gets_nothing_and_the_next_one_does() -> None:
    plain, second = ScriptedServer(), ScriptedServer()
    async with running(plain, second):
        demanding = Relay("localhost", plain.port, timeout=5.0)
        async with channel_to([demanding, second]) as channel:
            await channel.deliver(dispatch())
            [outage] = await channel.look_at_relays()
    assert (plain.said("MAIL"), len(second.mails)) == ([], 1)
    assert "does not offer what is required" in outage.reason and "STARTTLS" in outage.reason


@pytest.mark.parametrize("replies", [{"RCPT": "550 5.1.1 user unknown"}, {"RCPT": "450 4.7.1 greylisted"},
                                     {"END": "554 5.7.1 looks like spam"}])  # fmt: skip
async def test_what_a_relay_says_of_the_mail_is_no_reason_to_try_another(replies: dict[str, str]) -> None:
    first, second = ScriptedServer(replies=replies), ScriptedServer()
    async with running(first, second), channel_to([first, second]) as channel:
        with pytest.raises(DeliveryError):
            await channel.deliver(dispatch())
        assert await channel.look_at_relays() == []
    assert second.connections == 0


async def test_a_mail_that_a_relay_may_have_got_is_not_given_to_the_next_one_at_once() -> None:
    first, second = ScriptedServer(replies={"END": None}), ScriptedServer()
    async with running(first, second), channel_to([first, second]) as channel:
        with pytest.raises(DeliveryError) as caught:
            await channel.deliver(dispatch())
        assert (caught.value.permanent, len(first.mails), second.connections) == (False, 1, 0)
        # The retry, under the same Message-ID, goes by the other relay.
        await channel.deliver(dispatch())
    assert len(second.mails) == 1


async def test_when_no_relay_works_each_is_tried_and_the_reason_names_all() -> None:
    first, second = ScriptedServer(greeting="554 no"), ScriptedServer(greeting="421 later")
    async with running(first, second), channel_to([first, second]) as channel:
        for _ in range(2):
            with pytest.raises(DeliveryError) as caught:
                await channel.deliver(dispatch())
    assert (first.connections, second.connections) == (2, 2)
    assert (caught.value.kind, caught.value.permanent) == (FailureKind.TEMPORARY, False)
    assert all(f"{LOCAL}:{server.port}: the mail relay refused" in caught.value.reason for server in (first, second))


async def test_a_relay_that_is_back_is_used_again_without_a_mail_having_waited_for_it() -> None:
    first, second = ScriptedServer(greeting="421 later"), ScriptedServer()
    async with running(first, second), channel_to([first, second], rest_seconds=0.0) as channel:
        await channel.deliver(dispatch())
        first.greeting = "220 back"
        assert await channel.look_at_relays() == []
        await channel.deliver(dispatch())
    assert (len(first.mails), len(second.mails)) == (1, 1)


async def test_mails_alone_find_out_that_a_relay_is_back() -> None:
    first, second = ScriptedServer(greeting="421 later"), ScriptedServer()
    async with running(first, second), channel_to([first, second], rest_seconds=0.0) as channel:
        await channel.deliver(dispatch())
        first.greeting = "220 back"
        async with asyncio.timeout(10):
            while not first.mails:
                await channel.deliver(dispatch())
    assert second.mails


async def test_rests_grow_to_a_limit_and_many_failures_at_once_count_as_one() -> None:
    now = [0.0]
    relays = Relays([relay_at(1), relay_at(2)], lambda: NOW + timedelta(seconds=now[0]), monotonic=lambda: now[0])
    first, second = relays.in_order()
    rests = []
    for _ in range(7):
        for _ in range(20):
            relays.failed(first, "down")
        rests.append(first.rests_until - now[0])
        now[0] = first.rests_until
    assert rests == [15.0, 30.0, 60.0, 120.0, 240.0, 300.0, 300.0]
    assert (first.away_since, second.works) == (NOW, True)
    relays.took_a_mail(first)
    assert (first.works, first.failures) == (True, 0)
    relays.failed(first, "down again")
    assert first.rests_until - now[0] == 15.0
    await relays.close()


async def test_no_transaction_begins_when_the_claim_on_the_delivery_is_about_to_end() -> None:
    """The first connection broke while this process was frozen, and another worker may own the delivery by now."""
    async with ScriptedServer().running() as server, channel_to([server]) as channel:
        await channel.deliver(dispatch())
        server.replies["MAIL"] = "421 4.4.2 idle for too long"
        asked: list[bool] = [True, False]
        with pytest.raises(DeliveryError) as caught:
            await channel.deliver(dispatch(may_begin=lambda: asked.pop(0)))
        assert (len(server.mails), len(server.said("MAIL")), asked) == (1, 2, [])
        assert await channel.look_at_relays() == []
    assert (caught.value.kind, caught.value.permanent) == (FailureKind.TEMPORARY, False)


async def test_no_other_relay_is_given_a_mail_when_the_claim_on_it_is_about_to_end() -> None:
    first, second = ScriptedServer(greeting="421 later"), ScriptedServer()
    async with running(first, second), channel_to([first, second]) as channel:
        with pytest.raises(DeliveryError):
            await channel.deliver(dispatch(may_begin=lambda: False))
    assert second.said("MAIL") == []
