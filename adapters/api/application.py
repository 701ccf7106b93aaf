"""Adds the API to an application: its routes, its headers, what it says of itself."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from adapters.api.authentication import Gate
from adapters.api.documentation import documentation_page
from adapters.api.headers import securing
from adapters.api.openapi import openapi_document
from adapters.api.options import ApiOptions
from adapters.api.problems import problem_middleware
from adapters.api.route import Documents, serve
from adapters.api.routes import ROUTES
from adapters.api.stream import stream_events
from notify.ports import Ports
from notify.report import report_schema


def middlewares(options: ApiOptions) -> list[Middleware]:
    """Give the middlewares that the application needs; they leave every address outside the API alone."""
    return [problem_middleware]


@cache
def _documents(version: str, public_url: str) -> Documents:
    openapi = openapi_document(ROUTES, version=version, public_url=public_url)
    return Documents(openapi, documentation_page(openapi), report_schema(), webhook_schema())


def webhook_schema() -> dict[str, Any]:
    """Read the shape of our webhooks, which is kept as a document because its receivers rely on every word of it."""
    text = resources.files("notify").joinpath("schemas", "webhook-1.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def add_api(app: web.Application, *, ports: Ports, options: ApiOptions) -> None:
    """Add every route of the API to an application, which also needs `middlewares(options)`."""
    documents = _documents(options.version, ports.public_url)
    gate = Gate(ports, options)
    for route in ROUTES:
        handler = serve(route, gate, ports, options, documents)
        if route.method == "GET":
            # A stream has no end, so there is no sense in asking for its headers alone.
            app.router.add_get(route.pattern, handler, allow_head=route.handler is not stream_events)
        else:
            app.router.add_route(route.method, route.pattern, handler)
    app.on_response_prepare.append(securing(https=options.https))
