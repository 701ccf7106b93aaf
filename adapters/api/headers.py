"""Sets the headers that keep answers safe in a browser, on every answer of the API, streams and errors included."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from adapters.api.problems import is_ours

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}

TWO_YEARS = "max-age=63072000"


def securing(*, https: bool) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Make the function that aiohttp calls before each answer leaves; `https` tells browsers to stay with it."""

    async def secure(request: web.Request, response: web.StreamResponse) -> None:
        if not is_ours(request.path):
            return
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Server"] = "article17"
        if https:
            response.headers["Strict-Transport-Security"] = TWO_YEARS

    return secure
