"""Answers the calls on measures."""

from __future__ import annotations

from aiohttp import web

from adapters.api.rendering import answer
from adapters.api.route import Call
from notify.service import measuring
from notify.words import CaseReference


def _reference(call: Call) -> CaseReference:
    return CaseReference(call.named("reference"))


async def report_measure(call: Call) -> web.Response:
    """Report a measure of your State."""
    return answer(await measuring.report_measure(_reference(call), call.body, call.account, call.ports), status=201)


async def change_measure(call: Call) -> web.Response:
    """Report how far a measure of your State has come; twice is harmless."""
    changed = await measuring.change_measure(_reference(call), call.named("id"), call.body, call.account, call.ports)
    return answer(changed)


async def list_measures(call: Call) -> web.Response:
    """List the measures of a case, as far as you may read them."""
    return answer(await measuring.list_measures(_reference(call), call.account, call.ports))


async def compare_measures(call: Call) -> web.Response:
    """Lay the measures that you may read side by side in time."""
    return answer(await measuring.compare_measures(_reference(call), call.account, call.ports))
