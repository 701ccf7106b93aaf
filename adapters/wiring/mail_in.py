"""Takes mail in: the listener behind a mail server, and the polling of a hosted mailbox by one process at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from adapters.email.imap_mailbox import Mailbox, MailboxFault
from adapters.email.imap_polling import ImapPolling
from adapters.email.listen_address import parse_listen_address
from adapters.email.listening import MailListener
from adapters.settings import Settings
from adapters.wiring.system import System
from notify.errors import DatabaseAway
from notify.service.receiving import is_expected, keep_mail

logger = logging.getLogger("article17.mail_in")

POLLING = "imap polling"
POLLING_LEASE = timedelta(minutes=2)


@asynccontextmanager
async def taking_mail(system: System) -> AsyncIterator[None]:
    """Take mail in while the block runs, by each way that the settings name; nothing when they name none."""
    listener = await _listener(system)
    polling = asyncio.create_task(_poll(system), name="imap polling") if system.settings.imap_host else None
    try:
        yield
    finally:
        if polling is not None:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
        if listener is not None:
            await listener.stop()


async def _listener(system: System) -> MailListener | None:
    if not system.settings.mail_listen:
        return None
    listener = MailListener(
        partial(keep_mail, ports=system.ports),
        accepts=partial(is_expected, ports=system.ports),
        address=parse_listen_address(system.settings.mail_listen),
        clock=system.clock.now,
    )
    await listener.start()
    logger.info("taking mail on %s", system.settings.mail_listen)
    return listener


async def _poll(system: System) -> None:
    polling = ImapPolling(
        partial(keep_mail, ports=system.ports),
        accepts=partial(is_expected, ports=system.ports),
        mailbox=mailbox_of(system.settings),
        may_poll=may_poll(system),
        clock=system.clock.now,
    )
    try:
        while True:
            try:
                kept = await polling.poll_once()
                if kept:
                    logger.info("%d mails came in from the mailbox", kept)
            except (MailboxFault, DatabaseAway) as fault:
                logger.warning("the mailbox is asked again later: %s", fault)
            except Exception:
                # Whatever a strange server says, mail must not stop coming in unnoticed.
                logger.exception("the mailbox could not be read; it is asked again later")
            await asyncio.sleep(system.settings.imap_poll_seconds)
    finally:
        polling.close()


def may_poll(system: System) -> Callable[[], Awaitable[bool]]:
    """Make the question whether this process is the one that polls; asking it holds the right for longer."""

    async def ask() -> bool:
        now = system.clock.now()
        async with system.database.write() as work:
            held = await work.leases.take(POLLING, holder=system.worker.name, now=now, until=now + POLLING_LEASE)
            await work.commit()
        return held

    return ask


def mailbox_of(settings: Settings) -> Mailbox:
    """Say which hosted mailbox is polled."""
    password = settings.imap_password
    return Mailbox(
        settings.imap_host or "localhost",
        settings.imap_username or "",
        password.get_secret_value() if password else "",
        port=settings.imap_port,
        tls=settings.imap_tls.value,
        folder=settings.imap_folder,
        done_folder=settings.imap_done_folder,
    )
