"""The example receiver, run as a process: it takes what the service signs, once, and nothing else."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import importlib.util
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.database.keys import ServiceKey
from adapters.outbound.guard import read_networks
from adapters.webhook.channel import WebhookChannel
from adapters.webhook.payload import Payloads
from adapters.webhook.signing import new_secret, new_signing_key, sign, write_public_key, write_secret
from adapters.wiring.signing_keys import published
from contacts.model import WebhookFormat
from notify.delivery import DeliveryState, Dispatch
from notify.errors import DeliveryError
from notify.words import DeliveryId
from tests.adapters.test_webhook_payload import NOW, RECIPIENT
from tests.adapters.test_webhook_payload import dispatch as a_dispatch

PROGRAM = Path(__file__).parents[2] / "examples" / "receivers" / "receiver.py"
SECRET = new_secret()
KEY = new_signing_key()


@dataclass(slots=True)
class Running:
    """One receiver process."""

    url: str
    process: asyncio.subprocess.Process

    async def shown(self) -> dict[str, Any]:
        """Read the next message that it printed."""
        assert self.process.stdout is not None
        document: dict[str, Any] = json.loads(await asyncio.wait_for(self.process.stdout.readline(), 10))
        return document


@asynccontextmanager
async def running(*options: str, secrets: str = "", python: tuple[str, ...] = ()) -> AsyncIterator[Running]:
    """Start the receiver on any free port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *python, str(PROGRAM), "--port", "0", *options,
        env={**os.environ, "WEBHOOK_SECRET": secrets, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        first = (await asyncio.wait_for(process.stderr.readline(), 20)).decode()
        assert first.startswith("listening on "), first
        yield Running(first.removeprefix("listening on ").strip(), process)
    finally:
        if process.returncode is None:
            process.terminate()
        _, errors = await process.communicate()
        assert b"Traceback" not in errors, errors.decode()


def with_secret() -> Any:
    """Run it as far as the standard library goes: without any installed package."""
    return running(secrets=write_secret(SECRET), python=("-I", "-S"))


def keys_file(folder: Path, *keys: dict[str, Any]) -> str:
    """Save published keys as an operator would."""
    path = folder / "article17-keys.json"
    path.write_text(json.dumps({"keys": keys}), encoding="utf-8")
    return str(path)


@asynccontextmanager
async def channel(clock: Callable[[], float] = time.time) -> AsyncIterator[WebhookChannel]:
    opened = WebhookChannel(signing_keys=[KEY], allowed_networks=read_networks("127.0.0.0/8"), clock=clock)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


def dispatch(url: str, delivery: str = "dlv_1", secret: bytes | None = SECRET) -> Dispatch:
    recipient = replace(RECIPIENT, webhook_url=url, webhook_secrets=(secret,) if secret else ())
    return replace(a_dispatch(recipient=recipient), delivery_id=DeliveryId(delivery))


async def status_of(url: str, headers: Mapping[str, str], body: bytes) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status


def signed(
    message_id: str = "dlv_1", timestamp: str | None = None, secret: bytes = SECRET
) -> tuple[dict[str, str], bytes]:
    """Sign a real body by hand, so that each part can be spoilt afterwards or signed although it is wrong."""
    body = Payloads().body(dispatch("http://127.0.0.1/", message_id))
    moment = timestamp if timestamp is not None else str(int(time.time()))
    code = hmac.digest(secret, f"{message_id}.{moment}.".encode() + body, hashlib.sha256)
    signature = f"v1,{base64.b64encode(code).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": moment, "webhook-signature": signature}, body


async def test_it_takes_what_the_service_signs_with_the_secret_and_needs_no_package_for_it() -> None:
    async with with_secret() as receiver, channel() as service:
        proof = await service.deliver(dispatch(receiver.url))
        assert (proof.state, proof.status) == (DeliveryState.DELIVERED, 204)
        shown = await receiver.shown()
    assert (shown["id"], shown["type"], shown["case_reference"]) == ("dlv_1", "notification.issued", "A17-2026-0001")
    assert "abc" not in json.dumps(shown), "the link that acknowledges must not stand in a log"


async def test_it_takes_what_the_service_signs_with_its_published_key(tmp_path: Path) -> None:
    retired = {"public_key": write_public_key(new_signing_key().public_key()), "retired_at": "2026-11-01T00:00:00Z"}
    present = {"public_key": write_public_key(KEY.public_key()), "retired_at": None}
    async with running("--keys", keys_file(tmp_path, present, retired)) as receiver, channel() as service:
        assert (await service.deliver(dispatch(receiver.url, secret=None))).status == 204
        assert (await receiver.shown())["id"] == "dlv_1"
        await service.challenge(receiver.url, [new_secret()])


async def test_it_takes_a_cloudevent_too() -> None:
    async with with_secret() as receiver, channel() as service:
        made = dispatch(receiver.url)
        made = replace(made, recipient=replace(made.recipient, webhook_format=WebhookFormat.CLOUDEVENTS))
        assert (await service.deliver(made)).status == 204
        assert (await receiver.shown())["case_reference"] == "A17-2026-0001"
        await service.challenge(receiver.url, [SECRET], WebhookFormat.CLOUDEVENTS)


async def test_a_key_that_is_about_to_retire_still_opens(tmp_path: Path) -> None:
    ending = ServiceKey("key_1", KEY.public_key().public_bytes_raw(), b"", NOW, NOW + timedelta(days=7))
    (shown,) = published([ending], NOW)
    async with running("--keys", keys_file(tmp_path, shown)) as receiver, channel() as service:
        assert (await service.deliver(dispatch(receiver.url, secret=None))).status == 204


async def test_a_key_that_is_retired_or_not_pinned_opens_nothing(tmp_path: Path) -> None:
    retired = {"public_key": write_public_key(KEY.public_key()), "retired_at": "2026-11-01T00:00:00Z"}
    other = {"public_key": write_public_key(new_signing_key().public_key())}
    async with running("--keys", keys_file(tmp_path, other, retired)) as receiver, channel() as service:
        with pytest.raises(DeliveryError) as caught:
            await service.deliver(dispatch(receiver.url, secret=None))
    assert (caught.value.status, caught.value.permanent) == (401, True)


async def test_a_double_is_answered_2xx_and_shown_once() -> None:
    async with with_secret() as receiver, channel() as service:
        for delivery in ("dlv_1", "dlv_1", "dlv_2"):
            assert (await service.deliver(dispatch(receiver.url, delivery))).status == 204
        assert [(await receiver.shown())["id"] for _ in range(2)] == ["dlv_1", "dlv_2"]


async def test_doubles_that_come_at_the_same_moment_are_shown_once() -> None:
    async with with_secret() as receiver, channel() as service:
        proofs = await asyncio.gather(*(service.deliver(dispatch(receiver.url)) for _ in range(8)))
        assert {proof.status for proof in proofs} == {204}
        await service.deliver(dispatch(receiver.url, "dlv_2"))
        assert [(await receiver.shown())["id"] for _ in range(2)] == ["dlv_1", "dlv_2"]


@pytest.mark.parametrize("away", [-290, 290])
async def test_a_message_less_than_five_minutes_away_is_taken(away: int) -> None:
    async with with_secret() as receiver, channel(lambda: time.time() + away) as service:
        assert (await service.deliver(dispatch(receiver.url))).status == 204


@pytest.mark.parametrize("away", [-310, 310, -86_400])
async def test_a_message_more_than_five_minutes_away_is_refused(away: int) -> None:
    async with with_secret() as receiver, channel(lambda: time.time() + away) as service:
        with pytest.raises(DeliveryError) as caught:
            await service.deliver(dispatch(receiver.url))
    assert caught.value.status == 401


@pytest.mark.parametrize("write", ["{}.0", " {}", "+{}", "{}e0", "0x{:x}", "{}_0", ""])
async def test_a_timestamp_that_is_no_whole_number_is_refused_though_it_is_signed(write: str) -> None:
    headers, body = signed(timestamp=write.format(int(time.time())))
    async with with_secret() as receiver:
        assert await status_of(receiver.url, headers, body) == 401


async def test_a_message_that_was_tampered_with_is_refused() -> None:
    headers, body = signed()
    seconds = int(headers["webhook-timestamp"])
    own_key = sign("dlv_1", seconds, body, keys=[KEY])
    async with with_secret() as receiver:
        for spoilt, content in (
            (headers, body.replace(b'"high"', b'"low"')),
            (headers, body + b" "),
            (headers | {"webhook-id": "dlv_2"}, body),
            (headers | {"webhook-timestamp": str(seconds - 1)}, body),
            (signed(secret=new_secret())[0], body),
            (headers | {"webhook-signature": own_key}, body),
            ({name: value for name, value in headers.items() if name != "webhook-signature"}, body),
        ):
            assert await status_of(receiver.url, spoilt, content) == 401
        assert await status_of(receiver.url, headers, body) == 204


@pytest.mark.parametrize("signature", ["", "v1", "v1,", "v1,é", "v1,,", "v1a,", "v1a,!!!", "v2,abc", " ", "v1 v1a"])
async def test_a_signature_of_any_shape_is_refused_without_a_crash(signature: str, tmp_path: Path) -> None:
    keys = keys_file(tmp_path, {"public_key": write_public_key(KEY.public_key())})
    headers, body = signed()
    async with running("--keys", keys, secrets=write_secret(SECRET)) as receiver:
        assert await status_of(receiver.url, headers | {"webhook-signature": signature}, body) == 401
        assert await status_of(receiver.url, headers, body) == 204


async def test_one_good_signature_among_others_is_enough_so_that_secrets_can_be_changed() -> None:
    headers, body = signed()
    later = f"v1,AAAA {headers['webhook-signature']}"
    async with running(secrets=f"{write_secret(new_secret())} {write_secret(SECRET)}") as receiver:
        assert await status_of(receiver.url, headers | {"webhook-signature": later}, body) == 204


async def test_a_challenge_under_its_own_secret_is_echoed_and_not_shown() -> None:
    async with with_secret() as receiver, channel() as service:
        await service.challenge(receiver.url, [SECRET])
        await service.deliver(dispatch(receiver.url, "dlv_9"))
        assert (await receiver.shown())["id"] == "dlv_9"


async def test_a_challenge_that_cannot_be_verified_is_echoed_only_while_registering() -> None:
    async with with_secret() as receiver, channel() as service:
        with pytest.raises(DeliveryError) as caught:
            await service.challenge(receiver.url, [new_secret()])
        assert caught.value.status == 401
    async with running("--registering") as receiver, channel() as service:
        await service.challenge(receiver.url, [new_secret()])
        with pytest.raises(DeliveryError) as busy:
            await service.deliver(dispatch(receiver.url))
    assert (busy.value.status, busy.value.permanent) == (503, False), "it comes again when the secret is there"


async def test_a_body_that_is_too_large_is_refused_before_it_is_read() -> None:
    async with with_secret() as receiver:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(receiver.url.rstrip("/").rpartition(":")[2]))
        writer.write(b"POST / HTTP/1.0\r\ncontent-length: 100000\r\n\r\n")
        assert b" 413 " in await asyncio.wait_for(reader.readline(), 10)
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("secret", ["", "v1,whsec_AAAA", "whsec_é"])
async def test_it_does_not_start_without_something_to_verify_with(secret: str) -> None:
    with pytest.raises(AssertionError, match="usage"):
        async with running(secrets=secret):
            pass


def memory(most: int, clock: Callable[[], float]) -> Any:
    """Load the program's memory of ids without running the program."""
    specification = importlib.util.spec_from_file_location("example_receiver", PROGRAM)
    assert specification is not None and specification.loader is not None
    program = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(program)
    return program.Taken(most, clock), program.Refused


def test_ids_are_remembered_for_as_long_as_the_service_tries_and_no_longer() -> None:
    now = [0.0]
    taken, _ = memory(10, lambda: now[0])
    taken.add("dlv_1")
    for hours, known in ((72, True), (74, False)):
        now[0] = hours * 3600.0
        taken.make_room()
        assert taken.knows("dlv_1") is known


def test_a_full_memory_forgets_the_oldest_but_none_that_could_be_replayed() -> None:
    now = [0.0]
    taken, refused = memory(2, lambda: now[0])
    for message_id in ("dlv_1", "dlv_2"):
        taken.make_room()
        taken.add(message_id)
    now[0] = 599.0
    with pytest.raises(refused) as caught:
        taken.make_room()
    assert caught.value.status == 503
    assert taken.knows("dlv_1")
    now[0] = 601.0
    taken.make_room()
    assert (taken.knows("dlv_1"), taken.knows("dlv_2")) == (False, True)
