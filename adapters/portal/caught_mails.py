"""Shows the mails that development catches instead of sending them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiohttp import web

from adapters.portal.middleware import HEADERS
from adapters.portal.options import PORTAL
from adapters.portal.rendering import language_chosen, page

MOST_LISTED = 500
_WITH_FRAME = HEADERS["Content-Security-Policy"] + "; frame-src 'self'"
# The mail's own styles may show; nothing of it may run, load or send.
_IN_FRAME = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def _mails(request: web.Request) -> list[tuple[str, bytes, datetime]]:
    caught = request.app[PORTAL].options.caught_mails
    return list(caught()) if caught is not None else []


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def _chosen(request: web.Request) -> tuple[str, bytes, datetime]:
    number, mails = int(request.match_info["number"]), _mails(request)
    if not 1 <= number <= len(mails):
        raise web.HTTPNotFound
    return mails[number - 1]


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return "" if part is None else str(part.get_content())


def _attachments(message: EmailMessage) -> Iterator[str]:
    for part in message.iter_attachments():
        size = len(part.get_payload(decode=True) or b"")
        yield f"{part.get_filename() or '?'} ({part.get_content_type()}, {size} B)"


async def list_mails(request: web.Request) -> web.Response:
    """List the caught mails, newest first."""
    mails = _mails(request)
    numbered = list(enumerate(mails, 1))[: -MOST_LISTED - 1 : -1]
    rows = [(number, to, str(_parsed(content)["Subject"] or ""), at) for number, (to, content, at) in numbered]
    return page(request, "mails.html", language_chosen(request) or "en", mails=rows, total=len(mails))


async def show_mail(request: web.Request) -> web.Response:
    """Show one mail: headers, text part, HTML part in a frame of its own, attachments."""
    to, content, at = _chosen(request)
    message = _parsed(content)
    response = page(
        request,
        "mail.html",
        language_chosen(request) or "en",
        number=int(request.match_info["number"]),
        total=len(_mails(request)),
        to=to,
        at=at,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        text=_part(message, "plain"),
        has_html=message.get_body(("html",)) is not None,
        attachments=list(_attachments(message)),
    )
    response.headers["Content-Security-Policy"] = _WITH_FRAME
    return response


async def show_html_part(request: web.Request) -> web.Response:
    """Show the HTML part of a mail alone, in a sandbox."""
    _, content, _ = _chosen(request)
    headers = {"Content-Security-Policy": _IN_FRAME, "X-Frame-Options": "SAMEORIGIN"}
    return web.Response(text=_part(_parsed(content), "html"), content_type="text/html", headers=headers)


async def show_source(request: web.Request) -> web.Response:
    """Show a mail as it came over SMTP."""
    _, content, _ = _chosen(request)
    return web.Response(text=content.decode("utf-8", "replace"), content_type="text/plain")
