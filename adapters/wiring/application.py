"""Builds the web application: the API, the pages, and what stands around both."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from aiohttp import web

from adapters.api import ApiOptions, add_api, middlewares
from adapters.portal import PortalOptions, add_portal, portal_middleware
from adapters.wiring.proxies import proxy_middleware
from adapters.wiring.signing_keys import published
from adapters.wiring.system import System

LARGEST_BODY = 1024**2


def build_application(system: System, *, closing: asyncio.Event | None = None) -> web.Application:
    """Build the application of an open service; `closing` is set when it stops, so that open streams end."""
    api = _api_options(system, closing or asyncio.Event())
    portal = PortalOptions(
        secretariat_email=system.settings.mail_reply_to or "",
        caught_mails=_caught_mails(system),
        unknown_links_per_minute=system.settings.rate_limit_per_minute,
    )
    app = web.Application(middlewares=[portal_middleware(portal), *middlewares(api)], client_max_size=LARGEST_BODY)
    add_api(app, ports=system.ports, options=api)
    add_portal(app, ports=system.ports, options=portal)
    return app


def _api_options(system: System, closing: asyncio.Event) -> ApiOptions:
    async def signing_keys() -> Sequence[Mapping[str, Any]]:
        async with system.database.read() as work:
            return published(await work.keys.all(), system.clock.now())

    return ApiOptions(
        version=installed_version(),
        https=system.ports.public_url.startswith("https://"),
        closing=closing,
        worker_alive=system.worker_alive,
        render_metrics=system.metrics.render,
        signing_keys=signing_keys,
        write_cap=system.write_cap,
        posts_a_minute=system.settings.rate_limit_per_minute,
        unknown_tokens_a_minute=max(1, system.settings.rate_limit_per_minute // 4),
    )


def _caught_mails(system: System) -> Any:
    catcher = system.catcher
    if catcher is None:
        return None

    def caught() -> Sequence[tuple[str, bytes, datetime]]:
        return [(mail.to, mail.content, mail.received_at) for mail in catcher.mails]

    return caught


def installed_version() -> str:
    """Say which version of the service this is."""
    try:
        return version("article17")
    except PackageNotFoundError:
        return "0"


async def trust_proxies(app: web.Application, system: System) -> None:
    """Believe the X-Forwarded-For header of the reverse proxies that the settings name, and of nobody else."""
    if system.settings.trusted_proxies:
        # Outermost, so that whatever stands further in sees the client and not the proxy.
        app.middlewares.insert(0, proxy_middleware(system.settings.trusted_proxies))
