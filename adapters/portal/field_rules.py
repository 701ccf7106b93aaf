"""Says of each field of a report where it stands on the page, how it is read, and by which name."""

from __future__ import annotations

from adapters.languages.labels import N_
from adapters.languages.values import CODES, DATES, LANGUAGES, STATES

__all__ = ["CODES", "DATES", "ELSEWHERE", "HOLDERS", "LANGUAGES", "SECTIONS", "STATES"]

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("The report"),
        ("type", "reason", "reporting_state", "capacity", "authority", "sender", "notification_class", "illegal_status",
         "determination", "knowledge", "origin", "affected_states", "affected_states_determined", "original_language"),
    ),
    (N_("(a) Quantities, characteristics and traits of the LMO"), ("lmos", "quantity")),
    (N_("(b) Circumstances and date of the release, use of the LMO"), ("release", "lmo_use")),
    (
        N_("(c) Possible adverse effects and risk management measures"),
        ("effects", "health", "risk_assessments", "risk_management"),
    ),
    (
        N_("(d) Other relevant information"),
        ("detection", "measures", "consignments", "findings", "monitoring", "assistance", "communities_informed",
         "damage_considered", "organizations", "first_public_statement", "other_information", "lessons", "attachments"),
    ),
    (N_("(e) Point of contact for further information"), ("contact_for_information",)),
    (N_("What the handling priority was computed from"), ("severity_inputs", "severity_override")),
)  # fmt: skip
"""The items of Article 17(3), with what stands around them."""

ELSEWHERE = frozenset({"title", "status", "material", "confidential"})
"""Shown in the heading, by the exercise marker, or in a list of its own."""

HOLDERS = frozenset(
    {
        "authority", "sender", "determination", "knowledge", "origin", "lmos", "quantity", "release", "place",
        "lmo_use", "effects", "risk_assessments", "detection", "measures", "consignments", "findings", "assistance",
        "first_public_statement", "attachments", "contact_for_information", "severity_inputs", "severity_override",
    }
)  # fmt: skip
"""Fields whose value is an object of further fields; `place` and `quantity` may also be a text."""
