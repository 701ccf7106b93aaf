"""Answers the calls on drafts."""

from __future__ import annotations

from aiohttp import web

from adapters.api.handlers.cases import submission
from adapters.api.parameters import expected_version
from adapters.api.rendering import answer, nothing
from adapters.api.route import Call
from notify.errors import StaleVersion
from notify.service import drafts
from notify.words import DraftId


def _id(call: Call) -> DraftId:
    return DraftId(call.named("id"))


async def create_draft(call: Call) -> web.Response:
    """Keep an incomplete report."""
    view = await drafts.create_draft(call.body, call.account, call.ports)
    return answer(view, status=201, location=f"/api/v1/drafts/{view['id']}", version=view["version"])


async def list_drafts(call: Call) -> web.Response:
    """List the drafts of the account's State."""
    return answer(await drafts.list_drafts(call.account, call.ports))


async def show_draft(call: Call) -> web.Response:
    """Show one draft, with what is still to be completed."""
    view = await drafts.show_draft(_id(call), call.account, call.ports)
    return answer(view, version=view["version"])


async def replace_draft(call: Call) -> web.Response:
    """Replace a draft."""
    expected = expected_version(call.request)
    if expected is None:
        expected = (await drafts.show_draft(_id(call), call.account, call.ports))["version"]
    view = await drafts.replace_draft(_id(call), call.body, expected, call.account, call.ports)
    return answer(view, version=view["version"])


async def remove_draft(call: Call) -> web.Response:
    """Throw a draft away."""
    expected = expected_version(call.request)
    view = await drafts.show_draft(_id(call), call.account, call.ports)
    if expected not in (None, view["version"]):
        raise StaleVersion("the draft was changed meanwhile; read it again")
    await drafts.remove_draft(_id(call), call.account, call.ports)
    return nothing()


async def submit_draft(call: Call) -> web.Response:
    """Submit a draft as an initial report."""
    confirmation = call.request.headers.get("Confirmation")
    submitted = await drafts.submit_draft(_id(call), call.account, call.ports, confirmation=confirmation)
    return await submission(submitted, call)
