"""Names the fields of a report, given by JSON pointer, as a person would say them."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.languages.catalogues import translator
from adapters.languages.labels import N_

# A name with a point belongs to the field inside that holder.
FIELD_NAMES: Mapping[str, str] = {
    "actor": N_("actor"),
    "affected_states": N_("affected States"),
    "affected_states_determined": N_("list of affected States is complete"),
    "around_the_clock": N_("reachable around the clock"),
    "assistance": N_("assistance"),
    "assistance.offered": N_("assistance offered"),
    "assistance.requested": N_("assistance requested"),
    "attachments": N_("attached document"),
    "authorisation": N_("authorisation"),
    "authority": N_("authority"),
    "audience": N_("who may read it"),
    "basis": N_("basis"),
    "bch_record": N_("BCH record"),
    "capacity": N_("reports as"),
    "causes": N_("cause"),
    "certainty": N_("certainty"),
    "circumstances": N_("circumstances"),
    "common_name": N_("common name"),
    "communities_informed": N_("communities informed"),
    "confidential": N_("marked confidential"),
    "consequence": N_("consequence"),
    "consignee": N_("consignee"),
    "consignments": N_("consignment"),
    "consignments.quantity": N_("quantity"),
    "consignor": N_("consignor"),
    "contact_for_information": N_("point of contact"),
    "containment": N_("containment"),
    "crossing": N_("crossing of a border"),
    "damage_considered": N_("damage considered"),
    "date": N_("date"),
    "description": N_("description"),
    "detection": N_("how to detect it"),
    "detection.method": N_("detection method"),
    "determination": N_("determination"),
    "dispatched_on": N_("dispatched on"),
    "documentation": N_("documentation"),
    "effects": N_("possible adverse effect"),
    "email": N_("e-mail"),
    "environments": N_("environment"),
    "event": N_("transformation event"),
    "filename": N_("file"),
    "findings": N_("finding"),
    "first_indication": N_("first indication"),
    "first_public_statement": N_("first public statement"),
    "from": N_("from"),
    "gene_drive": N_("gene drive"),
    "ground": N_("ground"),
    "health": N_("human health"),
    "illegal_status": N_("illegal movement, as considered by the reporting State"),
    "kind": N_("kind"),
    "knowledge": N_("when it became known"),
    "knowledge.confirmed": N_("confirmed"),
    "laboratory": N_("laboratory"),
    "language": N_("language"),
    "languages": N_("languages"),
    "latitude": N_("latitude"),
    "lessons": N_("lessons"),
    "level": N_("priority"),
    "likelihood": N_("likelihood"),
    "lmo_use": N_("use of the LMO"),
    "lmos": N_("LMO"),
    "longitude": N_("longitude"),
    "lot": N_("lot"),
    "material": N_("asks for a new acknowledgement"),
    "maximum": N_("at most"),
    "measures": N_("measure"),
    "media_type": N_("file type"),
    "method": N_("method"),
    "minimum": N_("at least"),
    "monitoring": N_("monitoring"),
    "movement": N_("movement across the border"),
    "name": N_("name"),
    "notification_class": N_("class"),
    "office": N_("office"),
    "ongoing": N_("ongoing"),
    "organizations": N_("organizations"),
    "origin": N_("presumed State of origin"),
    "original_language": N_("original language of the report"),
    "other_information": N_("other information"),
    "outcome": N_("outcome"),
    "pathways": N_("pathway"),
    "place": N_("place"),
    "position": N_("position"),
    "precision": N_("precision"),
    "product": N_("product"),
    "quantity": N_("estimated quantity"),
    "reason": N_("reason"),
    "receptor": N_("what may be affected"),
    "reference_material": N_("reference material"),
    "release": N_("release"),
    "release.date": N_("estimated date of the release"),
    "release.state": N_("State of release"),
    "reported_to_authority": N_("reported to the authority"),
    "reporting_state": N_("reporting State"),
    "risk_assessments": N_("risk assessment"),
    "risk_management": N_("possible risk management measure"),
    "scientific_name": N_("scientific name"),
    "self_sustaining": N_("self-sustaining"),
    "sender": N_("sender"),
    "sender.name": N_("name of the person"),
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
    "to": N_("to"),
    "traits": N_("trait"),
    "transit_states": N_("States of transit"),
    "type": N_("type"),
    "types": N_("type of release"),
    "unique_identifier": N_("unique identifier"),
    "unit": N_("unit"),
    "url": N_("address"),
    "use": N_("use"),
    "value": N_("value"),
    "viability": N_("viability"),
}


def english_name(holder: str, field: str) -> str:
    """Name a field inside its holder, in English; a field without a name of its own is shown with spaces."""
    named = FIELD_NAMES.get(f"{holder}.{field}") or FIELD_NAMES.get(field)
    return named or field.replace("_", " ")


def field_name(pointer: str, language: str) -> str:
    """Name a field from its JSON pointer, widest first: "/release/place" is "release: place", "/lmos/0" is "LMO: 1"."""
    gettext = translator(language).gettext
    names, holder = [], ""
    for token in pointer.strip("/").split("/"):
        if token.isdecimal():
            names.append(str(int(token) + 1))
        elif name := english_name(holder, token):
            names.append(gettext(name))
            holder = token
    return ": ".join(names)
