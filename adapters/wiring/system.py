"""Opens the whole service from its settings: database, keys, channels, worker, in the order they need each other."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from adapters.bch.drafting import BiosafetyDecisionFormat
from adapters.clock import DatabaseClock
from adapters.database.engine import AfterCommit, SqlDatabase
from adapters.database.keys import ServiceKey
from adapters.database.migrating import require_schema
from adapters.email.catcher import MailCatcher
from adapters.email.channel import EmailChannel
from adapters.email.compose import Composer, Letterhead
from adapters.email.relay import Relay
from adapters.languages.sentences import record_label
from adapters.settings import InvalidSettings, Mode, Settings
from adapters.telemetry.metrics import Metrics
from adapters.webhook.channel import WebhookChannel
from adapters.wiring.secrets import DerivedLinkTokens, Sealer, development_key, new_id
from contacts.model import ContactRole
from contacts.registry import load_registry
from notify.events import Event
from notify.handlers import messages_for
from notify.outbox import Lane
from notify.policy import load_policy
from notify.ports import Clock, Ports
from notify.preparing import Operator
from notify.service.access import ensure_operator
from notify.words import ChannelName
from notify.worker import Worker, WorkerLimits

Observer = Callable[[Sequence[Event]], None]

SENDER_NAME = "Article 17 notification service"


@dataclass(slots=True)
class System:
    """The service, put together and open."""

    settings: Settings
    ports: Ports
    database: SqlDatabase
    clock: Clock
    worker: Worker
    email: EmailChannel
    composer: Composer
    webhook: WebhookChannel
    signing_keys: list[ServiceKey]
    catcher: MailCatcher | None = None
    metrics: Metrics = field(default_factory=Metrics)
    worker_task: asyncio.Task[None] | None = None

    def worker_alive(self) -> bool:
        """Tell whether this process's worker runs; a process without one has none that could be dead."""
        return self.worker_task is None or not self.worker_task.done()

    async def refresh_reply_to(self) -> None:
        """Let answers go to the secretariat's contact as it stands now."""
        self.composer.use_reply_to(await reply_to(self.settings, self.ports))

    def after_commit(self, *observers: Observer) -> AfterCommit:
        """Say what follows a commit: the worker wakes, the figures count, and whoever else looks on."""

        def observe(events: Sequence[Event], lanes: Collection[Lane]) -> None:
            self.worker.wake(lanes)
            for observer in (self.metrics.observe, *observers):
                observer(events)

        return observe


def secret_keys(settings: Settings) -> list[str]:
    """Give the secret keys: the settings', or in development the one made at the first start."""
    if settings.secret_keys:
        return [key.get_secret_value() for key in settings.secret_keys]
    if settings.mode is not Mode.DEVELOPMENT:
        raise InvalidSettings(
            ["ARTICLE17_SECRET_KEYS: is needed in production; make one with: openssl rand -base64 48"]
        )
    return [development_key(settings.data_dir)]


@asynccontextmanager
async def open_system(
    settings: Settings, *, clock: Clock | None = None, catcher: MailCatcher | None = None, create_tables: bool = False
) -> AsyncIterator[System]:
    """Open the service; leaving closes it. In development without a relay, mails are caught here.

    The tables must be those of this version (WrongSchema says how to mend it); an embedded database without any is
    given them. `create_tables` makes them without a revision: for tests, which throw their databases away.
    """
    keys = secret_keys(settings)
    sealer = Sealer(keys)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = SqlDatabase(
        settings.database_url.get_secret_value(), reactions=messages_for, seal=sealer.seal, unseal=sealer.unseal
    )
    own_catcher = None
    if catcher is None and settings.mode is Mode.DEVELOPMENT and settings.smtp_host is None:
        catcher = own_catcher = MailCatcher()
        await own_catcher.start()
    try:
        if create_tables:
            await database.create_tables()
        else:
            await asyncio.to_thread(require_schema, settings.database_url.get_secret_value())
        chosen = clock or await _database_clock(database)
        system = await _assemble(settings, database, chosen, keys, catcher)
        await system.webhook.open()
        try:
            yield system
        finally:
            await system.email.close()
            await system.webhook.close()
    finally:
        if own_catcher is not None:
            await own_catcher.stop()
        await database.close()


async def _database_clock(database: SqlDatabase) -> Clock:
    clock = DatabaseClock()
    if not database.embedded:
        for _ in range(2):  # the first look pays for opening the connection, and would be late by that
            await clock.measure(lambda: ask_time(database))
    return clock


async def ask_time(database: SqlDatabase) -> Any:
    """Ask the database what time it is."""
    async with database.reader.connect() as connection:
        return await connection.scalar(sa.select(sa.func.clock_timestamp()))


async def _assemble(
    settings: Settings, database: SqlDatabase, clock: Clock, keys: list[str], catcher: MailCatcher | None
) -> System:
    public_url = settings.public_url or "http://localhost:8017"
    signing = await _signing_keys(database, clock)
    webhook = WebhookChannel(
        signing_keys=[Ed25519PrivateKey.from_private_bytes(key.private) for key in signing if key.retired_at is None],
        allowed_networks=settings.webhook_allowed_networks,
    )
    ports = Ports(
        clock=clock,
        database=database,
        registry=load_registry(),
        policy=load_policy(settings.policy_file.read_text(encoding="utf-8") if settings.policy_file else None),
        links=DerivedLinkTokens(keys),
        bch=BiosafetyDecisionFormat(public_url),
        public_url=public_url,
        new_id=new_id,
        new_secret=lambda: secrets.token_bytes(32),
        challenge=webhook.challenge,
        label=record_label,
    )
    await ensure_operator(ports)
    composer = await _composer(settings, ports)
    email = EmailChannel(relay_of(settings, catcher), composer, settings.mail_from, clock.now)
    worker = Worker(
        ports,
        {ChannelName.EMAIL: email, ChannelName.WEBHOOK: webhook},
        Operator(settings.operator_email or settings.mail_from),
        name=f"{socket.gethostname()[:20]}:{os.getpid()}:{secrets.token_hex(3)}",
        limits=worker_limits(settings),
    )
    system = System(settings, ports, database, clock, worker, email, composer, webhook, signing, catcher)
    database.after_commit = system.after_commit()
    return system


def worker_limits(settings: Settings) -> WorkerLimits:
    """Say how much a worker takes at once."""
    senders = {Lane.SERVICE: 2, Lane.EMAIL: settings.smtp_connections, Lane.WEBHOOK: settings.webhook_connections}
    return WorkerLimits(
        lease=settings.lease_seconds,
        poll=settings.poll_seconds,
        batch=settings.batch_size,
        senders=senders,
        per_receiver=settings.webhook_per_host,
    )


async def _signing_keys(database: SqlDatabase, clock: Clock) -> list[ServiceKey]:
    """Read the service's webhook keys; the first start makes one."""
    async with database.write() as work:
        keys = await work.keys.all()
        if keys:
            return keys
        private = Ed25519PrivateKey.generate()
        key = ServiceKey(
            new_id("key"), private.public_key().public_bytes_raw(), private.private_bytes_raw(), clock.now()
        )
        await work.keys.add(key)
        await work.commit()
    return [key]


async def _composer(settings: Settings, ports: Ports) -> Composer:
    domain = settings.mail_from.rpartition("@")[2]
    letterhead = Letterhead(settings.mail_from, SENDER_NAME, await reply_to(settings, ports), domain)
    names = {str(state.state_code): state.name for state in ports.registry.states}
    return Composer(letterhead, registry_names=names)


async def reply_to(settings: Settings, ports: Ports) -> str:
    """Say where answers go: the setting, else the secretariat's first contact, else ourselves."""
    if settings.mail_reply_to:
        return settings.mail_reply_to
    async with ports.database.read() as work:
        secretariat = await work.contacts.with_roles([ContactRole.SECRETARIAT])
    return secretariat[0].email if secretariat else settings.mail_from


def relay_of(settings: Settings, catcher: MailCatcher | None) -> Relay:
    """Say which relay takes our mail: the settings', or the catcher on loopback."""
    if catcher is not None:
        return Relay("127.0.0.1", catcher.port, "none", connections=settings.smtp_connections)
    password: SecretStr | None = settings.smtp_password
    return Relay(
        settings.smtp_host or "localhost",
        settings.smtp_port,
        settings.smtp_tls.value,
        settings.smtp_username,
        password.get_secret_value() if password else None,
        connections=settings.smtp_connections,
    )
