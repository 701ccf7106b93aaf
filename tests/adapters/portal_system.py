"""Puts a case with one affected State behind the real pages: SQLite, a stepped clock, and the portal alone."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.attachments import FolderFiles
from adapters.clock import SteppedClock
from adapters.database.engine import SqlDatabase
from adapters.database.tables import metadata
from adapters.email.inbound.reading import mail_reader
from adapters.languages.sentences import record_label
from adapters.portal import PortalOptions, add_portal, portal_middleware
from adapters.wiring.secrets import MailTokens
from contacts.model import Contact, ContactId, ContactRole, StateCode, WebhookFormat
from contacts.registry import load_registry
from notify.account import Account, Role
from notify.case import CaseStatus
from notify.delivery import DeliveryState, NoticeKind
from notify.handlers import messages_for
from notify.policy import load_policy
from notify.ports import Ports
from notify.queueing import link_hash
from notify.record import BCHRecord
from notify.rows import Attempt, DeliveryRow
from notify.service.filing import submit_report
from notify.words import AccountId, CaseReference, DeliveryId
from tests.builders import example

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DESK = Contact(
    id=ContactId("nl-1"),
    role=ContactRole.ARTICLE_17_CONTACT,
    state=StateCode("NL"),
    office="Netherlands Article 17 desk",
    email="desk@biosafety.nl.example",
    time_zone="Europe/Amsterdam",
)
COLLEAGUE = DESK.model_copy(
    update={"id": "nl-2", "office": "Netherlands second desk", "email": "second@biosafety.nl.example"}
)
Document = dict[str, Any]


class PlainLinkTokens:
    """Makes tokens that are long enough and that a test can make again."""

    def token(self, delivery_id: DeliveryId) -> str:
        return base64.b32encode(hashlib.sha256(delivery_id.encode()).digest()[:20]).decode().lower()

    def again(self, delivery_id: DeliveryId, link_hash: str) -> str | None:
        return self.token(delivery_id)


class PlainFormat:
    """Stands in for the BCH's own format, which no page shows."""

    def draft(self, record: BCHRecord) -> Mapping[str, Any]:
        return {"title": "record"}


async def no_challenge(url: str, secrets: Sequence[bytes], form: WebhookFormat) -> None:
    raise AssertionError("no page asks an endpoint for anything")


def rice_report(**changes: Any) -> Document:
    """Read the report on LLRICE601, which names the Netherlands as affected, with some fields replaced."""
    return example("llrice601") | changes


@dataclass(slots=True)
class PortalSystem:
    """The pages on loopback, with what stands behind them."""

    client: TestClient[web.Request, web.Application]
    ports: Ports
    database: SqlDatabase
    clock: SteppedClock
    keys: itertools.count[int]

    async def file(self, document: Document, *contacts: Contact) -> CaseReference:
        """Submit a report, with these contacts in the registry."""
        async with self.database.write() as work:
            for contact in contacts or (DESK,):
                await work.contacts.put(contact)
            account = Account(
                AccountId(f"acc-{document['reporting_state']}"),
                f"filer of {document['reporting_state']}",
                Role.AUTHORITY,
                StateCode(document["reporting_state"]),
                START,
            )
            if account.id not in {known.id for known in await work.accounts.all()}:
                await work.accounts.add(account)
            await work.commit()
        submitted = await submit_report(document, account, f"key-{next(self.keys)}", self.ports)
        return submitted.reference

    async def delivery(
        self, case: CaseReference, contact: str = "nl-1", kind: str = "notification.issued"
    ) -> DeliveryRow:
        """Find the mail of one contact."""
        async with self.database.read() as work:
            rows = await work.deliveries.of_case(case)
        return next(row for row in rows if (row.contact, row.kind, row.channel) == (contact, kind, "email"))

    async def link(self, case: CaseReference, contact: str = "nl-1", kind: str = "notification.issued") -> str:
        """Give the path of the link that one contact was mailed, as taken over by its relay a minute ago."""
        row = await self.delivery(case, contact, kind)
        tried = Attempt(row.id, 1, self.clock.now(), 5, DeliveryState.ACCEPTED, 250, None, "250 OK", row.contact)
        async with self.database.write() as work:
            await work.deliveries.enter([tried])
            await work.commit()
        self.clock.advance(minutes=1)
        return f"/a/{self.ports.links.token(row.id)}"

    async def link_about_answer(self, case: CaseReference, contact: str) -> str:
        """Give the link of a message that tells a colleague who answered."""
        row = await self.delivery(case, contact)
        new = DeliveryId(f"{row.id}-answered")
        told = replace(
            row,
            id=new,
            key=str(new),
            step="answered:1",
            kind=NoticeKind.ANSWERED,
            link_hash=link_hash(self.ports.links.token(new)),
        )
        async with self.database.write() as work:
            await work.deliveries.add([told])
            await work.commit()
        return f"/a/{self.ports.links.token(new)}"

    async def close_case(self, case: CaseReference, status: CaseStatus = CaseStatus.CLOSED) -> None:
        """End a case now."""
        async with self.database.write() as work:
            kept = await work.cases.get(case)
            kept.status, kept.closed_at = status, self.clock.now()
            await work.cases.save(kept)
            await work.commit()

    async def dump(self, *without: str) -> dict[str, list[Any]]:
        """Read every row of every table, leaving out the named tables."""
        dumped: dict[str, list[Any]] = {}
        async with self.database.reader.connect() as connection:
            for table in metadata.sorted_tables:
                if table.name not in without:
                    found = await connection.execute(sa.select(table).order_by(*table.primary_key.columns))
                    dumped[table.name] = [tuple(row) for row in found]
        return dumped

    async def rows(self, table: str) -> list[Any]:
        """Read every row of one table, by column name."""
        async with self.database.reader.connect() as connection:
            return list(await connection.execute(sa.select(metadata.tables[table])))

    async def get(self, path: str, **options: Any) -> tuple[int, str]:
        """Ask for a page."""
        async with self.client.get(path, **options) as response:
            return response.status, await response.text()

    async def post(self, path: str, form: Mapping[str, str], **options: Any) -> tuple[int, str]:
        """Send a form and follow where it leads."""
        async with self.client.post(path, data=form, **options) as response:
            return response.status, await response.text()


@asynccontextmanager
async def portal_system(
    folder: Path, options: PortalOptions | None = None, mails: Sequence[tuple[str, bytes, datetime]] | None = None
) -> AsyncIterator[PortalSystem]:
    """Open the pages on a fresh database file."""
    chosen = options or PortalOptions(secretariat_email="secretariat@biosafety.example")
    if mails is not None:
        chosen = replace(chosen, caught_mails=lambda: mails)
    clock = SteppedClock(START)
    database = SqlDatabase(
        f"sqlite:///{folder / 'article17.db'}", reactions=messages_for, seal=lambda b: b, unseal=lambda b: b
    )
    await database.create_tables()
    numbers = itertools.count(1)
    ports = Ports(
        clock=clock,
        database=database,
        registry=load_registry(),
        policy=load_policy(),
        links=PlainLinkTokens(),
        mail_addresses=MailTokens(["k" * 32]),
        bch=PlainFormat(),
        public_url="https://article17.example",
        new_id=lambda prefix: f"{prefix}_{next(numbers):08d}",
        new_secret=lambda: b"s" * 32,
        challenge=no_challenge,
        read_mail=mail_reader(""),
        files=FolderFiles(folder / "attachments"),
        label=record_label,
    )
    app = web.Application(middlewares=[portal_middleware(chosen)])
    add_portal(app, ports=ports, options=chosen)
    async with TestClient(TestServer(app)) as client:
        yield PortalSystem(client, ports, database, clock, itertools.count(1))
    await database.close()
