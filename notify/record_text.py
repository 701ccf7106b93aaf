"""Writes lines of the BCH record in every language of the report, with codes put into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from notify.sentence import Sentence

Label = Callable[[str, str], str]
"""Words for a vocabulary code, a State code or an English message id, in a language."""

_ACRONYMS = {"pcr": "PCR", "elisa": "ELISA"}
_FULL_STOPS = (".", "!", "?", "…", "。", "！", "？", "؟")


class Code(str):
    """A vocabulary or State code, which is put into words in the reader's language."""

    __slots__ = ()


def english_label(code: str, language: str) -> str:
    """Put a code into English words, whatever the language."""
    return " ".join(_ACRONYMS.get(word, word) for word in code.split("_"))


def compose(lines: Iterable[Sentence], *, original: str, label: Label) -> dict[str, str]:
    """Write the lines, one below the other, in the original language and in each that a narrative among them speaks.

    A line is left out of a language in which one of its places has nothing to say.
    """
    written = tuple(lines)
    spoken = (language for line in written for value in line.values.values() for language in _languages(value))
    texts = {}
    for language in dict.fromkeys((original, *spoken)):
        said = (say(line, language, label) for line in written)
        texts[language] = "\n".join(text if text.endswith(_FULL_STOPS) else f"{text}." for text in said if text)
    return {language: text for language, text in texts.items() if text}


def say(line: Sentence, language: str, label: Label) -> str:
    """Write one line in one language; empty when one of its places has nothing to say."""
    words = {place: _words(value, language, label) for place, value in line.values.items()}
    return label(line.text, language).format_map(words) if all(words.values()) else ""


def _languages(value: object) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return tuple(value)
    if isinstance(value, tuple):
        return tuple(language for part in value for language in _languages(part))
    return ()


def _words(value: object, language: str, label: Label) -> str:
    match value:
        case None:
            return ""
        case Code():
            return label(value, language)
        case Mapping():
            return str(value.get(language, "")).strip()
        case tuple():
            return ", ".join(filter(None, (_words(part, language, label) for part in value)))
        case _:
            return str(value).strip()
