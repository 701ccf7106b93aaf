"""Prompts an authority while a draft of its report waits: the time from knowledge to filing has no allowance."""

from __future__ import annotations

from datetime import datetime, timedelta

from contacts.model import Contact, ContactRole
from notify.clock_events import DraftOpened
from notify.deadline import next_prompt
from notify.delivery import NoticeKind
from notify.errors import NotFound
from notify.event import SERVICE_CHAIN
from notify.ports import Ports, UnitOfWork
from notify.queueing import Queue
from notify.routing import routes_of
from notify.sentence import Sentence
from notify.words import ChannelName

HOURLY_FOR = timedelta(days=3)
"""A draft that nobody touches for so long is prompted once a day from then on: its authority knows (policy)."""

_IN_CHARGE = (
    ContactRole.COMPETENT_NATIONAL_AUTHORITY,
    ContactRole.NATIONAL_FOCAL_POINT,
    ContactRole.ARTICLE_17_CONTACT,
)
_WHY = Sentence("{state}: a report of your State is drafted with this service.")


async def prompt_draft(event: DraftOpened, work: UnitOfWork, ports: Ports) -> datetime | None:
    """Prompt the authority of a draft; say when again, or None when it was submitted or thrown away."""
    try:
        draft = await work.drafts.get(event.draft_id)
    except NotFound:
        return None
    now = ports.clock.now()
    contacts = in_charge(await work.contacts.of_states([draft.state]))
    reason = Sentence(_WHY.text, {"state": draft.state})
    routes = [route for route in routes_of(contacts, lambda _: reason) if route.channel is ChannelName.EMAIL]
    queue = Queue(ports, SERVICE_CHAIN, sequence=0, urgent=False, now=now)
    details = {"draft_id": draft.id, "since": draft.created_at.isoformat()}
    queue.to_routes(None, routes, f"draft:{draft.id}:{now:%y%m%d%H%M}", NoticeKind.DRAFT, details)
    await queue.write(work)
    if now - draft.updated_at >= HOURLY_FOR:
        return now + timedelta(days=1)
    return next_prompt(draft.created_at, now)


def in_charge(contacts: list[Contact]) -> list[Contact]:
    """Choose who is prompted: the contacts of the first role that has one."""
    for role in _IN_CHARGE:
        chosen = [contact for contact in contacts if contact.role is role]
        if chosen:
            return chosen
    return []
