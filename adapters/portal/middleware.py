"""Gives the pages their security headers, and turns what goes wrong on them into pages that say what to do."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.portal.access_log import masked
from adapters.portal.options import PortalOptions
from adapters.portal.rendering import message_page
from notify.errors import DatabaseAway
from notify.sentence import Sentence

logger = logging.getLogger("article17.portal")

_NOT_OURS = ("/api", "/healthz", "/readyz", "/metrics", "/.well-known")

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_MESSAGES: Mapping[int, tuple[Sentence, Sentence]] = {
    403: (
        Sentence("This form came from another site"),
        Sentence("Nothing was recorded. Please open the link of your message again and use the form there."),
    ),
    404: (
        Sentence("There is no such page"),
        Sentence("Please check the address. A link that is broken over two lines must be put together again."),
    ),
    405: (
        Sentence("This page does not take such a request"),
        Sentence("Nothing was recorded. Please open the page in a browser."),
    ),
    413: (
        Sentence("The form is too long"),
        Sentence("Nothing was recorded. Please say more by replying to the message that brought you here."),
    ),
    415: (
        Sentence("This is not a form of this page"),
        Sentence("Nothing was recorded. Please open the link of your message and use the form there."),
    ),
}
_OTHERWISE = (Sentence("This did not work"), Sentence("Nothing was recorded. Please try again."))


def is_page(path: str) -> bool:
    """Tell whether an address belongs to the pages; the API and the health checks answer for themselves."""
    return not any(path == other or path.startswith(f"{other}/") for other in _NOT_OURS)


def portal_middleware(options: PortalOptions) -> Middleware:
    """Make the middleware of the pages; it leaves every other address alone."""

    @web.middleware
    async def dress(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_page(request.path):
            return await handler(request)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            response = _message_of(error, request, options)
        except DatabaseAway:
            response = _message_of(web.HTTPServiceUnavailable(headers={"Retry-After": "5"}), request, options)
            response.headers["Retry-After"] = "5"
        except Exception:
            logger.exception("a page failed: %s %s", request.method, masked(request.path))
            response = _message_of(web.HTTPInternalServerError(), request, options)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return dress


def _message_of(error: web.HTTPException, request: web.Request, options: PortalOptions) -> web.StreamResponse:
    heading, line = _MESSAGES.get(error.status, _OTHERWISE)
    response = message_page(request, error.status, heading, line, email=options.secretariat_email)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response
