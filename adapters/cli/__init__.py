"""The command line `article17`: every command calls one use case as the operator, on record."""

from __future__ import annotations

import adapters.cli.consultation  # noqa: F401 — its commands join those on cases
from adapters.cli.accounts import accounts
from adapters.cli.backups import backup, restore
from adapters.cli.cases import acknowledge, case
from adapters.cli.contacts import contacts
from adapters.cli.figures import exercise, statistics
from adapters.cli.group import CommandLine
from adapters.cli.inquiries import inquiry
from adapters.cli.keys import keys
from adapters.cli.measures import attachment
from adapters.cli.oversight import dispatch, log, outbox, tasks
from adapters.cli.reports import report
from adapters.cli.starting import check, listen, migrate, serve, work
from adapters.cli.terminal import version_option

__all__ = ["main"]

main = version_option(CommandLine(
    name="article17",
    help="Notify States of unintentional transboundary movements of living modified organisms "
    "(Cartagena Protocol, Article 17).",
    epilog="Settings are environment variables that begin with ARTICLE17_. "
    "Exit status: 0 done, 1 could not be done, 2 wrong usage or invalid input.",
    commands=[
        serve, work, listen, migrate, check, accounts, contacts, report, case, inquiry, attachment, acknowledge, tasks,
        dispatch, outbox, log, statistics, exercise, backup, restore, keys,
    ],
))  # fmt: skip
