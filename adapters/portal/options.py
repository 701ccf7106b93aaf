"""Holds what the pages are given: the options, the ports, and the two allowances that limit abuse."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from adapters.portal.allowance import Allowance
from notify.ports import Ports

CaughtMails = Callable[[], Sequence[tuple[str, bytes, datetime]]]
"""Lists the caught mails, oldest first: to whom, the whole message, when."""


@dataclass(frozen=True, slots=True)
class PortalOptions:
    """What an operator may choose about the pages.

    `secretariat_email` is where a reader whose link is not valid may write. `caught_mails` is given in
    development only. `posts_per_minute` counts for one link, `unknown_links_per_minute` for one client address.
    """

    secretariat_email: str = ""
    caught_mails: CaughtMails | None = None
    posts_per_minute: int = 20
    unknown_links_per_minute: int = 30
    ticks: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Portal:
    """What every page handler needs, wired once."""

    ports: Ports
    options: PortalOptions
    posts: Allowance
    unknown_links: Allowance


PORTAL = web.AppKey("portal", Portal)
