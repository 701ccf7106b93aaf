"""Says on one screen which page answers which address."""

from __future__ import annotations

from aiohttp import web

from adapters.portal import acknowledgement, caught_mails, rendering, status
from adapters.portal.allowance import Allowance
from adapters.portal.options import PORTAL, Portal, PortalOptions
from notify.ports import Ports


def add_portal(app: web.Application, *, ports: Ports, options: PortalOptions) -> None:
    """Add the pages to an application, which also needs `portal_middleware(options)`."""
    app[PORTAL] = Portal(
        ports,
        options,
        posts=Allowance(options.posts_per_minute, options.ticks),
        unknown_links=Allowance(options.unknown_links_per_minute, options.ticks),
    )
    app.add_routes(
        [
            web.get("/", status.show_status),
            web.get("/a/{token}", acknowledgement.show_notification),
            web.post("/a/{token}", acknowledgement.take_answer),
            web.options("/a/{token}", acknowledgement.list_methods),
            web.get("/static/portal.css", rendering.show_style_sheet),
        ]
    )
    if options.caught_mails is not None:
        app.add_routes(
            [
                web.get("/dev/mails", caught_mails.list_mails),
                web.get(r"/dev/mails/{number:\d{1,9}}", caught_mails.show_mail),
                web.get(r"/dev/mails/{number:\d{1,9}}/html", caught_mails.show_html_part),
                web.get(r"/dev/mails/{number:\d{1,9}}/source", caught_mails.show_source),
            ]
        )
