"""Commands on accounts: who signs in to the API, in which role, with which token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from adapters.cli.group import CommandGroup
from adapters.cli.opening import run
from adapters.cli.terminal import example, json_option, moment, note, show, table

if TYPE_CHECKING:
    from adapters.wiring import System
    from notify.account import Account


@click.group(cls=CommandGroup)
def accounts() -> None:
    """Create accounts and their tokens."""


@accounts.command(
    epilog=example('article17 accounts create "Competent authority of Kenya" --role authority --state KE')
)
@click.argument("name")
@click.option("--role", required=True, help="authority, contact, bch_focal_point, secretariat or reader.")
@click.option(
    "--state", metavar="XX", help="The State of an authority, contact or BCH focal point (ISO 3166-1, or EU)."
)
@json_option
def create(name: str, role: str, state: str | None) -> None:
    """Create an account called NAME."""
    from notify.service.access import create_account

    account = run(lambda system: create_account(name, role, state.upper() if state else None, system.ports))
    show(_view(account), f"Account {account.name} ({account.role}) is created.")
    note("Its token is made by: article17 accounts token NAME")


@accounts.command(epilog=example('article17 accounts token "Competent authority of Kenya"'))
@click.argument("name")
@json_option
def token(name: str) -> None:
    """Make a new token for the account NAME and print it, this once; an earlier token ends."""
    from notify.service.access import issue_token

    made = run(lambda system: issue_token(name, system.ports))
    note("Keep this token; it is not shown again, and an earlier one is no longer valid.")
    show({"name": name, "token": made}, made)


@accounts.command("list", epilog=example("article17 accounts list"))
@json_option
def list_() -> None:
    """List the accounts."""
    found = [_view(account) for account in run(_all)]
    rows = [[a["name"], a["role"], a["state"], moment(a["created_at"])] for a in found]
    show({"accounts": found}, table(["name", "role", "State", "created"], rows))


async def _all(system: System) -> list[Account]:
    async with system.ports.database.read() as work:
        return await work.accounts.all()


def _view(account: Account) -> dict[str, Any]:
    from notify.service.reading import stamp

    return {
        "id": account.id,
        "name": account.name,
        "role": account.role,
        "state": account.state,
        "created_at": stamp(account.created_at),
    }
