"""Holds what the API is given from outside: choices of the operator, and what only wiring knows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notify.exchange import CaseMessage


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """What the API needs besides the ports.

    `closing` is set when the service stops: open streams then end. `render_metrics` takes the counts of the outbox, its
    lateness in seconds, and the number of endpoints in each condition. `signing_keys` lists the public webhook keys as
    JSON, `write_cap` writes CAP 1.2. `https` says whether the public address is https. The two limits count for one
    account, and for one client address. Times are in seconds.
    """

    version: str
    https: bool
    closing: asyncio.Event
    worker_alive: Callable[[], bool]
    render_metrics: Callable[[dict[str, int], float, Mapping[str, int]], bytes]
    signing_keys: Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]
    write_cap: Callable[[CaseMessage], bytes]
    posts_a_minute: int = 120
    unknown_tokens_a_minute: int = 30
    stream_poll: float = 1.0
    stream_ping: float = 15.0
    ticks: Callable[[], float] = time.monotonic
