"""Serves the secretariat and the operator: tasks, the brake, parked messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from notify.account import Account, Right, require
from notify.errors import Conflict, Fault, InvalidDocument
from notify.events import SERVICE_CHAIN, DispatchPaused, MessageFreed, TaskDone
from notify.ports import Ports
from notify.rows import PauseRow
from notify.service.reading import stamp
from notify.task import Task
from notify.telling import one_of_each_state, record_resumption
from notify.words import CaseReference, OutboxId, TaskId

PAUSE = timedelta(hours=1)
"""The brake lets go by itself after this long, unless renewed with a reason (policy)."""


def task_view(task: Task) -> dict[str, Any]:
    """Show one task."""
    return {
        "id": task.id,
        "kind": task.kind,
        "case_reference": task.case_reference,
        "exercise": task.case_reference.startswith("EX"),
        "notification_id": task.notification_id,
        "owner": task.owner,
        "state": task.state,
        "text": str(task.text),
        "created_at": stamp(task.created_at),
        "due_at": stamp(task.due_at),
        "done_at": stamp(task.done_at),
        "done_by": task.done_by,
        "result": task.result,
    }


async def list_tasks(ports: Ports, *, done: bool | None = False, case: CaseReference | None = None) -> dict[str, Any]:
    """List tasks, the most pressing first."""
    async with ports.database.read() as work:
        return {"tasks": [task_view(task) for task in await work.tasks.find(owner=None, done=done, case=case)]}


async def finish_task(task_id: TaskId, result: object, account: Account, ports: Ports) -> dict[str, Any]:
    """Record the result of a task; raise Conflict when it was done with another result."""
    require(account, Right.TASKS)
    if not isinstance(result, str) or not result.strip() or len(result) > 4000:
        raise InvalidDocument([Fault("/result", "is needed: say in 1 to 4000 characters what came of it")])
    async with ports.database.write() as work:
        task = await work.tasks.get(task_id)
        if task.done_at is not None:
            if task.result == result.strip():
                return task_view(task)
            raise Conflict(f"this task was done by {task.done_by}: {task.result}")
        task.done_at, task.done_by, task.result = ports.clock.now(), account.name, result.strip()
        await work.tasks.save(task)
        work.record(TaskDone(case_reference=task.case_reference, at=task.done_at, task_id=task.id, account=account.id))
        await work.commit()
    return task_view(task)


async def pause_dispatch(reason: object, account: Account, ports: Ports) -> dict[str, Any]:
    """Hold all sending for an hour; every reporting State is told at once. Asked again with a reason, it is renewed."""
    require(account, Right.DISPATCH)
    if not isinstance(reason, str) or not reason.strip() or len(reason) > 1000:
        raise InvalidDocument([Fault("/reason", "is needed: the reporting States are told why")])
    now = ports.clock.now()
    until = now + PAUSE
    async with ports.database.write() as work:
        await work.brake.put(PauseRow(until, account.id, reason.strip()))
        for case in one_of_each_state(await work.cases.running()):
            work.record(_paused(case.reference, account, reason.strip(), ports))
        work.record(_paused(SERVICE_CHAIN, account, reason.strip(), ports))
        await work.commit()
    return {"paused_until": stamp(until), "reason": reason.strip()}


def _paused(chain: CaseReference, account: Account, reason: str, ports: Ports) -> DispatchPaused:
    now = ports.clock.now()
    return DispatchPaused(
        case_reference=chain, at=now, urgent=True, paused_until=now + PAUSE, account=account.id, reason=reason
    )


async def resume_dispatch(account: Account, ports: Ports) -> dict[str, Any]:
    """Let sending go on; twice is harmless."""
    require(account, Right.DISPATCH)
    async with ports.database.write() as work:
        if await work.brake.current() is not None:
            await work.brake.lift()
            await record_resumption(work, ports, account.id)
            await work.commit()
    return {"paused_until": None}


async def parked_messages(ports: Ports) -> list[dict[str, Any]]:
    """List what was laid aside, with when and why."""
    async with ports.database.read() as work:
        return [
            {
                "id": message.id,
                "handler": message.handler,
                "lane": message.lane,
                "case_reference": message.case_reference,
                "event": message.event.kind,
                "attempts": message.attempts,
                "parked_at": stamp(parked_at),
                "error": error,
            }
            for message, parked_at, error in await work.outbox.parked()
        ]


async def free_message(message_id: OutboxId, account: Account, ports: Ports) -> None:
    """Make a parked message due again."""
    now = ports.clock.now()
    async with ports.database.write() as work:
        message = await work.outbox.free(message_id, now)
        work.record(
            MessageFreed(case_reference=message.case_reference, at=now, outbox_id=message_id, account=account.id)
        )
        delivery_id = getattr(message.event, "delivery_id", None)
        if delivery_id is not None:
            await work.deliveries.requeue(delivery_id)
        await work.commit()
