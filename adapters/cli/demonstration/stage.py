"""Sets the stage: a private service with its web, a mail catcher, a webhook receiver, contacts and accounts."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from adapters.cli.demonstration.clock import DemonstrationClock
from adapters.cli.demonstration.contacts import SECRETARIAT_MAILBOX, demonstration_contacts
from adapters.cli.demonstration.parts import Part, Role, deal
from adapters.cli.demonstration.receiver import WebhookReceiver
from adapters.cli.demonstration.service_client import ServiceClient
from adapters.email.catcher import MailCatcher
from adapters.settings import Settings, load_settings
from adapters.webhook import signing
from adapters.wiring import System, open_system
from adapters.wiring.application import build_application
from contacts.model import Contact
from contacts.registry import contacts_for, load_registry
from notify.account import OPERATOR
from notify.account import Role as AccountRole
from notify.report import Report
from notify.routing import addressed_states
from notify.service.access import create_account, issue_token
from notify.service.directory import load_contacts_file

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
"""When every demonstration begins, so that the same report gives the same result."""

FAILURES = 2
WITH_A_SYSTEM = (Part.API, Part.WEBHOOK)
"""Parts of States whose national system takes webhooks and has an account for the API."""

_MAILS_KEPT = 100_000
_OF_THE_SECRETARIAT = "secretariat"


@dataclass(slots=True)
class Stage:
    """All that a demonstration is played on."""

    report: Report
    roles: Mapping[str, Role]  # by addressee State, in the order of the report
    contacts: Sequence[Contact]
    clock: DemonstrationClock
    catcher: MailCatcher
    receiver: WebhookReceiver
    system: System
    service: ServiceClient
    tokens: dict[str, str]  # by State code

    @property
    def secretariat_token(self) -> str:
        """The token of the secretariat's account."""
        return self.tokens[_OF_THE_SECRETARIAT]


@asynccontextmanager
async def open_stage(report: Report, folder: Path, *, port: int = 0) -> AsyncIterator[Stage]:
    """Open everything on loopback, with the database in this folder; leaving closes it. Port 0 takes any free one."""
    roles = deal([code for code in addressed_states(report) if load_registry().is_state(code)])
    clock = DemonstrationClock(START)
    failing = {state: FAILURES for state, role in roles.items() if role.part is Part.WEBHOOK}
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(_listen(port))
        receiver = WebhookReceiver(failures=failing)
        await receiver.start()
        stack.push_async_callback(receiver.stop)
        with_system = frozenset(state for state, role in roles.items() if role.part in WITH_A_SYSTEM)
        contacts = demonstration_contacts(load_registry(), endpoints=receiver.address, with_webhook=with_system)
        refused = frozenset(_first_mailboxes(contacts, roles))
        catcher = MailCatcher(keep=_MAILS_KEPT, refuse=_refusal(refused), clock=clock.now)
        await catcher.start()
        stack.push_async_callback(catcher.stop)
        address = f"http://localhost:{listening.getsockname()[1]}"
        system = await stack.enter_async_context(open_system(_settings(folder, address), clock=clock, catcher=catcher))
        await _serve(system, listening, stack)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        service = ServiceClient(session, address)
        stage = Stage(report, roles, contacts, clock, catcher, receiver, system, service, {})
        await _furnish(stage)
        yield stage


def _listen(port: int) -> socket.socket:
    """Listen before anything else, because every link in a mail names the port."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError:
        listening.close()
        raise
    return listening


def _settings(folder: Path, address: str) -> Settings:
    return load_settings(
        {
            "ARTICLE17_MODE": "development",
            "ARTICLE17_DATA_DIR": str(folder),
            "ARTICLE17_PUBLIC_URL": address,
            "ARTICLE17_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
            "ARTICLE17_MAIL_REPLY_TO": SECRETARIAT_MAILBOX,
            # One machine plays all States of the world within seconds.
            "ARTICLE17_RATE_LIMIT_PER_MINUTE": "100000",
        }
    )


def _first_mailboxes(contacts: Sequence[Contact], roles: Mapping[str, Role]) -> list[str]:
    """Name the mailboxes that are told first in the States whose mailbox refuses."""
    refusing = [state for state, role in roles.items() if role.part is Part.REFUSED]
    selections = [contacts_for([c for c in contacts if c.state == state], everyone=False) for state in refusing]
    return [contact.email for selection in selections for contact in selection.contacts[:1]]


def _refusal(refused: frozenset[str]) -> Callable[[str], str | None]:
    return lambda address: "550 5.1.1 no such mailbox here (demonstration)" if address in refused else None


async def _serve(system: System, listening: socket.socket, stack: AsyncExitStack) -> None:
    closing = asyncio.Event()
    runner = web.AppRunner(build_application(system, closing=closing), access_log=None, shutdown_timeout=2)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    stack.callback(closing.set)
    await web.SockSite(runner, listening).start()


async def _furnish(stage: Stage) -> None:
    """Load the contacts, open the accounts, and let the endpoints prove that they want our webhooks."""
    ports = stage.system.ports
    await load_contacts_file(stage.contacts, OPERATOR, ports)
    await _open_account(stage, _OF_THE_SECRETARIAT, AccountRole.SECRETARIAT, None)
    filer = str(stage.report.reporting_state)
    await _open_account(stage, filer, AccountRole.AUTHORITY, filer)
    for state, role in stage.roles.items():
        if role.part in WITH_A_SYSTEM:
            await _open_account(stage, state, AccountRole.CONTACT, state)
    published = await stage.service.get("/.well-known/article17-keys.json")
    stage.receiver.trust([signing.read_public_key(key["public_key"]) for key in published["keys"]])
    for contact in stage.contacts:
        if contact.webhook is not None:
            await _register(stage, contact)


async def _open_account(stage: Stage, key: str, role: AccountRole, state: str | None) -> None:
    name = f"demonstration {key}"
    await create_account(name, role, state, stage.system.ports)
    stage.tokens[key] = await issue_token(name, stage.system.ports)


async def _register(stage: Stage, contact: Contact) -> None:
    shown = await stage.service.post(f"/api/v1/contacts/{contact.id}/webhook", {}, stage.secretariat_token)
    secret = base64.b64decode(shown["secret"].removeprefix("whsec_"))
    stage.receiver.keep_secret(str(contact.state), secret)
