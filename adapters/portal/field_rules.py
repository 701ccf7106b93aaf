"""Says of each field of a report where it stands on the page, how it is read, and by which name."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.languages.field_names import FIELD_NAMES
from adapters.languages.labels import N_

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
         "damage_considered", "organizations", "first_public_statement", "other_information", "attachments"),
    ),
    (N_("(e) Point of contact for further information"), ("contact_for_information",)),
    (N_("What the handling priority was computed from"), ("severity_inputs", "severity_override")),
)  # fmt: skip
"""The items of Article 17(3), with what stands around them."""

ELSEWHERE = frozenset({"title", "status", "material", "confidential"})
"""Shown in the heading, by the exercise marker, or in a list of its own."""

STATES = frozenset({"state", "reporting_state", "from", "to", "transit_states"})
DATES = frozenset({"date", "dispatched_on", "first_indication", "reported_to_authority", "confirmed"})
LANGUAGES = frozenset({"language", "languages", "original_language"})
CODES = frozenset(
    {
        "type", "capacity", "notification_class", "illegal_status", "outcome", "certainty", "status", "movement",
        "basis", "crossing", "self_sustaining", "consequence", "containment", "sensitive_receptor", "level",
        "gene_drive", "viability", "ongoing", "types", "causes", "pathways", "environments", "use", "authorisation",
        "kind", "likelihood", "method", "damage_considered", "audience", "ground",
    }
)  # fmt: skip
HOLDERS = frozenset(
    {
        "authority", "sender", "determination", "knowledge", "origin", "lmos", "quantity", "release", "place",
        "lmo_use", "effects", "risk_assessments", "detection", "measures", "consignments", "findings", "assistance",
        "first_public_statement", "attachments", "contact_for_information", "severity_inputs", "severity_override",
    }
)  # fmt: skip
"""Fields whose value is an object of further fields; `place` and `quantity` may also be a text."""

# A name with a point belongs to the field inside that holder.
_NAMES: Mapping[str, str] = {
    "affected_states_determined": N_("list of affected States is complete"),
    "around_the_clock": N_("reachable around the clock"),
    "assistance.offered": N_("assistance offered"),
    "assistance.requested": N_("assistance requested"),
    "authority": N_("authority"),
    "bch_record": N_("BCH record"),
    "capacity": N_("reports as"),
    "certainty": N_("certainty"),
    "common_name": N_("common name"),
    "consequence": N_("consequence"),
    "consignments.quantity": N_("quantity"),
    "contact_for_information": N_("point of contact"),
    "containment": N_("containment"),
    "crossing": N_("crossing of a border"),
    "date": N_("date"),
    "detection": N_("how to detect it"),
    "detection.method": N_("detection method"),
    "dispatched_on": N_("dispatched on"),
    "effects": N_("possible adverse effect"),
    "email": N_("e-mail"),
    "event": N_("transformation event"),
    "filename": N_("file"),
    "gene_drive": N_("gene drive"),
    "health": N_("human health"),
    "illegal_status": N_("illegal movement, as considered by the reporting State"),
    "kind": N_("kind"),
    "knowledge.confirmed": N_("confirmed"),
    "language": N_("language"),
    "languages": N_("languages"),
    "level": N_("priority"),
    "likelihood": N_("likelihood"),
    "maximum": N_("at most"),
    "media_type": N_("file type"),
    "method": N_("method"),
    "minimum": N_("at least"),
    "notification_class": N_("class"),
    "office": N_("office"),
    "ongoing": N_("ongoing"),
    "original_language": N_("original language of the report"),
    "outcome": N_("outcome"),
    "position": N_("position"),
    "reason": N_("reason"),
    "receptor": N_("what may be affected"),
    "release.date": N_("estimated date of the release"),
    "release.state": N_("State of release"),
    "reporting_state": N_("reporting State"),
    "risk_assessments": N_("risk assessment"),
    "risk_management": N_("possible risk management measure"),
    "scientific_name": N_("scientific name"),
    "self_sustaining": N_("self-sustaining"),
    "sensitive_receptor": N_("sensitive receptor"),
    "severity_inputs": N_("inputs"),
    "severity_override": N_("set by the reporting State"),
    "sha256": N_("SHA-256 digest"),
    "size": N_("size in bytes"),
    "state": N_("State"),
    "status": N_("status"),
    "telephone": N_("telephone"),
    "text": N_("in words"),
    "title": N_("title"),
    "traits": N_("trait"),
    "type": N_("type"),
    "unique_identifier": N_("unique identifier"),
    "unit": N_("unit"),
    "url": N_("address"),
    "value": N_("value"),
    "viability": N_("viability"),
}


def english_name(holder: str, field: str) -> str:
    """Name a field inside its holder, in English; a field without a name of its own is shown with spaces."""
    for name in (f"{holder}.{field}", field):
        if name in _NAMES:
            return _NAMES[name]
    return FIELD_NAMES.get(field, field.replace("_", " "))
