"""Builds reports for the tests of the rules: the real ones, the smallest one, and what is wrong with one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from notify.report import Report, Warning_, draft_faults, parse_report

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "reports").glob("*.json"))
NOT_STATES = {"TW", "HK", "GL", "XX", "ZZ"}
PLACES = {"TW", "HK", "GL"}

Change = Callable[[dict[str, Any]], object]


def example(name: str) -> dict[str, Any]:
    (path,) = (path for path in EXAMPLES if path.name.startswith(name))
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def minimal() -> dict[str, Any]:
    return {
        "type": "initial",
        "title": {"en": "Seed spilled at the border"},
        "notification_class": "preliminary",
        "reporting_state": "KE",
        "capacity": "state_of_release",
        "origin": {"state": "unknown"},
        "authority": {"name": "National Biosafety Authority", "email": "cna@biosafety.ke.example"},
        "sender": {"name": "A. Officer"},
        "knowledge": {"first_indication": None},
        "severity_inputs": {"crossing": "unknown", "containment": "unknown", "sensitive_receptor": "unknown"},
        "lmos": [{"unique_identifier": "unidentified", "description": {"en": "Maize of unknown event"}}],
        "release": {"state": "KE", "date": {"precision": "unknown"}},
        "affected_states": [],
        "affected_states_determined": False,
        "contact_for_information": {"office": "Biosafety desk", "email": "desk@biosafety.ke.example"},
    }


def parse(document: object) -> tuple[Report, tuple[Warning_, ...]]:
    return parse_report(document, is_state=lambda code: code not in NOT_STATES, is_place=PLACES.__contains__)


def faults(document: object) -> dict[str, str]:
    found = draft_faults(document, is_state=lambda code: code not in NOT_STATES, is_place=PLACES.__contains__)
    return {fault.pointer: fault.detail for fault in found}


def changed(change: Change) -> dict[str, Any]:
    document = example("llrice601")
    change(document)
    return document
