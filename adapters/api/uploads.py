"""Takes a file as the body of a call, and gives one as an answer, piece by piece and never as active content."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from adapters.api.parameters import Parameter
from adapters.api.problems import STREAM, BadRequest
from notify.attachment import LIMITS, LONGEST_NAME, MEDIA_TYPES, StoredAttachment

SHA256 = r"[0-9A-Fa-f]{64}"
FILENAME = Parameter(
    "filename",
    "query",
    "The name of the file, such as varieties.csv; folders and what cannot be seen are left out of it.",
    needed=True,
    shape={"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
)
STATED_SHA256 = Parameter(
    "sha256",
    "query",
    "The digest of the bytes as you know it; when others arrive, the file is refused.",
    shape={"type": "string", "pattern": f"^{SHA256}$"},
)
_SANDBOX = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class FileSent:
    """A file as it comes in: what it is said to be, and its bytes in pieces."""

    media_type: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class FileBody:
    """What a call carries that is no JSON: the bytes of one file, of one of the media types that may be attached."""

    needed: bool = True

    @property
    def media_types(self) -> tuple[str, ...]:
        """List the media types that are taken."""
        return tuple(MEDIA_TYPES)

    async def of(self, request: web.Request) -> FileSent:
        """Give the body of a request; raise BadRequest when its type is not taken or it says that it is too large."""
        if request.content_type not in MEDIA_TYPES:
            detail = f"the header Content-Type must be one of: {', '.join(MEDIA_TYPES)}"
            raise BadRequest(detail, status=415)
        if (request.content_length or 0) > LIMITS.largest:
            raise _too_large()
        return FileSent(request.content_type, _pieces(request))


def _too_large() -> BadRequest:
    return BadRequest(f"the file must have at most {LIMITS.largest} bytes", status=413)


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    # What comes is counted: a compressed body may be small on the wire and endless here.
    size = 0
    try:
        async for piece in request.content.iter_any():
            size += len(piece)
            if size > LIMITS.largest:
                raise _too_large()
            yield piece
    except (web.RequestPayloadError, ConnectionError) as error:
        raise BadRequest("the file ended before it was complete, or is not encoded as it says") from error


async def send_file(request: web.Request, stored: StoredAttachment, pieces: AsyncIterator[bytes]) -> web.StreamResponse:
    """Send a file to be saved: a browser neither shows it nor runs anything in it."""
    headers = {
        "Content-Type": stored.media_type,
        "Content-Disposition": disposition(stored.filename),
        "Content-Length": str(stored.size),
        "Content-Security-Policy": _SANDBOX,
        "X-Content-Type-Options": "nosniff",
    }
    if request.method == "HEAD":
        return web.Response(headers=headers)
    # The first piece comes before the headers go: what is not there is still a problem document.
    first = await anext(pieces, b"")
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    request[STREAM] = response
    await response.write(first)
    async for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response


def disposition(filename: str) -> str:
    """Write the name under which a file is to be saved (RFC 6266): plain ASCII for old programs, and as it is."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
