"""Answers the calls on inquiries to presumed States of origin."""

from __future__ import annotations

from aiohttp import web

from adapters.api.parameters import page_of
from adapters.api.rendering import answer
from adapters.api.route import Call
from notify.service import inquiring

MOST_INQUIRIES = 200


async def make_inquiry(call: Call) -> web.Response:
    """Ask a presumed State of origin whether what was found is its own; the same while open is one inquiry."""
    made = await inquiring.make_inquiry(call.body, call.account, call.ports)
    return answer(made, status=201, location=f"/api/v1/inquiries/{made['reference']}")


async def list_inquiries(call: Call) -> web.Response:
    """List the inquiries that you make or are asked, newest first."""
    found = await inquiring.list_inquiries(call.account, call.ports)
    return answer(page_of(found["inquiries"], "inquiries", call.query, MOST_INQUIRIES))


async def show_inquiry(call: Call) -> web.Response:
    """Show one inquiry with its answers and its clock."""
    return answer(await inquiring.show_inquiry(call.named("inquiry"), call.account, call.ports))


async def answer_inquiry(call: Call) -> web.Response:
    """Answer an inquiry for your State; twice is harmless."""
    return answer(await inquiring.answer(call.named("inquiry"), call.body, call.account, call.ports))


async def withdraw_inquiry(call: Call) -> web.Response:
    """Take an inquiry of yours back; twice is harmless."""
    return answer(await inquiring.withdraw(call.named("inquiry"), call.account, call.ports))
