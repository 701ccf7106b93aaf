"""Tells how mail leaves: by the next relay when one fails, at the pace of a domain, with addresses for what returns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.clock import SteppedClock
from adapters.email.catcher import MailCatcher
from adapters.settings import load_settings
from adapters.wiring import System, open_system
from adapters.wiring.mail_out import RelayWatch
from notify.account import OPERATOR
from notify.inbound import MailPurpose
from notify.service.directory import load_contacts_file
from notify.service.filing import submit_report
from tests.builders import contact, report_from, secretariat
from tests.flow.story import START


@asynccontextmanager
async def catchers(number: int) -> AsyncIterator[list[MailCatcher]]:
    running = [MailCatcher() for _ in range(number)]
    for catcher in running:
        await catcher.start()
    try:
        yield running
    finally:
        for catcher in running:
            await catcher.stop()


@asynccontextmanager
async def service(folder: Path, relays: Sequence[MailCatcher], **settings: str) -> AsyncIterator[System]:
    """Open the service in front of relays on loopback."""
    further = ",".join(f"smtp+cleartext://127.0.0.1:{relay.port}" for relay in relays[1:])
    values = {
        "MODE": "development",
        "DATA_DIR": str(folder),
        "MAIL_FROM": "notices@article17.example",
        "OPERATOR_EMAIL": "operator@service.example",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(relays[0].port),
        "SMTP_TLS": "none",
        "SMTP_RELAYS": further,
        **settings,
    }
    environ = {f"ARTICLE17_{name}": value for name, value in values.items()}
    async with open_system(load_settings(environ), clock=SteppedClock(START), create_tables=True) as system:
        yield system


async def tell(system: System, *states: str, key: str = "key-1") -> None:
    await load_contacts_file([*(contact(state) for state in states), secretariat()], OPERATOR, system.ports)
    await submit_report(report_from("KE", *states), OPERATOR, key, system.ports)
    await system.worker.drain()


def clock_of(system: System) -> SteppedClock:
    assert isinstance(system.clock, SteppedClock)
    return system.clock


async def test_the_operator_is_told_once_of_a_relay_that_does_not_work(tmp_path: Path) -> None:
    async with catchers(2) as (first, second), service(tmp_path, [first, second]) as system:
        await first.stop()
        await tell(system, "UG", "TZ")
        assert {mail.to for mail in second.mails} >= {"a171@ug.example", "a171@tz.example"}
        watch = RelayWatch(system.email, system.ports)
        assert await watch.look() == []  # a relay that is only restarted calls nobody
        clock_of(system).advance(seconds=90)
        for _ in range(3):
            await watch.look()
            await RelayWatch(system.email, system.ports).look()  # and so does another process
            await system.worker.drain()
        alarms = [mail for mail in second.mails if mail.to == "operator@service.example"]
        assert len(alarms) == 1
        assert f"127.0.0.1:{system.settings.smtp_port}" in alarms[0].text
        assert "cannot be reached" in alarms[0].text
        await first.start(port=system.settings.smtp_port)


async def test_each_mail_names_its_own_return_path_and_reply_address(tmp_path: Path) -> None:
    domains = {"BOUNCE_DOMAIN": "bounces.article17.example", "REPLY_DOMAIN": "reply.article17.example"}
    async with catchers(1) as [relay], service(tmp_path, [relay], **domains) as system:
        await tell(system, "UG", "TZ")
        read = system.ports.mail_addresses.read
        told = [mail for mail in relay.mails if mail.to.startswith("a171@")]
        bounces = [read(mail.envelope_from) for mail in told]
        replies = [read(str(mail.message["Reply-To"])) for mail in told]
        ids = [str(mail.message["Message-ID"]).strip("<>").partition("@")[0] for mail in told]
        assert bounces == [(MailPurpose.BOUNCE, each) for each in ids]
        assert replies == [(MailPurpose.REPLY, each) for each in ids]
        assert len({*ids}) == len(told) == 2
        assert all("received" in mail.text and "Or answer by mail" in mail.text for mail in told)


async def test_without_these_domains_mails_name_the_sender_and_the_secretariat(tmp_path: Path) -> None:
    async with catchers(1) as [relay], service(tmp_path, [relay], MAIL_REPLY_TO="desk@article17.example") as system:
        await tell(system, "UG")
    [mail] = [mail for mail in relay.mails if mail.to == "a171@ug.example"]
    assert mail.envelope_from == "notices@article17.example"
    assert mail.message["Reply-To"] == "desk@article17.example"
    assert "Or answer by mail" not in mail.text


async def test_a_domain_with_a_pace_gets_no_more_and_no_other_domain_waits(tmp_path: Path) -> None:
    async with catchers(1) as [relay], service(tmp_path, [relay], SMTP_PACE="ug.example=1/min") as system:
        contacts = [contact("UG", id=f"ug-{n}", email=f"c{n}@ug.example") for n in range(3)]
        await load_contacts_file([*contacts, contact("TZ"), secretariat()], OPERATOR, system.ports)
        await submit_report(report_from("KE", "UG", "TZ"), OPERATOR, "key-1", system.ports)
        await system.worker.drain()

        def at_ug() -> int:
            return sum(mail.to.endswith("@ug.example") for mail in relay.mails)

        assert (at_ug(), sum(mail.to.endswith("@tz.example") for mail in relay.mails)) == (1, 1)
        seen = []
        for _ in range(4):
            clock_of(system).advance(seconds=30)
            await system.worker.drain()
            seen.append(at_ug())
        assert seen == [1, 2, 2, 3]
