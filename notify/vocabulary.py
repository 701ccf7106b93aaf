"""Lists every closed vocabulary of a report, as codes in the order of the rule book."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

UNKNOWN = "unknown"
OTHER = "other"


def _open(codes: str) -> tuple[str, ...]:
    return (*codes.split(), UNKNOWN, OTHER)


def _closed(codes: str) -> tuple[str, ...]:
    return tuple(codes.split())


_DESCRIPTIVE: dict[str, tuple[str, ...]] = {
    "release_type": _open(
        "escape_from_contained_use field_trial_escape spread_from_commercial_release spillage_in_transport commingling"
        " mislabelled_or_unauthorised_release natural_disaster sabotage_or_theft introgression feral_population"
    ),
    "cause": _open("human_error equipment_failure procedural natural_event deliberate_third_party biological_spread"),
    "pathway": _open(
        "pollen_wind pollen_insect seed_wind seed_water animal_mediated active_movement river_basin marine_current"
        " ballast_or_hull migratory road_rail shipment_seed shipment_commodity passenger_post waste_or_effluent"
    ),
    "lmo_use": _open(
        "contained_research contained_production field_trial commercial_cultivation food_feed_processing transit"
        " biocontrol vector_or_disease_control aquaculture forestry ornamental_pet pharmaceutical_human veterinary"
        " bioremediation none_unauthorised"
    ),
    "authorisation": _open("here_for_this_use other_use trial_only not_here nowhere"),
    "environment": _open(
        "cropland grassland forest wetland freshwater estuary_coast marine urban protected_area centre_of_origin"
        " facility_perimeter port_or_border transport_corridor"
    ),
    "movement_status": _open("crossing_confirmed crossing_suspected imminent may_occur ruled_out"),
    "certainty": _open("confirmed probable possible suspected"),
    "detection_method": _open(
        "event_specific_pcr construct_specific_pcr screening_pcr sequencing protein_strip_elisa phenotype_or_marker"
        " documents inspection operator_report public_report partner_state_report"
    ),
    "measure_type": _open(
        "containment recovery_removal destruction movement_ban import_suspension recall repatriation sampling_survey"
        " monitoring buffer_zone biological_control public_information restoration"
    ),
    "measure_status": _open("proposed planned under_way completed partly_effective ineffective cancelled"),
    "effect_kind": _open(
        "gene_flow weediness_invasiveness non_target trophic pathogen_related loss_of_genetic_diversity"
        " protected_species ecosystem_service human_health socio_economic"
    ),
    "basis": _open("destination transit neighbour shared_water finding"),
}

_STRUCTURAL: dict[str, tuple[str, ...]] = {
    "report_type": _closed(
        "initial complement follow_up situation_update no_change correction reclassification withdrawal final"
    ),
    "notification_class": _closed("article_17 preliminary information illegal_movement"),
    "illegal_status": _closed("suspected established"),
    "capacity": _closed("state_of_release state_of_detection state_of_transit"),
    "affected_status": _closed("affected potentially_affected transit"),
    "precision": _closed("hour day month year unknown"),
    "severity": _closed("critical high moderate low"),
    "crossing": _closed("occurred imminent likely possible unlikely unknown"),
    "self_sustaining": _closed("yes possible no unknown"),
    "consequence": _closed("severe moderate minor unknown"),
    "containment": _closed("none partial full unknown"),
    "sensitive_receptor": _closed("yes no unknown"),
    "gene_drive": _closed("yes no unknown"),
    "ongoing": _closed("yes no ongoing ended unknown"),
    "viability": _closed("living not_living mixed unknown"),
    "damage_considered": _closed("yes no not_yet"),
    "audience": _closed("parties recipients secretariat"),
    "ground": _closed("article_21_1 article_21_5 national_law"),
    "case_status": _closed("actual exercise"),
}

VOCABULARIES: Mapping[str, tuple[str, ...]] = MappingProxyType(_DESCRIPTIVE | _STRUCTURAL)
"""Codes by the name of their vocabulary; those that end in `other` also take `{"code": "other", "text": "…"}`."""

Choice = str | dict[str, Any]
"""A code of a vocabulary, or `{"code": "other", "text": "…"}`."""


def code_of(choice: Choice) -> str:
    """Give the code of a choice; `other` for one that is explained in words."""
    return choice if isinstance(choice, str) else OTHER
