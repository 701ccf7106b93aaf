"""Writes docs/performance.md from the results, so that no figure on it is typed by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.databases import KINDS
from bench.sinks import ROOT

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
MOST, LEAST = "≤", "≥"
Row = tuple[str, Any, str, float | None]
"""What, the figure with its unit's name in `what`, and the target: which way, how much (None: there is none)."""

HEAD = """\
# Performance

Written by `python -m bench --page` from `bench/results`; nothing here is typed by hand. No test asserts a time:
figures depend on the machine, so each one is a ratio to an opponent in the same run, or stands beside its target.

"""

CONDITIONS = """\
## Conditions

- Mail goes to Debian's `smtp-sink`, where it is installed, and webhooks to a bare receiver, both processes of their
  own on loopback; where the time of one arrival matters, our own mail sink notes it.
- SQLite runs with `synchronous=FULL`, PostgreSQL with `fsync=on` and `synchronous_commit=on`. One process of ours
  with the default settings, unless said otherwise.
- The floor is a script that keeps no evidence: the body is encoded once, 20 connections, 64 webhook calls at a time,
  one HMAC signature each. The plain script builds an `EmailMessage` for each recipient.
- Alertmanager is Debian's, with `group_by: ['...']`, `group_wait: 0s`, one mail and one webhook receiver. It keeps
  everything in memory, so nothing of it is durable.
- "Slow disk" adds 2 ms to each commit. "Latency" lets each answer of the receivers come 50 ms later; the bound is the
  time that this many connections need at least (four answers for a mail, one for a webhook).
- Rounds alternate, and the median is given; the number of rounds stands in each result.

## To repeat it

    make bench                               # everything; some twenty minutes
    make bench ARGS="delivery --rounds 9"    # one measurement
    make bench ARGS="--quick"                # small numbers, to see that all of it works

Alertmanager and `smtp-sink` come with `apt-get install prometheus-alertmanager postfix`; without Alertmanager its
figures are null, without `smtp-sink` our own sink stands in.

## What makes the difference

The first of these is measured above (the plain script beside the floor); the others are how the service is built.

- The body of a mail is built and encoded once for each language and audience; each recipient adds only checked
  headers and its own link. Building a whole message for each recipient costs several times the sending.
- Results are recorded in groups by one writer for each process: a commit each would cost a disk's wait each.
- Each channel claims and sends by itself, a hundred at a time; a claim that both shared would starve one of them.
- Connections to the relay are kept and reused. Webhooks to one host are limited, so that a slow one delays no other.
- A worker sleeps until the next due time and is woken by what is committed; there is no busy polling.
"""


def write_page(results: Path) -> None:
    """Write the page from whatever results there are."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*.json"))}
    full = {name: result for name, result in found.items() if not result.get("quick")}
    text = HEAD + "".join(_section(name, rows, full) for name, rows in SECTIONS.items() if name in full)
    text += _growth(full["growth"]) if "growth" in full else ""
    (ROOT / "docs" / "performance.md").write_text(text + CONDITIONS, encoding="utf-8")


def _section(name: str, rows: Any, full: dict[str, Any]) -> str:
    result = full[name]
    title, lead, make = rows
    lines = [
        f"## {title}\n",
        f"{lead} {_machine(result['machine'])}\n",
        "| | measured | target | |",
        "|---|---|---|---|",
    ]
    lines += [_line(*row) for row in make(result)]
    return "\n".join(lines) + "\n\n"


def _machine(machine: dict[str, Any]) -> str:
    busy = " **Other work kept the machine busy: uncertain figures.**" if machine["load"] > 1 else ""
    return (
        f"{machine['cores']} cores ({machine['processor']}), Python {machine['python']}, one fsync "
        f"{machine['fsync_milliseconds']} ms, load {machine['load']} before the start, "
        f"{machine['taken_at'][:10]}.{busy}"
    )


def _line(what: str, value: Any, way: str, target: float | None) -> str:
    shown = "not measured" if value is None else f"{value:,}"
    if target is None:
        return f"| {what} | {shown} | | |"
    if value is None:
        return f"| {what} | {shown} | {way} {target:,} | |"
    met = value <= target if way == MOST else value >= target
    said = "met" if met else "**missed**"
    if "slow disk" in what and value < 1:
        said = "not told: the rounds differed by more than the added wait"
    return f"| {what} | {shown} | {way} {target:,} | {said} |"


def _delivery(result: dict[str, Any]) -> Iterator[Row]:
    first = result["sqlite"]
    yield "Floor: seconds", first["floor_seconds"], MOST, None
    yield "Floor: CPU ms a delivery", result["floor"]["cpu_milliseconds_each"], MOST, None
    yield "Plain script, a message each: seconds", result["floor"]["message_each_seconds"], MOST, None
    yield "Alertmanager: seconds", first["alertmanager_seconds"], MOST, None
    for kind in KINDS:
        one, name = result[kind], NAMES[kind]
        yield f"{name}: seconds", one["seconds"], MOST, None
        yield f"{name}: slowest of {result['rounds']} rounds, seconds", max(one["all_seconds"]), MOST, None
        yield f"{name}: ratio to Alertmanager", one["ratio_to_alertmanager"], MOST, 1.0
        yield f"{name}: ratio to the floor", one["ratio_to_floor"], MOST, 2.0
        yield f"{name}: ratio to the floor, 50 webhook hosts", one["many_hosts_ratio_to_floor"], MOST, None
        yield f"{name}: CPU ms a delivery", one["cpu_milliseconds_each"], MOST, 0.5
        yield f"{name}: transactions", one["transactions"], MOST, 200
        yield f"{name}: slow disk, ratio to this disk", one["slow_disk_ratio"], MOST, 1.5
        yield f"{name}: latency, ratio to the bound", one["latency_ratio_to_bound"], MOST, 1.4


def _of_both(*rows: tuple[str, str, str, float | None]) -> Any:
    def make(result: dict[str, Any]) -> Iterator[Row]:
        for kind in KINDS:
            for what, figure, way, target in rows:
                yield f"{NAMES[kind]}: {what}", result[kind][figure], way, target

    return make


def _workers(result: dict[str, Any]) -> Iterator[Row]:
    for name, said in (("fast", "fast receivers"), ("slow", "receivers that take 50 ms")):
        one = result[name]
        yield f"{said}: one worker, seconds", one["one_worker_seconds"], MOST, None
        yield f"{said}: two workers, seconds", one["two_workers_seconds"], MOST, None
        yield f"{said}: two are faster by", one["ratio"], LEAST, 1.6


def _checks(result: dict[str, Any]) -> Iterator[Row]:
    yield "Reports checked in a second", result["reports_checked_per_second"], LEAST, None
    yield "Webhooks signed in a second", result["signatures_per_second"], LEAST, None
    yield "The same by the library standardwebhooks", result["standardwebhooks_signatures_per_second"], LEAST, None


SECTIONS: dict[str, Any] = {
    "delivery": (
        "A case to 1,000 contacts",
        "1,000 mails and 1,000 webhooks, from committed outbox to last result durable.",
        _delivery,
    ),
    "single": (
        "One case on an idle system",
        "From the report posted to the API until the receiver has it.",
        _of_both(
            ("first mail, p50 ms", "mail_p50_milliseconds", MOST, None),
            ("first mail, p95 ms", "mail_p95_milliseconds", MOST, 50),
            ("first webhook, p50 ms", "webhook_p50_milliseconds", MOST, None),
            ("first webhook, p95 ms", "webhook_p95_milliseconds", MOST, 50),
        ),
    ),
    "burst": (
        "A burst of cases",
        "1,000 cases of three deliveries each, committed before the worker starts.",
        _of_both(
            ("deliveries in a second", "deliveries_per_second", LEAST, 900),
            ("last result after seconds", "seconds", MOST, 4),
            ("reports taken in a second", "reports_taken_per_second", LEAST, None),
        ),
    ),
    "overtake": (
        "Urgent cases overtake",
        "Five critical cases are filed while 5,000 reminders wait; from filing to the last of their results.",
        _of_both(
            ("seconds until the slowest urgent case is sent", "all_results_seconds", MOST, None),
            ("seconds until the reminders are sent", "backlog_seconds", MOST, None),
        ),
    ),
    "acknowledgements": (
        "Acknowledgements",
        "Entered durably through the use case, 100 at a time.",
        _of_both(("in a second", "per_second", LEAST, 1000), ("transactions for all", "transactions", MOST, None)),
    ),
    "punctuality": (
        "Punctual steps",
        "1,000,000 other rows wait; one step alone, then 2,000 steps due at the same moment.",
        _of_both(
            ("one step late by ms", "late_milliseconds", MOST, 100),
            ("2,000 steps claimed after ms", "many_claimed_milliseconds", MOST, 500),
            ("2,000 steps done after ms", "many_fired_milliseconds", MOST, None),
            ("dropped", "dropped", MOST, 0),
        ),
    ),
    "api": (
        "The API during a fan-out",
        "Four clients read cases while the same process sends 2,000.",
        _of_both(
            ("p50 ms", "p50_milliseconds", MOST, None),
            ("p99 ms", "p99_milliseconds", MOST, 50),
        ),
    ),
    "workers": ("Two workers", "2,000 mails and 2,000 webhooks on PostgreSQL.", _workers),
    "memory": (
        "Memory",
        "One process that serves and sends 2,000.",
        _of_both(("idle, MB", "idle_megabytes", MOST, None), ("most, MB", "most_megabytes", MOST, 150)),
    ),
    "checks": ("Checks and signatures", "On one core.", _checks),
}


def _growth(result: dict[str, Any]) -> str:
    lines = ["## How cost grows\n", "Milliseconds for one more case, by cases stored.", _machine(result["machine"])]
    lines += ["\n![Milliseconds of each step over the number of cases](performance.svg)\n"]
    lines += ["| | " + " | ".join(f"{n:,}" for n in result["cases"]) + " |", "|---" * (len(result["cases"]) + 1) + "|"]
    for kind in KINDS:
        for name, values in result[kind].items():
            said = f"{NAMES[kind]}: {name.removesuffix('_milliseconds')}"
            lines.append(f"| {said} | " + " | ".join(f"{v:,}" for v in values) + " |")
    return "\n".join(lines) + "\n\n"
