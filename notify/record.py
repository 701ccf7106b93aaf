"""Drafts the BCH record of a case from the public part of its report (Articles 17(1) and 25(3))."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any

from contacts.model import StateCode
from notify import record_lines as lines
from notify.record_lines import is_withheld
from notify.record_text import Code, Label, compose, english_label, say
from notify.sentence import Sentence
from notify.words import CaseReference, NotificationClass, Severity

# The identifier that a BCH document refers to, with or without a revision; what the BCH shows to people
# (`BCH-LMO-XA-115000-1`) is none.
_IDENTIFIER = re.compile(r"[A-Za-z0-9\-_]{11,128}(@[0-9]{1,3})?")
_SHOWN_TO_PEOPLE = re.compile(r"(BCH|CHM|ABSCH)-[A-Z0-9]+-", re.IGNORECASE)

Text = Mapping[str, str]
"""One text of the record by language; its lines are divided by a line break."""


class RecordKind(StrEnum):
    """Under which provision the BCH publishes the record."""

    ARTICLE_17_1 = "article_17_1"
    ARTICLE_25_3 = "article_25_3"


KINDS: Mapping[NotificationClass, RecordKind | None] = {
    NotificationClass.ARTICLE_17: RecordKind.ARTICLE_17_1,
    NotificationClass.PRELIMINARY: RecordKind.ARTICLE_17_1,
    NotificationClass.ILLEGAL_MOVEMENT: RecordKind.ARTICLE_25_3,
    NotificationClass.INFORMATION: None,
}


@dataclass(frozen=True, slots=True)
class RelevantDocument:
    """A public document that the record points to."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class RecordTexts:
    """What the record says in words; an empty text has nothing to say."""

    title: Text
    release_place: Text
    circumstances: Text
    quantities: Text
    use: Text
    adverse_effects: Text
    other_information: Text
    relevant_information: Text


@dataclass(frozen=True, slots=True)
class BCHRecord:
    """What the BCH is to publish on a case, in no format yet.

    `to_complete` lists what the case cannot know and a person adds before clearance; `withheld` lists the JSON
    pointers of the report that are not public.
    """

    kind: RecordKind
    case_reference: CaseReference
    exercise: bool
    reporting_state: StateCode
    original_language: str
    decision_date: date
    release_date: date | None
    texts: RecordTexts
    relevant_documents: tuple[RelevantDocument, ...]
    # Identifiers in the BCH. Only an illegal movement links its LMOs, and only when all of them have a record.
    lmo_records: tuple[str, ...]
    authority_record: str | None
    contact_record: str | None
    to_complete: tuple[Sentence, ...]
    withheld: tuple[str, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language that a text of the record speaks, the original one first."""
        texts = (getattr(self.texts, field.name) for field in fields(self.texts))
        spoken = dict.fromkeys(language for text in texts for language in text)
        return tuple(sorted(spoken, key=lambda language: language != self.original_language))


def draft_record(
    document: Mapping[str, Any],
    *,
    case_reference: CaseReference,
    reporting_state: StateCode,
    submitted_on: date,
    reporting_party: bool = True,
    severity: Severity | None = None,
    withheld: Sequence[str] = (),
    authority_record: str | None = None,
    contact_record: str | None = None,
    label: Label = english_label,
) -> BCHRecord | None:
    """Draft the record, or None for a class that the BCH has no type for (`information`).

    `document` is the report as its public readers see it: everything that stands in it is published. `submitted_on`
    is the day of the first report, in UTC. `authority_record` and `contact_record` are BCH identifiers, where known.
    """
    kind = KINDS[NotificationClass(document["notification_class"])]
    if kind is None:
        return None
    authority_record, contact_record = _identifier(authority_record), _identifier(contact_record)
    original = document.get("original_language") or next(iter(document["title"]))
    relevant = _relevant_information(document, case_reference, severity, reporting_party, withheld, contact_record)
    return BCHRecord(
        kind=kind,
        case_reference=case_reference,
        exercise=_is_exercise(document),
        reporting_state=reporting_state,
        original_language=original,
        decision_date=submitted_on,
        release_date=_release_date(document),
        texts=_texts(document, relevant, original, label),
        relevant_documents=tuple(_relevant_documents(document)),
        lmo_records=_lmo_records(document) if kind is RecordKind.ARTICLE_25_3 else (),
        authority_record=authority_record,
        contact_record=contact_record,
        to_complete=tuple(_to_complete(document, kind, authority_record, contact_record)),
        withheld=tuple(withheld),
    )


def _texts(document: Mapping[str, Any], relevant: Iterator[Sentence], original: str, label: Label) -> RecordTexts:
    text = partial(compose, original=original, label=label)
    return RecordTexts(
        title=_title(document, label),
        release_place=text(lines.place(document)),
        circumstances=text(lines.circumstances(document)),
        quantities=text(lines.quantities(document)),
        use=text(lines.use(document)),
        adverse_effects=text(lines.adverse_effects(document)),
        other_information=text(lines.other_information(document)),
        relevant_information=text(relevant),
    )


def _is_exercise(document: Mapping[str, Any]) -> bool:
    return document.get("status") == "exercise"


def _is_preliminary(document: Mapping[str, Any]) -> bool:
    return NotificationClass(document["notification_class"]) is NotificationClass.PRELIMINARY


def _title(document: Mapping[str, Any], label: Label) -> Text:
    frame = "{title}"
    if _is_preliminary(document):
        frame = Sentence("Preliminary, threshold under assessment: {title}").text
    titles = {}
    for language, title in document["title"].items():
        titles[language] = say(Sentence(frame, {"title": title}), language, label)
        if _is_exercise(document):
            titles[language] = say(Sentence("EXERCISE: {title}", {"title": titles[language]}), language, label)
    return titles


def _release_date(document: Mapping[str, Any]) -> date | None:
    moment = (document.get("release") or {}).get("date") or {}
    if moment.get("precision") not in ("day", "hour"):
        return None
    # The BCH keeps no time of day: the hour stands in the circumstances.
    try:
        return date.fromisoformat(str(moment.get("value"))[:10])
    except ValueError:
        return None


def _relevant_information(
    document: Mapping[str, Any],
    case_reference: CaseReference,
    severity: Severity | None,
    reporting_party: bool,
    withheld: Sequence[str],
    contact_record: str | None,
) -> Iterator[Sentence]:
    if _is_exercise(document):
        yield Sentence("Exercise: nothing of this has happened")
    if not reporting_party:
        yield Sentence("Voluntary information, in line with Article 24(2)")
    if _is_preliminary(document):
        yield Sentence("Whether the threshold of Article 17(1) is met is under assessment")
    yield from lines.affected_states(document, withheld)
    yield from lines.background(document)
    yield from _priority(document, severity, withheld)
    if contact_record is None:
        yield from lines.point_of_contact(document)
    if withheld:
        yield Sentence("Parts of the report are not public")
    yield Sentence("Case reference: {reference}", {"reference": case_reference})


def _priority(document: Mapping[str, Any], severity: Severity | None, withheld: Sequence[str]) -> Iterator[Sentence]:
    level = {"severity": Code(severity) if severity else None}
    if document.get("severity_override"):
        yield Sentence("Handling priority, set by the reporting State, not a finding on risk: {severity}", level)
    # A level that the State set for reasons that are not public is not public either.
    elif not is_withheld("/severity_override", withheld):
        yield Sentence("Handling priority, computed, not a finding on risk: {severity}", level)


def _relevant_documents(document: Mapping[str, Any]) -> Iterator[RelevantDocument]:
    for assessment in document.get("risk_assessments") or ():
        if assessment.get("url"):
            yield RelevantDocument(assessment.get("title") or assessment["url"], assessment["url"])
    statement = document.get("first_public_statement") or {}
    if statement.get("url"):
        yield RelevantDocument("First public statement", statement["url"])


def _lmo_records(document: Mapping[str, Any]) -> tuple[str, ...]:
    identifiers = [_identifier(lmo.get("bch_record")) for lmo in document["lmos"]]
    known = tuple(identifier for identifier in identifiers if identifier is not None)
    return known if len(known) == len(identifiers) else ()


def _identifier(text: str | None) -> str | None:
    if text is None or _SHOWN_TO_PEOPLE.match(text) or not _IDENTIFIER.fullmatch(text):
        return None
    return text


def _to_complete(
    document: Mapping[str, Any], kind: RecordKind, authority_record: str | None, contact_record: str | None
) -> Iterator[Sentence]:
    if _is_exercise(document):
        yield Sentence("This is an exercise: the record is never published")
    if authority_record is None:
        name = (document.get("authority") or {}).get("name", "")
        yield Sentence("BCH record of the competent national authority: {name} (mandatory)", {"name": name})
    if contact_record is None:
        office = {"office": (document.get("contact_for_information") or {}).get("office", "")}
        yield Sentence("BCH record of the point of contact: {office}; until then it stands in the text", office)
    yield Sentence("The notification as a document (PDF), which the form of the BCH asks for")
    filenames = [file["filename"] for file in document.get("attachments") or () if file.get("filename")]
    if filenames:
        yield Sentence("The attachments of the report: {filenames}", {"filenames": ", ".join(filenames)})
    if _release_date(document) is None:
        yield Sentence("The day of the release, once it is known; what is known stands in the circumstances")
    named = [lmo["bch_record"] for lmo in document["lmos"] if lmo.get("bch_record")]
    if named and kind is RecordKind.ARTICLE_25_3 and not _lmo_records(document):
        records = {"records": ", ".join(named)}
        yield Sentence("The links to the BCH records of the LMOs, where they exist: {records}", records)
