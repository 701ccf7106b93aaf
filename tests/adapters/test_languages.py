"""What the service says in a reader's language."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from adapters.languages.catalogues import say, spoken_language, translator
from adapters.languages.directions import direction
from adapters.languages.field_names import field_name
from adapters.languages.formatting import date_time, language_name, listed, partial_date, state_name
from adapters.languages.labels import LABELS, label, label_of
from adapters.languages.sentences import record_label, say_in_words
from notify.delivery import DeliveryState
from notify.sentence import Sentence
from notify.words import Assessment, Audience, Grade, Means, NotificationClass, Severity

VOCABULARIES = re.findall(
    r"\S+",
    """
escape_from_contained_use field_trial_escape spread_from_commercial_release spillage_in_transport commingling
mislabelled_or_unauthorised_release natural_disaster sabotage_or_theft introgression feral_population human_error
equipment_failure procedural natural_event deliberate_third_party biological_spread pollen_wind pollen_insect seed_wind
seed_water animal_mediated active_movement river_basin marine_current ballast_or_hull migratory road_rail shipment_seed
shipment_commodity passenger_post waste_or_effluent contained_research contained_production field_trial
commercial_cultivation food_feed_processing transit biocontrol vector_or_disease_control aquaculture forestry
ornamental_pet pharmaceutical_human veterinary bioremediation none_unauthorised here_for_this_use other_use trial_only
not_here nowhere cropland grassland forest wetland freshwater estuary_coast marine urban protected_area
centre_of_origin facility_perimeter port_or_border transport_corridor crossing_confirmed crossing_suspected imminent
may_occur ruled_out confirmed probable possible suspected event_specific_pcr construct_specific_pcr screening_pcr
sequencing protein_strip_elisa phenotype_or_marker documents inspection operator_report public_report
partner_state_report containment recovery_removal destruction movement_ban import_suspension recall repatriation
sampling_survey monitoring buffer_zone biological_control public_information restoration proposed planned under_way
completed partly_effective ineffective cancelled gene_flow weediness_invasiveness non_target trophic pathogen_related
loss_of_genetic_diversity protected_species ecosystem_service human_health socio_economic unknown other
initial complement follow_up situation_update no_change correction reclassification withdrawal final
state_of_release state_of_detection state_of_transit article_21_1 article_21_5 national_law occurred likely unlikely
severe moderate minor none partial full yes no not_yet destination neighbour shared_water finding established
living not_living mixed article_17_contact national_focal_point competent_national_authority bch_focal_point
organization secretariat presumed_origin bch
""",
)


@pytest.mark.parametrize("code", VOCABULARIES)
def test_every_code_of_the_vocabularies_has_a_name(code: str) -> None:
    assert code in LABELS
    assert "_" not in label(code, "en")


def test_every_code_of_the_shared_words_has_a_name() -> None:
    codes = [*Severity, *Audience, *NotificationClass, *Grade, *Assessment, *Means, *DeliveryState]
    assert [code for code in codes if code not in LABELS] == []


def test_a_code_is_named_as_a_person_would_say_it() -> None:
    assert label("event_specific_pcr", "en") == "event-specific PCR"


def test_other_carries_its_own_words() -> None:
    assert label_of({"code": "other", "text": "carried by a drone_1"}, "en") == "carried by a drone_1"
    assert label_of({"code": "road_rail"}, "en") == "road or rail"


def test_free_text_in_place_of_a_code_stays_as_it_is() -> None:
    assert label("Primer P_35S", "en") == "Primer P_35S"


def test_a_sentence_is_said_with_its_values_and_the_sentences_in_them() -> None:
    inner = Sentence("no contact of {state}", {"state": "Chad"})
    assert say(Sentence("Reason: {reason}", {"reason": inner}), "en") == "Reason: no contact of Chad"


def test_states_and_codes_in_a_sentence_are_named_for_the_reader() -> None:
    sentence = Sentence(
        "{state} and {states}: crossing {crossing}, {title}",
        {"state": "TD", "states": ["NL", "FAO", "BCH"], "crossing": "not_living", "title": "TD"},
    )
    said = "Tchad (own name) and Netherlands, FAO and Biosafety Clearing-House: crossing not living, TD"
    assert say_in_words(sentence, "en", {"TD": "Tchad (own name)"}) == said


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("shipment_commodity", "shipment of a commodity"),
        ("event_specific_pcr", "event-specific PCR"),
        ("US", "United States"),
        ("EU", "European Union"),
        ("State of release: {state}", "State of release: {state}"),
        ("", ""),
    ],
)
def test_the_record_says_codes_states_and_sentences_in_words(code: str, words: str) -> None:
    assert record_label(code, "en") == words


def test_what_has_no_translation_is_said_in_english_as_a_whole() -> None:
    assert spoken_language("en-GB") == "en"
    assert spoken_language("tlh") == "en"
    assert record_label("DE", "tlh") == "Germany"


def test_a_value_is_never_read_as_a_place() -> None:
    assert say(Sentence("Title: {title}", {"title": "{state} {0} %(x)s"}), "en") == "Title: {state} {0} %(x)s"


def test_an_empty_sentence_does_not_say_the_header_of_the_catalogue() -> None:
    assert say(Sentence(""), "en") == ""


@pytest.mark.parametrize("language", ["tlh", "en-GB", "", "../../../etc", "en\0", "x" * 500])
def test_a_language_without_a_catalogue_is_answered_in_english(language: str) -> None:
    assert translator(language).gettext("severe") == "severe"
    assert label("severe", language) == "severe"


def test_a_moment_is_printed_in_the_readers_zone_and_in_utc() -> None:
    moment = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
    said = date_time(moment, "en", "Europe/Amsterdam")
    assert said == "Monday, 23 November 2026, 14:05 (Europe/Amsterdam, UTC+01:00), which is 13:05 UTC"


def test_the_day_in_utc_is_printed_when_it_is_another() -> None:
    moment = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    said = date_time(moment, "en", "Asia/Kathmandu")
    assert "Tuesday, 24 November 2026, 05:15 (Asia/Kathmandu, UTC+05:45)" in said
    assert said.endswith("which is Monday, 23 November 2026, 23:30 UTC")


def test_a_zone_west_of_utc_has_a_negative_offset() -> None:
    assert "UTC-03:30" in date_time(datetime(2026, 11, 23, 13, 5, tzinfo=UTC), "en", "America/St_Johns")


@pytest.mark.parametrize("zone", ["UTC", None, "", "Nowhere/Else", "../etc/passwd", "\0"])
def test_a_zone_that_is_not_known_is_utc_and_printed_once(zone: str | None) -> None:
    said = date_time(datetime(2026, 11, 23, 13, 5, tzinfo=UTC), "en", zone)
    assert said == "Monday, 23 November 2026, 13:05 UTC"


@pytest.mark.parametrize(
    ("value", "precision", "said"),
    [
        ("1998", "year", "1998"),
        ("2006-08", "month", "August 2006"),
        ("2006-07-31", "day", "31 July 2006"),
        ("2026-11-20T14:00Z", "hour", "20 November 2026, 14:00 UTC"),
        ("2026-11-20T23:00-03:00", "hour", "21 November 2026, 02:00 UTC"),
        ("2026-11-20T14", "hour", "20 November 2026, 14:00 local time"),
        (None, "unknown", "unknown"),
        ("spring", "month", "spring"),
    ],
)
def test_a_date_is_written_as_precisely_as_it_is_known(value: str | None, precision: str, said: str) -> None:
    assert partial_date(value, precision, "en") == said


def test_dates_follow_the_readers_language() -> None:
    assert partial_date("2006-08", "month", "fr") == "août 2006"
    assert re.search("ноябр", date_time(datetime(2026, 11, 23, 13, 5, tzinfo=UTC), "ru", "Europe/Moscow"))


def test_arabic_is_written_from_right_to_left() -> None:
    assert direction("ar") == "rtl"
    assert [direction(language) for language in ("en", "fr", "es", "ru", "zh", "nonsense")] == ["ltr"] * 6


def test_a_state_is_named_in_the_readers_language() -> None:
    assert state_name("NL", "fr") == "Pays-Bas"
    assert state_name("EU", "es") == "Unión Europea"


def test_in_english_a_state_has_the_name_of_the_registry() -> None:
    assert state_name("CD", "en", "Democratic Republic of the Congo") == "Democratic Republic of the Congo"
    assert state_name("XX", "fr", "Elsewhere") == "Elsewhere"
    assert state_name("XX", "fr") == "XX"


def test_a_language_is_named_in_the_readers_language() -> None:
    assert language_name("ar", "en") == "Arabic"
    assert language_name("zh-Hant", "en") == "Traditional Chinese"
    assert language_name("qqq", "en") == "qqq"


def test_texts_are_joined_as_the_language_does() -> None:
    assert listed(["seed", "pollen", "water"], "en") == "seed, pollen and water"
    assert listed(["seed", "pollen"], "en", with_and=False) == "seed, pollen"


def test_a_pointer_is_named_for_people() -> None:
    assert field_name("/release/place", "en") == "release: place"
    assert field_name("/lmos/0/traits", "en") == "LMO: 1: trait"
