"""Answers the calls that carry a case on: later reports, the close, what States say of it, the reopening."""

from __future__ import annotations

from aiohttp import web

from adapters.api.parameters import expected_version, idempotency_key
from adapters.api.rendering import answer
from adapters.api.route import Call
from notify.service import added, closing_cases, following
from notify.words import CaseReference


def _reference(call: Call) -> CaseReference:
    return CaseReference(call.named("reference"))


async def submit_report(call: Call) -> web.Response:
    """Add a later report to the chain of a case; everyone who was told is told of it."""
    followed = await following.follow_up(
        _reference(call),
        call.body,
        call.account,
        idempotency_key(call.request),
        call.ports,
        confirmation=call.request.headers.get("Confirmation"),
        expected=expected_version(call.request),
    )
    view = await added.added_answer(followed.reference, followed.sequence, call.account, call.ports)
    location = f"/api/v1/cases/{followed.reference}"
    return answer(view, status=201 if followed.new else 200, location=location, version=view["version"])


async def preview_report(call: Call) -> web.Response:
    """Say all that a later report would change and whom it would tell."""
    return answer(await following.preview_follow_up(_reference(call), call.body, call.account, call.ports))


async def announce_close(call: Call) -> web.Response:
    """Announce that a case is about to close: each State may object, and silence closes it only once proven told."""
    expected = expected_version(call.request)
    view = await closing_cases.announce_close(_reference(call), call.body, call.account, call.ports, expected=expected)
    return answer(view)


async def answer_close(call: Call) -> web.Response:
    """Say whether your State objects to the close."""
    return answer(await closing_cases.answer_close(_reference(call), call.body, call.account, call.ports))


async def reopen_case(call: Call) -> web.Response:
    """Reopen a closed case on new evidence; everyone who was told is told."""
    expected = expected_version(call.request)
    view = await closing_cases.reopen(_reference(call), call.body, call.account, call.ports, expected=expected)
    return answer(view)
