"""Commands of the operator: tasks, the brake, the outbox, the log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.failing import counted
from adapters.cli.group import CommandGroup
from adapters.cli.opening import run
from adapters.cli.remarks import remarks, tasks_in_words
from adapters.cli.report_page import task_pages
from adapters.cli.terminal import example, json_option, moment, note, show, table

if TYPE_CHECKING:
    from adapters.wiring import System

Head = tuple[str, int, str]
"""The head of a log as a mail says it: the case, the number of the row, its hash."""


@click.group(cls=CommandGroup)
def tasks() -> None:
    """See and close what people must do."""


@tasks.command("list", epilog=example("article17 tasks list"))
@click.option("--all", "everything", is_flag=True, help="Also those that are done.")
@json_option
def list_tasks(everything: bool) -> None:
    """List the tasks, the most pressing first."""
    from notify.service import secretariat

    async def found_in_words(system: System) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
        found = await secretariat.list_tasks(system.ports, done=None if everything else False)
        return found, await tasks_in_words(system, found["tasks"]), await remarks(system)

    found, tasks, said = run(found_in_words)
    show(found, *task_pages(tasks))
    for text in said:
        note(text)


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


def _message_number(_context: click.Context, _argument: click.Parameter, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**63:
        raise click.UsageError(f"“{text}” is no number of a message; the numbers are in: article17 outbox list")
    return int(text)


@outbox.command(epilog=example("article17 outbox retry 17"))
@click.argument("message_id", metavar="ID", callback=_message_number)
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


def _heads(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> list[Head]:
    """Read the heads that were printed in mails: the case, the number of the row, its hash."""
    found = [re.fullmatch(r"([A-Z0-9-]{1,64}) +([0-9]{1,15}) +([0-9a-f]{64})", text.strip()) for text in given]
    for text, head in zip(given, found, strict=True):
        if head is None:
            raise click.UsageError(f'“{text}” is no head of a log; write it as: --head "A17-2026-0001 12 3fa9…"')
    return [(head[1], int(head[2]), head[3]) for head in found if head is not None]


@log.command(epilog=example("article17 log verify", 'article17 log verify --head "A17-2026-0001 12 3fa9…"'))
@click.option(
    "--head",
    "heads",
    multiple=True,
    callback=_heads,
    metavar='"CASE ROW HASH"',
    help="What the end of a mail says of the head of the log, after its case number; may be given several times.",
)
@json_option
def verify(heads: list[Head]) -> None:
    """Verify the log: each row of each hash chain, that no chain is missing, that no report was changed."""
    chains, rows, broken = run(lambda system: verified_log(system, heads))
    verified = f"{counted(chains, 'chain')}, {counted(rows, 'row')} verified"
    if heads:
        verified += f", {counted(len(heads), 'head')} compared"
    show({"chains": chains, "rows": rows, "heads": len(heads), "broken": broken}, *broken or [_whole(verified)])
    if broken:
        note(f"article17: the log is broken in {counted(len(broken), 'place')}; {verified}")
        raise click.exceptions.Exit(1)


def _whole(verified: str) -> str:
    return f"The log is whole: {verified}."


async def verified_log(system: System, heads: Sequence[Head] = ()) -> tuple[int, int, list[str]]:
    """Verify the whole log; give the number of its chains and rows, and each place where it is broken."""
    import sqlalchemy as sa

    from adapters.database.tables import case_log
    from notify.service.watching import find_breaks

    broken = await find_breaks(system.ports, heads)
    query = sa.select(sa.func.count(sa.distinct(case_log.c.chain)), sa.func.count())
    async with system.database.reader.connect() as connection:
        chains, rows = (await connection.execute(query.select_from(case_log))).one()
    return int(chains), int(rows), broken
