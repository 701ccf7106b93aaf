"""Holds the clocks and the escalation ladder as one versioned table, labelled as policy: Article 17 names no hour."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from notify.clocks import ALWAYS_RUNNING, LATER_KINDS, ClockKind, EscalationStep, Extent
from notify.errors import Article17Error
from notify.policy_faults import FLOOR, ON_REQUEST, Place, order_faults, shape_faults
from notify.words import Severity
from notify.working_time import Calendar, Duration, due_at

__all__ = [
    "ALWAYS_RUNNING",
    "FLOOR",
    "ON_REQUEST",
    "ClockKind",
    "EscalationStep",
    "Extent",
    "InvalidPolicy",
    "Policy",
    "PolicyFault",
    "load_policy",
]


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
    is said to have no receipt recorded. `reminders`: at which shares of a target whoever must act is reminded.
    `telling`: how much each kind of later report tells. `completeness_share`: the share of the fields of each letter
    of Article 17(3) from which on a case counts as complete. A case keeps the policy of its first notification.
    """

    version: str
    clocks: Mapping[ClockKind, Mapping[Severity, Duration | None]]
    shares: Mapping[EscalationStep, float]
    no_receipt_floor: Duration
    reminders: tuple[float, ...]
    telling: Mapping[str, Extent]
    completeness_share: float

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
            "reminders": {"shares": list(self.reminders)},
            "telling": {kind: extent.value for kind, extent in self.telling.items()},
            "completeness": {"share": self.completeness_share},
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


def _policy_from(document: Mapping[str, Any], lines: Mapping[Place, int]) -> Policy:
    faults = list(shape_faults(document))
    if not faults:
        ladder = {**_default()["ladder"], **document.get("ladder", {})}
        faults = list(order_faults({step: ladder[step] for step in EscalationStep}, document.get("ladder", {})))
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
        reminders=tuple(float(share) for share in _part("reminders", document)["shares"]),
        telling={kind: Extent(_part("telling", document)[kind]) for kind in LATER_KINDS},
        completeness_share=float(_part("completeness", document)["share"]),
    )


def _part(name: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**_default()[name], **document.get(name, {})}


def _spread(row: str | Mapping[str, str]) -> Mapping[str, str]:
    return dict.fromkeys(Severity, row) if isinstance(row, str) else row


def _row(row: Mapping[str, str]) -> Mapping[Severity, Duration | None]:
    return {severity: None if row[severity] == ON_REQUEST else Duration.parse(row[severity]) for severity in Severity}


def _lines(text: str) -> dict[Place, int]:
    """Note on which line each name of a TOML text is set."""
    lines: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+([^\]]+)\]", line):
            table = _names(header[1])
            lines.setdefault(table, number)
        elif setting := re.match(r"([^=#]+)=", line):
            lines.setdefault((*table, *_names(setting[1])), number)
    return lines


def _names(dotted: str) -> Place:
    return tuple(name.strip().strip("\"'") for name in dotted.split("."))


def _line_of(path: Place, lines: Mapping[Place, int]) -> int:
    """Find the line of a name, else of the nearest table around it, else of the first name within it."""
    around = (lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in lines)
    within = (line for name, line in lines.items() if name[: len(path)] == path)
    return next(around, next(within, 1))
