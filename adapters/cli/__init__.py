"""The command line `article17`: every command calls one use case as the operator, on record."""

from __future__ import annotations

from adapters.cli.accounts import accounts
from adapters.cli.backups import backup, restore
from adapters.cli.cases import acknowledge, case
from adapters.cli.contacts import contacts
from adapters.cli.group import CommandLine
from adapters.cli.oversight import dispatch, log, outbox, tasks
from adapters.cli.reports import report
from adapters.cli.starting import check, migrate, serve, work
from adapters.cli.terminal import version_option

__all__ = ["main"]

main = version_option(CommandLine(
    name="article17",
    help="Notify States of unintentional transboundary movements of living modified organisms "
    "(Cartagena Protocol, Article 17).",
    epilog="Settings are environment variables that begin with ARTICLE17_. "
    "Exit status: 0 done, 1 could not be done, 2 wrong usage or invalid input.",
    commands=[
        serve, work, migrate, check, accounts, contacts, report, case, acknowledge, tasks, dispatch, outbox, log,
        backup, restore,
    ],
))  # fmt: skip
