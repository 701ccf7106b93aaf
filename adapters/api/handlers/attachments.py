"""Answers the calls on attachments: bytes first, then named by their digest."""

from __future__ import annotations

from aiohttp import web

from adapters.api.rendering import answer
from adapters.api.route import Call
from adapters.api.uploads import FILENAME, STATED_SHA256, FileSent, send_file
from notify.service.attaching import read_attachment, store_attachment


async def store_file(call: Call) -> web.Response:
    """Store a file, to be named in a report or message by its digest; the same bytes again are harmless."""
    sent: FileSent = call.body
    stored = await store_attachment(
        sent.chunks,
        filename=call.query.get(FILENAME.name),
        media_type=sent.media_type,
        stated_sha256=call.query.get(STATED_SHA256.name),
        account=call.account,
        ports=call.ports,
    )
    return answer(stored, status=201, location=f"/api/v1/attachments/{stored['sha256']}")


async def read_file(call: Call) -> web.StreamResponse:
    """Give a file to those who may read something that names it, to be saved."""
    readable = await read_attachment(call.named("sha256").lower(), call.account, call.ports)
    return await send_file(call.request, readable.stored, readable.content)
