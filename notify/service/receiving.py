"""Keeps mails that come in: whole and durable before their mail server is told so; they are read later."""

from __future__ import annotations

from notify.account import Account, Right, require
from notify.events import SERVICE_CHAIN, MailReceived
from notify.inbound import ReceivedMail
from notify.ports import Ports
from notify.rows import StoredMail


def is_expected(address: str, ports: Ports) -> bool:
    """Tell whether mail to an address is taken: it must be one that a delivery gave out."""
    return ports.mail_addresses.read(address) is not None


async def read_kept_mail(mail_id: str, account: Account, ports: Ports) -> bytes:
    """Give the bytes of a mail as they came in, to the secretariat; raise NotFound."""
    require(account, Right.TASKS)
    async with ports.database.read() as work:
        return (await work.mails.get(mail_id)).mail.raw


async def keep_mail(mail: ReceivedMail, ports: Ports) -> None:
    """Keep one mail; the same mail handed in again changes nothing."""
    place = ports.mail_addresses.read(mail.recipient)
    async with ports.database.write() as work:
        stored = StoredMail(ports.new_id("eml"), mail, place[1] if place else None)
        if not await work.mails.add(stored):
            return
        work.record(MailReceived(case_reference=SERVICE_CHAIN, at=ports.clock.now(), mail_id=stored.id))
        await work.commit()
