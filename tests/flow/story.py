"""Tells stories: the whole service on a real database, mail server and webhook receiver, with a clock that is moved."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from adapters.clock import SteppedClock
from adapters.email.catcher import CaughtMail, MailCatcher
from adapters.settings import load_settings
from adapters.wiring import System, open_system
from contacts.model import Contact, ContactId
from notify.account import OPERATOR, Account
from notify.notification import Notification
from notify.outbox import HELD_BY_THE_BRAKE, Lane
from notify.ports import Ports
from notify.report import digest
from notify.service.directory import load_contacts_file, register_webhook
from notify.service.filing import Submitted, submit_report
from notify.service.following import Followed, follow_up
from notify.service.links import acknowledge_by_link
from notify.words import CaseReference

START = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)  # a Wednesday
# No mail of a story is ever proven; what follows from that has stories of its own (test_clocks).
PATIENT = '[clocks]\nproof = "3660 d"\n'
FORM = {"grade": "received", "by": "A. Person", "office": "Biosafety desk"}


class Receiver:
    """A webhook receiver on loopback that answers what it is told to."""

    def __init__(self) -> None:
        self.answers: list[int] = []  # the next statuses; empty: 200
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def of(self, kind: str) -> list[dict[str, Any]]:
        """List the bodies of one type."""
        return [body for _, body in self.received if body["type"] == kind]

    async def _take(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        if body["type"] == "endpoint.test" and "challenge" in body["data"]:
            return web.json_response({"challenge": body["data"]["challenge"]})
        self.received.append((request.headers["webhook-id"], body))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


class Story:
    """One service and the world around it."""

    def __init__(self, system: System, clock: SteppedClock, catcher: MailCatcher, receiver: Receiver) -> None:
        self.system, self.clock, self.catcher, self.receiver = system, clock, catcher, receiver
        self.refused: dict[str, str] = {}

    @property
    def ports(self) -> Ports:
        return self.system.ports

    async def load(self, contacts: Sequence[Contact]) -> None:
        await load_contacts_file(contacts, OPERATOR, self.ports)
        for contact in contacts:
            if contact.webhook is not None:
                await register_webhook(ContactId(contact.id), OPERATOR, self.ports)

    async def submit(self, report: dict[str, Any], *, key: str = "key-1", **options: Any) -> Submitted:
        account: Account = options.pop("account", OPERATOR)
        return await submit_report(report, account, key, self.ports, **options)

    async def follow(self, reference: CaseReference, kind: str, *, key: str = "", **stated: Any) -> Followed:
        """File a later report of a kind; it states what is given, and a reason."""
        document = {"type": kind, "reason": {"en": f"Because of a {kind}."}} | stated
        account: Account = document.pop("account", OPERATOR)
        used = key or digest([reference, document, self.clock.now().isoformat()])
        return await follow_up(reference, document, account, used, self.ports)

    async def drain(self) -> int:
        return await self.system.worker.drain()

    async def next_due(self) -> datetime | None:
        async with self.system.database.read() as work:
            pause = await work.brake.current()
            held = HELD_BY_THE_BRAKE if pause and pause.paused_until > self.clock.now() else frozenset()
            return await work.outbox.next_due([lane for lane in Lane if lane not in held])

    async def advance(self, **amount: float) -> None:
        """Let time pass, running every step at its due time."""
        end = self.clock.now() + timedelta(**amount)
        await self.drain()
        while True:
            due_at = await self.next_due()
            if due_at is None or due_at > end:
                break
            self.clock.move_to(max(due_at, self.clock.now()))
            await self.drain()
        self.clock.move_to(end)
        await self.drain()

    def inbox(self, address: str) -> list[CaughtMail]:
        """List the mails that came to an address, oldest first."""
        return [mail for mail in self.catcher.mails if mail.to == address]

    def told(self) -> set[str]:
        """Name every address that got a mail."""
        return {mail.to for mail in self.catcher.mails}

    def link(self, mail: CaughtMail) -> str:
        """Find the link token in a mail."""
        found = re.search(r"/a/([a-z2-7]+)", mail.text)
        assert found, mail.text
        return found[1]

    async def acknowledge(self, address: str, **changes: str) -> dict[str, Any]:
        """Complete the form behind the link of an address's last mail."""
        return await acknowledge_by_link(self.link(self.inbox(address)[-1]), FORM | changes, self.ports)

    async def notification(self, reference: CaseReference, code: str) -> Notification:
        async with self.system.database.read() as work:
            told = await work.notifications.of_case(reference)
        return next(n for n in told if n.addressee.code == code)

    async def log(self, reference: str) -> list[tuple[str, dict[str, Any]]]:
        """Read the log of a case as pairs of event and body."""
        async with self.system.database.read() as work:
            return [(row.kind, dict(row.body)) for row in await work.log.rows(CaseReference(reference))]

    async def steps(self, reference: str, code: str) -> list[str]:
        """List the ladder steps that fired for an addressee."""
        rows = await self.log(reference)
        return [b["step"] for kind, b in rows if kind == "NotificationEscalated" and b["addressee"] == code]

    async def tasks(self, kind: str) -> list[Any]:
        async with self.system.database.read() as work:
            return [t for t in await work.tasks.find(owner=None, done=None) if t.kind == kind]


@asynccontextmanager
async def tell(
    url: str,
    folder: Path,
    *,
    contacts: Sequence[Contact] = (),
    policy: str | None = PATIENT,
    clock: Any = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Story]:
    """Open a story."""
    clock = clock or SteppedClock(START)
    refused: dict[str, str] = {}
    catcher = MailCatcher(refuse=refused.get)
    receiver = Receiver()
    await catcher.start()
    await receiver.start()
    environment = {
        "ARTICLE17_MODE": "development",
        "ARTICLE17_DATA_DIR": str(folder),
        "ARTICLE17_DATABASE_URL": url,
        "ARTICLE17_OPERATOR_EMAIL": "operator@service.example",
        "ARTICLE17_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    environment |= settings or {}
    if policy is not None:
        (folder / "policy.toml").write_text(policy, encoding="utf-8")
        environment["ARTICLE17_POLICY_FILE"] = str(folder / "policy.toml")
    try:
        async with open_system(load_settings(environment), clock=clock, catcher=catcher, create_tables=True) as system:
            story = Story(system, clock, catcher, receiver)
            story.refused = refused
            await story.load(contacts)
            yield story
    finally:
        await receiver.stop()
        await catcher.stop()
