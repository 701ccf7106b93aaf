"""Answers the calls of the secretariat: tasks, the brake."""

from __future__ import annotations

from aiohttp import web

from adapters.api.parameters import chosen, named, page_of
from adapters.api.rendering import answer
from adapters.api.route import Call
from notify.service import receiving, secretariat
from notify.words import CaseReference, TaskId

MOST_TASKS = 1000
MAIL_TYPE = "message/rfc822"
DONE = {"false": False, "true": True, "all": None}
"""Which tasks a list wants: open ones, done ones, all."""


async def list_tasks(call: Call) -> web.Response:
    """List tasks, the most pressing first."""
    done, case = chosen(call.query, "done", DONE), named(call.query, "case")
    found = await secretariat.list_tasks(
        call.ports, done=DONE[done or "false"], case=CaseReference(case) if case is not None else None
    )
    return answer(page_of(found["tasks"], "tasks", call.query, MOST_TASKS))


async def finish_task(call: Call) -> web.Response:
    """Record the result of a task."""
    task_id = TaskId(call.named("id"))
    return answer(await secretariat.finish_task(task_id, call.body.get("result"), call.account, call.ports))


async def show_mail(call: Call) -> web.Response:
    """Hand out a mail as it came in; it is never shown, only downloaded."""
    raw = await receiving.read_kept_mail(call.named("id"), call.account, call.ports)
    headers = {"Content-Type": MAIL_TYPE, "Content-Disposition": "attachment; filename=received.eml"}
    return web.Response(body=raw, headers=headers)


async def pause_dispatch(call: Call) -> web.Response:
    """Hold all sending for an hour, or renew the pause."""
    return answer(await secretariat.pause_dispatch(call.body.get("reason"), call.account, call.ports))


async def resume_dispatch(call: Call) -> web.Response:
    """Let sending go on."""
    return answer(await secretariat.resume_dispatch(call.account, call.ports))
