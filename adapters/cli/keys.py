"""Commands on the service's own keys, by which receivers know that a webhook is ours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.group import CommandGroup
from adapters.cli.opening import run
from adapters.cli.terminal import example, json_option, moment, note, show, table

if TYPE_CHECKING:
    from adapters.wiring import System


@click.group(cls=CommandGroup)
def keys() -> None:
    """List and change the keys that sign webhooks."""


@keys.command("list", epilog=example("article17 keys list"))
@json_option
def list_() -> None:
    """List the public keys, newest first, as they are published."""
    found = run(_published)
    rows = [[key["id"], key["public_key"], moment(key["created_at"]), _ends(key)] for key in found]
    show({"keys": found}, table(["id", "public key", "created", "signs until"], rows))


@keys.command(epilog=example("article17 keys change", "article17 keys change --both-days 0"))
@click.option(
    "--both-days",
    type=click.IntRange(0, 30),
    default=7,
    show_default=True,
    help="How long the old key signs as well; 0 when it was stolen.",
)
@json_option
def change(both_days: int) -> None:
    """Make a new key that signs webhooks; running processes take it up within a minute."""
    made = run(lambda system: _change(both_days, system))
    note("Receivers that pin our keys fetch them again from /.well-known/article17-keys.json before the old one ends.")
    show(made, made["public_key"])


async def _change(both_days: int, system: System) -> dict[str, Any]:
    from adapters.wiring.signing_keys import change_signing_key, published

    key = await change_signing_key(system.database, system.clock, timedelta(days=both_days))
    return published([key], system.clock.now())[0]


async def _published(system: System) -> list[dict[str, Any]]:
    from adapters.wiring.signing_keys import published

    async with system.database.read() as work:
        return published(await work.keys.all(), system.clock.now())


def _ends(key: dict[str, Any]) -> str:
    end = key["retires_at"] or key["retired_at"]
    return moment(end) if end else ""
