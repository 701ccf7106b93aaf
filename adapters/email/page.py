"""Collects the lines of a mail in one reader's language, for the text and the HTML part alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from adapters.languages.catalogues import say, spoken_language, translator
from adapters.languages.directions import direction
from adapters.languages.formatting import date_time, language_name, listed, partial_date
from adapters.languages.labels import label, label_of
from adapters.languages.sentences import addressee_name, say_in_words
from notify.sentence import Sentence

# Whatever some reader shows as a line break, and blanks long enough to push a text to a line of its own.
_BREAKS = re.compile(r"[\t\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+\s*|\s{2,}")


def on_one_line(text: str) -> str:
    """Write a text so that nothing in it can pass for a line of ours."""
    return _BREAKS.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about (with its colon), what it says, and in which language if not the reader's.

    Only a narrative may have several lines; it is then shown as a quotation.
    """

    lead: str
    text: str
    language: str = ""
    direction: str = ""
    is_link: bool = False
    is_strong: bool = False
    is_ours: bool = False  # our own words, in the reader's language and direction


@dataclass(slots=True)
class Page:
    """One block of lines in one language; `registry_names` are our own names of States by code.

    `wanted` is the reader's language when the service does not speak it yet: texts of the report are chosen by it.
    """

    language: str
    registry_names: Mapping[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    wanted: str = ""

    def fresh(self) -> Page:
        """Begin another block for the same reader."""
        return Page(self.language, self.registry_names, wanted=self.wanted)

    def add(
        self, lead: Sentence | str | None, text: Sentence | str | None, *, link: bool = False, strong: bool = False
    ) -> None:
        """Add one line; nothing when there is nothing to say."""
        said = on_one_line((self.say(text) if isinstance(text, Sentence) else text) or "")
        if said:
            ours = isinstance(text, Sentence)
            self.lines.append(Line(self._lead(lead), said, is_link=link, is_strong=strong, is_ours=ours))

    def address(self, lead: Sentence | str | None, url: Any) -> None:
        """Add a web address that can be followed; any other text stays a text."""
        said = str(url or "")
        self.add(lead, said, link=said.startswith(("https://", "http://")))

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
        for tag, text in self._versions(value, original):
            self._add_in(lead, text, tag, is_original=tag == original)

    def name(self, lead: Sentence | str, value: Any, original: str) -> None:
        """Add a name or title of the report, in the same languages as a narrative, each on one line."""
        for tag, text in self._versions(value, original):
            self._add_in(lead, on_one_line(text), tag, is_original=tag == original)

    def _versions(self, value: Any, original: str) -> list[tuple[str, str]]:
        if not value:
            return []
        if not isinstance(value, Mapping):
            return [(self.language, str(value))]
        preferred = self.wanted if self.wanted in value else self.language
        chosen = [tag for tag in (preferred, original) if tag in value] or list(value)[:1]
        return [(tag, str(value[tag])) for tag in dict.fromkeys(chosen)]

    def codes(self, lead: Sentence | str, value: Any) -> None:
        """Add one code of a vocabulary, or several, by their names."""
        if value is None or value == []:
            return
        values = value if isinstance(value, list | tuple) else [value]
        self.listing(lead, [label_of(code, self.language) for code in values])

    def listing(self, lead: Sentence | str, texts: Iterable[str]) -> None:
        """Add several texts as one list; nothing when there are none."""
        said = on_one_line(listed(texts, self.language, with_and=False))
        if said:
            self.lines.append(Line(self._lead(lead), said, is_ours=True))

    def label(self, code: Any) -> str:
        """Name a code of a vocabulary."""
        return label_of(code, self.language)

    def state(self, code: str | None) -> str:
        """Name a State, or another addressee."""
        if not code or code == "unknown":
            return label("unknown", self.language)
        return addressee_name(code, self.language, self.registry_names)

    def chosen(self, texts: Mapping[str, Any], original: str = "") -> str:
        """Choose one version of a text: the reader's, else the one in the language of the mail, the original, any."""
        found = (texts[tag] for tag in (self.wanted, self.language, original) if tag in texts)
        return str(next(found, None) or next(iter(texts.values()), ""))

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
        if isinstance(lead, Sentence) and not lead.values:
            return _plain_lead(lead.text, self.language)
        subject = say(lead, self.language) if isinstance(lead, Sentence) else lead
        return _lead_of(on_one_line(subject), self.language)

    def _add_in(self, lead: Sentence | str, text: str, tag: str, *, is_original: bool) -> None:
        if not text.strip():
            return
        if tag == self.language:
            self.lines.append(Line(self._lead(lead), text))
            return
        subject = say(lead, self.language) if isinstance(lead, Sentence) else lead
        values = {"subject": subject, "language": self.language_of(tag)}
        marked = (
            Sentence("{subject} (original text, {language})", values)
            if is_original
            else Sentence("{subject} ({language})", values)
        )
        self.lines.append(Line(self._lead(marked), text, language=tag, direction=direction(tag)))


def page_for(language: str, registry_names: Mapping[str, str]) -> Page:
    """Begin a page for a reader: in the language wanted where it has a catalogue, else in English as a whole."""
    return Page(spoken_language(language), registry_names, wanted=language)


@lru_cache(maxsize=2048)
def _plain_lead(text: str, language: str) -> str:
    return _lead_of(say(Sentence(text), language), language)


def _lead_of(subject: str, language: str) -> str:
    # Put in bare: what runs the other way inside a lead is set apart there.
    return translator(language).gettext(_LEAD.text).format_map({"subject": subject})


_LEAD = Sentence("{subject}:")
