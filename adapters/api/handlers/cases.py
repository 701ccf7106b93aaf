"""Answers the calls on cases: submitting, previewing, reading."""

from __future__ import annotations

from aiohttp import web

from adapters.api.parameters import (
    chosen,
    cursor_of,
    idempotency_key,
    language_of,
    limit_of,
    moment_of,
    state_of,
)
from adapters.api.problems import BadRequest
from adapters.api.rendering import answer
from adapters.api.route import Call
from notify.case import CaseStatus
from notify.errors import NotFound
from notify.rows import CaseFilter
from notify.service import exchanging, filing, reading, records, timeline
from notify.words import CaseReference, NotificationClass, Severity

CAP_TYPE = "application/cap+xml"
CASES_ON_A_PAGE = 50
MOST_CASES = 200
STATUSES = (*CaseStatus, "exercise")
"""A running exercise has a status of its own."""


def _reference(call: Call) -> CaseReference:
    return CaseReference(call.named("reference"))


async def submit_case(call: Call) -> web.Response:
    """Submit an initial report."""
    key = idempotency_key(call.request)
    confirmation = call.request.headers.get("Confirmation")
    submitted = await filing.submit_report(call.body, call.account, key, call.ports, confirmation=confirmation)
    return await submission(submitted, call)


async def submission(submitted: filing.Submitted, call: Call) -> web.Response:
    """Show the case of a submission: 201 when it is new, 200 when the same was submitted before."""
    view = await reading.submission_view(submitted.reference, call.account, call.ports)
    location = f"/api/v1/cases/{submitted.reference}"
    return answer(view, status=201 if submitted.new else 200, location=location)


async def preview_case(call: Call) -> web.Response:
    """Say all that submitting would do."""
    return answer(await filing.preview_report(call.body, call.account, call.ports))


async def list_cases(call: Call) -> web.Response:
    """List the cases that the account may read."""
    wanted = _filter(call)
    if wanted.before is not None:
        await _refuse_foreign_cursor(wanted.before, call)
    return answer(await reading.list_cases(wanted, call.ports))


async def _refuse_foreign_cursor(before: CaseReference, call: Call) -> None:
    """Refuse what was never the `next` of a page: the account can read the case that it names."""
    try:
        await reading.show_case(before, call.account, call.ports)
    except NotFound as error:
        raise BadRequest("the query parameter “before” must be the `next` of the page before") from error


def _filter(call: Call) -> CaseFilter:
    query = call.query
    before = cursor_of(query)
    return CaseFilter(
        reader=call.account,
        status=chosen(query, "status", STATUSES),
        severity=chosen(query, "severity", Severity),
        state=state_of(query, call.ports.registry),
        notification_class=chosen(query, "class", NotificationClass),
        since=moment_of(query, "since"),
        before=CaseReference(before) if before is not None else None,
        limit=limit_of(query, CASES_ON_A_PAGE, MOST_CASES),
    )


async def show_case(call: Call) -> web.Response:
    """Show one case with its report chain."""
    view = await reading.show_case(_reference(call), call.account, call.ports)
    return answer(view, version=view["version"])


async def show_timeline(call: Call) -> web.Response:
    """Show the log of a case."""
    return answer(await timeline.show_timeline(_reference(call), call.account, call.ports))


async def show_notifications(call: Call) -> web.Response:
    """Show how far each addressee has got."""
    return answer(await reading.show_notifications(_reference(call), call.account, call.ports))


async def show_cap(call: Call) -> web.Response:
    """Show a case as a message for warning systems (CAP 1.2), as far as you may read it."""
    wanted = language_of(call.query)
    message = await exchanging.case_message(_reference(call), call.account, wanted, call.ports)
    return web.Response(body=call.options.write_cap(message), headers={"Content-Type": CAP_TYPE})


async def show_record(call: Call) -> web.Response:
    """Show the BCH record as it stands."""
    return answer(await records.show_record(_reference(call), call.account, call.ports))
