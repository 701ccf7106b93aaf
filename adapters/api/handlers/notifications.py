"""Answers the calls on notifications."""

from __future__ import annotations

from aiohttp import web

from adapters.api.rendering import answer
from adapters.api.route import Call
from notify.service.acknowledging import acknowledge_by_account
from notify.words import NotificationId


async def acknowledge(call: Call) -> web.Response:
    """Record the answer of an addressee; twice is harmless."""
    notification_id = NotificationId(call.named("id"))
    return answer(await acknowledge_by_account(notification_id, call.body, call.account, call.ports))
