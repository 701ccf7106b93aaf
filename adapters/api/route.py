"""Makes a line of the URL table into a handler: account, rights, query, body, then one function that answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler as AiohttpHandler
from pydantic import BaseModel

from adapters.api.authentication import NOBODY, Gate
from adapters.api.bodies import Body
from adapters.api.options import ApiOptions
from adapters.api.parameters import ID, INQUIRY, REFERENCE, Parameter, query_of
from adapters.api.uploads import SHA256, FileBody
from notify.account import Account, Right
from notify.errors import StaleVersion
from notify.ports import Ports

TRIES = 3
"""How often a call is tried when a worker changed the same thing in the same moment."""

SHAPES: Mapping[str, str] = {"id": ID, "reference": REFERENCE, "inquiry": INQUIRY, "sha256": SHA256}
"""How each named step of a path looks, as a regular expression."""


@dataclass(frozen=True, slots=True)
class Documents:
    """What the API says of itself, made once from its own table."""

    openapi: Mapping[str, Any]
    page: str
    report_schema: Mapping[str, Any]
    webhook_schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, checked as far as the table says: whose it is, and what it carries."""

    request: web.Request
    account: Account
    body: Any
    query: Mapping[str, str]
    ports: Ports
    options: ApiOptions
    documents: Documents

    def named(self, name: str) -> str:
        """Give the id or reference that stands in the path."""
        return self.request.match_info[name]


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the URL table. `rights`: one of them is needed; none means that everyone may ask."""

    method: str
    path: str
    handler: Handler
    rights: tuple[Right, ...]
    body: Body | FileBody | None
    answer: type[BaseModel] | str | None  # a media type for what is not JSON of ours; None for nothing
    says: str
    status: int = 200
    parameters: tuple[Parameter, ...] = field(default=())

    @property
    def name(self) -> str:
        """Name the call, as `operationId` does."""
        return self.handler.__name__

    @property
    def pattern(self) -> str:
        """Give the path as aiohttp matches it: each step has its shape, and no other address answers by mistake."""
        return re.sub(r"\{(\w+)\}", lambda step: f"{{{step[1]}:{SHAPES[step[1]]}}}", self.path)


def serve(route: Route, gate: Gate, ports: Ports, options: ApiOptions, documents: Documents) -> AiohttpHandler:
    """Make the aiohttp handler of a route."""

    async def handle(request: web.Request) -> web.StreamResponse:
        account = await gate.admit(request, route.rights) if route.rights else NOBODY
        query = query_of(request, route.parameters)
        body = await route.body.of(request) if route.body is not None else None
        return await _answer(route.handler, Call(request, account, body, query, ports, options, documents))

    return handle


async def _answer(handler: Handler, call: Call) -> web.StreamResponse:
    """Answer a call; one that names no version is tried again when somebody else was faster."""
    for _ in range(TRIES - 1):
        try:
            return await handler(call)
        except StaleVersion:
            if "If-Match" in call.request.headers:
                raise
    return await handler(call)
