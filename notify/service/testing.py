"""Sends a test notice to one contact, so that an office can see that it is reached before it has to be."""

from __future__ import annotations

from typing import Any

from contacts.model import ContactId
from notify.account import Account, Right, require
from notify.delivery import NoticeKind
from notify.errors import NotFound
from notify.events import SERVICE_CHAIN
from notify.ports import Ports
from notify.queueing import Queue
from notify.routing import routes_to
from notify.sentence import Sentence
from notify.service.directory import show_contact
from notify.service.reading import stamp

TEST_STEP = "test"
"""The step of a delivery that belongs to no case and asks nothing of its reader."""


async def queue_test_notice(contact_id: ContactId, account: Account, ports: Ports) -> dict[str, Any]:
    """Queue one message by each channel of the contact; raise NotFound when it is not the account's to test.

    The notice is of the kind `endpoint.test`, belongs to no case, and changes no clock or ladder.
    """
    require(account, Right.KEEP_CONTACTS)
    await show_contact(contact_id, account, ports)
    now = ports.clock.now()
    async with ports.database.write() as work:
        contact = await work.contacts.get(contact_id)
        if contact is None:
            raise NotFound("there is no such contact")
        routes = routes_to(contact, (contact.role,), Sentence("A test of this contact was asked for."))
        queue = Queue(ports, SERVICE_CHAIN, sequence=0, urgent=False, now=now)
        queue.to_routes(None, routes, f"{TEST_STEP}:{ports.new_id('tst')}", NoticeKind.TEST)
        await queue.write(work)
        await work.commit()
    return {"contact": contact_id, "channels": [route.channel for route in routes], "queued_at": stamp(now)}
