"""Commands of statistics and exercises: how soon States answer, and how well they do when it is tried."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

import click

from adapters.cli.documents import name_of, read_json
from adapters.cli.failing import CannotBeDone, InvalidInput, counted, findings_of
from adapters.cli.group import CommandGroup
from adapters.cli.opening import run
from adapters.cli.terminal import example, json_option, moment, show, table, wants_json

if TYPE_CHECKING:
    from adapters.cli.terminal import Page
    from adapters.wiring import System
    from notify.service.statistics import Statistics

_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%SZ"])


@click.command(
    epilog=example("article17 statistics --from 2026-01-01 --to 2027-01-01", "article17 statistics --format csv")
)
@click.option("--from", "start", type=_DAY, help="Only what began then or later (UTC).")
@click.option("--to", "end", type=_DAY, help="Only what began before then (UTC).")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@json_option
def statistics(start: datetime | None, end: datetime | None, form: str) -> None:
    """Show how soon what was done, how much happened and how complete it was, from the log alone."""
    from notify.service.statistics import statistics_document
    from notify.statistics import csv_text

    found = run(lambda system: _computed(system, _utc(start), _utc(end)))
    if form == "csv" and not wants_json():
        click.echo(csv_text(found.times), nl=False)
        return
    document = statistics_document(found)
    if form == "json" and not wants_json():
        import json

        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    show(document, *_pages(found))


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


async def _computed(system: System, start: datetime | None, end: datetime | None) -> Statistics:
    from notify.account import OPERATOR
    from notify.service.statistics import Period, compute_statistics

    return await compute_statistics(OPERATOR, Period(start, end), system.ports)


def _pages(found: Statistics) -> list[Page]:
    from adapters.cli.response_curves import picture
    from notify.statistics import share_text, table_rows
    from notify.statistics.rendering import COLUMNS

    times = found.times
    headline = f"Acknowledged within target: {share_text(times.headline.share) or '–'} of {times.headline.n}."
    pages: list[Page] = [headline, table(COLUMNS, table_rows(times), otherwise="No clock has run.")]
    if found.curves:
        pages += ["", "How soon States acknowledge, by severity:", "", picture(found.curves), ""]
    if found.counted is not None:
        rows = [(row.section, row.dimension, row.value, row.cases) for row in found.counted.rows]
        complete = [
            (row.section, row.mark, row.item, share_text(row.share), row.n) for row in found.counted.completeness
        ]
        pages.append(table(("section", "by", "value", "cases"), rows, otherwise="No case was opened."))
        pages.append(table(("section", "at", "item of Article 17(3)", "share", "n"), complete, otherwise=""))
    if found.filing is not None and found.filing.cases:
        said = f"{found.filing.cases} of {found.filing.of} cases state the day"
        pages.append(
            f"From knowledge to filing: median {found.filing.median:g} d, mean {found.filing.mean:g} d ({said})."
        )
    return pages


@click.group(cls=CommandGroup)
def exercise() -> None:
    """Try it out: the same machinery, marked everywhere as an exercise."""


@exercise.command(epilog=example("article17 exercise start scenario.json"))
@click.argument("file", type=click.File("rb"))
@click.option("--confirm", metavar="VALUE", help="The second confirmation, when it was asked for.")
@json_option
def start(file: IO[bytes], confirm: str | None) -> None:
    """Plan the exercise of the scenario in FILE (- for standard input); it is filed at its time."""
    document = read_json(file.read(), name_of(file))
    view = run(lambda system: _planned(document, name_of(file), confirm, system))
    when = moment(view["starts_at"])
    show(view, f"Exercise {view['reference']} begins on {when}; it tells {', '.join(view['recipients'])}.")


async def _planned(document: Any, name: str, confirmation: str | None, system: System) -> dict[str, Any]:
    from notify.account import OPERATOR
    from notify.errors import ConfirmationNeeded, InvalidDocument
    from notify.service.exercises import plan_exercise, show_exercise

    try:
        reference = await plan_exercise(document, OPERATOR, system.ports, confirmation=confirmation)
    except InvalidDocument as error:
        faults = findings_of(error)
        raise InvalidInput(f"{name}: {counted(len(faults), 'fault')}", faults, valid=False) from error
    except ConfirmationNeeded as needed:
        hint = f"To confirm, give the same command again with: --confirm {needed.confirmation}"
        raise CannotBeDone(str(needed), hint=hint, confirmation=needed.confirmation) from needed
    return await show_exercise(reference, OPERATOR, system.ports)


@exercise.command("show", epilog=example("article17 exercise show EX17-2026-0001"))
@click.argument("reference", metavar="REF")
@json_option
def show_(reference: str) -> None:
    """Show the exercise REF, and how each State and channel did so far."""
    from notify.account import OPERATOR
    from notify.service.exercises import show_exercise
    from notify.words import CaseReference

    view = run(lambda system: show_exercise(CaseReference(reference), OPERATOR, system.ports))
    show(view, *_exercise_pages(view))


def _exercise_pages(view: dict[str, Any]) -> list[Page]:
    from notify.statistics import duration_text

    def spent(seconds: float | None) -> str:
        return "" if seconds is None else duration_text(seconds)

    known = "announced" if view["announced"] else "not announced"
    rows = [
        (
            score["state"],
            score["result"].replace("_", " "),
            spent(score["seconds_to_receipt"]),
            spent(score["seconds_to_assessment"]),
            ", ".join(score["steps"]),
            ", ".join(
                f"{one['channel']} {'reached' if one['reached'] else 'not reached'}" for one in score["channels"]
            ),
        )
        for score in view["scores"]
    ]
    columns = ("State", "result", "receipt after", "assessed after", "steps", "channels")
    begins = moment(view["opened_at"] or view["starts_at"])
    return [
        f"EXERCISE {view['reference']}: {view['state']}, {known}; begins on {begins}.",
        table(columns, rows, otherwise="Nobody was told yet."),
    ]
