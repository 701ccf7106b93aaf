"""Takes the measurements that are named, or all, and writes one JSON file for each to bench/results."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

from bench.machine import facts
from bench.page import write_page

RESULTS = Path(__file__).resolve().parent / "results"
NAMES = (
    "delivery", "single", "burst", "overtake", "acknowledgements", "punctuality", "api", "workers", "memory", "growth",
    "statistics", "checks",
)  # fmt: skip


def take(name: str, rounds: int, quick: bool) -> dict[str, Any]:
    """Take one measurement and write it down, unless it is only a quick look."""
    module = importlib.import_module(f"bench.{name}")
    sys.stdout.write(f"{name}: {module.__doc__.strip().splitlines()[0]}\n")
    sys.stdout.flush()
    machine, began = facts(), time.perf_counter()
    result = {"machine": machine, "quick": quick, **module.measure(rounds, quick)}
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{json.dumps({k: v for k, v in result.items() if k != 'machine'}, indent=2)}\n")
    sys.stdout.write(f"{name}: took {time.perf_counter() - began:.0f} s\n\n")
    sys.stdout.flush()
    return result


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of: {', '.join(NAMES)}")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median is taken (5)")
    parser.add_argument(
        "--quick", action="store_true", help="small numbers, to see that everything works; nothing is written"
    )
    parser.add_argument("--page", action="store_true", help="only write docs/performance.md from the results")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - set(NAMES))
    if unknown:
        parser.error(f"there is no measurement named {', '.join(unknown)}")
    logging.getLogger("article17").setLevel(logging.ERROR)
    if not chosen.page:
        for name in chosen.names or NAMES:
            take(name, chosen.rounds, chosen.quick)
    if chosen.page or not chosen.quick:
        write_page(RESULTS)


main()
