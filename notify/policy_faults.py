"""Finds what is wrong with a policy, each fault by the names that lead to its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from notify.clocks import ALWAYS_RUNNING, LATER_KINDS, ClockKind, EscalationStep, Extent
from notify.words import Severity
from notify.working_time import Duration

ON_REQUEST = "on request"
FLOOR = "no_receipt_floor"

Place = tuple[str, ...]
Faults = Iterator[tuple[Place, str]]


def shape_faults(document: Mapping[str, Any]) -> Faults:
    """Find what is wrong with each part of a policy by itself."""
    yield from _unknown((), document, ("version", "clocks", "ladder", "reminders", "telling", "completeness"))
    version = document.get("version", "1")
    if not isinstance(version, str) or not 1 <= len(version) <= 100:
        yield ("version",), "must be text of 1 to 100 characters"
    for name, check in _PARTS.items():
        part = document.get(name, {})
        if isinstance(part, Mapping):
            yield from check(part)
        else:
            yield (name,), "must be a table"


def _unknown(path: Place, table: Mapping[str, Any], known: Iterable[str]) -> Faults:
    for name in table:
        if name not in known:
            yield (*path, name), f"is unknown; known are {', '.join(known)}"


def _clock_faults(clocks: Mapping[str, Any]) -> Faults:
    yield from _unknown(("clocks",), clocks, list(ClockKind))
    for kind in ClockKind:
        row = clocks.get(kind, {})
        if not isinstance(row, Mapping):
            yield from _target_faults(("clocks", kind), row)
            continue
        yield from _unknown(("clocks", kind), row, list(Severity))
        for severity in Severity:
            if severity in row:
                yield from _target_faults(("clocks", kind, severity), row[severity])


def _target_faults(path: Place, target: object) -> Faults:
    if target != ON_REQUEST:
        yield from _duration_faults(path, target)
    elif path[1] in ALWAYS_RUNNING:
        yield path, "needs a duration; this clock cannot wait for a request"


def _duration_faults(path: Place, value: object) -> Faults:
    try:
        Duration.parse(value if isinstance(value, str) else str(value))
    except ValueError as error:
        yield path, str(error)


def _ladder_faults(ladder: Mapping[str, Any]) -> Faults:
    yield from _unknown(("ladder",), ladder, [*EscalationStep, FLOOR])
    if FLOOR in ladder:
        yield from _duration_faults(("ladder", FLOOR), ladder[FLOOR])
    for step in EscalationStep:
        share = ladder.get(step, 1)
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 100:
            yield ("ladder", step), "must be a number above 0 and up to 100: a share of the acknowledgement target"


def order_faults(shares: Mapping[EscalationStep, float], given: Mapping[str, Any]) -> Faults:
    """Find the steps of the ladder that would come before the one they follow."""
    for earlier, later in pairwise(EscalationStep):
        if shares[earlier] >= shares[later]:
            place = later if later in given else earlier
            yield ("ladder", place), f"{earlier} ({shares[earlier]}) must come before {later} ({shares[later]})"


def _reminder_faults(reminders: Mapping[str, Any]) -> Faults:
    yield from _unknown(("reminders",), reminders, ("shares",))
    shares = reminders.get("shares", [])
    if not isinstance(shares, list) or len(shares) > 5:
        yield ("reminders", "shares"), "must be a list of at most 5 shares of the target"
    elif not all(_is_part(share) for share in shares) or any(a >= b for a, b in pairwise(shares)):
        yield ("reminders", "shares"), "must be numbers above 0 and below 1, the smaller first"


def _telling_faults(telling: Mapping[str, Any]) -> Faults:
    yield from _unknown(("telling",), telling, LATER_KINDS)
    for kind in LATER_KINDS:
        if kind in telling and telling[kind] not in list(Extent):
            yield ("telling", kind), f"must be one of {', '.join(Extent)}"


def _completeness_faults(completeness: Mapping[str, Any]) -> Faults:
    yield from _unknown(("completeness",), completeness, ("share",))
    share = completeness.get("share", 1)
    if isinstance(share, bool) or (share != 1 and not _is_part(share)):
        yield ("completeness", "share"), "must be a number above 0 and up to 1"


def _is_part(share: object) -> bool:
    return not isinstance(share, bool) and isinstance(share, int | float) and 0 < share < 1


_PARTS = {
    "clocks": _clock_faults,
    "ladder": _ladder_faults,
    "reminders": _reminder_faults,
    "telling": _telling_faults,
    "completeness": _completeness_faults,
}
