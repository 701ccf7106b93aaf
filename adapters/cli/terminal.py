"""Writes to the terminal: one line of JSON for programs, text and tables for people, messages to stderr."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

    Page = str | Table

JSON_WANTED = "article17.json"
"""Under this name the context of a command says whether its result is wanted as JSON."""

# Texts come from outside: what would steer the terminal is shown as a mark, not obeyed.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Where nobody looks at a terminal, no cell is folded, so that lines can be searched.
_ENDLESS = 10_000
# Running text is wrapped there all the same.
_WIDTH_OF_A_FILE = 120

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Command = TypeVar("_Command", bound=click.Command)


def json_option(function: _Function) -> _Function:
    """Add `--json` to a command; `show` looks at it."""
    text = "Print the result as one line of JSON, the last on stdout."
    return click.option("--json", is_flag=True, expose_value=False, callback=_want_json, help=text)(function)


def _want_json(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    context.meta[JSON_WANTED] = wanted


def version_option(command: _Command) -> _Command:
    """Add `--version` to the program."""

    def print_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
        if wanted:
            from importlib.metadata import PackageNotFoundError, version

            try:
                click.echo(f"article17 {version('article17')}")
            except PackageNotFoundError:
                click.echo("article17 0 (not installed)")
            context.exit()

    text = "Show the version and exit."
    command.params.append(
        click.Option(["--version"], is_flag=True, expose_value=False, is_eager=True, callback=print_version, help=text)
    )
    return command


def wants_json() -> bool:
    """Tell whether the command that runs was asked for JSON."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(JSON_WANTED))


def example(*lines: str) -> str:
    """Write plain examples for the end of a help page."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def print_json(document: Any) -> None:
    """Print one line of JSON, in ASCII so that no reader takes a character for the end of the line."""
    click.echo(json.dumps(document))


def show(document: Any, *pages: Page) -> None:
    """Print a result: the document where JSON is wanted, else the pages."""
    if wants_json():
        print_json(document)
        return
    for page in pages:
        if isinstance(page, str):
            click.echo(plain(page))
        else:
            console(sys.stdout).print(page)


def note(text: str) -> None:
    """Print a message, which is no result, to stderr."""
    click.echo(plain(text), err=True)


def plain(text: object) -> str:
    """Take from a text what would steer the terminal."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", str(text))


def console(stream: Any) -> Console:
    """Make a console that writes colours to a terminal only, and none where NO_COLOR is set."""
    from rich.console import Console

    is_terminal = stream.isatty()
    width = None if is_terminal else _ENDLESS
    return Console(file=stream, force_terminal=is_terminal, width=width, markup=False, emoji=False, highlight=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, otherwise: str = "None.") -> Page:
    """Make a table, or give the text that stands for an empty one."""
    from rich import box
    from rich.table import Table

    lines = [[plain("" if cell is None else cell) for cell in row] for row in rows]
    if not lines:
        return otherwise
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for line in lines:
        made.add_row(*line)
    return made


def paragraph(text: str, *, indent: str = "") -> str:
    """Wrap running text to the terminal, and to a readable width elsewhere; no word is broken, no line steers."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH_OF_A_FILE
    lines = textwrap.wrap(
        plain(text), max(20, width), initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return "\n".join(lines)


def moment(stamp: str | None) -> str:
    """Write a time of a document for people, to the minute, in UTC."""
    return "" if stamp is None else f"{stamp[:10]} {stamp[11:16]} UTC"


def progress() -> Progress:
    """Make a progress bar on stderr, which shows on a terminal only and leaves nothing behind."""
    from rich.progress import Progress

    return Progress(console=console(sys.stderr), transient=True, disable=not sys.stderr.isatty())
