"""Receives the webhooks of the Article 17 notification service: verifies, answers the challenge, drops doubles, prints.

A small model of what a national system does, in one file. It needs Python 3.11 or newer and, to verify with the
published keys (`v1a`), the package `cryptography`; with the secret of the endpoint (`v1`) nothing else.

    WEBHOOK_SECRET=whsec_… python receiver.py             # the secret that was shown at registration
    python receiver.py --keys article17-keys.json         # a copy of /.well-known/article17-keys.json
    python receiver.py --registering                      # for the challenge, while there is no secret yet

It speaks plain http on loopback: put a web server with TLS in front of it. docs/webhooks.md explains every step.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

TOLERANCE = 5 * 60
# The service's are below 20 kB; the rest is room for later.
LARGEST_BODY = 64 * 1024
# A copy of a message passes the check of its timestamp for this long, so no id is forgotten before.
REPLAYABLE = 2 * TOLERANCE
# The service tries for 72 hours, always under the same id.
TRIED_FOR = 73 * 60 * 60

Verifier = Callable[[bytes, Sequence[str]], bool]
"""Says whether one of the signatures fits the signed bytes."""


class Refused(Exception):
    """The message is not taken; the answer says by its status whether it may come again."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        super().__init__(reason)


class Taken:
    """Remembers the ids of messages, so that a double changes nothing. A real system keeps them in its database."""

    def __init__(self, most: int = 100_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._ids: OrderedDict[str, float] = OrderedDict()

    def knows(self, message_id: str) -> bool:
        """Say whether the message was taken before."""
        return message_id in self._ids

    def make_room(self) -> None:
        """Make room for one more id; raise Refused when only by forgetting one that could still be replayed."""
        now = self._clock()
        while self._ids and (self._age(now) > TRIED_FOR or len(self._ids) >= self._most):
            if self._age(now) <= REPLAYABLE:
                raise Refused(503, "too many messages at once")
            self._ids.popitem(last=False)

    def add(self, message_id: str) -> None:
        """Remember an id."""
        self._ids[message_id] = self._clock()

    def _age(self, now: float) -> float:
        return now - next(iter(self._ids.values()))


def verify(headers: Message, body: bytes, verifiers: Sequence[Verifier], now: float) -> str:
    """Check the three headers against the body as it came, and give the id; raise Refused otherwise."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", message_id):
        raise Refused(401, "no valid webhook-id")
    # Only ASCII digits: int() would also read "1_000", " 1 " and digits of other scripts.
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise Refused(401, "webhook-timestamp is no whole number")
    if abs(now - int(timestamp)) > TOLERANCE:
        raise Refused(401, "webhook-timestamp is more than five minutes away")
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = headers.get("webhook-signature", "").split(" ")[:20]
    if not any([verifier(content, signatures) for verifier in verifiers]):
        raise Refused(401, "no signature fits")
    return message_id


def by_secret(text: str) -> Verifier:
    """Verify `v1`, HMAC-SHA256; `text` is the whole `whsec_…`."""
    if not text.startswith("whsec_"):
        raise ValueError("a secret begins with whsec_ and nothing before it")
    secret = base64.b64decode(text.removeprefix("whsec_"), validate=True)

    def verifier(content: bytes, signatures: Sequence[str]) -> bool:
        expected = b"v1," + base64.b64encode(hmac.digest(secret, content, hashlib.sha256))
        # Constant time: how long it takes must not tell how much of a guess was right.
        return any([hmac.compare_digest(expected, given.encode("utf-8", "replace")) for given in signatures])

    return verifier


def by_key(text: str) -> Verifier:
    """Verify `v1a`, Ed25519; `text` is the whole `whpk_…`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(text.removeprefix("whpk_"), validate=True))

    def fits(signature: str, content: bytes) -> bool:
        try:
            key.verify(base64.b64decode(signature, validate=True), content)
        except (InvalidSignature, ValueError):
            return False
        return True

    def verifier(content: bytes, signatures: Sequence[str]) -> bool:
        return any(fits(given[4:], content) for given in signatures if given.startswith("v1a,"))

    return verifier


def keys_in(path: Path) -> list[str]:
    """Read the keys that still sign from a saved copy; a key is never taken from a request."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return [key["public_key"] for key in document["keys"] if not key.get("retired_at")]


class Receiver(ThreadingHTTPServer):
    """Takes messages one after the other, whatever the number of connections."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], verifiers: Sequence[Verifier], *, registering: bool) -> None:
        super().__init__(address, Handler)
        self._verifiers = verifiers
        self._registering = registering
        self._taken = Taken()
        self._turn = Lock()

    def receive(self, headers: Message, body: bytes) -> dict[str, Any] | None:
        """Take one message; give what is to be answered, or raise Refused."""
        try:
            message_id = verify(headers, body, self._verifiers, time.time())
        except Refused:
            if not self._registering:
                raise
            # The secret is shown after the challenge, so this one question is answered unverified.
            return self._echo(body, otherwise=Refused(503, "registering: try again later"))
        message = read(body)
        if is_challenge(message):
            return {"challenge": message["data"]["challenge"]}
        with self._turn:
            if not self._taken.knows(message_id):
                self._taken.make_room()
                show(message_id, message)
                # Remembered last: what could not be kept is not answered 2xx, and comes again.
                self._taken.add(message_id)
        return None

    def _echo(self, body: bytes, *, otherwise: Refused) -> dict[str, Any]:
        message = read(body)
        if not is_challenge(message):
            raise otherwise
        return {"challenge": message["data"]["challenge"]}


def read(body: bytes) -> dict[str, Any]:
    """Read the body, after its signature was checked; 415 says that we do not understand the format."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(415, "the body is no JSON") from None
    if not isinstance(message, dict) or not isinstance(message.get("data"), dict):
        raise Refused(415, "the body is no webhook")
    return message


def is_challenge(message: dict[str, Any]) -> bool:
    """Tell the question at registration from everything else."""
    challenge = message["data"].get("challenge")
    is_one = isinstance(challenge, str) and re.fullmatch(r"[0-9a-f]{32}", challenge) is not None
    return message.get("type") == "endpoint.test" and is_one


SHOWN = ("case_reference", "exercise", "sequence", "severity", "state", "notification_id", "due_at", "case_url")
"""Not `acknowledge_url`: who has it can acknowledge, so it does not belong in a log."""


def show(message_id: str, message: dict[str, Any]) -> None:
    """Print one line: here a real system stores the message and wakes a person."""
    members = {name: message["data"].get(name) for name in SHOWN}
    print(json.dumps({"id": message_id, "type": message.get("type"), **members}), flush=True)


class Handler(BaseHTTPRequestHandler):
    """Reads one request, hands it to the receiver, and answers."""

    server: Receiver
    timeout = 15
    """Seconds that a silent connection is kept."""

    def do_POST(self) -> None:
        """Take a webhook."""
        try:
            answer = self.server.receive(self.headers, self._body())
        except Refused as refused:
            print(f"refused with {refused.status}: {refused}", file=sys.stderr, flush=True)
            self._answer(refused.status, b"")
        else:
            # A 2xx says that this machine has the message. It is not an acknowledgement of the State.
            self._answer(*((204, b"") if answer is None else (200, json.dumps(answer).encode())))

    def _body(self) -> bytes:
        length = self.headers.get("content-length", "")
        if not re.fullmatch(r"[0-9]{1,9}", length):
            raise Refused(411, "no content-length")
        if int(length) > LARGEST_BODY:
            raise Refused(413, "the body is too large")
        return self.rfile.read(int(length))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        if status != 204:
            self.send_header("content-length", str(len(body)))
        if status == 503:
            self.send_header("retry-after", "60")
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Print no line for each request; what is refused is printed with its reason."""


def main() -> None:
    """Read the options and serve until interrupted."""
    parser = argparse.ArgumentParser(description="Receives webhooks of the Article 17 notification service.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0 for any free one")
    parser.add_argument("--keys", type=Path, help="a saved copy of /.well-known/article17-keys.json")
    parser.add_argument("--registering", action="store_true", help="answer challenges whose signature is not known yet")
    options = parser.parse_args()
    try:
        verifiers = [by_secret(secret) for secret in os.environ.get("WEBHOOK_SECRET", "").split()]
        verifiers += [by_key(key) for key in keys_in(options.keys)] if options.keys else []
    except (ImportError, KeyError, OSError, TypeError, ValueError) as error:
        parser.error(f"the secret or the keys cannot be read: {error}")
    if not verifiers and not options.registering:
        parser.error("there is nothing to verify with: set WEBHOOK_SECRET, or give --keys")
    with Receiver((options.host, options.port), verifiers, registering=options.registering) as server:
        print(f"listening on http://{options.host}:{server.server_port}/", file=sys.stderr, flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)


if __name__ == "__main__":
    main()
