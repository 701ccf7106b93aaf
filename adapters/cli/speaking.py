"""Lets the operator act in the name of a State that instructed it, on record, and hand in files with what is said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from adapters.wiring import System
    from notify.account import Account

_Command = TypeVar("_Command", bound=Callable[..., Any])
_PIECE = 256 * 1024


def in_the_name_of(command: _Command) -> _Command:
    """Add the option that says for which State something is said."""
    text = "The State that instructed you; on record it was done by the operator."
    return click.option("--state", "state", required=True, metavar="XX", callback=_code, help=text)(command)


def in_a_lane(command: _Command) -> _Command:
    """Add the options that name a lane."""
    kinds = click.Choice(["joint", "private"])
    command = click.option("--with", "with_state", metavar="XX", callback=_code, help="Whose private lane.")(command)
    return click.option("--lane", type=kinds, default="joint", show_default=True)(command)


def with_files(command: _Command) -> _Command:
    """Add the option that hands in files."""
    path = click.Path(exists=True, dir_okay=False, path_type=Path)
    text = "A file to hand in with it; may be given several times."
    return click.option("--attach", "files", multiple=True, type=path, help=text)(command)


def by_name(command: _Command) -> _Command:
    """Add the options that name who said it."""
    command = click.option("--office", required=True, help="The office of that person.")(command)
    return click.option("--by", required=True, help="The name of the person who said so.")(command)


def _code(_context: click.Context, _option: click.Parameter, state: str | None) -> str | None:
    if state is None:
        return None
    if len(state) != 2 or not state.isascii() or not state.isalpha():
        raise click.UsageError(f"“{state}” is no code of a State: give the two-letter code (ISO 3166-1, or EU)")
    return state.upper()


def account_for(state: str | None) -> Account:
    """Give the operator's account as it acts for a State; without one, the operator's own."""
    from contacts.model import StateCode
    from notify.account import OPERATOR, Account, Role

    return OPERATOR if state is None else Account(OPERATOR.id, OPERATOR.name, Role.AUTHORITY, StateCode(state))


def readers(visible_to: str) -> str | list[str]:
    """Read who may see something: `all`, or codes with commas."""
    if visible_to == "all":
        return "all"
    parts = [part.strip() for part in visible_to.split(",") if part.strip()]
    return [part if part == "secretariat" else part.upper() for part in parts]


def document(**fields: Any) -> dict[str, Any]:
    """Write a document of the fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], ())}


async def hand_in(files: tuple[Path, ...], account: Account, system: System) -> list[dict[str, Any]]:
    """Store files, and name them as a document does."""
    return [_named(await store(path, account, system)) for path in files]


async def store(path: Path, account: Account, system: System, media_type: str | None = None) -> dict[str, Any]:
    """Store one file; its media type is read from the ending of its name unless given."""
    from notify.service.attaching import store_attachment

    return await store_attachment(
        _pieces(path),
        filename=path.name,
        media_type=media_type or _media_type(path),
        stated_sha256=None,
        account=account,
        ports=system.ports,
    )


def _named(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: stored[name] for name in ("filename", "media_type", "sha256")}


def _media_type(path: Path) -> str | None:
    from notify.attachment import MEDIA_TYPES

    return next((kind for kind, endings in MEDIA_TYPES.items() if path.suffix.lower() in endings), None)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece
