"""Commands on inquiries to presumed States of origin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from adapters.cli.group import CommandGroup
from adapters.cli.opening import run
from adapters.cli.speaking import account_for, by_name, document, in_the_name_of
from adapters.cli.terminal import example, json_option, moment, show, table


@click.group(cls=CommandGroup)
def inquiry() -> None:
    """Ask a presumed State of origin: is it yours?"""


@inquiry.command(epilog=example("article17 inquiry make petunias.json --state UG"))
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--state", metavar="XX", help="The State that asks; else the secretariat, or the network named in FILE.")
@json_option
def make(path: Path, state: str | None) -> None:
    """Make the inquiry in FILE (JSON, as the API takes it); the asked State is told at once."""
    from notify.account import OPERATOR, Account, Role
    from notify.service.inquiring import make_inquiry

    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.UsageError(f"{path} is no JSON: {error}") from error
    secretariat = Account(OPERATOR.id, OPERATOR.name, Role.SECRETARIAT, None)
    account = account_for(state.upper()) if state else secretariat
    made = run(lambda system: make_inquiry(given, account, system.ports))
    show(made, f"Inquiry {made['reference']} to {made['asked']}: an answer is due {moment(made['due_at'])}.")


@inquiry.command("list", epilog=example("article17 inquiry list"))
@json_option
def list_() -> None:
    """List the inquiries, newest first."""
    from notify.account import OPERATOR
    from notify.service.inquiring import list_inquiries

    found = run(lambda system: list_inquiries(OPERATOR, system.ports))
    rows = [
        [one["reference"], one["status"], one["asker"]["name"] or one["asker"]["kind"], one["asked"], _title(one)]
        for one in found["inquiries"]
    ]
    show(found, table(["inquiry", "status", "asked by", "asks", "title"], rows, otherwise="No inquiries."))


def _title(one: dict[str, Any]) -> str:
    return str(one["title"].get("en") or next(iter(one["title"].values()), ""))


@inquiry.command("show", epilog=example("article17 inquiry show INQ17-2026-0001"))
@click.argument("reference", metavar="REF")
@json_option
def show_(reference: str) -> None:
    """Show the inquiry REF with its answers."""
    from notify.account import OPERATOR
    from notify.service.inquiring import show_inquiry

    seen = run(lambda system: show_inquiry(reference, OPERATOR, system.ports))
    answers = [[moment(one["at"]), one["answer"], one["by"], one["case_reference"] or ""] for one in seen["answers"]]
    show(
        seen,
        f"{seen['reference']}  {_title(seen)}",
        f"{seen['asker']['name'] or seen['asker']['kind']} asks {seen['asked']}: {seen['status']}",
        f"Due: {moment(seen['due_at'])}" if seen["due_at"] else "Due: no time is set",
        table(["when", "answer", "by", "case"], answers, otherwise="No answer yet."),
    )


@inquiry.command(epilog=example("article17 inquiry answer INQ17-2026-0001 --state KE --answer no_event --text …"))
@click.argument("reference", metavar="REF")
@in_the_name_of
@click.option("--answer", "said", required=True, type=click.Choice(["no_event", "known", "becomes_case"]))
@click.option("--text", help="What was looked at, or what is known.")
@click.option("--case", "case_reference", metavar="REF", help="The case that it is, or becomes.")
@by_name
@json_option
def answer(
    reference: str, state: str, said: str, text: str | None, case_reference: str | None, by: str, office: str
) -> None:
    """Answer the inquiry REF for the State that is asked."""
    from notify.service import inquiring

    given = document(answer=said, text=text, case_reference=case_reference, by=by, office=office)
    stands = run(lambda system: inquiring.answer(reference, given, account_for(state), system.ports))
    show(stands, f"The answer of {state} to {reference} is recorded: {said.replace('_', ' ')}.")


@inquiry.command(epilog=example("article17 inquiry withdraw INQ17-2026-0001 --state UG"))
@click.argument("reference", metavar="REF")
@in_the_name_of
@json_option
def withdraw(reference: str, state: str) -> None:
    """Take the inquiry REF back, for the State that made it."""
    from notify.service import inquiring

    stands = run(lambda system: inquiring.withdraw(reference, account_for(state), system.ports))
    show(stands, f"Inquiry {reference} is withdrawn.")
