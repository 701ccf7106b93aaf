"""Says any single value of a report in words: codes by their names, States, dates, numbers, texts by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.languages.catalogues import say, translator
from adapters.languages.field_names import english_name
from adapters.languages.formatting import amount, language_name, listed, partial_date
from adapters.languages.labels import label, label_of
from adapters.languages.sentences import addressee_name
from notify.sentence import Sentence

STATES = frozenset({"state", "reporting_state", "from", "to", "transit_states"})
DATES = frozenset({"date", "dispatched_on", "first_indication", "reported_to_authority", "confirmed"})
LANGUAGES = frozenset({"language", "languages", "original_language"})
CODES = frozenset(
    {
        "type", "capacity", "notification_class", "illegal_status", "outcome", "certainty", "status", "movement",
        "basis", "crossing", "self_sustaining", "consequence", "containment", "sensitive_receptor", "level",
        "gene_drive", "viability", "ongoing", "types", "causes", "pathways", "environments", "use", "authorisation",
        "kind", "likelihood", "method", "damage_considered", "audience", "ground",
    }
)  # fmt: skip
_PRECISION_BY_LENGTH = {4: "year", 7: "month", 10: "day"}


@dataclass(frozen=True, slots=True)
class Values:
    """How values are said to one reader: its language, the one it wants, the report's, and our names of States."""

    language: str
    wanted: str = ""
    original: str = ""
    registry_names: Mapping[str, str] = field(default_factory=dict)

    def say(self, name: str, value: Any, holder: str = "") -> str:
        """Say the value of the field of this name."""
        if name in DATES or (isinstance(value, Mapping) and value and value.keys() <= {"value", "precision"}):
            return self._day(value)
        if value is None:
            return say(Sentence("not stated"), self.language)
        if isinstance(value, bool):
            return label("yes" if value else "no", self.language)
        if isinstance(value, int | float):
            return amount(value, self.language)
        if isinstance(value, list | tuple):
            texts = [self.say(name, one, holder) for one in value]
            return listed(texts, self.language, with_and=False) or label("none", self.language)
        if isinstance(value, Mapping):
            return self._object(name, value)
        return self._text(name, str(value))

    def _text(self, name: str, text: str) -> str:
        if text == "unknown":
            return label("unknown", self.language)
        if name in STATES or (name == "actor" and len(text) == 2 and text.isupper()):
            return addressee_name(text, self.language, self.registry_names)
        if name in LANGUAGES:
            return language_name(text, self.language)
        return label(text, self.language) if name in CODES else text

    def _day(self, value: Any) -> str:
        if value is None:
            return say(Sentence("not stated"), self.language)
        if isinstance(value, Mapping):
            return partial_date(value.get("value"), str(value.get("precision", "day")), self.language)
        return partial_date(str(value), _PRECISION_BY_LENGTH.get(len(str(value)), "hour"), self.language)

    def _object(self, name: str, value: Mapping[str, Any]) -> str:
        if "code" in value:
            return label_of(value, self.language)
        if _is_text_by_language(value):
            found = (value[tag] for tag in (self.wanted, self.language, self.original) if tag in value)
            return str(next(found, None) or next(iter(value.values()), ""))
        gettext = translator(self.language).gettext
        parts = [f"{gettext(english_name(name, inner))}: {self.say(inner, one, name)}" for inner, one in value.items()]
        return "; ".join(parts)


def _is_text_by_language(value: Mapping[str, Any]) -> bool:
    """Tell a text by language from an object; no field of a report has a name that is a language tag."""
    tags = (str(key).split("-")[0] for key in value)
    return all(tag.isalpha() and tag.islower() and 2 <= len(tag) <= 3 for tag in tags) and not value.keys() & _FIELDS


# Names of fields that look like language tags.
_FIELDS = frozenset({"to", "url", "lot", "use"})
