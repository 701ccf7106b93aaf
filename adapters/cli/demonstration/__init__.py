"""Holds the command `demo`: plays one real report through the whole service, on this machine alone."""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from adapters.cli.demonstration.direction import SERVE_PORT, Direction, demonstrate
from adapters.cli.demonstration.outcome import Outcome
from adapters.cli.demonstration.service_client import RefusedCall
from contacts.registry import load_registry
from notify.errors import Fault, InvalidDocument
from notify.report import Report, parse_report

__all__ = ["demo"]

_WRONG_INPUT = 2
_WIDTH_OF_A_FILE = 140


@click.command()
@click.option(
    "--report",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Play this report (JSON) instead of LLRICE601.",
)
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), help="Stop after so many simulated hours.")
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON on stdout; all else goes to stderr.")
@click.option("--serve", is_flag=True, help="Then keep the service and the caught mails open in the browser.")
def demo(path: Path | None, hours: float | None, as_json: bool, serve: bool) -> None:
    """Play one real report through the whole service, on this machine alone."""
    document, report = _read(path)
    console = Console(stderr=as_json)
    if not console.is_terminal:
        # What is not read on a terminal need not fit one.
        console.width = max(console.width, _WIDTH_OF_A_FILE)
    direction = Direction(document, report, hours, serve, SERVE_PORT if serve else 0)
    try:
        asyncio.run(demonstrate(direction, console, _print_json if as_json else lambda outcome: None))
    except RefusedCall as refused:
        raise click.ClickException(str(refused)) from refused
    except OSError as error:
        raise click.ClickException(f"the demonstration cannot listen or write: {error}") from error


def _print_json(outcome: Outcome) -> None:
    click.echo(json.dumps(outcome.summary(), ensure_ascii=False))


def _read(path: Path | None) -> tuple[Any, Report]:
    """Read and check the report; on faults, list every one with its place and leave with status 2."""
    source = path or resources.files(__name__).joinpath("llrice601-2006.json")
    registry = load_registry()
    try:
        document: Any = json.loads(source.read_text(encoding="utf-8"))
        report, warnings = parse_report(document, is_state=registry.is_state, is_place=registry.is_place)
    except InvalidDocument as invalid:
        _give_up(path, invalid.faults)
    except (ValueError, RecursionError) as error:
        _give_up(path, (Fault("", f"is no JSON: {error}"),))
    for warning in warnings:
        click.echo(f"{warning.pointer}: {warning.sentence}", err=True)
    return document, report


def _give_up(path: Path | None, faults: tuple[Fault, ...]) -> NoReturn:
    click.echo(f"{path} cannot be played; it has {len(faults)} fault{'' if len(faults) == 1 else 's'}:", err=True)
    for fault in faults:
        click.echo(f"{fault.pointer or '/'}: {fault.detail}", err=True)
    sys.exit(_WRONG_INPUT)
