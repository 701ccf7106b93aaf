"""Commands by which States consult in a case: messages, requests, conclusions, invitations, assessments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.cases import case
from adapters.cli.opening import run
from adapters.cli.speaking import (
    account_for,
    by_name,
    document,
    hand_in,
    in_a_lane,
    in_the_name_of,
    readers,
    with_files,
)
from adapters.cli.terminal import example, json_option, moment, show, table

if TYPE_CHECKING:
    from adapters.wiring import System


@case.command(epilog=example("article17 case consultation A17-2026-0001 --as KE"))
@click.argument("reference", metavar="REF")
@click.option("--as", "state", metavar="XX", help="As this State reads it; else as the operator does.")
@json_option
def consultation(reference: str, state: str | None) -> None:
    """Show the consultation of the case REF: what was said, and how each request stands."""
    from notify.service.consultation_views import show_consultation
    from notify.words import CaseReference

    reader = account_for(state.upper() if state else None)
    shown = run(lambda system: show_consultation(CaseReference(reference), reader, system.ports))
    entries = [
        [moment(e["at"]), e["lane"], e["by_state"] or "", e["kind"] or "traffic", e["id"] or "", _text(e["text"])]
        for e in shown["entries"]
    ]
    requests = [
        [r["id"], r["by_state"], r["to_state"], r["kind"], r["status"], moment(r["due_at"])] for r in shown["requests"]
    ]
    show(
        shown,
        f"Open since: {moment(shown['opened_at'])}" if shown["opened_at"] else "The consultation is not open.",
        table(["when", "lane", "State", "what", "id", "text"], entries, otherwise="Nothing was said yet."),
        table(["request", "by", "to", "kind", "status", "due"], requests, otherwise="No requests."),
    )


def _text(text: Any) -> str:
    return str(next(iter(text.values()), "")) if isinstance(text, dict) else text or ""


@case.command(epilog=example('article17 case message A17-2026-0001 --state UG --lane private --text "Which river?"'))
@click.argument("reference", metavar="REF")
@in_the_name_of
@in_a_lane
@click.option("--text", help="What is said.")
@with_files
@json_option
def message(
    reference: str, state: str, lane: str, with_state: str | None, text: str | None, files: tuple[Path, ...]
) -> None:
    """Post a message in the case REF; those who may read it are told."""
    from notify.service.consulting import post_message
    from notify.words import CaseReference

    async def post(system: System) -> dict[str, Any]:
        account = account_for(state)
        named = await hand_in(files, account, system)
        given = document(lane=lane, state=with_state, text=text, attachments=named)
        return await post_message(CaseReference(reference), given, account, system.ports)

    posted = run(post)
    show(posted, f"Message {posted['id']} of {state} is in the lane {posted['lane']}.")


@case.command(epilog=example('article17 case ask A17-2026-0001 --state UG --text "How much seed?"'))
@click.argument("reference", metavar="REF")
@in_the_name_of
@in_a_lane
@click.option("--to", "to_state", metavar="XX", help="The State that is asked; else the reporting State.")
@click.option(
    "--kind",
    type=click.Choice(["information", "assistance", "offer_of_assistance", "disposal"]),
    default="information",
    show_default=True,
)
@click.option("--text", required=True, help="What is asked.")
@with_files
@json_option
def ask(
    reference: str,
    state: str,
    lane: str,
    with_state: str | None,
    to_state: str | None,
    kind: str,
    text: str,
    files: tuple[Path, ...],
) -> None:
    """Ask another State of the case REF; its clock begins."""
    from notify.service.consulting import make_request
    from notify.words import CaseReference

    async def make(system: System) -> dict[str, Any]:
        account = account_for(state)
        named = await hand_in(files, account, system)
        to = to_state.upper() if to_state else None
        given = document(lane=lane, state=with_state, to=to, kind=kind, text=text, attachments=named)
        return await make_request(CaseReference(reference), given, account, system.ports)

    made = run(make)
    due = f"an answer is due {moment(made['due_at'])}" if made["due_at"] else "no time is set for an answer"
    show(made, f"Request {made['id']} of {state} to {made['to_state']}: {due}.")


@case.command(epilog=example('article17 case answer req_0123 --state KE --answer answered --text "Two tons"'))
@click.argument("request_id", metavar="REQUEST")
@in_the_name_of
@click.option(
    "--answer",
    "said",
    required=True,
    type=click.Choice(["answered", "agreed", "partly_agreed", "declined", "more_needed", "settled", "withdrawn"]),
)
@click.option("--text", help="What is answered, or needed still.")
@click.option("--reason", help="Why it is declined, or agreed to in part only.")
@with_files
@json_option
def answer(
    request_id: str, state: str, said: str, text: str | None, reason: str | None, files: tuple[Path, ...]
) -> None:
    """Answer the request REQUEST, or say to an answer that more is needed."""
    from notify.service.consulting import say_to_request

    async def say(system: System) -> dict[str, Any]:
        account = account_for(state)
        named = await hand_in(files, account, system)
        given = document(answer=said, text=text, reason=reason, attachments=named)
        return await say_to_request(request_id, given, account, system.ports)

    stands = run(say)
    show(stands, f"Request {stands['id']}: {stands['status']}.")


@case.command(epilog=example('article17 case conclude A17-2026-0001 --state KE --text "…" --by "A. N." --office "…"'))
@click.argument("reference", metavar="REF")
@in_the_name_of
@in_a_lane
@click.option("--text", required=True, help="The conclusion.")
@click.option("--replaces", metavar="ID", help="The conclusion that it replaces.")
@by_name
@json_option
def conclude(
    reference: str,
    state: str,
    lane: str,
    with_state: str | None,
    text: str,
    replaces: str | None,
    by: str,
    office: str,
) -> None:
    """Propose a conclusion in the case REF; the State agrees to it."""
    from notify.service.concluding import propose_conclusion
    from notify.words import CaseReference

    given = document(lane=lane, state=with_state, text=text, replaces=replaces, by=by, office=office)
    wanted = CaseReference(reference)
    made = run(lambda system: propose_conclusion(wanted, given, account_for(state), system.ports))
    show(made, f"Conclusion {made['id']}: {made['outcome']}; silent: {', '.join(made['silent']) or 'nobody'}.")


@case.command(epilog=example('article17 case position con_0123 --state UG --stand agrees --by "A. N." --office "…"'))
@click.argument("conclusion_id", metavar="CONCLUSION")
@in_the_name_of
@click.option("--stand", required=True, type=click.Choice(["agrees", "dissents", "abstains"]))
@click.option("--reason", help="Why.")
@by_name
@json_option
def position(conclusion_id: str, state: str, stand: str, reason: str | None, by: str, office: str) -> None:
    """Say how a State stands to the conclusion CONCLUSION."""
    from notify.service.concluding import state_position

    given = document(stand=stand, reason=reason, by=by, office=office)
    stands = run(lambda system: state_position(conclusion_id, given, account_for(state), system.ports))
    show(stands, f"Conclusion {stands['id']}: {stands['outcome']}.")


@case.command(epilog=example("article17 case invite A17-2026-0001 --state UG"))
@click.argument("reference", metavar="REF")
@in_the_name_of
@click.option("--with", "with_state", metavar="XX", help="Whose private lane; its own may be left out.")
@click.option("--end", "ended", metavar="ID", help="End this invitation instead.")
@json_option
def invite(reference: str, state: str, with_state: str | None, ended: str | None) -> None:
    """Ask the secretariat into a private lane of the case REF, or end an invitation."""
    from notify.service.concluding import end_invitation, invite_secretariat
    from notify.words import CaseReference

    wanted, account = CaseReference(reference), account_for(state)
    if ended is not None:
        run(lambda system: end_invitation(wanted, ended, account, system.ports))
        show({"id": ended, "ended": True}, f"Invitation {ended} has ended.")
        return
    given = document(state=with_state.upper() if with_state else None)
    invited = run(lambda system: invite_secretariat(wanted, given, account, system.ports))
    show(invited, f"The secretariat is invited into the lane {invited['lane']} ({invited['id']}).")


@case.command(epilog=example("article17 case assess A17-2026-0001 --state UG --assessment affected --by … --office …"))
@click.argument("reference", metavar="REF")
@in_the_name_of
@click.option(
    "--assessment",
    required=True,
    type=click.Choice(["affected", "potentially_affected", "not_affected", "cannot_say"]),
)
@click.option("--visible-to", default="all", show_default=True, help="all, or codes with commas.")
@by_name
@json_option
def assess(reference: str, state: str, assessment: str, visible_to: str, by: str, office: str) -> None:
    """Say whether a State of the case REF is affected; it confirms what came by mail."""
    from notify.service import assessing
    from notify.words import CaseReference

    given = document(assessment=assessment, by=by, office=office) | {"visible_to": readers(visible_to)}
    wanted = CaseReference(reference)
    listed = run(lambda system: assessing.assess(wanted, given, account_for(state), system.ports))
    show(listed, f"{state} says of itself: {assessment.replace('_', ' ')}.")
