"""Holds the clocks and the escalation ladder as one versioned table, labelled as policy: Article 17 names no hour."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from notify.errors import Article17Error
from notify.words import Severity
from notify.working_time import Calendar, Duration, due_at

ON_REQUEST = "on request"
FLOOR = "no_receipt_floor"


class ClockKind(StrEnum):
    """What a clock measures; each has a target for each severity."""

    DISPATCH = "dispatch"
    PROOF = "proof"
    ACKNOWLEDGEMENT = "acknowledgement"
    ASSESSED = "assessed"
    FIRST_ANSWER = "first_answer"
    ANSWER = "answer"
    COMPLETE = "complete"
    UPDATE = "update"
    RECORD = "record"
    OBJECTION = "objection"


ALWAYS_RUNNING = frozenset({ClockKind.DISPATCH, ClockKind.PROOF, ClockKind.ACKNOWLEDGEMENT})
"""Clocks that cannot be "on request": the notification itself hangs on them."""


class EscalationStep(StrEnum):
    """What happens next for a State that has not acknowledged, in this order."""

    REMINDER = "reminder"
    ALTERNATES = "alternates"
    AUTHORITIES = "authorities"
    TELEPHONE = "telephone"
    LETTER = "letter"
    NO_RECEIPT = "no_receipt"


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """One fault of a policy file: its line (from 1), the dotted name of its place, what is wrong and would be right."""

    line: int
    place: str
    detail: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.place}: {self.detail}" if self.place else f"line {self.line}: {self.detail}"


class InvalidPolicy(Article17Error):
    """The policy file has faults."""

    def __init__(self, faults: tuple[PolicyFault, ...]) -> None:
        self.faults = faults
        super().__init__("; ".join(map(str, faults)))


@dataclass(frozen=True, slots=True)
class Policy:
    """The targets of every clock, and the shares of the acknowledgement target at which each step is due.

    A clock of None runs on request only. `no_receipt_floor`: the least time, on the wall clock, before a State
    is said to have no receipt recorded. A case keeps the policy of its first notification.
    """

    version: str
    clocks: Mapping[ClockKind, Mapping[Severity, Duration | None]]
    shares: Mapping[EscalationStep, float]
    no_receipt_floor: Duration

    def target(self, kind: ClockKind, severity: Severity) -> Duration | None:
        """Return the target of one clock, or None when it runs on request only."""
        return self.clocks[kind][severity]

    def due_at(self, kind: ClockKind, severity: Severity, start: datetime, calendar: Calendar) -> datetime | None:
        """Say when a clock that began at `start` is due, or None when it runs on request only."""
        target = self.target(kind, severity)
        return due_at(start, target, calendar=calendar, working=not severity.urgent) if target else None

    def to_json(self) -> dict[str, Any]:
        """Write the whole policy in the names of its file, to be frozen onto a case."""
        ladder: dict[str, Any] = {step.value: share for step, share in self.shares.items()}
        return {
            "version": self.version,
            "clocks": {
                kind.value: {severity.value: str(target or ON_REQUEST) for severity, target in row.items()}
                for kind, row in self.clocks.items()
            },
            "ladder": {**ladder, FLOOR: str(self.no_receipt_floor)},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Policy:
        """Read a policy written by `to_json`; what an older one does not name takes its default.

        Raises `InvalidPolicy` when it is no policy.
        """
        return _policy_from(document, lines={})


def load_policy(text: str | None = None) -> Policy:
    """Read a policy file (TOML), which states only what differs from the default; None gives the default.

    `acknowledgement = "8 s"` sets a clock for every severity. A file that names no version of its own gets one that
    tells it from the default. Raises `InvalidPolicy` with every fault and its line.
    """
    if text is None:
        return _policy_from({}, lines={})
    try:
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line ([0-9]+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise InvalidPolicy((PolicyFault(line, "", f"cannot be read as TOML: {error}"),)) from error
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return _policy_from({"version": f"{_default()['version']}+{digest}", **document}, lines=_lines(text))


@cache
def _default() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("notify").joinpath("policy.toml").read_text(encoding="utf-8"))


_Path = tuple[str, ...]
_Faults = Iterator[tuple[_Path, str]]


def _policy_from(document: Mapping[str, Any], lines: Mapping[_Path, int]) -> Policy:
    faults = list(_faults(document))
    if not faults:
        ladder = {**_default()["ladder"], **document.get("ladder", {})}
        faults = list(_order_faults({step: ladder[step] for step in EscalationStep}, document.get("ladder", {})))
    if faults:
        placed = (PolicyFault(_line_of(path, lines), ".".join(path), detail) for path, detail in faults)
        raise InvalidPolicy(tuple(sorted(placed, key=lambda fault: fault.line)))
    given = document.get("clocks", {})
    return Policy(
        version=document.get("version", _default()["version"]),
        clocks={
            kind: _row({**_spread(_default()["clocks"][kind]), **_spread(given.get(kind, {}))}) for kind in ClockKind
        },
        shares={step: float(ladder[step]) for step in EscalationStep},
        no_receipt_floor=Duration.parse(ladder[FLOOR]),
    )


def _spread(row: str | Mapping[str, str]) -> Mapping[str, str]:
    return dict.fromkeys(Severity, row) if isinstance(row, str) else row


def _row(row: Mapping[str, str]) -> Mapping[Severity, Duration | None]:
    return {severity: None if row[severity] == ON_REQUEST else Duration.parse(row[severity]) for severity in Severity}


def _faults(document: Mapping[str, Any]) -> _Faults:
    yield from _unknown((), document, ("version", "clocks", "ladder"))
    version = document.get("version", "1")
    if not isinstance(version, str) or not 1 <= len(version) <= 100:
        yield ("version",), "must be text of 1 to 100 characters"
    for name, check in (("clocks", _clock_faults), ("ladder", _ladder_faults)):
        part = document.get(name, {})
        if isinstance(part, Mapping):
            yield from check(part)
        else:
            yield (name,), "must be a table"


def _unknown(path: _Path, table: Mapping[str, Any], known: Iterable[str]) -> _Faults:
    for name in table:
        if name not in known:
            yield (*path, name), f"is unknown; known are {', '.join(known)}"


def _clock_faults(clocks: Mapping[str, Any]) -> _Faults:
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


def _target_faults(path: _Path, target: object) -> _Faults:
    if target != ON_REQUEST:
        yield from _duration_faults(path, target)
    elif path[1] in ALWAYS_RUNNING:
        yield path, "needs a duration; this clock cannot wait for a request"


def _duration_faults(path: _Path, value: object) -> _Faults:
    try:
        Duration.parse(value if isinstance(value, str) else str(value))
    except ValueError as error:
        yield path, str(error)


def _ladder_faults(ladder: Mapping[str, Any]) -> _Faults:
    yield from _unknown(("ladder",), ladder, [*EscalationStep, FLOOR])
    if FLOOR in ladder:
        yield from _duration_faults(("ladder", FLOOR), ladder[FLOOR])
    for step in EscalationStep:
        share = ladder.get(step, 1)
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 100:
            yield ("ladder", step), "must be a number above 0 and up to 100: a share of the acknowledgement target"


def _order_faults(shares: Mapping[EscalationStep, float], given: Mapping[str, Any]) -> _Faults:
    for earlier, later in pairwise(EscalationStep):
        if shares[earlier] >= shares[later]:
            place = later if later in given else earlier
            yield ("ladder", place), f"{earlier} ({shares[earlier]}) must come before {later} ({shares[later]})"


def _lines(text: str) -> dict[_Path, int]:
    """Note on which line each name of a TOML text is set."""
    lines: dict[_Path, int] = {}
    table: _Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+([^\]]+)\]", line):
            table = _names(header[1])
            lines.setdefault(table, number)
        elif setting := re.match(r"([^=#]+)=", line):
            lines.setdefault((*table, *_names(setting[1])), number)
    return lines


def _names(dotted: str) -> _Path:
    return tuple(name.strip().strip("\"'") for name in dotted.split("."))


def _line_of(path: _Path, lines: Mapping[_Path, int]) -> int:
    """Find the line of a name, else of the nearest table around it, else of the first name within it."""
    around = (lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in lines)
    within = (line for name, line in lines.items() if name[: len(path)] == path)
    return next(around, next(within, 1))
