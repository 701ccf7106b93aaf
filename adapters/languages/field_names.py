"""Names the fields of a report, given by JSON pointer, as a person would say them."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.languages.catalogues import translator
from adapters.languages.labels import N_

FIELD_NAMES: Mapping[str, str] = {
    "title": N_("title"),
    "quantity": N_("estimated quantity"),
    "release": N_("release"),
    "place": N_("place"),
    "name": N_("name"),
    "latitude": N_("latitude"),
    "longitude": N_("longitude"),
    "environments": N_("environment"),
    "circumstances": N_("circumstances"),
    "types": N_("type of release"),
    "causes": N_("cause"),
    "pathways": N_("pathway"),
    "lmos": N_("LMO"),
    "lmo_use": N_("use of the LMO"),
    "use": N_("use"),
    "authorisation": N_("authorisation"),
    "description": N_("description"),
    "knowledge": N_("when it became known"),
    "first_indication": N_("first indication"),
    "reported_to_authority": N_("reported to the authority"),
    "determination": N_("determination"),
    "sender": N_("sender"),
    "origin": N_("presumed State of origin"),
    "affected_states": N_("affected States"),
    "detection": N_("detection method"),
    "laboratory": N_("laboratory"),
    "reference_material": N_("reference material"),
    "monitoring": N_("monitoring"),
    "assistance": N_("assistance"),
    "consignments": N_("consignment"),
    "product": N_("product"),
    "lot": N_("lot"),
    "from": N_("from"),
    "to": N_("to"),
    "transit_states": N_("States of transit"),
    "consignor": N_("consignor"),
    "consignee": N_("consignee"),
    "documentation": N_("documentation"),
    "findings": N_("finding"),
    "measures": N_("measure"),
    "actor": N_("actor"),
    "communities_informed": N_("communities informed"),
    "damage_considered": N_("damage considered"),
    "organizations": N_("organizations"),
    "first_public_statement": N_("first public statement"),
    "other_information": N_("other information"),
    "attachments": N_("attached document"),
}


def field_name(pointer: str, language: str) -> str:
    """Name a field from its JSON pointer, widest first: "/release/place" is "release: place", "/lmos/0" is "LMO: 1"."""
    gettext = translator(language).gettext
    names = []
    for token in pointer.strip("/").split("/"):
        if token.isdecimal():
            names.append(str(int(token) + 1))
        else:
            names.append(gettext(FIELD_NAMES[token]) if token in FIELD_NAMES else token.replace("_", " "))
    return ": ".join(names)
