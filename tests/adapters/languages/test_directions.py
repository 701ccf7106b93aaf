"""What runs the other way is set apart, and addresses stay bare."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.languages.catalogues import say
from adapters.languages.directions import CLOSING, OPENING, direction, isolated, isolated_lines, with_tags
from adapters.languages.formatting import amount, date_time, listed, own_name, state_name
from adapters.languages.sentences import say_in_words
from notify.sentence import Sentence

ARABIC = "مكتب السلامة الأحيائية"
MOMENT = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)


def test_only_arabic_of_the_six_runs_from_right_to_left() -> None:
    assert {language: direction(language) for language in ("ar", "en", "es", "fr", "ru", "zh")} == {
        "ar": "rtl", "en": "ltr", "es": "ltr", "fr": "ltr", "ru": "ltr", "zh": "ltr",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["A17-2026-0001", "14:05", "+254 20 000000", "Oryza sativa L.", "王", "рис", "23 نوفمبر"]
)
def test_identifiers_numbers_and_other_scripts_are_set_apart(text: str) -> None:
    assert isolated(text) == f"{OPENING}{text}{CLOSING}"
    assert isolated(isolated(text)) == isolated(text)


@pytest.mark.parametrize("text", ["", ARABIC, "https://article17.example/a/k3v9", "desk@biosafety.example"])
def test_addresses_and_words_from_right_to_left_stay_bare(text: str) -> None:
    assert isolated(text) == text


@pytest.mark.parametrize("mark", ["\u2066", "\u2067", "\u2068"])
def test_a_text_cannot_leave_its_place_by_marks_of_its_own(mark: str) -> None:
    assert isolated(f"x{mark}y") == f"{OPENING}x{mark}y{CLOSING}{CLOSING}"
    assert isolated(f"x{CLOSING}y") == f"{OPENING}xy{CLOSING}"


def test_each_line_is_set_apart_for_itself() -> None:
    assert isolated_lines("one\ntwo") == f"{OPENING}one{CLOSING}\n{OPENING}two{CLOSING}"


def test_in_html_tags_set_apart_in_both_directions() -> None:
    assert with_tags(isolated("LLRICE601"), "ar") == "<bdi>LLRICE601</bdi>"
    assert with_tags(f"From {ARABIC}, Egypt", "en") == f"From <bdi>{ARABIC}</bdi>, Egypt"
    assert with_tags("Nothing of the kind", "en") == "Nothing of the kind"


@pytest.mark.parametrize("language", ["en", "fr", "ru", "zh", "es"])
def test_a_sentence_from_left_to_right_holds_no_marks(language: str) -> None:
    said = say(Sentence("{state}: {reason}", {"state": ARABIC, "reason": "A17-2026-0001"}), language)
    assert OPENING not in said
    assert CLOSING not in said


def test_the_values_of_an_arabic_sentence_are_set_apart() -> None:
    said = say(Sentence("{state}: {reason}", {"state": "مصر", "reason": "A17-2026-0001"}), "ar")
    assert f"{OPENING}A17-2026-0001{CLOSING}" in said
    assert f"{OPENING}مصر" not in said


def test_an_arabic_moment_keeps_zone_offset_and_times_in_order() -> None:
    said = date_time(MOMENT, "ar", "Africa/Cairo")
    for part in ("15:05", "Africa/Cairo", "UTC+02:00", "13:05"):
        assert f"{OPENING}{part}{CLOSING}" in said
    assert "الاثنين" in said


def test_an_arabic_list_keeps_the_order_of_its_entries() -> None:
    said = listed(["Oryza sativa", "LLRICE601"], "ar", with_and=False)
    assert said == f"{OPENING}Oryza sativa{CLOSING}، {OPENING}LLRICE601{CLOSING}"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "20,000.5"), ("fr", "20\u202f000,5"), ("es", "20.000,5"), ("ru", "20\xa0000,5")]
)
def test_a_number_is_written_as_the_language_does(language: str, said: str) -> None:
    assert amount(20000.5, language) == said


def test_no_digit_of_a_number_is_lost() -> None:
    assert amount(0.0012345678, "en") == "0.0012345678"
    assert amount("about 20", "en") == "about 20"


@pytest.mark.parametrize(
    ("code", "name"),
    [("ar", "العربية"), ("en", "English"), ("es", "Español"), ("fr", "Français"), ("ru", "Русский"), ("zh", "中文")],
)
def test_a_language_is_offered_by_its_own_name(code: str, name: str) -> None:
    assert own_name(code) == name


@pytest.mark.parametrize(
    ("language", "name"),
    [("ar", "هولندا"), ("es", "Países Bajos"), ("fr", "Pays-Bas"), ("ru", "Нидерланды"), ("zh", "荷兰")],
)
def test_a_state_has_the_name_of_cldr_in_every_language_but_english(language: str, name: str) -> None:
    assert state_name("NL", language, "Netherlands (Kingdom of the)") == name


def test_the_codes_in_a_sentence_are_said_in_the_language_of_the_sentence() -> None:
    sentence = Sentence(
        "The {channel} of {contact} failed for good (status {status}); please have the address corrected.",
        {"channel": "email", "contact": "nl-1", "status": "550"},
    )
    assert "электронная почта" in say_in_words(sentence, "ru")
    signs = Sentence("{signs}, {language}", {"signs": "page_never_opened, answered_within_seconds", "language": "fr"})
    assert say_in_words(signs, "en") == "the page was never opened, answered within seconds, French"
