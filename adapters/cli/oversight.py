"""Commands of the operator: tasks, the brake, the outbox, the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from adapters.cli.failing import counted
from adapters.cli.group import CommandGroup
from adapters.cli.opening import run
from adapters.cli.terminal import example, json_option, moment, note, show, table

if TYPE_CHECKING:
    from adapters.database.engine import SqlDatabase
    from adapters.wiring import System


@click.group(cls=CommandGroup)
def tasks() -> None:
    """See and close what people must do."""


@tasks.command("list", epilog=example("article17 tasks list"))
@click.option("--all", "everything", is_flag=True, help="Also those that are done.")
@json_option
def list_tasks(everything: bool) -> None:
    """List the tasks, the most pressing first."""
    from notify.service import secretariat

    found = run(lambda system: secretariat.list_tasks(system.ports, done=None if everything else False))
    rows = [
        [t["id"], moment(t["due_at"]), t["owner"], t["kind"], t["case_reference"], t["text"], t["result"]]
        for t in found["tasks"]
    ]
    show(found, table(["id", "due", "owner", "kind", "case", "task", "result"], rows, otherwise="No tasks."))


@tasks.command(epilog=example('article17 tasks done tsk_0123 --result "Telephoned; the office confirms receipt."'))
@click.argument("task_id", metavar="ID")
@click.option("--result", required=True, help="What came of it.")
@json_option
def done(task_id: str, result: str) -> None:
    """Record the result of the task ID."""
    from notify.account import OPERATOR
    from notify.service.secretariat import finish_task
    from notify.words import TaskId

    task = run(lambda system: finish_task(TaskId(task_id), result, OPERATOR, system.ports))
    show(task, f"Task {task['id']} is done: {task['result']}")


@click.group(cls=CommandGroup)
def dispatch() -> None:
    """Hold all sending, or let it go on."""


@dispatch.command(epilog=example('article17 dispatch pause --reason "Reports came in by mistake; checking."'))
@click.option("--reason", required=True, help="Why; every reporting State is told.")
@json_option
def pause(reason: str) -> None:
    """Hold all sending for an hour; every reporting State is told at once. Given again, it is renewed."""
    from notify.account import OPERATOR
    from notify.service.secretariat import pause_dispatch

    held = run(lambda system: pause_dispatch(reason, OPERATOR, system.ports))
    show(held, f"All sending is held until {moment(held['paused_until'])}. Nothing is lost.")


@dispatch.command(epilog=example("article17 dispatch resume"))
@json_option
def resume() -> None:
    """Let sending go on; twice is harmless."""
    from notify.account import OPERATOR
    from notify.service.secretariat import resume_dispatch

    show(run(lambda system: resume_dispatch(OPERATOR, system.ports)), "Sending goes on.")


@click.group(cls=CommandGroup)
def outbox() -> None:
    """See and free the messages that were laid aside."""


@outbox.command("list", epilog=example("article17 outbox list"))
@json_option
def list_outbox() -> None:
    """Count what waits in the outbox, and list the parked messages with when and why."""
    found = run(_outbox)
    counts = ", ".join(f"{number} {name}" for name, number in found["counts"].items())
    rows = [
        [m["id"], moment(m["parked_at"]), m["case_reference"], m["event"], m["handler"], m["attempts"], m["error"]]
        for m in found["parked"]
    ]
    columns = ["id", "parked", "case", "event", "handler", "tries", "error"]
    show(found, f"In the outbox: {counts}.", table(columns, rows, otherwise="No parked messages."))


async def _outbox(system: System) -> dict[str, Any]:
    from notify.service.secretariat import parked_messages

    async with system.ports.database.read() as work:
        counts = await work.outbox.counts(system.ports.clock.now())
    return {"counts": counts, "parked": await parked_messages(system.ports)}


@outbox.command(epilog=example("article17 outbox retry 17"))
@click.argument("message_id", metavar="ID", type=click.IntRange(min=1))
@json_option
def retry(message_id: int) -> None:
    """Make the parked message ID due again."""
    from notify.account import OPERATOR
    from notify.service.secretariat import free_message
    from notify.words import OutboxId

    run(lambda system: free_message(OutboxId(message_id), OPERATOR, system.ports))
    show({"id": message_id, "freed": True}, f"Message {message_id} is due again.")


@click.group(cls=CommandGroup)
def log() -> None:
    """Verify the case log."""


@log.command(epilog=example("article17 log verify"))
@json_option
def verify() -> None:
    """Verify every row of every hash chain of the log."""
    chains, rows, broken = run(lambda system: verify_chains(system.database))
    verified = f"{counted(chains, 'chain')}, {counted(rows, 'row')} verified"
    lines = [[b["chain"], b["sequence"], b["problem"]] for b in broken]
    pages = [f"The log is whole: {verified}."] if not broken else [table(["chain", "row", "what is wrong"], lines)]
    show({"chains": chains, "rows": rows, "broken": broken}, *pages)
    if broken:
        note(f"article17: the log is broken in {counted(len(broken), 'place')}; {verified}")
        raise click.exceptions.Exit(1)


async def verify_chains(database: SqlDatabase) -> tuple[int, int, list[dict[str, Any]]]:
    """Verify the whole log; give the number of its chains and rows, and each place where it is broken."""
    import sqlalchemy as sa

    from adapters.database.tables import case_log

    async with database.read() as work:
        broken = [{"chain": c, "sequence": s, "problem": problem} async for c, s, problem in work.log.broken()]
    query = sa.select(sa.func.count(sa.distinct(case_log.c.chain)), sa.func.count())
    async with database.reader.connect() as connection:
        chains, rows = (await connection.execute(query.select_from(case_log))).one()
    return int(chains), int(rows), broken
