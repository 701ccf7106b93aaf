"""Answers the calls on what was tried for a contact, and on what is to be sent again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from adapters.api.parameters import BEFORE, Parameter, chosen, limit_of, matching
from adapters.api.problems import BadRequest
from adapters.api.rendering import answer
from adapters.api.route import Call
from contacts.model import ContactId
from notify.errors import Fault, InvalidDocument
from notify.service import resending
from notify.words import ChannelName, DeliveryId

MOST_ATTEMPTS = resending.MOST_ATTEMPTS
ATTEMPTS_ON_A_PAGE = 50
_A_TRY = r"[A-Za-z0-9_-]{1,50}\.[0-9]{1,6}"
BEFORE_A_TRY = Parameter("before", "query", BEFORE.text, shape=matching(f"(?:{_A_TRY})?"))


async def list_attempts(call: Call) -> web.Response:
    """List every try for a contact."""
    channel = chosen(call.query, "channel", ChannelName)
    found = resending.list_attempts(
        ContactId(call.named("id")),
        call.account,
        call.ports,
        channel=ChannelName(channel) if channel is not None else None,
        before=_try_of(call.query),
        limit=limit_of(call.query, ATTEMPTS_ON_A_PAGE, MOST_ATTEMPTS),
    )
    return answer(await found)


def _try_of(query: Mapping[str, str]) -> str | None:
    """Give the `next` of the page before; None for the first page."""
    before = query.get(BEFORE.name) or None
    if before is not None and not re.fullmatch(_A_TRY, before):
        raise BadRequest("the query parameter “before” must be the `next` of the page before")
    return before


async def resend_delivery(call: Call) -> web.Response:
    """Send one delivery again."""
    return answer(await resending.resend_delivery(DeliveryId(call.named("id")), call.account, call.ports), status=202)


async def replay_contact(call: Call) -> web.Response:
    """Send an endpoint what it missed since a time."""
    since, everything = _moment(call.body.get("since")), bool(call.body.get("all"))
    contact = ContactId(call.named("id"))
    replayed = resending.replay_contact(contact, since, call.account, call.ports, everything=everything)
    return answer(await replayed, status=202)


def _moment(text: Any) -> datetime:
    """Read a time; a date is its first moment, and what names no zone is meant in UTC."""
    try:
        moment = datetime.fromisoformat(str(text))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidDocument([Fault("/since", "is needed: a time such as 2026-11-20T09:00:00Z")]) from error
