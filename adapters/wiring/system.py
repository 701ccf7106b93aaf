"""Opens the whole service from its settings: database, keys, channels, worker, in the order they need each other."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from adapters.bch.drafting import BiosafetyDecisionFormat
from adapters.clock import DatabaseClock
from adapters.database.engine import AfterCommit, SqlDatabase
from adapters.database.keys import ServiceKey
from adapters.database.migrating import require_schema
from adapters.documents.cap import cap_document
from adapters.email.catcher import MailCatcher
from adapters.email.channel import EmailChannel
from adapters.email.compose import Composer, Letterhead
from adapters.email.inbound.reading import mail_reader
from adapters.languages.sentences import record_label
from adapters.settings import InvalidSettings, Mode, Settings
from adapters.telemetry.metrics import Metrics
from adapters.webhook.certificates import InvalidCertificates, read_client_certificates
from adapters.webhook.channel import WebhookChannel
from adapters.wiring.files import attachment_files
from adapters.wiring.mail_out import email_channel
from adapters.wiring.secrets import DerivedLinkTokens, MailTokens, Sealer, development_key, new_id
from adapters.wiring.signing_keys import signing, signing_keys
from contacts.holidays import load_holidays
from contacts.model import ContactRole, StateCode
from contacts.registry import load_registry
from notify.events import Event
from notify.exchange import CaseMessage
from notify.handlers import messages_for
from notify.outbox import Lane
from notify.policy import Policy, load_policy
from notify.ports import Clock, Ports
from notify.preparing import Operator
from notify.service.access import ensure_operator
from notify.words import ChannelName
from notify.worker import EXERCISE_SENDERS, Worker, WorkerLimits

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

    def write_cap(self, message: CaseMessage) -> bytes:
        """Write a message of a case as CAP 1.2."""
        return cap_writer(self.ports)(message)

    async def refresh_reply_to(self) -> None:
        """Let answers go to the secretariat's contact as it stands now."""
        self.composer.use_reply_to(await reply_to(self.settings, self.ports))

    async def refresh_signing_keys(self) -> None:
        """Sign webhooks with the service's keys as they stand now; a command may have changed them."""
        async with self.database.read() as work:
            self.signing_keys = await work.keys.all()
        self.webhook.use_signing_keys(signing(self.signing_keys, self.clock.now()))

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
    own_keys = await signing_keys(database, clock)
    webhook = _webhook_channel(settings, own_keys, clock, public_url)
    tokens = MailTokens(keys, settings.bounce_domain, settings.reply_domain)
    ports = Ports(
        clock=clock,
        database=database,
        registry=load_registry(),
        policy=_policy(settings),
        links=DerivedLinkTokens(keys),
        mail_addresses=tokens,
        bch=BiosafetyDecisionFormat(public_url),
        public_url=public_url,
        new_id=new_id,
        new_secret=lambda: secrets.token_bytes(32),
        challenge=webhook.challenge,
        read_mail=mail_reader(settings.authserv_id or ""),
        files=attachment_files(settings),
        label=record_label,
        endpoint_fails_after=timedelta(hours=settings.webhook_failing_hours),
        holidays=_holidays(settings),
    )
    await ensure_operator(ports)
    composer = await _composer(settings, ports, tokens)
    email = email_channel(settings, catcher, composer, tokens, clock)
    worker = Worker(
        ports,
        {ChannelName.EMAIL: email, ChannelName.WEBHOOK: webhook},
        Operator(settings.operator_email or settings.mail_from),
        name=f"{socket.gethostname()[:20]}:{os.getpid()}:{secrets.token_hex(3)}",
        limits=worker_limits(settings),
    )
    system = System(settings, ports, database, clock, worker, email, composer, webhook, own_keys, catcher)
    database.after_commit = system.after_commit()
    return system


def _webhook_channel(
    settings: Settings, own_keys: Sequence[ServiceKey], clock: Clock, public_url: str
) -> WebhookChannel:
    return WebhookChannel(
        signing_keys=signing(own_keys, clock.now()),
        allowed_networks=settings.webhook_allowed_networks,
        client_certificates=_client_certificates(settings),
        source=public_url,
    )


def _policy(settings: Settings) -> Policy:
    return load_policy(settings.policy_file.read_text(encoding="utf-8") if settings.policy_file else None)


def worker_limits(settings: Settings) -> WorkerLimits:
    """Say how much a worker takes at once."""
    senders = {
        Lane.SERVICE: 2,
        Lane.EMAIL: settings.smtp_connections,
        Lane.WEBHOOK: settings.webhook_connections,
        Lane.EXERCISE: EXERCISE_SENDERS,
    }
    return WorkerLimits(
        lease=settings.lease_seconds,
        poll=settings.poll_seconds,
        batch=settings.batch_size,
        senders=senders,
        per_receiver=settings.webhook_per_host,
        paces=settings.smtp_pace,
    )


def _holidays(settings: Settings) -> Mapping[StateCode, frozenset[date]]:
    """Read the public holidays; a file with a fault is refused with its line."""
    if settings.holidays_file is None:
        return {}
    try:
        return load_holidays(settings.holidays_file.read_text(encoding="utf-8"), load_registry())
    except ValueError as error:
        raise InvalidSettings([f"ARTICLE17_HOLIDAYS_FILE: {error}"]) from error


def _client_certificates(settings: Settings) -> dict[str, ssl.SSLContext]:
    """Read the certificates by which we show ourselves to endpoints that ask for one."""
    if settings.webhook_client_certificates is None:
        return {}
    try:
        return read_client_certificates(settings.webhook_client_certificates)
    except InvalidCertificates as error:
        raise InvalidSettings([f"ARTICLE17_WEBHOOK_CLIENT_CERTIFICATES: {error}"]) from error


async def _composer(settings: Settings, ports: Ports, tokens: MailTokens) -> Composer:
    domain = settings.mail_from.rpartition("@")[2]
    replies = await reply_to(settings, ports)
    takes_answers = settings.reply_domain is not None
    letterhead = Letterhead(settings.mail_from, SENDER_NAME, replies, domain, takes_answers=takes_answers)
    names = {str(state.state_code): state.name for state in ports.registry.states}
    cap = cap_writer(ports) if settings.cap_attachment else None
    reply_address = tokens.reply_address if takes_answers else None
    return Composer(letterhead, registry_names=names, cap=cap, reply_address=reply_address)


def cap_writer(ports: Ports) -> Callable[[CaseMessage], bytes]:
    """Make the function that writes messages as CAP 1.2 in the name of this service."""
    sender = urlsplit(ports.public_url).hostname or "article17"
    names = {str(state.state_code): state.name for state in ports.registry.states}
    return partial(cap_document, sender=sender, names=names)


async def reply_to(settings: Settings, ports: Ports) -> str:
    """Say where answers go: the setting, else the secretariat's first contact, else ourselves."""
    if settings.mail_reply_to:
        return settings.mail_reply_to
    async with ports.database.read() as work:
        secretariat = await work.contacts.with_roles([ContactRole.SECRETARIAT])
    return secretariat[0].email if secretariat else settings.mail_from
