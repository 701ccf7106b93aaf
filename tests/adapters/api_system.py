"""Puts the whole API on loopback: SQLite, a stepped clock, one account of each role, contacts for a few States."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDictProxy

from adapters.api import ApiOptions, add_api, middlewares
from adapters.attachments import FolderFiles
from adapters.bch.drafting import BiosafetyDecisionFormat
from adapters.clock import SteppedClock
from adapters.database.tables import metadata
from adapters.documents.cap import cap_document
from adapters.email.inbound.reading import mail_reader
from adapters.languages.sentences import record_label
from adapters.telemetry.metrics import Metrics
from adapters.wiring.secrets import MailTokens
from contacts.model import WebhookFormat
from contacts.registry import load_registry
from notify.account import OPERATOR
from notify.errors import DeliveryError
from notify.policy import load_policy
from notify.ports import Ports
from notify.service.access import create_account, ensure_operator, issue_token
from notify.words import DeliveryId
from tests.builders import network, report_from
from tests.databases import plain_database

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PUBLIC_URL = "https://article17.example"
WILLING = "https://hook.ke.example/article17"
"""The one endpoint that answers its challenge."""

CALLERS: Mapping[str, tuple[str, str | None]] = {
    "authority": ("authority", "KE"),  # reports
    "addressee": ("authority", "UG"),  # is told
    "stranger": ("authority", "BR"),  # has no part in it
    "contact": ("contact", "UG"),
    "own_contact": ("contact", "KE"),
    "bch_focal_point": ("bch_focal_point", "KE"),
    "secretariat": ("secretariat", None),
    "reader": ("reader", None),
}


class PlainLinkTokens:
    """Makes tokens that a test can make again."""

    def token(self, delivery_id: DeliveryId) -> str:
        return hashlib.sha256(delivery_id.encode()).hexdigest()[:32]

    def again(self, delivery_id: DeliveryId, stored_hash: str) -> str | None:
        return self.token(delivery_id)


async def challenge(url: str, secrets: Sequence[bytes], form: WebhookFormat) -> None:
    if url != WILLING:
        raise DeliveryError("the endpoint did not echo the challenge", permanent=True)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call was answered."""

    status: int
    headers: CIMultiDictProxy[str]
    text: str

    @property
    def document(self) -> Any:
        return json.loads(self.text)

    @property
    def pointers(self) -> list[str]:
        return [error["pointer"] for error in self.document.get("errors", [])]


@dataclass(slots=True)
class ApiSystem:
    """The API on loopback, with what stands behind it."""

    client: TestClient[web.Request, web.Application]
    ports: Ports
    clock: SteppedClock
    options: ApiOptions
    metrics: Metrics
    is_worker_alive: list[bool]
    tokens: dict[str, str] = field(default_factory=dict)
    keys: itertools.count[int] = field(default_factory=itertools.count)

    def _headers(self, caller: str | None, headers: Mapping[str, str] | None) -> dict[str, str]:
        token = {"Authorization": f"Bearer {self.tokens[caller]}"} if caller is not None else {}
        return token | dict(headers or {})

    async def ask(
        self,
        method: str,
        path: str,
        caller: str | None = "authority",
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Reply:
        """Make a call; `body` becomes JSON."""
        if body is not None:
            options["json"] = body
        address = path if path.startswith(("/api", "/.well", "/healthz", "/readyz", "/metrics")) else f"/api/v1{path}"
        sent = self.client.request(method, address, headers=self._headers(caller, headers), **options)
        async with sent as response:
            return Reply(response.status, response.headers, await response.text())

    async def file(self, report: Any, caller: str = "authority", *, key: str | None = None, **headers: str) -> Reply:
        """Submit a report under a key of its own."""
        chosen = key if key is not None else f"key-{next(self.keys)}"
        return await self.ask("POST", "/cases", caller, report, headers={"Idempotency-Key": chosen, **headers})

    async def case(self, *affected: str) -> str:
        """Open a case of Kenya that names these States, and give its reference."""
        reply = await self.file(report_from("KE", *(affected or ("UG",))))
        assert reply.status == 201, reply.text
        reference: str = reply.document["reference"]
        return reference

    async def notification_of(self, case: str, state: str = "UG") -> str:
        """Give the id of the notification to a State."""
        reply = await self.ask("GET", f"/cases/{case}/notifications")
        (found,) = [n["id"] for n in reply.document["notifications"] if n["state"] == state]
        return str(found)

    async def new_caller(self, caller: str, role: str, state: str | None) -> None:
        """Make an account with a token."""
        await create_account(caller, role, state, self.ports)
        self.tokens[caller] = await issue_token(caller, self.ports)

    @asynccontextmanager
    async def stream(self, caller: str = "authority", last: str | None = None) -> AsyncIterator[ClientResponse]:
        """Open the stream of events."""
        headers = self._headers(caller, {"Last-Event-ID": last} if last is not None else {})
        async with self.client.get("/api/v1/events", headers=headers) as response:
            yield response

    async def count(self, *tables: str) -> dict[str, int]:
        """Count the rows of tables."""
        async with self.ports.database.read() as work:
            connection = work.cases._connection  # type: ignore[attr-defined]
            return {
                table: int(await connection.scalar(sa.select(sa.func.count()).select_from(metadata.tables[table])))
                for table in tables
            }


async def next_event(response: ClientResponse) -> dict[str, str]:
    """Read one event of a stream; comments are passed over."""
    fields: dict[str, str] = {}
    while True:
        async with asyncio.timeout(10):
            line = (await response.content.readline()).decode()
        if not line:
            raise EOFError
        name, _, value = line.rstrip("\r\n").partition(": ")
        if name == "" and fields:
            return fields
        if name and not line.startswith(":"):
            fields[name] = value


@asynccontextmanager
async def api_system(folder: Path, **changes: Any) -> AsyncIterator[ApiSystem]:
    """Open the API on a fresh database file; `changes` are options."""
    contents, tokens = await _prepared(folder)
    (folder / "article17.db").write_bytes(contents)
    clock = SteppedClock(START)
    ports = _ports(folder / "article17.db", clock, first_number=1000)
    metrics, alive = Metrics(), [True]

    async def signing_keys() -> list[dict[str, Any]]:
        return [
            {"id": "key_1", "algorithm": "ed25519", "public_key": "whpk_AA==", "created_at": "2026-11-20T12:00:00Z"}
        ]

    options = ApiOptions(
        version="0.1.0",
        https=True,
        closing=asyncio.Event(),
        worker_alive=lambda: alive[0],
        render_metrics=metrics.render,
        signing_keys=signing_keys,
        write_cap=partial(cap_document, sender="notify.example", names={}),
        posts_a_minute=100_000,
        unknown_tokens_a_minute=100_000,
        stream_poll=0.01,
    )
    options = replace(options, **changes)
    app = web.Application(middlewares=middlewares(options))
    add_api(app, ports=ports, options=options)
    async with TestClient(TestServer(app)) as client:
        yield ApiSystem(client, ports, clock, options, metrics, alive, dict(tokens))
        options.closing.set()
    await ports.database.close()  # type: ignore[attr-defined]


def _ports(path: Path, clock: SteppedClock, *, first_number: int) -> Ports:
    numbers = itertools.count(first_number)
    return Ports(
        clock=clock,
        database=plain_database(f"sqlite:///{path}"),
        registry=load_registry(),
        policy=load_policy(),
        links=PlainLinkTokens(),
        mail_addresses=MailTokens(["k" * 32]),
        bch=BiosafetyDecisionFormat(PUBLIC_URL),
        public_url=PUBLIC_URL,
        new_id=lambda prefix: f"{prefix}_{next(numbers):08d}",
        new_secret=lambda: b"s" * 32,
        challenge=challenge,
        read_mail=mail_reader(""),
        files=FolderFiles(path.parent / "attachments"),
        label=record_label,
    )


_PREPARED: list[tuple[bytes, dict[str, str]]] = []
"""The database file that every test starts from, made by the first of them, and the tokens in it."""


async def _prepared(folder: Path) -> tuple[bytes, dict[str, str]]:
    if not _PREPARED:
        path = folder / "prepared.db"
        ports = _ports(path, SteppedClock(START), first_number=1)
        await ports.database.create_tables()  # type: ignore[attr-defined]
        tokens = await _fill(ports)
        await ports.database.close()  # type: ignore[attr-defined]
        _PREPARED.append((path.read_bytes(), tokens))
    return _PREPARED[0]


async def _fill(ports: Ports) -> dict[str, str]:
    for caller, (role, state) in CALLERS.items():
        await create_account(caller, role, state, ports)
    await ensure_operator(ports)
    async with ports.database.write() as work:
        for contact in network("KE", "UG", "TZ"):
            await work.contacts.put(contact)
        await work.commit()
    return {caller: await issue_token(caller, ports) for caller in (*CALLERS, OPERATOR.name)}
