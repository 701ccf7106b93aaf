"""Lays out the whole report that a reader may see by the items (a) to (e) of Article 17(3), leaving nothing out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from adapters.languages.field_names import english_name, field_name
from adapters.languages.formatting import amount, language_name, listed
from adapters.languages.labels import label
from adapters.portal.entries import Entry, Reader, Text
from adapters.portal.field_rules import (
    CODES,
    DATES,
    ELSEWHERE,
    HOLDERS,
    LANGUAGES,
    SECTIONS,
    STATES,
)
from notify.sentence import Sentence

Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One headed part of the report."""

    heading: str
    entries: tuple[Entry, ...]


def report_sections(report: Report, reader: Reader) -> Iterator[Section]:
    """Give the sections that have something to show; a field that no section names stands in the first."""
    placed = {field for _, fields in SECTIONS for field in fields} | ELSEWHERE
    others = tuple(field for field in report if field not in placed)
    for number, (heading, fields) in enumerate(SECTIONS):
        wanted = fields if number else fields + others
        entries = tuple(
            entry for field in wanted if field in report for entry in _entries(field, report[field], reader)
        )
        if entries:
            yield Section(reader.named(heading), entries)


def marked_confidential(report: Report, reader: Reader) -> tuple[Entry, ...]:
    """List the fields that this reader sees and not everybody may, with the widest audience and the ground."""
    marks: Mapping[str, Mapping[str, str]] = report.get("confidential") or {}
    return tuple(
        Entry(_pointed(pointer, reader), reader.codes([mark.get("audience"), mark.get("ground")]))
        for pointer, mark in marks.items()
    )


def withheld(pointers: Sequence[str], reader: Reader) -> tuple[Text, ...]:
    """Name the fields that were left out for this reader; the mark that hides a field goes without saying."""
    return tuple(Text(_pointed(pointer, reader)) for pointer in pointers if not pointer.startswith("/confidential/"))


def lmo_summary(report: Report, reader: Reader) -> tuple[Text, ...]:
    """Name each LMO in a line: names, event and identifiers, else its description."""
    summaries: list[Text] = []
    for lmo in report.get("lmos") or ():
        fields = ("common_name", "scientific_name", "event", "unique_identifier", "bch_record")
        named = [str(lmo[field]) for field in fields if lmo.get(field)]
        if named:
            summaries.append(Text(listed(named, reader.language, with_and=False)))
        elif lmo.get("description"):
            summaries.extend(reader.brief(lmo["description"]))
        else:
            summaries.append(Text(reader.say(Sentence("unidentified"))))
    return tuple(summaries)


def _pointed(pointer: str, reader: Reader) -> str:
    name = field_name(pointer, reader.language)
    return name[:1].upper() + name[1:]


def _entries(field: str, value: Any, reader: Reader, holder: str = "") -> Iterator[Entry]:
    """Read one field: one entry, or one for each object of a list."""
    name = reader.named(english_name(holder, field))
    objects = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []
    if field == "affected_states":
        yield Entry(name, entries=tuple(_affected_state(one, reader) for one in objects))
    elif field in HOLDERS and objects:
        for number, one in enumerate(objects, 1):
            yield Entry(f"{name} {number}" if len(objects) > 1 else name, entries=_inside(field, one, reader))
    elif field in HOLDERS and isinstance(value, Mapping) and _is_object(field, value):
        yield Entry(name, entries=_inside(field, value, reader))
    else:
        yield Entry(name, _texts(field, value, reader))


def _inside(holder: str, value: Report, reader: Reader) -> tuple[Entry, ...]:
    return tuple(entry for field in value for entry in _entries(field, value[field], reader, holder))


def _is_object(field: str, value: Report) -> bool:
    # A finding's place and a consignment's quantity are texts, which may be given in several languages.
    known = {"place": {"name", "latitude", "longitude", "environments"},
             "quantity": {"text", "value", "unit", "minimum", "maximum", "method", "certainty"}}.get(field)  # fmt: skip
    return known is None or not known.isdisjoint(value)


def _affected_state(affected: Report, reader: Reader) -> Entry:
    codes = [affected.get(field) for field in ("status", "movement", "basis")]
    texts = reader.codes([code for code in codes if code and code != "unknown"] or ["unknown"])
    if affected.get("reason"):
        texts += reader.narrative(affected["reason"])
    return Entry(reader.state(affected.get("state")), texts)


def _texts(field: str, value: Any, reader: Reader) -> tuple[Text, ...]:
    if field in DATES or value is None:
        return (Text(reader.day(value)),)
    if isinstance(value, bool):
        return (Text(label("yes" if value else "no", reader.language)),)
    values = list(value) if isinstance(value, list | tuple) else [value]
    if field in STATES:
        return tuple(Text(reader.state(code)) for code in values)
    if field in LANGUAGES:
        return tuple(Text(language_name(str(tag), reader.language)) for tag in values)
    if field in CODES and not _is_language_map(value):
        return reader.codes(values)
    return tuple(text for one in values for text in _text(field, one, reader))


def _is_language_map(value: Any) -> bool:
    return isinstance(value, Mapping) and "code" not in value


def _text(field: str, value: Any, reader: Reader) -> tuple[Text, ...]:
    if isinstance(value, Mapping) and "code" in value:
        return reader.codes([value])
    if field == "actor" and isinstance(value, str) and len(value) == 2 and value.isupper():
        return (Text(reader.state(value)),)
    if isinstance(value, int | float):
        return (Text(amount(value, reader.language), direction="ltr"),)
    link = _link(field, str(value)) if isinstance(value, str) else ""
    return (Text(str(value), direction="ltr", link=link),) if link else reader.narrative(value)


def _link(field: str, text: str) -> str:
    if field == "email":
        return f"mailto:{quote(text, safe='@')}"
    if field == "telephone":
        return "tel:" + "".join(character for character in text if character.isascii() and character in "+0123456789")
    return text if field == "url" and text.startswith(("https://", "http://")) else ""
