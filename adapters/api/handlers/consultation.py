"""Answers the calls by which States consult: messages, requests, conclusions, invitations, assessments."""

from __future__ import annotations

from aiohttp import web

from adapters.api.rendering import answer, nothing
from adapters.api.route import Call
from notify.service import assessing, concluding, consultation_views, consulting
from notify.words import CaseReference


def _reference(call: Call) -> CaseReference:
    return CaseReference(call.named("reference"))


async def show_consultation(call: Call) -> web.Response:
    """Show the consultation of a case, as far as you may read it."""
    return answer(await consultation_views.show_consultation(_reference(call), call.account, call.ports))


async def open_consultation(call: Call) -> web.Response:
    """Open the consultation of a case; that of an Article 17 notification opens by itself. Twice is harmless."""
    return answer(await consulting.open_on_request(_reference(call), call.account, call.ports))


async def post_message(call: Call) -> web.Response:
    """Post a message in a lane; the same twice in a row is one message."""
    return answer(await consulting.post_message(_reference(call), call.body, call.account, call.ports), status=201)


async def make_request(call: Call) -> web.Response:
    """Ask another State for information, for assistance, or for disposal; or offer assistance."""
    return answer(await consulting.make_request(_reference(call), call.body, call.account, call.ports), status=201)


async def answer_request(call: Call) -> web.Response:
    """Answer a request, or say to an answer what is needed still; twice is harmless."""
    return answer(await consulting.say_to_request(call.named("id"), call.body, call.account, call.ports))


async def propose_conclusion(call: Call) -> web.Response:
    """Propose a conclusion; your State agrees to it."""
    proposed = await concluding.propose_conclusion(_reference(call), call.body, call.account, call.ports)
    return answer(proposed, status=201)


async def state_position(call: Call) -> web.Response:
    """Agree to a conclusion, dissent from it or abstain, by name; twice is harmless."""
    return answer(await concluding.state_position(call.named("id"), call.body, call.account, call.ports))


async def invite_secretariat(call: Call) -> web.Response:
    """Ask the secretariat into a private lane; twice is harmless."""
    invited = await concluding.invite_secretariat(_reference(call), call.body, call.account, call.ports)
    return answer(invited, status=201)


async def end_invitation(call: Call) -> web.Response:
    """End an invitation of the secretariat by your State; twice is harmless."""
    await concluding.end_invitation(_reference(call), call.named("id"), call.account, call.ports)
    return nothing()


async def assess(call: Call) -> web.Response:
    """Say whether your State is affected, and who may read that; it confirms what came by mail."""
    return answer(await assessing.assess(_reference(call), call.body, call.account, call.ports))


async def list_assessments(call: Call) -> web.Response:
    """List what the States of a case said of themselves, with its history, as far as you may read it."""
    return answer(await assessing.list_assessments(_reference(call), call.account, call.ports))
