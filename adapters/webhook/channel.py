"""Delivers notices to the national systems of contacts: one signed POST for each try, never retried here."""

from __future__ import annotations

import hmac
import json
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_hex

import aiohttp
from aiohttp.abc import AbstractResolver
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.outbound.client import Answer, guarded_session, post
from adapters.outbound.guard import Networks, check_url
from adapters.webhook import signing
from adapters.webhook.answer import proof_from
from adapters.webhook.certificates import host_of
from adapters.webhook.payload import Payloads
from contacts.model import WebhookFormat
from notify.delivery import Dispatch, Proof
from notify.errors import DeliveryError, FailureKind
from notify.words import ChannelName

TIMEOUT_SECONDS = 20.0
_MEDIA_TYPES = {
    WebhookFormat.STANDARD: "application/json",
    WebhookFormat.CLOUDEVENTS: "application/cloudevents+json",
}


class WebhookChannel:
    """Posts Standard Webhooks to endpoints that answered their challenge."""

    name = ChannelName.WEBHOOK

    def __init__(
        self,
        *,
        signing_keys: Sequence[Ed25519PrivateKey],
        allowed_networks: Networks = (),
        timeout_seconds: float = TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.time,
        ssl_context: ssl.SSLContext | None = None,
        resolver: AbstractResolver | None = None,
        client_certificates: Mapping[str, ssl.SSLContext] | None = None,
        source: str = "article17",
    ) -> None:
        """Take the service keys (newest first) and `clock`, wall-clock seconds since 1970.

        `client_certificates` are the TLS settings of hosts that ask who calls; `source` names us in CloudEvents.
        """
        self._keys = tuple(signing_keys)
        self._allowed = allowed_networks
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._ssl_context = ssl_context
        self._resolver = resolver
        self._certificates = dict(client_certificates or {})
        self._payloads = Payloads(source=source)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the HTTP session; call it once before the first delivery."""
        self._session = guarded_session(self._allowed, ssl_context=self._ssl_context, resolver=self._resolver)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def use_signing_keys(self, keys: Sequence[Ed25519PrivateKey]) -> None:
        """Sign with these service keys from the next try on."""
        self._keys = tuple(keys)

    async def deliver(self, dispatch: Dispatch) -> Proof:
        """Make one try; a 2xx is proof of delivery, everything else a DeliveryError."""
        recipient = dispatch.recipient
        if not recipient.webhook_url:
            raise DeliveryError("the contact has no webhook", permanent=True)
        body = self._payloads.body(dispatch)
        headers = self._headers(dispatch.delivery_id, body, recipient.webhook_secrets, recipient.webhook_format)
        answer = await self._send(recipient.webhook_url, body, headers)
        return proof_from(answer, self._now())

    async def challenge(self, url: str, secrets: Sequence[bytes], form: WebhookFormat = WebhookFormat.STANDARD) -> None:
        """Ask the endpoint to prove that its owner wants our messages: it must echo a signed random challenge.

        DeliveryError when it cannot be reached, answers anything but 2xx, or does not echo.
        """
        challenge, message_id = token_hex(16), f"challenge_{token_hex(16)}"
        body = self._payloads.challenge(form, message_id, challenge, self._now())
        answer = await self._send(url, body, self._headers(message_id, body, secrets, form))
        proof_from(answer, self._now())
        if not hmac.compare_digest(_echo(answer.body), challenge.encode()):
            raise DeliveryError(
                'the endpoint did not answer {"challenge": …} as it was sent',
                permanent=True,
                status=answer.status,
                answer=answer.text,
            )

    async def _send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if self._session is None:
            raise RuntimeError("the webhook channel is not open")
        check_url(url, self._allowed)
        own_tls = self._certificates.get(host_of(url)) if self._certificates else None
        return await post(self._session, url, body, headers, timeout_seconds=self._timeout_seconds, ssl_context=own_tls)

    def _headers(self, message_id: str, body: bytes, secrets: Sequence[bytes], form: WebhookFormat) -> dict[str, str]:
        timestamp = int(self._clock())
        try:
            signature = signing.sign(message_id, timestamp, body, secrets=secrets, keys=self._keys)
        except ValueError as error:
            raise DeliveryError(f"it cannot be signed: {error}", permanent=True, kind=FailureKind.OURS) from error
        return {
            "content-type": _MEDIA_TYPES[form],
            "user-agent": "article17",
            signing.ID_HEADER: message_id,
            signing.TIMESTAMP_HEADER: str(timestamp),
            signing.SIGNATURE_HEADER: signature,
        }

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _echo(body: bytes) -> bytes:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return b""
    echoed = document.get("challenge") if isinstance(document, dict) else None
    return echoed.encode("utf-8", "replace") if isinstance(echoed, str) else b""
