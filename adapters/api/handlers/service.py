"""Answers what is asked of the service itself: its documents, its health, its keys."""

from __future__ import annotations

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from adapters.api.documentation import CONTENT_SECURITY_POLICY
from adapters.api.rendering import answer
from adapters.api.route import Call
from notify.errors import DatabaseAway
from notify.ports import Ports
from notify.service.watching import QueueState, queue_state

PATIENCE = 5.0
"""Seconds within which the database must answer for the service to be ready."""


async def show_openapi(call: Call) -> web.Response:
    """Show the description of this API."""
    return answer(call.documents.openapi)


async def show_documentation(call: Call) -> web.Response:
    """Show the description of this API as a page."""
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
    return web.Response(text=call.documents.page, content_type="text/html", headers=headers)


async def show_report_schema(call: Call) -> web.Response:
    """Show the shape of a report as JSON Schema."""
    return answer(call.documents.report_schema)


async def show_webhook_schema(call: Call) -> web.Response:
    """Show the shape of our webhooks as JSON Schema."""
    return answer(call.documents.webhook_schema)


async def show_liveness(call: Call) -> web.Response:
    """Say that the process answers."""
    return answer({"status": "ok", "version": call.options.version})


async def show_readiness(call: Call) -> web.Response:
    """Say whether the service keeps its times."""
    state = await _queue(call.ports)
    reasons = []
    if call.options.closing.is_set():
        reasons.append("the service is stopping")
    if not call.options.worker_alive():
        reasons.append("the worker is not running")
    if state is None:
        reasons.append("the database does not answer")
    elif not state.on_time:
        reasons.append("a due step is more than 60 seconds late")
    lateness = None if state is None else round(state.lateness, 1)
    document = {"ready": not reasons, "reasons": reasons, "lateness_seconds": lateness}
    return answer(document, status=503 if reasons else 200)


async def _queue(ports: Ports) -> QueueState | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await queue_state(ports)
    except (DatabaseAway, SQLAlchemyError, OSError, TimeoutError):
        return None


async def show_metrics(call: Call) -> web.Response:
    """Show the figures of this process and of the outbox, for Prometheus."""
    state = await queue_state(call.ports)
    content = call.options.render_metrics(state.counts, state.lateness, state.endpoints)
    return web.Response(body=content, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def show_signing_keys(call: Call) -> web.Response:
    """Show the public keys that verify our webhooks."""
    return answer({"keys": list(await call.options.signing_keys())})
