"""Translates sentences with the gettext catalogues in `locale/`, falling back to English."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from adapters.languages.directions import direction, isolated
from notify.sentence import Sentence

_LOCALE = files("adapters.languages") / "locale"


def available_languages() -> tuple[str, ...]:
    """List the languages that have a catalogue."""
    return tuple(sorted(entry.name.replace("_", "-") for entry in _LOCALE.iterdir() if entry.is_dir()))


@lru_cache(maxsize=256)
def translator(language: str) -> NullTranslations:
    """Find the catalogue in which texts wanted in a language are said."""
    return _catalogue(spoken_language(language).replace("-", "_"))


@lru_cache(maxsize=256)
def spoken_language(wanted: str) -> str:
    """Give the language in which texts are really said: the one wanted, else its main language, else English."""
    for tag in (wanted, wanted.split("-")[0].lower()):
        if tag in available_languages():
            return tag
    return "en"


def say(sentence: Sentence, language: str) -> str:
    """Say a sentence in a language: the text is translated first, then its values are put in their places.

    From right to left a value that runs the other way is set apart by isolates, or it would mix up the order around it.
    """
    # The empty message id of a catalogue holds its header.
    translated = translator(language).gettext(sentence.text) if sentence.text else ""
    if not sentence.values:
        return translated if "{" not in translated else translated.format_map({})
    values = {
        name: say(value, language) if isinstance(value, Sentence) else value for name, value in sentence.values.items()
    }
    if direction(language) == "rtl":
        values = {name: isolated(str(value)) for name, value in values.items()}
    return translated.format_map(values)


# The .po file is compiled in memory, so that no binary catalogue can be older than its text.
@lru_cache(maxsize=64)
def _catalogue(name: str) -> NullTranslations:
    with (_LOCALE / name / "LC_MESSAGES" / "messages.po").open("rb") as source:
        catalogue = read_po(source, locale=name, domain="messages")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(fp=compiled)
