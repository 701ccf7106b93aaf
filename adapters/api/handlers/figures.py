"""Answers the calls of statistics and exercises."""

from __future__ import annotations

from aiohttp import web

from adapters.api.parameters import moment_of
from adapters.api.problems import BadRequest
from adapters.api.rendering import answer
from adapters.api.route import Call
from notify.service import exercises, statistics
from notify.statistics import csv_text
from notify.words import CaseReference


async def show_statistics(call: Call) -> web.Response:
    """Show the statistics that the account may see: all to the secretariat, a State's own figures to it."""
    return answer(statistics.statistics_document(await _computed(call)))


async def show_statistics_csv(call: Call) -> web.Response:
    """Show the response times that the account may see as CSV; no cell of it starts a formula."""
    found = await _computed(call)
    return web.Response(text=csv_text(found.times), content_type="text/csv", charset="utf-8")


async def _computed(call: Call) -> statistics.Statistics:
    start, end = moment_of(call.query, "from"), moment_of(call.query, "to")
    if start is not None and end is not None and start >= end:
        raise BadRequest("the query parameter “from” must be before “to”")
    return await statistics.compute_statistics(call.account, statistics.Period(start, end), call.ports)


async def plan_exercise(call: Call) -> web.Response:
    """Plan an exercise: it gets its number now and is filed at its time."""
    confirmation = call.request.headers.get("Confirmation")
    reference = await exercises.plan_exercise(call.body, call.account, call.ports, confirmation=confirmation)
    view = await exercises.show_exercise(reference, call.account, call.ports)
    return answer(view, status=201, location=f"/api/v1/exercises/{reference}")


async def show_exercise(call: Call) -> web.Response:
    """Show an exercise, and how each State and channel did so far."""
    reference = CaseReference(call.named("reference"))
    return answer(await exercises.show_exercise(reference, call.account, call.ports))
