"""Leads one demonstration from its first line to its last: stage, submission, play, ending, and the open house."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from adapters.cli.demonstration.board import Board
from adapters.cli.demonstration.ending import NOT_REAL, print_ending
from adapters.cli.demonstration.outcome import Outcome, read_outcome
from adapters.cli.demonstration.play import Performance
from adapters.cli.demonstration.stage import Stage, open_stage
from adapters.cli.demonstration.views import LiveView, PlainView, View
from notify.report import Report

SERVE_PORT = 8017


@dataclass(frozen=True, slots=True)
class Direction:
    """What was asked for: a report as handed in and as read, simulated hours at most, whether it then stays open."""

    document: Any
    report: Report
    hours: float | None = None
    serve: bool = False
    port: int = 0  # 0: any free one


async def demonstrate(
    direction: Direction, console: Console, announce: Callable[[Outcome], None] = lambda outcome: None
) -> Outcome:
    """Play a report, print how it ended and announce it; everything that was set up is gone afterwards."""
    plain = PlainView(console)
    report = direction.report
    plain.say(NOT_REAL)
    plain.say(f"Report of {report.reporting_state}: {report.title[report.language]}")
    plain.say("Setting up, on this machine alone …")
    with tempfile.TemporaryDirectory(prefix="article17-demo-") as folder:
        async with open_stage(report, Path(folder), port=direction.port) as stage:
            _describe(stage, plain)
            performance = Performance(stage, plain)
            await performance.submit(direction.document)
            level = performance.severity["level"]
            plain.say(f"Submitted through the HTTP API: case {performance.reference}, severity {level}")
            async with _view(console, stage, performance) as view:
                performance.audience = view
                await performance.run(direction.hours)
            outcome = await read_outcome(stage, performance)
            print_ending(console, stage, performance.story, outcome)
            announce(outcome)
            if direction.serve:
                await _stay_open(stage, performance, plain)
    return outcome


def _describe(stage: Stage, view: PlainView) -> None:
    endpoints = stage.receiver.verified
    view.say(
        f"Ready: a private SQLite file, a mail catcher, a webhook receiver, {len(stage.contacts)} invented contacts "
        f"of {len(stage.system.ports.registry.states)} States, {endpoints} endpoints that passed their challenge."
    )


def _view(console: Console, stage: Stage, performance: Performance) -> View:
    if not console.is_terminal:
        return PlainView(console)
    heading = f"Case {performance.reference} · severity {performance.severity['level']} · demonstration"
    registry = stage.system.ports.registry
    board = Board(heading, performance.story, registry=registry, roles=stage.roles, clock=stage.clock)
    return LiveView(console, board, performance.read_log)


async def _stay_open(stage: Stage, performance: Performance, view: PlainView) -> None:
    """Keep the service and the caught mails open until Ctrl-C, with a clock that goes on from the simulated end."""
    address = stage.service.address
    view.say("")
    now = f"{stage.clock.now():%d %b %H:%M} UTC"
    view.say(f"The service stays open at {address} until Ctrl-C; its clock goes on from {now}.")
    view.say(f"  caught mails    {address}/dev/mails")
    view.say(f"  status          {address}/")
    view.say(f"  API             {address}/api/docs   token of the filer: {performance.filer_token}")
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    stage.clock.set_going()
    worker = asyncio.create_task(stage.system.worker.run(), name="worker")
    stage.system.worker_task = worker
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait((worker, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    await stage.system.worker.stop()
    await worker
    view.say("Closed.")
