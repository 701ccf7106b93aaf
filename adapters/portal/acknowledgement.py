"""Answers the acknowledgement links: asking for the page changes nothing, completing its form does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from adapters.portal.forms import read_form
from adapters.portal.link_view import view_of
from adapters.portal.options import PORTAL
from adapters.portal.rendering import language_chosen, message_page, page
from notify.errors import Conflict, InvalidDocument, NotFound, StaleVersion
from notify.sentence import Sentence
from notify.service.closing_cases import answer_close_by_link
from notify.service.links import (
    LinkPage,
    acknowledge_by_link,
    decline_by_link,
    dispute_by_link,
    note_opening,
    open_link,
)
from notify.words import Grade

Form = Mapping[str, str]
Action = Callable[[web.Request, Form], Awaitable[web.Response]]

_DEAD_LINK = (
    Sentence("This link is not valid"),
    Sentence("Nothing was recorded. The link may be incomplete, it may have been revoked, or its case is long closed."),
    Sentence("Please copy the whole link from the message, or reply to that message."),
    Sentence("You can also write to the authority that sent the notification, or to the secretariat."),
)
_TOO_OFTEN = (
    Sentence("Too many requests"),
    Sentence("Nothing was recorded by this request. Please wait a minute and try again."),
)
_SAME_MOMENT = Sentence("Somebody answered at the same moment. Please read that answer, and send yours again.")
_WITHDRAWN = Sentence("This case was withdrawn; only the receipt of that is asked, and nothing was recorded.")
_NO_CLOSE = Sentence("No close of this case is announced now; nothing was recorded.")
_NOT_ASKED = Sentence("This link was not sent to ask about an answer; nothing was recorded.")
_FAULTS: Mapping[str, Sentence] = {
    "by": Sentence("Enter your name, on one line of at most 200 characters"),
    "office": Sentence("Enter your office, on one line of at most 200 characters"),
    "grade": Sentence("Choose what you want to say"),
    "assessment": Sentence("Choose whether your State is affected, as you say that you have assessed it"),
    "close_answer": Sentence("Choose whether your State objects to the close"),
    "close_by": Sentence("Enter your name, on one line of at most 200 characters"),
    "close_office": Sentence("Enter your office, on one line of at most 200 characters"),
    "confirm": Sentence("Tick the box to say that you are not this contact any more"),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What the page says about the request just made, besides what a link always shows."""

    status: int = 200
    done: str = ""  # acknowledged, declined, denied: what was recorded
    repeated: bool = False  # a harmless second answer
    problem: Sentence | None = None
    faults: tuple[str, ...] = ()  # the names of the fields to mend


async def show_notification(request: web.Request) -> web.Response:
    """Show what a link leads to; its first opening is noted as a diagnostic, which proves nothing."""
    token, ports = request.match_info["token"], request.app[PORTAL].ports
    try:
        opened = await open_link(token, ports)
        if request.method == "GET" and opened.delivery.link_opened_at is None:
            await note_opening(token, ports)
        return _link_page(request, opened, Remark(done=request.query.get("done", "")), {})
    except NotFound:
        return _dead_link(request)


async def list_methods(request: web.Request) -> web.Response:
    """Say which methods the links take, whatever the link."""
    return web.Response(status=204, headers={"Allow": "GET, HEAD, POST, OPTIONS"})


async def take_answer(request: web.Request) -> web.Response:
    """Take one of the three forms of the page."""
    portal = request.app[PORTAL]
    if not portal.posts.take(request.match_info["token"][:100]):
        return _too_often(request)
    form = await read_form(request, portal.ports.public_url)
    act = _ACTIONS.get(form.get("action", "acknowledge"), _acknowledge)
    try:
        return await _acted(request, form, act)
    except NotFound:
        return _dead_link(request)


async def _acted(request: web.Request, form: Form, act: Action) -> web.Response:
    try:
        return await act(request, form)
    except StaleVersion:
        return await _page_now(request, Remark(409, problem=_SAME_MOMENT), form)
    except Conflict:
        problem = _NO_CLOSE if form.get("action") == "close" else _WITHDRAWN
        return await _page_now(request, Remark(409, problem=problem), form)


async def _acknowledge(request: web.Request, form: Form) -> web.Response:
    token, ports = request.match_info["token"], request.app[PORTAL].ports
    try:
        recorded = await acknowledge_by_link(token, _answer_in(form), ports, source=request.remote or "")
    except InvalidDocument as invalid:
        named = {fault.pointer.strip("/") for fault in invalid.faults}
        in_order = tuple(name for name in _FAULTS if name in named)
        return await _page_now(request, Remark(422, faults=in_order), form)
    if recorded["new"]:
        return _done(request, "acknowledged")
    return await _page_now(request, Remark(repeated=True), {})


def _answer_in(form: Form) -> Form:
    # Whoever says how the State is affected has assessed it, whichever button was left standing.
    grade = form.get("grade") or Grade.RECEIVED
    if form.get("assessment") and grade == Grade.RECEIVED:
        grade = Grade.ASSESSED
    return {**form, "grade": grade}


async def _decline(request: web.Request, form: Form) -> web.Response:
    if form.get("confirm") != "yes":
        return await _page_now(request, Remark(422, faults=("confirm",)), form)
    await decline_by_link(request.match_info["token"], request.app[PORTAL].ports)
    return _done(request, "declined")


async def _deny(request: web.Request, form: Form) -> web.Response:
    token, ports = request.match_info["token"], request.app[PORTAL].ports
    opened = await open_link(token, ports)
    if not opened.asks_whether_it_was_us:
        return _link_page(request, opened, Remark(409, problem=_NOT_ASKED), form)
    await dispute_by_link(token, ports)
    return _done(request, "denied")


async def _answer_close(request: web.Request, form: Form) -> web.Response:
    try:
        await answer_close_by_link(request.match_info["token"], form, request.app[PORTAL].ports)
    except InvalidDocument as invalid:
        named = {_OF_THE_CLOSE.get(fault.pointer.strip("/"), "close_answer") for fault in invalid.faults}
        return await _page_now(request, Remark(422, faults=tuple(name for name in _FAULTS if name in named)), form)
    return _done(request, "close")


_OF_THE_CLOSE = {"by": "close_by", "office": "close_office"}

_ACTIONS: Mapping[str, Action] = {
    "close": _answer_close,
    "acknowledge": _acknowledge,
    "decline": _decline,
    "dispute": _deny,
}


def _done(request: web.Request, what: str) -> web.Response:
    # A see-other keeps a reload from sending the form again; the place is relative to the link itself.
    chosen = language_chosen(request)
    return web.Response(status=303, headers={"Location": f"?done={what}" + (f"&language={chosen}" if chosen else "")})


async def _page_now(request: web.Request, remark: Remark, form: Form) -> web.Response:
    """Show the page as it stands now; raises NotFound when the link is not valid any more."""
    return _link_page(request, await open_link(request.match_info["token"], request.app[PORTAL].ports), remark, form)


def _link_page(request: web.Request, opened: LinkPage, remark: Remark, form: Form) -> web.Response:
    chosen = language_chosen(request)
    view = view_of(opened, request.app[PORTAL].ports, chosen)
    return page(
        request,
        "acknowledgement.html",
        view.reader.language,
        status=remark.status,
        view=view,
        remark=remark,
        problem=view.reader.say(remark.problem) if remark.problem else "",
        faults={name: view.reader.say(_FAULTS[name]) for name in remark.faults},
        form=form,
        action=f"?language={chosen}" if chosen else "?",
    )


def _dead_link(request: web.Request) -> web.Response:
    portal = request.app[PORTAL]
    if not portal.unknown_links.take(request.remote or ""):
        return _too_often(request)
    return message_page(request, 404, *_DEAD_LINK, email=portal.options.secretariat_email)


def _too_often(request: web.Request) -> web.Response:
    response = message_page(request, 429, *_TOO_OFTEN, email=request.app[PORTAL].options.secretariat_email)
    response.headers["Retry-After"] = "60"
    return response
