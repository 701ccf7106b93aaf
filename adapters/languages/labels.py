"""Names every code of the vocabularies as a person would say it; the English name is the gettext message id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters.languages.catalogues import translator

_CODE = re.compile(r"[a-z0-9_]+")


def N_(text: str) -> str:
    """Mark a text for the catalogues without translating it here (the name that gettext tools know)."""
    return text


_CASE_LABELS = {
    "critical": N_("critical"),
    "high": N_("high"),
    "moderate": N_("moderate"),
    "low": N_("low"),
    "article_17": N_("notification under Article 17"),
    "preliminary": N_("preliminary notification, threshold under assessment"),
    "information": N_("voluntary information, below the threshold"),
    "illegal_movement": N_("illegal movement, Article 25"),
    "initial": N_("initial report"),
    "complement": N_("complement"),
    "follow_up": N_("follow-up report"),
    "situation_update": N_("situation update"),
    "no_change": N_("no change"),
    "correction": N_("correction"),
    "reclassification": N_("reclassification"),
    "withdrawal": N_("withdrawal"),
    "final": N_("final report"),
    "draft": N_("draft"),
    "open": N_("open"),
    "closed": N_("closed"),
    "withdrawn": N_("withdrawn"),
    "reopened": N_("reopened"),
    "actual": N_("actual"),
    "exercise": N_("exercise"),
    "state_of_release": N_("State of release"),
    "state_of_detection": N_("State of detection"),
    "state_of_transit": N_("State of transit"),
    "suspected": N_("suspected"),
    "established": N_("established"),
    "secretariat": N_("secretariat"),
    "recipients": N_("the States addressed in this case"),
    "parties": N_("every Party"),
    "public": N_("the public"),
    "article_21_1": N_("Article 21(1)"),
    "article_21_5": N_("Article 21(5)"),
    "national_law": N_("national law"),
}

_ANSWER_LABELS = {
    "received": N_("receipt acknowledged"),
    "assessed": N_("assessed"),
    "acting": N_("acting"),
    "affected": N_("affected"),
    "potentially_affected": N_("potentially affected"),
    "not_affected": N_("not affected"),
    "cannot_say": N_("cannot say"),
    "transit": N_("transit"),
    "presumed_origin": N_("named as presumed origin"),
    "bch": N_("Biosafety Clearing-House"),
    "link": N_("link"),
    "reply": N_("reply by mail"),
    "api": N_("national system"),
    "portal": N_("portal"),
    "telephone": N_("telephone"),
    "article_17_contact": N_("Article 17 contact"),
    "national_focal_point": N_("Cartagena Protocol national focal point"),
    "competent_national_authority": N_("competent national authority"),
    "bch_focal_point": N_("BCH national focal point"),
    "organization": N_("international organization"),
    "authority": N_("authority"),
    "contact": N_("contact"),
    "filer": N_("authority that filed the report"),
    "operator": N_("operator of the service"),
    "reader": N_("reader"),
    "queued": N_("queued"),
    "accepted": N_("accepted by the mail relay"),
    "delayed": N_("delayed"),
    "relayed": N_("relayed"),
    "delivered": N_("delivered"),
    "bounced": N_("refused by the mailbox"),
    "failed": N_("failed"),
    "cancelled": N_("cancelled"),
    "email": N_("e-mail"),
    "webhook": N_("webhook"),
}

_SCALE_LABELS = {
    "unknown": N_("unknown"),
    "other": N_("other"),
    "yes": N_("yes"),
    "no": N_("no"),
    "not_yet": N_("not yet"),
    "none": N_("none"),
    "partial": N_("partial"),
    "full": N_("full"),
    "occurred": N_("occurred"),
    "imminent": N_("imminent"),
    "likely": N_("likely"),
    "possible": N_("possible"),
    "unlikely": N_("unlikely"),
    "severe": N_("severe"),
    "minor": N_("minor"),
    "confirmed": N_("confirmed"),
    "probable": N_("probable"),
    "living": N_("living"),
    "not_living": N_("not living"),
    "mixed": N_("mixed"),
    "crossing_confirmed": N_("crossing confirmed"),
    "crossing_suspected": N_("crossing suspected"),
    "may_occur": N_("crossing may occur"),
    "ruled_out": N_("crossing ruled out"),
    "destination": N_("State of destination"),
    "neighbour": N_("neighbouring State"),
    "shared_water": N_("shared water"),
    "finding": N_("finding in that State"),
    "ongoing": N_("ongoing"),
    "ended": N_("ended"),
    "answered_before_delivery": N_("answered before the message was delivered"),
    "answered_within_seconds": N_("answered within seconds"),
    "page_never_opened": N_("the page was never opened"),
    "several_answers_from_one_place": N_("several answers from one network address"),
}

_RELEASE_LABELS = {
    "escape_from_contained_use": N_("escape from contained use"),
    "field_trial_escape": N_("escape from a field trial"),
    "spread_from_commercial_release": N_("spread from a commercial release"),
    "spillage_in_transport": N_("spillage in transport"),
    "commingling": N_("commingling"),
    "mislabelled_or_unauthorised_release": N_("mislabelled or unauthorised release"),
    "natural_disaster": N_("natural disaster"),
    "sabotage_or_theft": N_("sabotage or theft"),
    "introgression": N_("introgression"),
    "feral_population": N_("feral population"),
    "human_error": N_("human error"),
    "equipment_failure": N_("equipment failure"),
    "procedural": N_("procedural cause"),
    "natural_event": N_("natural event"),
    "deliberate_third_party": N_("deliberate act of a third party"),
    "biological_spread": N_("biological spread"),
    "pollen_wind": N_("pollen, by wind"),
    "pollen_insect": N_("pollen, by insects"),
    "seed_wind": N_("seed, by wind"),
    "seed_water": N_("seed, by water"),
    "animal_mediated": N_("carried by animals"),
    "active_movement": N_("active movement"),
    "river_basin": N_("river basin"),
    "marine_current": N_("marine current"),
    "ballast_or_hull": N_("ballast water or hull"),
    "migratory": N_("migratory animals"),
    "road_rail": N_("road or rail"),
    "shipment_seed": N_("shipment of seed"),
    "shipment_commodity": N_("shipment of a commodity"),
    "passenger_post": N_("passengers or post"),
    "waste_or_effluent": N_("waste or effluent"),
    "cropland": N_("cropland"),
    "grassland": N_("grassland"),
    "forest": N_("forest"),
    "wetland": N_("wetland"),
    "freshwater": N_("freshwater"),
    "estuary_coast": N_("estuary or coast"),
    "marine": N_("marine environment"),
    "urban": N_("urban area"),
    "protected_area": N_("protected area"),
    "centre_of_origin": N_("centre of origin"),
    "facility_perimeter": N_("perimeter of a facility"),
    "port_or_border": N_("port or border"),
    "transport_corridor": N_("transport corridor"),
}

_USE_LABELS = {
    "contained_research": N_("contained research"),
    "contained_production": N_("contained production"),
    "field_trial": N_("field trial"),
    "commercial_cultivation": N_("commercial cultivation"),
    "food_feed_processing": N_("food, feed or processing"),
    "biocontrol": N_("biological control agent"),
    "vector_or_disease_control": N_("control of vectors or disease"),
    "aquaculture": N_("aquaculture"),
    "forestry": N_("forestry"),
    "ornamental_pet": N_("ornamental plant or pet"),
    "pharmaceutical_human": N_("pharmaceutical for humans (see Article 5)"),
    "veterinary": N_("veterinary use"),
    "bioremediation": N_("bioremediation"),
    "none_unauthorised": N_("no authorised use"),
    "here_for_this_use": N_("authorised here for this use"),
    "other_use": N_("authorised for another use"),
    "trial_only": N_("authorised for trials only"),
    "not_here": N_("not authorised here"),
    "nowhere": N_("authorised nowhere"),
}

_FINDING_LABELS = {
    "event_specific_pcr": N_("event-specific PCR"),
    "construct_specific_pcr": N_("construct-specific PCR"),
    "screening_pcr": N_("screening PCR"),
    "sequencing": N_("sequencing"),
    "protein_strip_elisa": N_("protein test (strip or ELISA)"),
    "phenotype_or_marker": N_("phenotype or marker"),
    "documents": N_("documents"),
    "inspection": N_("inspection"),
    "operator_report": N_("report of the operator"),
    "public_report": N_("report from the public"),
    "partner_state_report": N_("report of another State"),
    "gene_flow": N_("gene flow"),
    "weediness_invasiveness": N_("weediness or invasiveness"),
    "non_target": N_("effects on non-target organisms"),
    "trophic": N_("effects along the food chain"),
    "pathogen_related": N_("pathogen-related effects"),
    "loss_of_genetic_diversity": N_("loss of genetic diversity"),
    "protected_species": N_("effects on protected species"),
    "ecosystem_service": N_("effects on ecosystem services"),
    "human_health": N_("human health"),
    "socio_economic": N_("socio-economic effects"),
}

_MEASURE_LABELS = {
    "containment": N_("containment"),
    "recovery_removal": N_("recovery or removal"),
    "destruction": N_("destruction"),
    "movement_ban": N_("ban on movement"),
    "import_suspension": N_("suspension of imports"),
    "recall": N_("recall"),
    "repatriation": N_("repatriation, Article 25(2)"),
    "sampling_survey": N_("sampling survey"),
    "monitoring": N_("monitoring"),
    "buffer_zone": N_("buffer zone"),
    "biological_control": N_("biological control"),
    "public_information": N_("information of the public"),
    "restoration": N_("restoration"),
    "proposed": N_("proposed"),
    "planned": N_("planned"),
    "under_way": N_("under way"),
    "completed": N_("completed"),
    "partly_effective": N_("partly effective"),
    "ineffective": N_("ineffective"),
}

LABELS: Mapping[str, str] = {
    **_CASE_LABELS,
    **_ANSWER_LABELS,
    **_SCALE_LABELS,
    **_RELEASE_LABELS,
    **_USE_LABELS,
    **_FINDING_LABELS,
    **_MEASURE_LABELS,
}


def label(code: str, language: str) -> str:
    """Name a code of any vocabulary; a code that has no name is shown with spaces, any other text as it is."""
    english = LABELS.get(code)
    if english is not None:
        return translator(language).gettext(english)
    return code.replace("_", " ") if _CODE.fullmatch(code) else code


def label_of(value: Any, language: str) -> str:
    """Name a code as it stands in a report, where `other` carries its own words: `{"code": "other", "text": "…"}`."""
    if isinstance(value, Mapping):
        return str(value.get("text") or label(str(value.get("code", "unknown")), language))
    return label(str(value), language)
