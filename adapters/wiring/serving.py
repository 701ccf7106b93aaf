"""Runs the service as a process: web, worker, ticker; starts only when sound, stops without losing anything."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import IO

import aiohttp
from aiohttp import web

from adapters.clock import DatabaseClock
from adapters.database.engine import async_url
from adapters.database.wakeup import listen
from adapters.email import python_probe
from adapters.portal.access_log import MaskedAccessLogger
from adapters.scheduler import Ticker
from adapters.settings import LogFormat, Mode, Settings, production_faults
from adapters.telemetry.logs import configure_logs, log_events
from adapters.wiring.application import build_application, trust_proxies
from adapters.wiring.mail_in import taking_mail
from adapters.wiring.mail_out import RelayWatch
from adapters.wiring.system import System, ask_time, open_system
from notify.errors import Article17Error
from notify.exercising import keep_exercises
from notify.service.statistics import fold_cases
from notify.service.watching import alarm_if_late, queue_state, verify_log, watch_endpoints

logger = logging.getLogger("article17.service")

STOP_WITHIN = 10.0
HEARTBEAT_SECONDS = 30.0
VERIFY_LOG_AT_HOUR = 3
EXERCISES_AT_HOUR = 4
FOLD_SECONDS = 15.0
FOLDED_AT_ONCE = 20  # cases for the statistics, so that an answer has few left to read
ALARM_SECONDS = 60.0
RELAY_SECONDS = 20.0
REPLY_TO_SECONDS = 30.0
KEYS_SECONDS = 30.0


class CannotStart(Article17Error):
    """The service would not be sound; `id` names the check, `hint` what to do."""

    def __init__(self, id: str, problem: str, hint: str) -> None:
        self.id, self.problem, self.hint = id, problem, hint
        super().__init__(f"{id}: {problem} ({hint})")


async def serve(settings: Settings, *, host: str = "127.0.0.1", port: int = 8017, with_worker: bool = True) -> None:
    """Serve the web, and with it the worker unless told otherwise, until SIGTERM or SIGINT."""
    async with _running(settings, "web", with_worker=with_worker) as (system, stop):
        closing = asyncio.Event()
        app = build_application(system, closing=closing)
        await trust_proxies(app, system)
        runner = web.AppRunner(app, access_log_class=MaskedAccessLogger, shutdown_timeout=STOP_WITHIN)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            logger.info("serving on http://%s:%s", host, port)
            # One process does everything on SQLite; elsewhere `article17 listen` takes the mail in.
            async with taking_mail(system) if system.database.embedded else nullcontext():
                await stop.wait()
        finally:
            closing.set()
            # Requests in flight and sends in hand are finished at the same time, so that both fit the limit.
            await asyncio.gather(runner.cleanup(), system.worker.stop())


async def listen_for_mail(settings: Settings) -> None:
    """Take mail in until SIGTERM or SIGINT; raise CannotStart when no setting says from where."""
    if not settings.mail_listen and not settings.imap_host:
        hint = "set ARTICLE17_MAIL_LISTEN (behind your mail server) or ARTICLE17_IMAP_HOST (a hosted mailbox)"
        raise CannotStart("mail-in", "no way is named by which mail comes in", hint)
    async with _running(settings, "mail", with_worker=False) as (system, stop), taking_mail(system):
        await stop.wait()


async def work(settings: Settings) -> None:
    """Run a worker alone until SIGTERM or SIGINT."""
    async with _running(settings, "worker", with_worker=True) as (_, stop):
        await stop.wait()


@asynccontextmanager
async def _running(settings: Settings, kind: str, *, with_worker: bool) -> AsyncIterator[tuple[System, asyncio.Event]]:
    """Open the service for a process that stays: logs, lock, signals, worker, ticker; the reverse on the way out."""
    for fault in production_faults(settings) if settings.mode is Mode.PRODUCTION else []:
        if not fault.warning:
            raise CannotStart(fault.id, fault.problem, fault.hint)
    configure_logs(as_json=settings.log_format is LogFormat.JSON)
    if not python_probe.writes_headers_safely():
        logger.warning(python_probe.WARNING)
    with only_one_process(settings, kind):
        async with open_system(settings) as system:
            system.database.after_commit = system.after_commit(log_events)
            stop = _stop_on_signals()
            ticker = await _start_ticker(system)
            worker = asyncio.create_task(_work_until(system, stop), name="worker") if with_worker else None
            system.worker_task = worker
            listener = _listen(system) if with_worker else None
            try:
                yield system, stop
            finally:
                ticker.stop()
                if listener is not None:
                    listener.cancel()
                if worker is not None:
                    await system.worker.stop()
                    await worker


def _listen(system: System) -> asyncio.Task[None] | None:
    """Hear at once what other processes left to do; on SQLite there are none."""
    if system.database.embedded:
        return None
    return asyncio.create_task(listen(system.database.reader, system.worker.wake), name="wake-ups")


async def _work_until(system: System, stop: asyncio.Event) -> None:
    """Run the worker; if it dies, the process ends, so that whoever watches it starts another."""
    try:
        await system.worker.run()
    finally:
        stop.set()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop


async def _start_ticker(system: System) -> Ticker:
    ticker = Ticker()
    ticker.every(system.settings.poll_seconds, system.worker.wake)
    clock = system.clock
    if isinstance(clock, DatabaseClock) and not system.database.embedded:
        ticker.every(30, lambda: clock.measure(lambda: ask_time(system.database)))
    if system.settings.heartbeat_url:
        ticker.every(HEARTBEAT_SECONDS, lambda: heartbeat(system, str(system.settings.heartbeat_url)))
    ticker.every(ALARM_SECONDS, lambda: alarm_if_late(system.ports))
    ticker.every(ALARM_SECONDS, lambda: watch_endpoints(system.ports))
    ticker.every(RELAY_SECONDS, RelayWatch(system.email, system.ports).look)
    ticker.every(REPLY_TO_SECONDS, system.refresh_reply_to)
    ticker.every(KEYS_SECONDS, system.refresh_signing_keys)
    ticker.every(FOLD_SECONDS, lambda: fold_cases(system.ports, FOLDED_AT_ONCE))
    ticker.daily(EXERCISES_AT_HOUR, lambda: keep_exercises(system.ports))
    ticker.daily(VERIFY_LOG_AT_HOUR, lambda: verify_log(system.ports))
    ticker.start()
    return ticker


async def heartbeat(system: System, url: str) -> bool:
    """Call the watching address while every due step is on time; silence there means that something is wrong."""
    try:
        state = await queue_state(system.ports)
        if not state.on_time or not system.worker_alive():
            logger.warning("no heartbeat: a due step is %.0f s late", state.lateness)
            return False
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.post(url) as answer:
            return answer.status < 300
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        logger.warning("the heartbeat could not be sent: %s", type(error).__name__)
        return False


@contextmanager
def only_one_process(settings: Settings, kind: str) -> Iterator[None]:
    """Refuse a second web or worker process on SQLite; the lock is the system's, so a kill frees it."""
    path = sqlite_path(settings)
    if path is None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("a+") as lock:
        _lock(lock, kind)
        yield


def _lock(lock: IO[str], kind: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        holder = lock.read().strip() or "another process"
        raise CannotStart(
            "one-process",
            f"the SQLite database is already served by {holder}",
            "stop it first, or use PostgreSQL (ARTICLE17_DATABASE_URL) for several processes",
        ) from error
    lock.truncate(0)
    lock.write(f"{kind} process {os.getpid()}")
    lock.flush()


def sqlite_path(settings: Settings) -> Path | None:
    """Name the file of the embedded database, or None for another database."""
    url = async_url(settings.database_url.get_secret_value())
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database).resolve()
