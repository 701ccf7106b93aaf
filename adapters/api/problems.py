"""Turns whatever goes wrong in a call into a problem document (RFC 9457) that names every fault."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from notify.errors import (
    ConfirmationNeeded,
    Conflict,
    DatabaseAway,
    DeliveryError,
    Fault,
    InvalidDocument,
    NotAllowed,
    NotFound,
    ScannerAway,
    StaleVersion,
    StoreAway,
)

logger = logging.getLogger("article17.api")

MEDIA_TYPE = "application/problem+json"

STREAM = web.RequestKey("stream", web.StreamResponse)
"""The answer of a request that has begun to stream: no problem document can follow it."""

_OUTSIDE = ("/healthz", "/readyz", "/metrics")


class BadRequest(Exception):
    """The request cannot be read: its body, a header or a query parameter."""

    def __init__(self, detail: str, *, status: int = 400, faults: Sequence[Fault] = ()) -> None:
        self.status = status
        self.faults = tuple(faults)
        super().__init__(detail)


class Unauthorized(Exception):
    """The request carries no token that we know."""


class TooManyRequests(Exception):
    """There were too many requests of this kind from there."""

    def __init__(self, seconds: int) -> None:
        self.seconds = max(1, seconds)
        super().__init__(f"too many requests; please try again in {self.seconds} seconds")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its place in the documentation, its status, and what it means."""

    name: str
    status: int
    title: str

    @property
    def address(self) -> str:
        """Give the URI that identifies the kind: where it is described."""
        return f"/api/docs#problem-{self.name}"


KINDS: Mapping[type[Exception], Kind] = {
    BadRequest: Kind("bad-request", 400, "The request cannot be read"),
    Unauthorized: Kind("unauthorized", 401, "A token of an account is needed"),
    NotAllowed: Kind("not-allowed", 403, "The account may not do this"),
    NotFound: Kind("not-found", 404, "There is no such thing, or the account may not know of it"),
    StaleVersion: Kind("stale-version", 409, "It was changed by somebody else meanwhile"),
    Conflict: Kind("conflict", 409, "The request contradicts what is stored"),
    InvalidDocument: Kind("invalid-document", 422, "The document has faults"),
    DeliveryError: Kind("endpoint-failed", 422, "The endpoint did not answer as it must"),
    ConfirmationNeeded: Kind("confirmation-needed", 428, "A second confirmation is needed"),
    TooManyRequests: Kind("too-many-requests", 429, "There were too many requests"),
    DatabaseAway: Kind("database-away", 503, "The service cannot reach its database at this moment"),
    ScannerAway: Kind("scanner-away", 503, "The file cannot be scanned at this moment"),
    StoreAway: Kind("store-away", 503, "The service cannot reach its store of files at this moment"),
}
"""Every kind of error that a caller can mend, if only by trying again, and how it is told."""

AWAY_SECONDS = 5
"""How long a caller is asked to wait for the database."""

UNEXPECTED = Kind("unexpected", 500, "Something went wrong on our side")


def is_ours(path: str) -> bool:
    """Tell whether a path belongs to the API; every other address in the application is left alone."""
    return path in _OUTSIDE or any(path == root or path.startswith(f"{root}/") for root in ("/api", "/.well-known"))


@web.middleware
async def problem_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error of a call with a problem document; what nobody foresaw is logged and told without details."""
    if not is_ours(request.path):
        return await handler(request)
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _of_http(error)
    except Exception as error:
        if STREAM in request:
            logger.warning("a stream was cut off", exc_info=error)
            return request[STREAM]
        return _of_error(error, request)


def _of_http(error: web.HTTPException) -> web.Response:
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    title = HTTPStatus(error.status).phrase
    detail = "there is nothing at this address" if error.status == 404 else error.reason
    return problem("about:blank", error.status, title, detail, headers=headers)


def _of_error(error: Exception, request: web.Request) -> web.Response:
    kind = next((kind for type_, kind in KINDS.items() if isinstance(error, type_)), None)
    if kind is None:
        reference = secrets.token_hex(6)
        logger.error("request %s failed: %s %s", reference, request.method, request.path, exc_info=error)
        detail = f"please try again; if it happens again, tell the operator of this service: {reference}"
        return problem(UNEXPECTED.address, UNEXPECTED.status, UNEXPECTED.title, detail)
    status = kind.status
    if isinstance(error, DatabaseAway | StoreAway):
        logger.warning("%s: %s %s: %s", kind.name, request.method, request.path, error.reason)
    if isinstance(error, StaleVersion) and "If-Match" in request.headers:
        status = 412
    if isinstance(error, BadRequest):
        status = error.status
    faults = error.faults if isinstance(error, InvalidDocument | BadRequest) else ()
    return problem(kind.address, status, kind.title, _detail(error), faults, _members(error), _headers(error))


def _detail(error: Exception) -> str:
    if isinstance(error, InvalidDocument):
        return "the document has 1 fault" if len(error.faults) == 1 else f"the document has {len(error.faults)} faults"
    return str(error)


def _members(error: Exception) -> dict[str, Any]:
    return {"confirmation": error.confirmation} if isinstance(error, ConfirmationNeeded) else {}


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": 'Bearer realm="article17"'}
    if isinstance(error, DatabaseAway | ScannerAway | StoreAway):
        return {"Retry-After": str(AWAY_SECONDS)}
    return {"Retry-After": str(error.seconds)} if isinstance(error, TooManyRequests) else {}


def problem(
    type_: str,
    status: int,
    title: str,
    detail: str,
    faults: Sequence[Fault] = (),
    members: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Write one problem document."""
    document: dict[str, Any] = {"type": type_, "title": title, "status": status, "detail": detail}
    if faults:
        document["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults]
    # The faults may quote what was handed in, so that every character must survive: ASCII with escapes does.
    text = json.dumps(document | dict(members or {}))
    return web.Response(text=text, status=status, content_type=MEDIA_TYPE, headers=headers)
