"""Reads the small forms of the pages and refuses what no form of ours can have sent."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

LARGEST_FORM = 16 * 1024
MOST_FIELDS = 50


async def read_form(request: web.Request, public_url: str) -> dict[str, str]:
    """Read a URL-encoded form; raises HTTPForbidden (another site), HTTPUnsupportedMediaType or too large (413)."""
    if comes_from_elsewhere(request, public_url):
        raise web.HTTPForbidden
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPUnsupportedMediaType
    body = await _body(request)
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise web.HTTPRequestEntityTooLarge(LARGEST_FORM, len(body)) from None
    return dict(pairs)


async def _body(request: web.Request) -> bytes:
    body = b""
    async for chunk in request.content.iter_chunked(LARGEST_FORM):
        body += chunk
        if len(body) > LARGEST_FORM:
            raise web.HTTPRequestEntityTooLarge(LARGEST_FORM, len(body))
    return body


def comes_from_elsewhere(request: web.Request, public_url: str) -> bool:
    """Tell whether the browser says that another site sent this form.

    Our pages send no referrer, so browsers write their origin as "null"; then Sec-Fetch-Site decides, where
    the browser knows it. Browsers that say nothing are let through: the secret is in the address.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc not in (request.host, urlsplit(public_url).netloc)
