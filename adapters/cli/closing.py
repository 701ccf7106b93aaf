"""Commands that end and resume a case: announce its close, reopen it on new evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.opening import run
from adapters.cli.terminal import example, json_option, moment, paragraph, show, table

if TYPE_CHECKING:
    from adapters.cli.terminal import Page


@click.command(epilog=example("article17 case close A17-2026-0001"))
@click.argument("reference", metavar="REF")
@json_option
def close(reference: str) -> None:
    """Announce that the case REF is about to close; States may object, and silence closes it once proven told.

    Says all that keeps it open when it cannot be announced. Twice is harmless, and shows how the close stands.
    """
    from notify.account import OPERATOR
    from notify.service.closing_cases import announce_close
    from notify.words import CaseReference

    view = run(lambda system: announce_close(CaseReference(reference), {}, OPERATOR, system.ports))
    show(view, *close_pages(view))


@click.command(epilog=example('article17 case reopen A17-2026-0001 --evidence "Found again near Busia."'))
@click.argument("reference", metavar="REF")
@click.option("--evidence", required=True, help="What the new evidence is; everyone who was told is told of it.")
@json_option
def reopen(reference: str, evidence: str) -> None:
    """Reopen the closed case REF on new evidence."""
    from notify.account import OPERATOR
    from notify.service import closing_cases
    from notify.words import CaseReference

    view = run(
        lambda system: closing_cases.reopen(CaseReference(reference), {"evidence": evidence}, OPERATOR, system.ports)
    )
    show(view, f"Case {reference} is open again; everyone who was told is told.")


def close_pages(view: Mapping[str, Any]) -> list[Page]:
    """Write how a close stands."""
    if view["status"] == "closed":
        pages: list[Page] = [f"Case {view['reference']} is closed."]
    else:
        pages = [f"The close of case {view['reference']} was announced {moment(view['announced_at'])}."]
    pages += [paragraph(reason, indent="  ") for reason in view["reasons"]]
    rows = [
        [one["state"], len(one["asked_at"]), moment(one["window_ends_at"]), (one["answer"] or "").replace("_", " ")]
        for one in view["states"]
    ]
    return [*pages, table(["State", "asked", "may object until", "answer"], rows, otherwise="No State was told.")]
