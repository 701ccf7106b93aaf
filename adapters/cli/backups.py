"""Commands that save the whole database to a file, and bring it back."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.failing import CannotBeDone, counted, explained
from adapters.cli.opening import read_settings, refuse_without_keys, run
from adapters.cli.oversight import verified_log
from adapters.cli.terminal import example, json_option, note, progress, show

if TYPE_CHECKING:
    from adapters.settings import Settings
    from adapters.wiring import System


@click.command(epilog=example("article17 backup article17-2026-11-20.backup"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Write over FILE if there is one.")
@json_option
def backup(file: Path, replace: bool) -> None:
    """Save the whole database to FILE while the service runs; the secret keys are not in it."""
    from adapters.database.backups import save

    with explained():
        settings = read_settings()
        if file.exists() and (not replace or _is_the_database(file, settings)):
            raise CannotBeDone(f"{file} is there already", hint=None if replace else "Name another file, or --replace.")
        with progress() as bar:
            bar.add_task("Saving the database", total=None)
            save(settings.database_url.get_secret_value(), file)
        size, digest = file.stat().st_size, _sha256(file)
    text = f"The database is saved in {file} ({size:,} bytes). Keep the secret keys too, and elsewhere."
    show({"file": str(file), "bytes": size, "sha256": digest}, text)


@click.command(epilog=example("article17 restore article17-2026-11-20.backup"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace a database that holds cases: they are lost.")
@json_option
def restore(file: Path, replace: bool) -> None:
    """Bring the database back from FILE, with the service stopped; then verify its log."""
    with explained():
        settings = read_settings()
        refuse_without_keys(settings)
        from adapters.wiring.serving import only_one_process

        with only_one_process(settings, "restore"):
            cases = _bring_back(file, settings, replace=replace)
            if cases is None:
                return
            chains, rows, broken = run(lambda system: _verified(_sha256(file), system))
    document = {"file": str(file), "schema": "current", "cases": cases}
    verified = f"{counted(chains, 'chain')}, {counted(rows, 'row')}"
    show(
        document | {"chains": chains, "rows": rows, "broken": broken},
        f"The database is restored from {file}: {counted(cases, 'case')}.",
        f"Its log is broken in {counted(len(broken), 'place')}; see: article17 log verify"
        if broken
        else f"Its log is whole: {verified} verified.",
        "What was sent after the backup may be sent again. Now start the service.",
    )
    if broken:
        raise click.exceptions.Exit(1)


def _bring_back(file: Path, settings: Settings, *, replace: bool) -> int | None:
    """Replace the database; give the number of its cases, or None when it must be migrated before it can be read."""
    from adapters.database.backups import bring_back, cases_in
    from adapters.database.migrating import SchemaState, require_schema, schema_state

    url = settings.database_url.get_secret_value()
    there = cases_in(url)
    if there and not replace:
        hint = "Restore into another database, or with --replace, which loses them."
        raise CannotBeDone(f"the database holds {counted(there, 'case')}", hint=hint)
    with progress() as bar:
        bar.add_task("Restoring the database", total=None)
        bring_back(url, file)
    state = schema_state(url)
    if state is SchemaState.BEHIND:
        document = {"file": str(file), "schema": state.value}
        show(document, f"The database is restored from {file}, of an older version.")
        note("Now run: article17 migrate, then: article17 log verify")
        return None
    require_schema(url)
    return cases_in(url)


async def _verified(sha256: str, system: System) -> tuple[int, int, list[str]]:
    """Verify the log as it was restored, then enter the restoration into it."""
    from notify.account import OPERATOR
    from notify.events import SERVICE_CHAIN, DatabaseRestored

    found = await verified_log(system)
    async with system.database.write() as work:
        now = system.ports.clock.now()
        work.record(DatabaseRestored(case_reference=SERVICE_CHAIN, at=now, sha256=sha256, account=OPERATOR.id))
        await work.commit()
    return found


def _is_the_database(file: Path, settings: Settings) -> bool:
    from adapters.wiring.serving import sqlite_path

    return file.resolve() == sqlite_path(settings)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
