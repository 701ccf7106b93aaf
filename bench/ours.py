"""Opens our service in this process on a fresh database, fills it, and watches what it commits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.util import await_only

from adapters.settings import Settings, load_settings
from adapters.wiring import System, open_system
from bench.sinks import Sinks
from contacts.model import Contact, ContactId, ContactRole, StateCode, Webhook
from notify.account import OPERATOR, Account
from notify.events import DeliveryAccepted, DeliveryFailed, DeliveryQueued, Event
from notify.ports import Clock
from notify.report import digest
from notify.service.directory import load_contacts_file
from notify.service.filing import submit_report
from notify.words import CaseReference
from tests.builders import report_from


@dataclass
class Watch:
    """What was committed since it was last reset."""

    queued: int = 0
    ended: int = 0
    failed: int = 0
    commits: int = 0
    pause: float = 0.0  # seconds that each commit takes longer, as on a slower disk
    times: dict[str, list[float]] = field(default_factory=dict)  # of each case's results
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def observe(self, events: Sequence[Event]) -> None:
        now = time.perf_counter()
        for event in events:
            if isinstance(event, DeliveryQueued):
                self.queued += 1
            elif isinstance(event, DeliveryAccepted | DeliveryFailed):
                self.ended += 1
                self.failed += isinstance(event, DeliveryFailed)
                self.times.setdefault(event.case_reference, []).append(now)
        self._changed.set()

    def on_commit(self, _connection: Any) -> None:
        self.commits += 1
        if self.pause:
            try:
                await_only(asyncio.sleep(self.pause))
            except MissingGreenlet:
                time.sleep(self.pause)

    async def until(self, done: Any, within: float = 300) -> None:
        """Wait until a condition on what was committed holds."""
        async with asyncio.timeout(within):
            while not done(self):
                self._changed.clear()
                await self._changed.wait()

    async def until_all_ended(self, within: float = 300) -> None:
        """Wait until the result of everything queued is durable."""
        await self.until(lambda watch: watch.ended >= watch.queued, within)


def settings_for(url: str, folder: Path, sinks: Sinks, more: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of a service that sends to the sinks."""
    values = {
        "MODE": "development",
        "DATA_DIR": str(folder),
        "DATABASE_URL": url,
        "OPERATOR_EMAIL": "operator@service.example",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(sinks.smtp_port),
        "SMTP_TLS": "none",
        "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    return {f"ARTICLE17_{name}": value for name, value in {**values, **more}.items()}


@asynccontextmanager
async def service(
    url: str, folder: Path, sinks: Sinks, *, clock: Clock | None = None, **more: str
) -> AsyncIterator[tuple[System, Watch]]:
    """Open the service without its worker, as settings say."""
    settings: Settings = load_settings(settings_for(url, folder, sinks, more))
    watch = Watch()
    async with open_system(settings, clock=clock, create_tables=True) as system:
        system.database.after_commit = system.after_commit(watch.observe)
        writer = getattr(system.database.writer, "sync_engine", system.database.writer)
        sa.event.listen(writer, "commit", watch.on_commit)
        yield system, watch


@asynccontextmanager
async def worker_of(system: System) -> AsyncIterator[None]:
    """Run the worker for a while."""
    running = asyncio.create_task(system.worker.run())
    try:
        yield
    finally:
        await system.worker.stop()
        await running


async def load_contacts(system: System, sinks: Sinks, number: int, *, state: str = "UG", hosts: int = 1) -> None:
    """Load contacts of one State, each with a mail address and a verified webhook."""
    loaded = [_contact(state, n, sinks.endpoint(n, hosts)) for n in range(number)]
    await load_contacts_file(loaded, OPERATOR, system.ports)
    now = system.ports.clock.now()
    async with system.database.write() as work:
        for one in loaded:
            await work.contacts.add_webhook_secret(one.id, b"x" * 32, now=now, others_until=now)
            await work.contacts.mark_webhook_verified(one.id)
        await work.commit()


def _contact(state: str, number: int, endpoint: str) -> Contact:
    return Contact(
        id=ContactId(f"{state.lower()}-{number}"),
        role=ContactRole.ARTICLE_17_CONTACT,
        state=StateCode(state),
        office=f"Office {number}",
        email=f"c{number}@{state.lower()}.example",
        webhook=Webhook(url=endpoint, verified=True),
        confirmed_on="2026-10-01",  # type: ignore[arg-type]
    )


async def submit(
    system: System, key: str, *states: str, severity: str = "high", account: Account = OPERATOR
) -> CaseReference:
    """File a report; what must follow is committed when this returns."""
    document = report_from("KE", *(states or ("UG",)), severity=severity)
    filed = await submit_report(document, account, key, system.ports, confirmation=digest(document)[:16])
    return filed.reference


async def count(system: System, statement: str) -> int:
    """Ask the database for a number."""
    async with system.database.reader.connect() as connection:
        return int(await connection.scalar(sa.text(statement)) or 0)
