"""Proves with real mail servers that what comes back moves the whole service: states, evidence, the ladder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

import aiosmtplib
import pytest

from adapters.settings import load_settings
from adapters.wiring import System, open_system
from adapters.wiring.mail_in import taking_mail
from adapters.wiring.secrets import MailTokens
from adapters.wiring.system import secret_keys
from contacts.model import Contact
from notify.account import OPERATOR
from notify.events import DeliveryFailed, DeliveryReported, Event, MailRead, NotificationAcknowledged
from notify.service.directory import load_contacts_file
from notify.service.filing import submit_report
from notify.words import CaseReference, DeliveryId
from tests.builders import contact, report_from
from tests.mail.rig import OUR_DOMAIN, Rig

pytestmark = [pytest.mark.mail, pytest.mark.xdist_group("mail")]

WITHIN = 20.0
Kind = TypeVar("Kind", bound=Event)


class Service:
    """The whole service behind the real servers, and what happened in it."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._events: list[Event] = []
        self._more = asyncio.Event()

    def observe(self, events: Sequence[Event]) -> None:
        self._events += events
        self._more.set()

    async def file(self, *contacts: Contact) -> CaseReference:
        await load_contacts_file(contacts, OPERATOR, self.system.ports)
        return (await submit_report(report_from("KE", "UG"), OPERATOR, "key-1", self.system.ports)).reference

    def reply_address(self, delivery_id: DeliveryId) -> str:
        return MailTokens(secret_keys(self.system.settings), None, OUR_DOMAIN).reply_address(delivery_id)

    async def happens(self, kind: type[Kind], wanted: Callable[[Kind], bool] = lambda event: True) -> Kind:
        """Wait until an event of this kind was committed."""
        async with asyncio.timeout(WITHIN):
            while True:
                for event in self._events:
                    if isinstance(event, kind) and wanted(event):
                        return event
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def serving(rig: Rig, url: str, folder: Path) -> AsyncIterator[Service]:
    """Run the service: mail out by the relay, mail in by our listener behind it."""
    settings = load_settings(
        {
            "ARTICLE17_MODE": "development",
            "ARTICLE17_DATA_DIR": str(folder),
            "ARTICLE17_DATABASE_URL": url,
            "ARTICLE17_SMTP_HOST": "127.0.0.1",
            "ARTICLE17_SMTP_PORT": str(rig.relay_port),
            "ARTICLE17_SMTP_TLS": "none",
            "ARTICLE17_MAIL_FROM": f"service@{OUR_DOMAIN}",
            "ARTICLE17_BOUNCE_DOMAIN": OUR_DOMAIN,
            "ARTICLE17_REPLY_DOMAIN": OUR_DOMAIN,
            "ARTICLE17_MAIL_LISTEN": f"lmtp://{rig.listener_address.host}:{rig.listener_address.port}",
        }
    )
    async with open_system(settings, create_tables=True) as system, taking_mail(system):
        service = Service(system)
        system.database.after_commit = system.after_commit(service.observe)
        running = asyncio.create_task(system.worker.run())
        try:
            yield service
        finally:
            await system.worker.stop()
            await running


@pytest.fixture
async def service(rig: Rig, database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    rig.set_target_up()
    rig.greylist(0)
    async with serving(rig, database_url, tmp_path) as running:
        yield running


def desk(address: str, order: int = 1) -> Contact:
    return contact("UG", order=order, email=address)


async def test_a_mailbox_that_is_not_there_moves_the_ladder_within_seconds(rig: Rig, service: Service) -> None:
    case = await service.file(desk(rig.unknown), desk(rig.known, 2))
    failed = await service.happens(DeliveryFailed, lambda event: event.contact == "ug-a17-1")
    assert (failed.state, failed.failure) == ("bounced", "recipient")
    told = await service.happens(DeliveryReported, lambda event: event.state == "relayed")
    async with service.system.database.read() as work:
        rows = {row.id: row for row in await work.deliveries.of_case(case)}
        evidence = await work.mails.evidence(case)
    assert (rows[told.delivery_id].contact, rows[told.delivery_id].step) == ("ug-a17-2", "instead_of:ug-a17-1")
    drawn = {one.delivery_id: one for one in evidence}
    assert (drawn[failed.delivery_id].kind, drawn[told.delivery_id].kind) == ("bounced", "relayed")
    assert "550 5.1.1" in drawn[failed.delivery_id].detail


async def test_a_mailbox_of_postfix_itself_is_delivered(rig: Rig, service: Service) -> None:
    await service.file(desk(rig.own))
    assert (await service.happens(DeliveryReported)).state == "delivered"


async def test_a_target_that_is_down_is_delayed_and_then_failed(rig: Rig, service: Service) -> None:
    rig.set_target_down()
    await service.file(desk(rig.far), desk(rig.known, 2))
    assert (await service.happens(DeliveryReported, lambda event: event.state == "delayed")).channel == "email"
    assert (await service.happens(DeliveryFailed)).state == "bounced"


async def test_a_reply_from_the_ministry_acknowledges(rig: Rig, service: Service) -> None:
    case = await service.file(desk(rig.known))
    told = await service.happens(DeliveryReported)
    reply = EmailMessage()
    reply["From"], reply["Subject"] = f"Desk <{rig.known}>", "Re: notification"
    reply["To"] = service.reply_address(told.delivery_id)
    reply.set_content("Received\n\n> what was written before\n")
    await aiosmtplib.send(reply, hostname="127.0.0.1", port=rig.ministry_port, start_tls=False)
    answered = await service.happens(NotificationAcknowledged)
    assert (answered.grade, answered.means, answered.case_reference) == ("received", "reply", case)


async def test_an_automatic_reply_is_read_as_one_and_acknowledges_nothing(rig: Rig, service: Service) -> None:
    case = await service.file(desk(rig.known))
    told = await service.happens(DeliveryReported)
    away = EmailMessage()
    away["From"], away["Subject"] = f"Desk <{rig.known}>", "Out of office"
    away["To"] = service.reply_address(told.delivery_id)
    away["Auto-Submitted"] = "auto-replied (vacation)"
    away.set_content("received\n")
    await aiosmtplib.send(away, hostname="127.0.0.1", port=rig.ministry_port, start_tls=False)
    read = await service.happens(MailRead, lambda event: event.meaning != "delivery_report")
    assert read.meaning == "automatic_reply"
    async with service.system.database.read() as work:
        assert not any(told.acknowledged for told in await work.notifications.of_case(case))
