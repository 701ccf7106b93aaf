"""Writes cases for people: one line each in a list, or one whole with a line for each State."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adapters.cli.report_page import completeness_table, task_pages
from adapters.cli.terminal import moment, table

if TYPE_CHECKING:
    from adapters.cli.terminal import Page


def list_page(cases: Sequence[Mapping[str, Any]]) -> Page:
    """Write a list of cases."""
    rows = [
        [c["reference"], c["status"], c["severity"]["level"], c["reporting_state"], moment(c["opened_at"]), title(c)]
        for c in cases
    ]
    columns = ["case", "status", "severity", "reported by", "opened", "title"]
    return table(columns, rows, otherwise="No cases.")


def title(case: Mapping[str, Any]) -> str:
    """Give the title of a case, in English where there is one."""
    titles: Mapping[str, str] = case["title"]
    return titles.get("en") or next(iter(titles.values()), "")


def case_pages(case: Mapping[str, Any], waiting: Sequence[Mapping[str, Any]]) -> list[Page]:
    """Write one case, and the tasks in it that wait, in words."""
    pages: list[Page] = [f"{case['reference']}  {title(case)}", ""]
    pages += [f"{name + ':' if name else '':<24}{value}" for name, value in _facts(case) if value]
    pages += ["", _notifications(case["notifications"]), "", "Chain of reports", _chain(case["reports"])]
    if waiting:
        pages += ["", "Open tasks", *task_pages(waiting)]
    return [*pages, "", completeness_table(case["completeness"])]


def _facts(case: Mapping[str, Any]) -> list[tuple[str, Any]]:
    severity = case["severity"]
    paused = case["dispatch_paused_until"]
    return [
        ("Status", case["status"]),
        ("Exercise", "yes; never published, left out of statistics" if case["exercise"] else None),
        ("Reported by", case["reporting_state"]),
        ("Voluntary", "yes, in line with Article 24(2)" if case["voluntary"] else None),
        ("Class", case["notification_class"]),
        ("Handling priority", f"{severity['level']} (computed, not a finding on risk)"),
        ("", severity["reason"]),
        ("Opened", moment(case["opened_at"])),
        ("Closed", moment(case["closed_at"])),
        ("Linked case", case["twin"]),
        ("Acknowledged", f"{case['acknowledged']} States"),
        ("BCH", case["bch"]),
        ("Sending is paused", f"until {moment(paused)}" if paused else None),
        ("Clocks", f"{case['policy']['label']} (version {case['policy']['version']})"),
    ]


def _notifications(notifications: Sequence[Mapping[str, Any]]) -> Page:
    rows = [
        [
            n["addressee"]["code"],
            n["status"],
            _grade(n),
            _clock(n),
            n["step"],
            _deliveries(n["deliveries"]),
        ]
        for n in notifications
    ]
    columns = ["addressee", "status", "grade", "acknowledge by", "last step", "deliveries"]
    return table(columns, rows, otherwise="No addressee.")


def _grade(notification: Mapping[str, Any]) -> str:
    grade = notification["grade"]
    if grade is None:
        return "no receipt recorded" if notification["no_receipt_at"] else "not yet"
    reached = moment(notification[f"{grade}_at"])
    assessment = notification["assessment"]
    said = f", {assessment}{' (preliminary)' if notification['assessment_preliminary'] else ''}" if assessment else ""
    return f"{grade}{said}, {reached}"


def _clock(notification: Mapping[str, Any]) -> str:
    for clock in sorted(notification["clocks"], key=lambda clock: -clock["round"]):
        if clock["kind"] == "acknowledgement":
            if clock["met_at"] is None:
                return moment(clock["due_at"])
            return f"{moment(clock['due_at'])} ({'met' if clock['met_at'] <= clock['due_at'] else 'met late'})"
    return ""


def _deliveries(deliveries: Sequence[Mapping[str, Any]]) -> str:
    counts = Counter(f"{delivery['channel']} {delivery['state']}" for delivery in deliveries)
    return "\n".join(f"{number} {what}" for what, number in sorted(counts.items())) or "none"


def _chain(reports: Sequence[Mapping[str, Any]]) -> Page:
    rows = [
        [r["sequence"], r["type"], moment(r["submitted_at"]), ", ".join(one["pointer"] for one in r["differences"])]
        for r in reports
    ]
    return table(["sequence", "type", "submitted", "changed"], rows)
