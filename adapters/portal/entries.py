"""Writes single values as the entries of a page: texts with their language, codes, dates, States, addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.languages.catalogues import translator
from adapters.languages.directions import direction
from adapters.languages.formatting import language_name, listed, partial_date, state_name
from adapters.languages.labels import label, label_of
from adapters.languages.sentences import say_in_words
from notify.sentence import Sentence

_PRECISION_BY_LENGTH = {4: "year", 7: "month", 10: "day"}


@dataclass(frozen=True, slots=True)
class Text:
    """One text: its language and direction where these are not the page's, what to know about it, where it leads."""

    text: str
    language: str = ""
    direction: str = ""
    note: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One named entry: texts, or further entries."""

    name: str
    texts: tuple[Text, ...] = ()
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """In which language the page speaks, which one its reader wants, and which one the report was written in."""

    language: str
    wanted: str
    original: str
    registry_name: Callable[[str], str]

    def say(self, sentence: Sentence) -> str:
        """Say one of our own sentences."""
        return say_in_words(sentence, self.language)

    def named(self, english: str) -> str:
        """Name a field; the name begins with a capital letter."""
        name = translator(self.language).gettext(english)
        return name[:1].upper() + name[1:]

    def state(self, code: object) -> str:
        """Name a State, a place, or say that it is unknown."""
        if not code or code == "unknown":
            return label("unknown", self.language)
        return state_name(str(code), self.language, self.registry_name(str(code)))

    def codes(self, values: Iterable[Any]) -> tuple[Text, ...]:
        """Name codes of a vocabulary, as one text."""
        names = [label_of(value, self.language) for value in values]
        return (Text(listed(names, self.language, with_and=False)),) if names else ()

    def day(self, value: Any) -> str:
        """Write a partial date, or a date as plain text; "not stated" when there is none."""
        if value is None:
            return self.say(Sentence("not stated"))
        if isinstance(value, Mapping):
            return partial_date(value.get("value"), str(value.get("precision", "day")), self.language)
        return partial_date(str(value), _PRECISION_BY_LENGTH.get(len(str(value)), "hour"), self.language)

    def narrative(self, value: Any) -> tuple[Text, ...]:
        """Give a text of the report in every language it has: the reader's first, then the original."""
        if not isinstance(value, Mapping):
            return (Text(str(value), direction="auto"),)
        first = [tag for tag in (self.wanted, self.original) if tag in value]
        tags = dict.fromkeys([*first, *value])
        return tuple(self._in_language(tag, str(value[tag]), len(tags) > 1) for tag in tags)

    def brief(self, value: Any) -> tuple[Text, ...]:
        """Give a text of the report in the reader's language and the original only, where it has one of them."""
        texts = self.narrative(value)
        return tuple(text for text in texts if text.language in (self.wanted, self.original)) or texts[:1]

    def _in_language(self, tag: str, text: str, is_one_of_several: bool) -> Text:
        note = ""
        if is_one_of_several or tag != self.language:
            values = {"language": language_name(tag, self.language)}
            original = Sentence("{language}, the original text", values)
            note = self.say(
                original if tag == self.original else Sentence("{language}, a version beside the original text", values)
            )
        return Text(text, tag, direction(tag), note)
