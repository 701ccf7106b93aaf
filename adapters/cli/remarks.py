"""Adds to a result what a person must know of the service: that sending is held, that nobody sends, what is to do."""

from __future__ import annotations

import asyncio
import fcntl
import os
from typing import TYPE_CHECKING, Any

from adapters.cli.terminal import moment

if TYPE_CHECKING:
    from adapters.settings import Settings
    from adapters.wiring import System
    from notify.sentence import Sentence


async def remarks(system: System, *, on_sending: bool = False) -> list[str]:
    """Say that sending is held and, where something was just made to go out, that no process is there to send it."""
    from notify.service.reading import stamp

    async with system.ports.database.read() as work:
        pause = await work.brake.current()
    said = [f"All sending is held until {moment(stamp(pause.paused_until))}: {pause.reason}"] if pause else []
    if on_sending and not await asyncio.to_thread(is_served, system.settings):
        said.append("Nothing goes out until `article17 serve` or `article17 work` runs; none runs on this database.")
    return said


def is_served(settings: Settings) -> bool:
    """Tell whether a process serves the embedded database; of another database nobody can tell, so it is assumed."""
    from adapters.wiring.serving import sqlite_path

    path = sqlite_path(settings)
    if path is None:
        return True
    try:
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY)
    except OSError:
        return False
    try:
        # A shared lock is refused while a process holds its own; closing the file lets go at once.
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def is_new(settings: Settings) -> bool:
    """Tell whether the embedded database is not there yet, so that opening it makes one."""
    from adapters.wiring.serving import sqlite_path

    path = sqlite_path(settings)
    return path is not None and not path.exists()


async def tasks_in_words(system: System, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the texts of tasks as mails do, with States by their names."""
    async with system.ports.database.read() as work:
        texts = {task["id"]: (await work.tasks.get(task["id"])).text for task in found}
    return [task | {"in_words": in_words(texts[task["id"]], system)} for task in found]


def in_words(sentence: Sentence, system: System) -> str:
    """Say a sentence in English, with States by their names."""
    from adapters.languages.sentences import say_in_words

    names = {code: state.name for code, state in system.ports.registry.states_by_code.items()}
    return say_in_words(sentence, "en", names)
