"""Shows the plain public page: what this service is, and whether its sending is paused; no fact of any case."""

from __future__ import annotations

from aiohttp import web

from adapters.languages.formatting import date_time
from adapters.portal.options import PORTAL
from adapters.portal.rendering import language_asked_for, page


async def show_status(request: web.Request) -> web.Response:
    """Show the status page."""
    portal = request.app[PORTAL]
    async with portal.ports.database.read() as work:
        pause = await work.brake.current()
    language = language_asked_for(request)
    paused = pause is not None and pause.paused_until > portal.ports.clock.now()
    until = date_time(pause.paused_until, language, "UTC") if pause is not None and paused else None
    mails = portal.options.caught_mails is not None
    return page(request, "status.html", language, paused_until=until, has_caught_mails=mails)
