"""Writes a BCH record as plain text, for the Word form of the BCH or for entry by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from notify.record import BCHRecord, RecordKind, Text
from notify.record_text import Label, english_label
from notify.sentence import Sentence


def to_text(record: BCHRecord, *, language: str = "en", label: Label = english_label) -> str:
    """Write headed sections, with headings in the given language and each text in all of its languages."""

    def heading(sentence: Sentence) -> str:
        return label(sentence.text, language).format_map(sentence.values)

    sections = [(heading(title), list(lines)) for title, lines in _sections(record, language, label)]
    return "\n\n".join("\n".join((title, "-" * len(title), *lines)) for title, lines in sections if lines) + "\n"


def _sections(record: BCHRecord, language: str, label: Label) -> Iterator[tuple[Sentence, Iterable[str]]]:
    texts = record.texts
    yield Sentence("Type of decision or communication"), [label(_kind(record).text, language)]
    yield Sentence("Government"), [label(record.reporting_state, language)]
    yield Sentence("Competent national authority (BCH record)"), _known(record.authority_record)
    yield Sentence("Title"), _text(texts.title)
    yield Sentence("Date of the notification"), [record.decision_date.isoformat()]
    yield Sentence("Place of the occurrence or release"), _text(texts.release_place)
    yield Sentence("Estimated quantities and relevant characteristics or traits of the LMO"), _text(texts.quantities)
    yield Sentence("Date of the release"), _known(record.release_date)
    yield Sentence("Circumstances of the release"), _text(texts.circumstances)
    yield Sentence("Use of the LMO in the originating Party"), _text(texts.use)
    yield Sentence("Possible adverse effects and risk management measures"), _text(texts.adverse_effects)
    yield Sentence("Other relevant information"), _text(texts.other_information)
    yield Sentence("BCH records of the LMOs"), record.lmo_records
    yield Sentence("Point of contact (BCH record)"), _known(record.contact_record)
    yield Sentence("Additional information"), _text(texts.relevant_information)
    yield Sentence("Relevant documents"), [f"{document.name}: {document.url}" for document in record.relevant_documents]
    yield Sentence("To complete before clearance (not part of the record)"), _to_complete(record, language, label)
    yield Sentence("Left out because it is not public (not part of the record)"), record.withheld


def _kind(record: BCHRecord) -> Sentence:
    if record.kind is RecordKind.ARTICLE_17_1:
        return Sentence("Unintentional transboundary movement (Article 17.1)")
    return Sentence("Illegal transboundary movement (Article 25.3)")


def _known(value: str | date | None) -> list[str]:
    return [] if value is None else [str(value)]


def _text(text: Text) -> Iterator[str]:
    for language, words in text.items():
        if len(text) > 1:
            yield f"[{language}]"
        yield from words.splitlines()


def _to_complete(record: BCHRecord, language: str, label: Label) -> Iterator[str]:
    for sentence in record.to_complete:
        yield f"[ ] {label(sentence.text, language).format_map(sentence.values)}"
