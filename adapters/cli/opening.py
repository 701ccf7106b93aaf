"""Opens the service for one command: settings, keys, database, then the use case."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from adapters.cli.failing import CannotBeDone, Finding, explained
from adapters.cli.remarks import is_new
from adapters.cli.terminal import note

if TYPE_CHECKING:
    from adapters.settings import Check, Settings
    from adapters.wiring import System

_Result = TypeVar("_Result")


def run(use_case: Callable[[System], Awaitable[_Result]]) -> _Result:
    """Run one use case on the open service; it needs the database and the secret keys only."""
    with explained():
        settings = read_settings()
        refuse_without_keys(settings)
        made = is_new(settings)
        result = asyncio.run(_with_system(settings, use_case))
        if made:
            note(f"article17: a new database was made in {settings.data_dir.resolve()}")
        return result


async def _with_system(settings: Settings, use_case: Callable[[System], Awaitable[_Result]]) -> _Result:
    from adapters.wiring import open_system

    async with open_system(settings) as system:
        return await use_case(system)


def read_settings() -> Settings:
    """Read the settings from the environment."""
    from adapters.settings import load_settings

    return load_settings(os.environ)


def refuse_without_keys(settings: Settings) -> None:
    """Refuse to go on without the secret keys, which every command needs that opens the service."""
    refuse([fault for fault in _faults(settings) if fault.id == "secret-keys"])


def settings_to_start() -> Settings:
    """Read the settings of a process that stays, and refuse what production must not start without."""
    from adapters.settings import unknown_variables

    settings = read_settings()
    faults = _faults(settings)
    for warning in [*unknown_variables(os.environ), *(fault for fault in faults if fault.warning)]:
        note(f"article17: {warning.id}: {warning.problem} {warning.hint}")
    refuse([fault for fault in faults if not fault.warning])
    return settings


def refuse(faults: list[Check]) -> None:
    """Refuse to go on while something essential is missing; each fault has an id and a hint."""
    if faults:
        findings = [Finding(f"{f.id}: {f.problem} {f.hint}", finding(f)) for f in faults]
        raise CannotBeDone("something essential is missing in production mode", findings)


def finding(fault: Check) -> dict[str, object]:
    """Write a fault of the start as JSON."""
    return {"id": fault.id, "problem": fault.problem, "hint": fault.hint}


def _faults(settings: Settings) -> list[Check]:
    from adapters.settings import production_faults

    return production_faults(settings)
