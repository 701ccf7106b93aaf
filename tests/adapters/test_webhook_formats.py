"""The two formats of a webhook, and the thin body of what is confidential."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
import standardwebhooks
from aiohttp import web

from adapters.webhook.payload import LARGEST_BODY, Payloads
from adapters.webhook.signing import new_secret, verify, write_secret
from contacts.model import WebhookFormat
from notify.confidentiality import holds_marked
from notify.delivery import Dispatch
from notify.words import Audience
from tests.adapters.test_webhook_channel import KEY, SECRET, channel_at, receiver
from tests.adapters.test_webhook_channel import dispatch as to_receiver
from tests.adapters.test_webhook_payload import NOTICE, RECIPIENT, dispatch
from tests.builders import report_from

CLOUD = replace(RECIPIENT, webhook_format=WebhookFormat.CLOUDEVENTS)
Handler = Callable[[web.Request], Awaitable[web.Response]]


def body_of(made: Dispatch) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Payloads(source="https://article17.example").body(made))
    return document


def test_a_cloudevent_carries_the_same_data_under_its_own_envelope() -> None:
    plain, cloud = body_of(dispatch()), body_of(dispatch(recipient=CLOUD))
    assert cloud.pop("data") == plain["data"]
    assert cloud == {
        "specversion": "1.0",
        "id": "d1",
        "source": "https://article17.example",
        "type": plain["type"],
        "time": plain["timestamp"],
        "subject": "A17-2026-0001",
        "datacontenttype": "application/json",
    }


def test_a_cloudevent_is_no_larger_than_any_other_webhook() -> None:
    made = dispatch(replace(NOTICE, report={"other_information": {"en": "x" * 30_000}}), CLOUD)
    body = Payloads(source="https://article17.example").body(made)
    assert len(body) <= LARGEST_BODY
    assert json.loads(body)["data"]["report_omitted"] is True


async def test_a_cloudevent_is_signed_like_any_other_webhook_and_says_what_it_is() -> None:
    received: list[tuple[dict[str, str], bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        received.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        return web.Response()

    async with receiver(handler) as url, channel_at(time.time) as channel:
        made = to_receiver(url)
        made = replace(made, recipient=replace(made.recipient, webhook_format=WebhookFormat.CLOUDEVENTS))
        await channel.deliver(made)
    headers, body = received[0]
    assert headers["content-type"] == "application/cloudevents+json"
    assert json.loads(body)["id"] == headers["webhook-id"]
    standardwebhooks.Webhook(write_secret(SECRET)).verify(body, headers)
    verify(headers, body, now=time.time(), keys=[KEY.public_key()])


async def test_the_challenge_comes_in_the_format_of_the_endpoint() -> None:
    types: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        document = json.loads(await request.read())
        types.append(request.content_type)
        assert (document["type"], "specversion" in document) == ("endpoint.test", "cloudevents" in request.content_type)
        return web.json_response({"challenge": document["data"]["challenge"]})

    async with receiver(handler) as url, channel_at() as channel:
        await channel.challenge(url, [SECRET], WebhookFormat.CLOUDEVENTS)
        await channel.challenge(url, [SECRET])
    assert types == ["application/cloudevents+json", "application/json"]


@pytest.mark.parametrize("form", list(WebhookFormat))
def test_what_is_confidential_goes_out_without_its_report(form: WebhookFormat) -> None:
    reader = replace(RECIPIENT, webhook_format=form)
    for made in (
        dispatch(replace(NOTICE, confidential=True), reader),
        dispatch(NOTICE, replace(reader, given_in_confidence=True)),
    ):
        body = Payloads().body(made)
        assert "ACS-OSØØ3-7" not in body.decode()
        seen = json.loads(body)["data"]
        assert "report" not in seen
        assert seen["report_omitted"] is True
        kept = {"case_reference", "notification_id", "severity", "sequence", "case_url", "acknowledge_url", "due_at"}
        assert all(seen[name] for name in kept)


def test_a_reader_in_confidence_and_another_one_never_get_each_others_body() -> None:
    payloads = Payloads()
    thin = dispatch(NOTICE, replace(RECIPIENT, given_in_confidence=True))
    for made, has_report in ((thin, False), (dispatch(), True), (thin, False), (dispatch(), True)):
        assert ("report" in json.loads(payloads.body(made))["data"]) is has_report


def test_only_a_marked_field_that_the_reader_reads_makes_a_case_confidential() -> None:
    report = report_from("KE", "UG", quantity={"text": {"en": "40 kg"}})
    assert not holds_marked(report, Audience.RECIPIENTS), "the sender's name is no secret in the sense of Article 21"
    report["confidential"] = {"/quantity": {"audience": "recipients", "ground": "article_21_1"}}
    assert [holds_marked(report, audience) for audience in Audience] == [True, True, False, False]
    report["confidential"]["/quantity"]["audience"] = "secretariat"
    assert [holds_marked(report, audience) for audience in Audience] == [True, False, False, False]


async def test_all_secrets_of_an_endpoint_sign_while_one_is_changed() -> None:
    received: list[tuple[dict[str, str], bytes]] = []
    old, new = new_secret(), new_secret()

    async def handler(request: web.Request) -> web.Response:
        received.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        return web.Response()

    async with receiver(handler) as url, channel_at(time.time) as channel:
        made = to_receiver(url)
        await channel.deliver(replace(made, recipient=replace(made.recipient, webhook_secrets=(new, old))))
    headers, body = received[0]
    for secret in (new, old):
        standardwebhooks.Webhook(write_secret(secret)).verify(body, headers)
    assert [part.partition(",")[0] for part in headers["webhook-signature"].split(" ")] == ["v1", "v1", "v1a"]
