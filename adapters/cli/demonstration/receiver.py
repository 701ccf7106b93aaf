"""Plays the national systems: a real webhook receiver on loopback that checks signatures and answers challenges."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from adapters.webhook import signing

CHALLENGE = "endpoint.test"
_BUSY = 503


@dataclass(frozen=True, slots=True)
class ReceivedWebhook:
    """One webhook that was taken, once for each id."""

    state: str
    id: str
    type: str
    content: dict[str, Any]


class WebhookReceiver:
    """Takes the webhooks of every State at `/hooks/{state}`; `failures` says how often a State answers 503 first."""

    def __init__(self, *, failures: dict[str, int]) -> None:
        self._failures = failures
        self.on_webhook: Callable[[ReceivedWebhook], None] = lambda webhook: None
        self._keys: Sequence[Ed25519PublicKey] = ()
        self._secrets: dict[str, bytes] = {}
        self._runner: web.AppRunner | None = None
        self.received: list[ReceivedWebhook] = []
        self.verified = 0
        self.unverified = 0
        self.turned_away = 0

    def trust(self, keys: Sequence[Ed25519PublicKey]) -> None:
        """Pin the service's published keys."""
        self._keys = tuple(keys)

    def keep_secret(self, state: str, secret: bytes) -> None:
        """Keep the secret that was shown when a State's endpoint was registered."""
        self._secrets[state] = secret

    @property
    def address(self) -> str:
        """The address that States' endpoints begin with."""
        if self._runner is None:
            raise RuntimeError("the webhook receiver is not started")
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}/hooks"

    async def start(self) -> None:
        """Listen on any free port of loopback."""
        app = web.Application()
        app.router.add_post("/hooks/{state}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        state, body = request.match_info["state"], await request.read()
        if not self._is_signed(request, state, body):
            self.unverified += 1
            return web.Response(status=401)
        self.verified += 1
        content = json.loads(body)
        if content["type"] == CHALLENGE:
            return web.json_response({"challenge": content["data"].get("challenge")})
        if self._failures.get(state, 0) > 0:
            self._failures[state] -= 1
            self.turned_away += 1
            return web.Response(status=_BUSY, text="the national system is being restarted")
        self._keep(ReceivedWebhook(state, request.headers[signing.ID_HEADER], content["type"], content))
        return web.Response(status=204)

    def _is_signed(self, request: web.Request, state: str, body: bytes) -> bool:
        """Check with the secret of the State once it has one, before that (the challenge) with the published keys."""
        secret = self._secrets.get(state)
        try:
            if secret is not None:
                signing.verify(request.headers, body, now=time.time(), secrets=[secret])
            signing.verify(request.headers, body, now=time.time(), keys=self._keys)
        except signing.SignatureError:
            return False
        return True

    def _keep(self, webhook: ReceivedWebhook) -> None:
        # A repetition carries the same id; the receiver drops it and still says yes.
        if all(known.id != webhook.id for known in self.received):
            self.received.append(webhook)
            self.on_webhook(webhook)
