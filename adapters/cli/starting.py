"""Commands that start the service, bring its database up to date, and check beforehand."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.failing import CannotBeDone, counted, explained
from adapters.cli.opening import read_settings, settings_to_start
from adapters.cli.terminal import example, json_option, note, show, table

if TYPE_CHECKING:
    from adapters.settings import Settings


@click.command(epilog=example("article17 serve --host 0.0.0.0 --port 8017"))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8017, show_default=True)
@click.option("--no-worker", is_flag=True, help="Serve the web only; run `article17 work` beside it.")
@json_option
def serve(host: str, port: int, no_worker: bool) -> None:
    """Serve the API and the pages, and do what is due, until SIGTERM."""

    def service(settings: Settings) -> Coroutine[Any, Any, None]:
        from adapters.wiring import serving

        return serving.serve(settings, host=host, port=port, with_worker=not no_worker)

    try:
        _stay(service)
    except CannotBeDone as failure:
        if isinstance(failure.__cause__, OSError) and failure.__cause__.errno == errno.EADDRINUSE:
            hint = f"Another process listens there: stop it, or give another port, such as --port {port % 65535 + 1}."
            raise CannotBeDone(f"port {port} of {host} is in use", hint=hint) from failure
        raise
    show({"stopped": "serve"})


@click.command(epilog=example("article17 work"))
@json_option
def work() -> None:
    """Do what is due, without serving the web, until SIGTERM."""

    def service(settings: Settings) -> Coroutine[Any, Any, None]:
        from adapters.wiring import serving

        return serving.work(settings)

    _stay(service)
    show({"stopped": "work"})


@click.command(epilog=example("article17 listen"))
@json_option
def listen() -> None:
    """Take mail in: delivery reports and replies, until SIGTERM. On SQLite `serve` does it itself."""

    def service(settings: Settings) -> Coroutine[Any, Any, None]:
        from adapters.wiring import serving

        return serving.listen_for_mail(settings)

    _stay(service)
    show({"stopped": "listen"})


def _stay(service: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    """Run a process that stays until it is told to stop."""
    with explained():
        asyncio.run(service(settings_to_start()))


@click.command(epilog=example("article17 migrate"))
@json_option
def migrate() -> None:
    """Bring the database to the tables of this version; once more is harmless."""
    from adapters.database.migrating import upgrade

    with explained():
        settings = read_settings()
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        done = upgrade(settings.database_url.get_secret_value())
    was = f"was at revision {done.before}" if done.before else "had no revision"
    show({"before": done.before, "after": done.after}, f"The database {was} and is now at revision {done.after}.")


@click.command(epilog=example("article17 check"))
@json_option
def check() -> None:
    """Check everything that the service needs, without starting it; each check has an id and a hint."""
    from adapters.cli.checking import all_checks

    with explained():
        found = asyncio.run(all_checks(read_settings()))
    failed = [result for result in found if result.failed]
    rows = [[result.state, result.id, result.detail, result.hint] for result in found]
    document = {"ok": not failed, "checks": [result.document() for result in found]}
    show(document, table(["", "check", "finding", "what to do"], rows))
    if failed:
        note(f"article17: {counted(len(failed), 'check')} failed")
        raise click.exceptions.Exit(1)
