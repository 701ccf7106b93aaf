"""Every text is said in all six languages, completely, with its places, and no catalogue is older than the texts."""

from __future__ import annotations

import re
import string
import tomllib
from collections import Counter
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from adapters.languages.catalogues import available_languages
from adapters.languages.labels import LABELS, label
from contacts.model import ContactRole
from contacts.registry import UN_LANGUAGES
from notify.account import Role
from notify.case import CaseStatus
from notify.delivery import DeliveryState
from notify.reply_words import AGREED_WORDS, agreed_answer, words_in
from notify.report_model import ReportType
from notify.vocabulary import VOCABULARIES
from notify.words import Assessment, Audience, ChannelName, Grade, Means, NotificationClass, Severity

ROOT = Path(__file__).parents[3]
LOCALE = files("adapters.languages") / "locale"
TRANSLATED = sorted(set(UN_LANGUAGES) - {"en"})
# Marks of direction belong to the code that puts values into texts; in a text they could only be mistakes.
DIRECTION_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
PLURAL_FORMS = {"ar": 6, "en": 2, "es": 2, "fr": 2, "ru": 3, "zh": 1}
TAG = re.compile(r"</?[a-zA-Z][^>]*>")
SHOWN_ENUMS: tuple[type[StrEnum], ...] = (
    Assessment, Audience, CaseStatus, ChannelName, ContactRole, DeliveryState, Grade, Means, NotificationClass,
    ReportType, Role, Severity,
)  # fmt: skip


@lru_cache
def catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale=language)


@lru_cache
def texts() -> frozenset[str]:
    with (LOCALE / "messages.pot").open("rb") as source:
        return frozenset(str(message.id) for message in read_po(source) if message.id)


@lru_cache
def texts_in_the_source() -> frozenset[str]:
    """Collect the texts as `make catalogues` does: from Python and from the templates."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in settings]
    keywords = {"_": None, "gettext": None, "Sentence": None, "N_": None}
    return frozenset(
        str(text)
        for folder in ("notify", "contacts", "adapters")
        for _, _, text, _, _ in extract_from_dir(ROOT / folder, methods, keywords=keywords)
    )


def translations(language: str) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalogue(language) if message.id}


def places(text: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_the_six_languages_have_a_catalogue() -> None:
    assert set(available_languages()) == set(UN_LANGUAGES)


def test_the_list_of_texts_is_that_of_the_source() -> None:
    new, gone = texts_in_the_source() - texts(), texts() - texts_in_the_source()
    assert not new, f"run `make catalogues`, these texts are new: {sorted(new)}"
    assert not gone, f"run `make catalogues`, these texts are gone: {sorted(gone)}"


@pytest.mark.parametrize("language", UN_LANGUAGES)
def test_a_catalogue_has_every_text_and_no_obsolete_one(language: str) -> None:
    known = translations(language).keys()
    assert sorted(texts() - known) == []
    assert sorted(known - texts()) == []
    assert sorted(map(str, catalogue(language).obsolete)) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    assert [text for text, said in translations(language).items() if not said.strip()] == []


def test_in_english_a_text_is_said_as_it_stands_in_the_source() -> None:
    assert [text for text, said in translations("en").items() if said not in ("", text)] == []


@pytest.mark.parametrize("language", UN_LANGUAGES)
def test_no_translation_is_a_guess(language: str) -> None:
    assert [message.id for message in catalogue(language) if message.id and message.fuzzy] == []
    assert not catalogue(language).fuzzy


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_places_of_its_text_and_no_other(language: str) -> None:
    wrong = [text for text, said in translations(language).items() if places(said) != places(text)]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_tags_of_its_text(language: str) -> None:
    wrong = [t for t, said in translations(language).items() if Counter(TAG.findall(said)) != Counter(TAG.findall(t))]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_holds_no_mark_of_direction_and_no_blank_at_its_ends(language: str) -> None:
    said = [text for text in translations(language).values() if DIRECTION_MARKS.search(text) or text != text.strip()]
    assert said == []


@pytest.mark.parametrize("language", UN_LANGUAGES)
def test_a_catalogue_names_its_own_language_and_its_plural_forms(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        header = dict(read_po(source).mime_headers)
    assert header["Language"] == language
    assert header["Plural-Forms"].startswith(f"nplurals={PLURAL_FORMS[language]};")


def codes() -> list[str]:
    """List every code that a person may read; a precision is never named, it shapes the date."""
    described = [code for name, known in VOCABULARIES.items() if name != "precision" for code in known]
    return sorted({*described, *LABELS, *(str(code) for known in SHOWN_ENUMS for code in known)})


@pytest.mark.parametrize("language", UN_LANGUAGES)
def test_every_code_of_every_vocabulary_has_a_name(language: str) -> None:
    known = translations(language)
    unnamed = [code for code in codes() if code not in LABELS or not (known[LABELS[code]] or language == "en")]
    assert unnamed == []
    assert [code for code in codes() if "_" in label(code, language)] == []


@pytest.mark.parametrize("language", ["ar", "ru", "zh"])
def test_every_code_is_named_in_the_script_of_the_language(language: str) -> None:
    own = re.compile({"ar": "[\u0600-\u06ff]", "ru": "[\u0400-\u04ff]", "zh": "[\u4e00-\u9fff]"}[language])
    assert [code for code in codes() if not own.search(label(code, language))] == []


@pytest.mark.parametrize("language", UN_LANGUAGES)
def test_a_mail_names_the_agreed_words_of_its_language(language: str) -> None:
    words = words_in(language)
    assert [agreed_answer(word) for word in words] == list(AGREED_WORDS)
    if language != "en":
        assert set(words).isdisjoint(words_in("en"))


def test_the_agreed_words_of_a_language_are_those_of_its_column() -> None:
    assert words_in("fr")[:2] == ("reçu", "touché")
    assert words_in("es")[:2] == ("recibido", "afectado")
    assert words_in("ru")[-1] == "неверный контакт"
    assert words_in("zh")[-1] == "联系人有误"
    assert words_in("ar")[-1] == "جهة اتصال خاطئة"
    assert words_in("tlh") == words_in("en")
