"""Knows in which direction a language is written, and keeps apart what runs the other way (Unicode annex 9)."""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale, UnknownLocaleError

# The United Nations write dates the British way, day before month.
_PREFERRED = {"en": "en_GB", "zh": "zh_Hans_CN"}

OPENING, CLOSING = "\u2068", "\u2069"
"""First strong isolate, pop directional isolate: what stands between them leaves the order around it alone."""

_WHOLE_LINE = "\u2067"  # right-to-left isolate
_ISOLATES = frozenset("\u2066\u2067\u2068")
_FROM_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_FROM_LEFT = re.compile("[0-9A-Za-z\u00c0-\u058f\u0900-\u1fff\u2c00-\ud7ff\uf900-\ufaff]")
# A program that makes links of addresses may take the mark behind one for its last character.
_ADDRESS = re.compile(r"://|\S@\S")
_RUN_FROM_RIGHT = re.compile(f"[{_FROM_RIGHT}](?:[^A-Za-z<>&\n]*[{_FROM_RIGHT}])?")


@lru_cache(maxsize=256)
def locale_of(language: str) -> Locale:
    """Find the CLDR locale of a language tag; English when there is none."""
    for tag in (language, language.split("-")[0]):
        try:
            return Locale.parse(_PREFERRED.get(tag, tag.replace("-", "_")))
        except (ValueError, TypeError, UnknownLocaleError):
            continue
    return Locale.parse("en_GB")


@lru_cache(maxsize=256)
def direction(language: str) -> str:
    """Say in which direction a language is written: "ltr" or "rtl"."""
    return locale_of(language).text_direction


def isolated(text: str) -> str:
    """Set apart what stands in a text from right to left: a number, an identifier, a name, words of another script.

    Addresses stay bare, and so does what is written from right to left throughout.
    """
    if not _FROM_LEFT.search(text) or _ADDRESS.search(text) or _is_isolated(text):
        return text
    return f"{OPENING}{_balanced(text)}{CLOSING}"


def isolated_lines(text: str) -> str:
    """Set each line of a text apart; a line is a paragraph of its own, where isolates end."""
    return "\n".join(map(isolated, text.splitlines()))


def isolated_from_right(text: str) -> str:
    """Set a text apart that is written from right to left and stands behind one that is not."""
    return f"{_WHOLE_LINE}{text}{CLOSING}"


def with_tags(html: str, language: str, *, opening: str = "<bdi>", closing: str = "</bdi>") -> str:
    """Set apart by tags, in escaped HTML, what isolates set apart; from left to right, any words of the others."""
    if direction(language) == "ltr":
        return _RUN_FROM_RIGHT.sub(rf"{opening}\g<0>{closing}", html)
    return html.replace(OPENING, opening).replace(CLOSING, closing) if CLOSING in html else html


def _is_isolated(text: str) -> bool:
    return text[0] == OPENING and text.find(CLOSING) == len(text) - 1


def _balanced(text: str) -> str:
    """Close what a text leaves open, and let nothing in it close what it did not open."""
    if CLOSING not in text and _ISOLATES.isdisjoint(text):
        return text
    kept, depth = [], 0
    for character in text:
        depth += (character in _ISOLATES) - (character == CLOSING)
        if depth < 0:
            depth = 0
        else:
            kept.append(character)
    return "".join(kept) + CLOSING * depth
