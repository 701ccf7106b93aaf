"""Writes for people what a report says of itself, and whom submitting it tells."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adapters.cli.terminal import moment, paragraph, table

if TYPE_CHECKING:
    from adapters.cli.terminal import Page

ITEMS = {
    "a": "LMO and quantity",
    "b": "circumstances, date, use",
    "c": "effects, risk management",
    "d": "other information",
    "e": "point of contact",
}
"""The letters of Article 17(3)."""


def check_pages(found: Mapping[str, Any]) -> list[Page]:
    """Write the outcome of a check."""
    pages: list[Page] = [f"The report can be submitted (type {found['type']})."]
    if found["severity"]:
        pages += _severity(found["severity"])
    pages += _remarks(found["hints"], found["warnings"])
    if found["completeness"]:
        pages += ["", completeness_table(found["completeness"])]
    return pages


def preview_pages(view: Mapping[str, Any]) -> list[Page]:
    """Write what submitting would do."""
    pages = ["Nothing was submitted. Submitting would do this:", *_severity(view["severity"])]
    pages += [*_remarks(view["hints"], view["warnings"]), "", notifications_table(view["notifications"])]
    pages += [f"Task: {text}" for text in view["tasks"]]
    pages += ["", completeness_table(view["completeness"]), *suggestion_pages(view["suggestions"])]
    if view["confirmation_needed"]:
        pages.append(f"A second confirmation will be asked for: {view['confirmation_needed']}")
    return pages


def submission_pages(
    view: Mapping[str, Any], reasons: Mapping[str, str], tasks: Sequence[Mapping[str, Any]]
) -> list[Page]:
    """Write what submitting did, with the reasons in words and what is left to people."""
    opening = "is open" if view["new"] else "was opened by this report before; nothing was done again"
    return [
        f"Case {view['reference']} {opening}.",
        *_severity(view["severity"]),
        *_remarks([], view["warnings"]),
        "",
        notifications_table([told | {"reason": reasons[told["id"]]} for told in view["notifications"]]),
        *(["", "To be done by people", *task_pages(tasks)] if tasks else []),
    ]


def suggestion_pages(suggestions: Sequence[Mapping[str, Any]]) -> list[Page]:
    """Write whom else the officer may want to name, with the reasons; nobody is added by itself."""
    if not suggestions:
        return []
    rows = [
        [one["state"] or one["organization"], "likely" if one["likely"] else "", "\n".join(one["reasons"])]
        for one in suggestions
    ]
    return ["", "You may want to name as well; nobody is added unless you do", table(["who", "", "because"], rows)]


def later_preview_pages(view: Mapping[str, Any]) -> list[Page]:
    """Write what a later report would do."""
    pages: list[Page] = [f"Nothing was submitted. It would be report {view['sequence']} of its case ({view['type']})."]
    pages += [*_severity(view["severity"]), *_remarks(view["hints"], view["warnings"])]
    if view["material"]:
        pages += ["Everyone would be asked for a new acknowledgement:", *(f"  {r}" for r in view["material_because"])]
    if view["opens_twin"]:
        pages.append("A linked case with a reference of its own would be opened.")
    pages += ["", differences_table(view["differences"]), "", f"Told again: {', '.join(view['told']) or 'nobody'}"]
    if view["no_longer_named"]:
        pages.append(f"Named no longer, and told all the same: {', '.join(view['no_longer_named'])}")
    if view["notifications"]:
        pages += ["", "Told for the first time, of the whole chain", notifications_table(view["notifications"])]
    pages += [f"Task: {text}" for text in view["tasks"]]
    pages += ["", completeness_table(view["completeness"]), *suggestion_pages(view["suggestions"])]
    if view["confirmation_needed"]:
        pages.append(f"A second confirmation will be asked for: {view['confirmation_needed']}")
    return pages


def added_pages(view: Mapping[str, Any]) -> list[Page]:
    """Write what a later report did."""
    done = "was added" if view["new"] else "was added by this file before; nothing was done again"
    pages: list[Page] = [f"Report {view['sequence']} ({view['type']}) {done} to case {view['reference']}."]
    pages += [*_severity(view["severity"]), *_remarks([], view["warnings"])]
    if view["twin"]:
        pages.append(f"Linked case: {view['twin']}")
    rows = [
        [one["addressee"]["code"], one["status"], one["contacts"], "first time" if one["new"] else _asked(one)]
        for one in view["notifications"]
    ]
    told = table(["addressee", "status", "contacts", "acknowledgement"], rows, otherwise="Nobody was told.")
    return [*pages, "", differences_table(view["differences"]), "", told]


def _asked(told: Mapping[str, Any]) -> str:
    return "asked anew" if told["asked_anew"] else "not asked again"


def differences_table(differences: Sequence[Mapping[str, Any]]) -> Page:
    """Show what changed, field by field."""
    rows = [[one["pointer"], _value(one, "before"), _value(one, "after")] for one in differences]
    return table(["field", "was", "is now"], rows, otherwise="Nothing that is known changed.")


def _value(difference: Mapping[str, Any], name: str) -> str:
    value = difference.get(name)
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def task_pages(tasks: Sequence[Mapping[str, Any]]) -> list[Page]:
    """Write tasks one below the other, so that ids stay whole on any width."""
    pages: list[Page] = []
    for task in tasks:
        pages.append(f"{task['id']}  due {moment(task['due_at'])}")
        pages.append(paragraph(f"{task['case_reference']}, {task['kind']}, for {task['owner']}", indent="  "))
        pages.append(paragraph(task["in_words"], indent="  "))
        if task["result"] is not None:
            pages.append(paragraph(f"Done by {task['done_by']}: {task['result']}", indent="  "))
    return pages or ["No tasks."]


def _severity(severity: Mapping[str, str]) -> list[Page]:
    return [
        f"Handling priority, computed, not a finding on risk: {severity['level']}",
        f"  {severity['reason']}",
    ]


def _remarks(hints: Sequence[str], warnings: Sequence[Mapping[str, str]]) -> list[Page]:
    return [
        *(f"Please note: {hint}" for hint in hints),
        *(f"Warning: {warning['pointer']}: {warning['detail']}" for warning in warnings),
    ]


def completeness_table(items: Mapping[str, Mapping[str, Any]]) -> Page:
    """Show how complete a report is, for each letter of Article 17(3)."""
    rows = [
        [f"({letter}) {ITEMS.get(letter, '')}", f"{item['share']:.0%}", ", ".join(item["missing"])]
        for letter, item in items.items()
    ]
    return table(["Article 17(3)", "given", "missing"], rows)


def notifications_table(notifications: Sequence[Mapping[str, Any]]) -> Page:
    """Show who is told, through whom, and why."""
    rows = [
        [n["addressee"]["code"], n["status"], "\n".join(_routes(n["routes"])) or "nobody; see the tasks", n["reason"]]
        for n in notifications
    ]
    return table(["addressee", "status", "through", "because"], rows, otherwise="No addressee.")


def _routes(routes: Sequence[Mapping[str, str]]) -> list[str]:
    return [f"{route['office']} ({route['channel']})" for route in routes]
