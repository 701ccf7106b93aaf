"""Says on what machine a measurement was taken, and reduces rounds to medians and shares."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def facts() -> dict[str, Any]:
    """Give what a reader needs to know of this machine."""
    return {
        "processor": _line("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory": _line("/proc/meminfo", "MemTotal"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
        "fsync_milliseconds": fsync_milliseconds(),
        "taken_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _line(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    found = [line.partition(":")[2].strip() for line in lines if line.startswith(name)]
    return " ".join(found[0].split()) if found else "unknown"


def fsync_milliseconds() -> float:
    """Measure how long this disk takes to make 4 KiB durable (median of 50)."""
    taken = []
    with tempfile.TemporaryFile() as file:
        for _ in range(50):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(taken), 3)


def median(values: Sequence[float | None], digits: int = 3) -> float | None:
    """Give the median of rounds, or None when any is missing."""
    present = [value for value in values if value is not None]
    return round(statistics.median(present), digits) if present and len(present) == len(values) else None


def share(values: Sequence[float], part: float) -> float:
    """Give the value below which this part of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(part * (len(ordered) - 1)))]


def ratio(of: float | None, to: float | None) -> float | None:
    """Divide, when both are there."""
    return round(of / to, 2) if of is not None and to else None
