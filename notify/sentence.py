"""Holds a sentence for people as a message id and its values, so that adapters can say it in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


def N_(text: str) -> str:
    """Mark an English text as a message id, so that it is collected for translation."""
    return text


_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sentence:
    """Say one thing to a reader: English text with `{named}` places, and what stands in them.

    The English text is the gettext message id; `str()` gives the English sentence.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    def __str__(self) -> str:
        return self.text.format_map(self.values)

    def to_json(self) -> dict[str, Any]:
        """Write the sentence as JSON, for the outbox and the log."""
        return {"text": self.text, "values": dict(self.values)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Sentence:
        """Read a sentence written by `to_json`."""
        return cls(document["text"], dict(document["values"]))
