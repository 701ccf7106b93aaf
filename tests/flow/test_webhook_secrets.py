"""Secrets and keys of webhooks are changed without a gap: the old one signs beside the new one, and then ends."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.webhook.signing import SignatureError, read_public_key, read_secret, verify
from adapters.wiring.signing_keys import change_signing_key, published
from contacts.model import ContactId, WebhookFormat
from notify.account import OPERATOR
from notify.errors import InvalidDocument
from notify.service.directory import load_contacts_file, register_webhook, remove_contact
from tests.builders import contact, report_from, secretariat
from tests.flow.story import Story

UG = ContactId("ug-a17-1")


class Endpoint:
    """A national system that keeps what it got, with the headers."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.received.append((dict(request.headers), body))
        challenge = json.loads(body)["data"].get("challenge")
        return web.json_response({"challenge": challenge}) if challenge else web.Response()

    def is_signed_by(self, *, secret: str = "", key: str = "", number: int = -1) -> bool:
        headers, body = self.received[number]
        secrets, keys = [read_secret(secret)] if secret else [], [read_public_key(key)] if key else []
        try:
            verify(headers, body, now=time.time(), secrets=secrets, keys=keys)
        except SignatureError:
            return False
        return True


@asynccontextmanager
async def an_endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    application = web.Application()
    application.router.add_post("/hook", endpoint.take)
    async with TestServer(application) as server:
        endpoint.url = str(server.make_url("/hook"))
        yield endpoint


async def register(story: Story, url: str, **options: object) -> str:
    made = await register_webhook(UG, OPERATOR, story.ports, url=url, **options)  # type: ignore[arg-type]
    return str(made["secret"])


async def send(story: Story, key: str) -> None:
    await story.submit(report_from("KE", "UG"), key=key)
    await story.drain()


async def test_a_second_registration_changes_the_secret_and_the_old_one_signs_for_a_day(story: Story) -> None:
    await load_contacts_file([contact("UG"), secretariat()], OPERATOR, story.ports)
    async with an_endpoint() as endpoint:
        old = await register(story, endpoint.url)
        assert not endpoint.is_signed_by(secret="whsec_" + base64.b64encode(bytes(32)).decode())
        new = await register(story, endpoint.url)
        assert new != old
        assert endpoint.is_signed_by(secret=old), "a receiver that knows only the old secret can verify the challenge"
        await send(story, "one")
        assert endpoint.is_signed_by(secret=old) and endpoint.is_signed_by(secret=new)
        await story.advance(hours=23)
        await send(story, "two")
        assert endpoint.is_signed_by(secret=old) and endpoint.is_signed_by(secret=new)
        await story.advance(hours=2)
        await send(story, "three")
        assert endpoint.is_signed_by(secret=new) and not endpoint.is_signed_by(secret=old)


async def test_a_stolen_secret_ends_at_once(story: Story) -> None:
    await load_contacts_file([contact("UG"), secretariat()], OPERATOR, story.ports)
    async with an_endpoint() as endpoint:
        old = await register(story, endpoint.url)
        new = await register(story, endpoint.url, old_secrets_for=timedelta(0))
        assert not endpoint.is_signed_by(secret=old), "not even the challenge"
        await send(story, "one")
        assert endpoint.is_signed_by(secret=new) and not endpoint.is_signed_by(secret=old)


async def test_another_endpoint_never_gets_a_signature_of_the_old_secret(story: Story) -> None:
    await load_contacts_file([contact("UG"), secretariat()], OPERATOR, story.ports)
    async with an_endpoint() as first, an_endpoint() as second:
        old = await register(story, first.url)
        new = await register(story, second.url)
        await send(story, "one")
        assert second.is_signed_by(secret=new)
        assert not any(second.is_signed_by(secret=old, number=n) for n in range(len(second.received)))
        assert len(first.received) == 1, "the challenge"


async def test_at_most_ten_secrets_sign(story: Story) -> None:
    await load_contacts_file([contact("UG"), secretariat()], OPERATOR, story.ports)
    async with an_endpoint() as endpoint:
        secrets = [await register(story, endpoint.url) for _ in range(12)]
        await send(story, "one")
        signed = [endpoint.is_signed_by(secret=secret) for secret in secrets]
    assert signed == [False] * 2 + [True] * 10


@pytest.mark.parametrize("hours", [-1, 169])
async def test_an_old_secret_signs_for_seven_days_at_most(story: Story, hours: int) -> None:
    await load_contacts_file([contact("UG")], OPERATOR, story.ports)
    with pytest.raises(InvalidDocument) as caught:
        await register(story, "https://x.example/", old_secrets_for=timedelta(hours=hours))
    assert [fault.pointer for fault in caught.value.faults] == ["/old_secret_hours"]


async def test_the_format_of_an_endpoint_stays_when_its_secret_is_changed(story: Story) -> None:
    await load_contacts_file([contact("UG"), secretariat()], OPERATOR, story.ports)
    async with an_endpoint() as endpoint:
        await register(story, endpoint.url, form=WebhookFormat.CLOUDEVENTS)
        await register(story, endpoint.url)
        await send(story, "one")
        headers, body = endpoint.received[-1]
    assert headers["Content-Type"] == "application/cloudevents+json"
    assert json.loads(body)["specversion"] == "1.0"


async def test_a_contact_that_is_removed_takes_its_secrets_with_it(story: Story) -> None:
    await load_contacts_file([contact("UG"), secretariat()], OPERATOR, story.ports)
    async with an_endpoint() as endpoint:
        await register(story, endpoint.url)
        await remove_contact(UG, OPERATOR, story.ports)
    async with story.system.database.read() as work:
        assert await work.contacts.webhook_secrets([UG], story.clock.now()) == {}


async def test_the_key_of_the_service_is_changed_and_both_sign_and_are_published_until_the_old_one_ends(
    story: Story,
) -> None:
    await load_contacts_file([contact("UG"), secretariat()], OPERATOR, story.ports)
    system = story.system
    async with an_endpoint() as endpoint:
        await register(story, endpoint.url)
        (before,) = published(system.signing_keys, story.clock.now())
        await change_signing_key(system.database, story.clock, timedelta(days=7))
        await system.refresh_signing_keys()
        new, old = published(system.signing_keys, story.clock.now())
        assert (old["public_key"], old["retired_at"], new["retires_at"]) == (before["public_key"], None, None)
        assert old["retires_at"] is not None
        await send(story, "one")
        assert endpoint.is_signed_by(key=new["public_key"]) and endpoint.is_signed_by(key=old["public_key"])
        await story.advance(days=7, seconds=1)
        await system.refresh_signing_keys()
        new, old = published(system.signing_keys, story.clock.now())
        assert (old["retires_at"], new["retired_at"]) == (None, None)
        assert old["retired_at"] is not None
        await send(story, "two")
        assert endpoint.is_signed_by(key=new["public_key"]) and not endpoint.is_signed_by(key=old["public_key"])
