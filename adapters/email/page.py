"""Collects the lines of a mail in one reader's language, for the text and the HTML part alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from adapters.languages.catalogues import say
from adapters.languages.formatting import date_time, direction, language_name, listed, partial_date
from adapters.languages.labels import label, label_of
from adapters.languages.sentences import addressee_name, say_in_words
from notify.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about (with its colon), what it says, and in which language if not the reader's."""

    lead: str
    text: str
    language: str = ""
    direction: str = ""
    is_link: bool = False
    is_strong: bool = False


@dataclass(slots=True)
class Page:
    """One block of lines in one language; `registry_names` are our own names of States by code."""

    language: str
    registry_names: Mapping[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def fresh(self) -> Page:
        """Begin another block for the same reader."""
        return Page(self.language, self.registry_names)

    def add(
        self, lead: Sentence | str | None, text: Sentence | str | None, *, link: bool = False, strong: bool = False
    ) -> None:
        """Add one line; nothing when there is nothing to say."""
        said = self.say(text) if isinstance(text, Sentence) else text
        if said:
            self.lines.append(Line(self._lead(lead), said, is_link=link, is_strong=strong))

    def say(self, sentence: Sentence) -> str:
        """Say a sentence, with the codes in it named."""
        return say_in_words(sentence, self.language, self.registry_names)

    def said(self, value: Any) -> str:
        """Say what a notice brings with it: a sentence, one stored as JSON, or plain text."""
        if isinstance(value, Mapping) and "text" in value:
            value = Sentence.from_json({"values": {}, **value})
        return self.say(value) if isinstance(value, Sentence) else str(value or "")

    def narrative(self, lead: Sentence | str, value: Any, original: str) -> None:
        """Add a text of the report: in the reader's language if it has that, and the original with its language."""
        if not value:
            return
        if not isinstance(value, Mapping):
            self.add(lead, str(value))
            return
        chosen = [tag for tag in (self.language, original) if tag in value] or list(value)[:1]
        for tag in dict.fromkeys(chosen):
            self._add_in(lead, str(value[tag]), tag, is_original=tag == original)

    def codes(self, lead: Sentence | str, value: Any) -> None:
        """Add one code of a vocabulary, or several, by their names."""
        if value is None or value == []:
            return
        values = value if isinstance(value, list | tuple) else [value]
        self.add(lead, listed([label_of(code, self.language) for code in values], self.language, with_and=False))

    def label(self, code: Any) -> str:
        """Name a code of a vocabulary."""
        return label_of(code, self.language)

    def state(self, code: str | None) -> str:
        """Name a State, or another addressee."""
        if not code or code == "unknown":
            return label("unknown", self.language)
        return addressee_name(code, self.language, self.registry_names)

    def states(self, codes: Iterable[str]) -> str:
        """Name several States."""
        return listed([self.state(code) for code in codes], self.language)

    def day(self, value: Any) -> str:
        """Write a partial date `{"value", "precision"}`, or a date as text; "not stated" when there is none."""
        if value is None:
            return say(Sentence("not stated"), self.language)
        if isinstance(value, Mapping):
            return partial_date(value.get("value"), str(value.get("precision", "day")), self.language)
        return partial_date(str(value), "day", self.language)

    def moment(self, value: Any, time_zone: str) -> str:
        """Write a moment, or its ISO text, in the reader's time zone and in UTC."""
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return date_time(moment, self.language, time_zone)

    def language_of(self, tag: str) -> str:
        """Name a language."""
        return language_name(tag, self.language)

    def _lead(self, lead: Sentence | str | None) -> str:
        if lead is None:
            return ""
        if isinstance(lead, str):
            return _lead_of(lead, self.language)
        return (
            _lead_of(say(lead, self.language), self.language) if lead.values else _plain_lead(lead.text, self.language)
        )

    def _add_in(self, lead: Sentence | str, text: str, tag: str, *, is_original: bool) -> None:
        if tag == self.language:
            self.add(lead, text)
            return
        subject = say(lead, self.language) if isinstance(lead, Sentence) else lead
        values = {"subject": subject, "language": self.language_of(tag)}
        marked = (
            Sentence("{subject} (original text, {language})", values)
            if is_original
            else Sentence("{subject} ({language})", values)
        )
        self.lines.append(Line(self._lead(marked), text, language=tag, direction=direction(tag)))


@lru_cache(maxsize=2048)
def _plain_lead(text: str, language: str) -> str:
    return _lead_of(say(Sentence(text), language), language)


def _lead_of(subject: str, language: str) -> str:
    return say(Sentence("{subject}:", {"subject": subject}), language)
