"""Says a sentence of the rules to a person: the codes that stand in its places are named in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters.languages.catalogues import say, spoken_language, translator
from adapters.languages.formatting import language_name, listed, state_name
from adapters.languages.labels import label
from notify.sentence import Sentence

_STATE_CODE = re.compile(r"[A-Z]{2}")
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_STATE_PLACES = frozenset({"state", "states", "addressee", "centre", "origin", "reporting_state"})
_CODE_PLACES = frozenset(
    {
        "after",
        "before",
        "channel",
        "computed",
        "consequence",
        "containment",
        "crossing",
        "grade",
        "level",
        "notification_class",
        "outcome",
        "role",
        "self_sustaining",
        "sensitive_receptor",
        "severity",
        "status",
    }
)


def say_in_words(sentence: Sentence, language: str, registry_names: Mapping[str, str] | None = None) -> str:
    """Say a sentence with States and codes named; the name of a place says whether a State or a code stands there.

    `registry_names` are our own names of States by code.
    """
    if not sentence.values:
        return say(sentence, language)
    names = registry_names or {}
    values = {place: _in_words(place, value, language, names) for place, value in sentence.values.items()}
    return say(Sentence(sentence.text, values), language)


def record_label(code: str, language: str) -> str:
    """Put into words what the BCH record brings: a code of a vocabulary, a State code, or an English message id."""
    spoken = spoken_language(language)
    if _STATE_CODE.fullmatch(code):
        return state_name(code, spoken)
    named = label(code, spoken)
    # The places of a message id stay as they are: whoever asks puts the words into them. The empty id is no message.
    return translator(spoken).gettext(code) if named == code != "" else named


def addressee_name(code: str, language: str, registry_names: Mapping[str, str] | None = None) -> str:
    """Name whom a notification goes to: a State by its name, the BCH, an organization by its acronym."""
    if code == "BCH":
        return label("bch", language)
    return state_name(code, language, (registry_names or {}).get(code)) if _STATE_CODE.fullmatch(code) else code


def _in_words(place: str, value: Any, language: str, names: Mapping[str, str]) -> Any:
    if isinstance(value, Sentence):
        return say_in_words(value, language, names)
    if place in _STATE_PLACES:
        if isinstance(value, str):
            return addressee_name(value, language, names)
        if isinstance(value, list | tuple):
            return listed([addressee_name(str(code), language, names) for code in value], language)
    if place in _CODE_PLACES and isinstance(value, str):
        return label(value, language)
    if place == "signs" and isinstance(value, str):
        return listed([label(sign, language) for sign in value.split(", ")], language, with_and=False)
    if place == "language" and isinstance(value, str) and _LANGUAGE_TAG.fullmatch(value):
        return language_name(value, language)
    return value
