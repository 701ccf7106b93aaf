"""Writes a BCH record as the `biosafetyDecision` document of the Biosafety Clearing-House."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from notify.record import BCHRecord, Text
from notify.words import CaseReference


def record_identifier(case_reference: CaseReference, *, service: str = "article17") -> str:
    """Make the GUID of the record of a case, in upper case; the same case gives the same GUID.

    `service` tells apart services whose case references may coincide, for example by their public address.
    """
    return str(uuid5(NAMESPACE_URL, f"{service}#{case_reference}")).upper()


def to_biosafety_decision(record: BCHRecord, *, identifier: str) -> dict[str, Any]:
    """Write the document under the given GUID; what the record does not know is absent."""
    document = {
        "header": {
            "identifier": identifier.upper(),
            "schema": "biosafetyDecision",
            "languages": list(dict.fromkeys(_language(tag) for tag in record.languages)),
        },
        "government": {"identifier": record.reporting_state.lower()},
        "authorities": _references(record.authority_record),
        "title": _one_line(record.texts.title),
        "date": record.decision_date.isoformat(),
        "isAmendment": False,
        "expires": True,
        "decisionTypes": [{"identifier": _terms()["decision_types"][record.kind]}],
        "transboundaryMovementType": {"identifier": _terms()["transboundary_movement_types"][record.kind]},
        "releaseInformation": _one_line(record.texts.release_place),
        "releaseDate": record.release_date.isoformat() if record.release_date else "",
        "releaseCircumstance": _one_line(record.texts.circumstances),
        "estimatedQuantities": _one_line(record.texts.quantities),
        "lmoUseInformation": _one_line(record.texts.use),
        "adverseEffectInformation": _one_line(record.texts.adverse_effects),
        "pointOfContact": _references(record.contact_record),
        "relevantDocuments": [
            {"url": document.url, "name": document.name}
            for document in record.relevant_documents
            if document.url.startswith(("https://", "http://"))
        ],
        **_lmos_or_description(record),
    }
    return {name: value for name, value in document.items() if value not in ("", [], {})}


@cache
def _terms() -> Any:
    return json.loads(resources.files("adapters.bch").joinpath("terms.json").read_text(encoding="utf-8"))


def _lmos_or_description(record: BCHRecord) -> dict[str, Any]:
    if not record.lmo_records:
        return {
            # The name is misspelled in the real schema.
            "otherTransboundryInformation": _one_line(record.texts.other_information),
            "relevantInformation": _rich(record.texts.relevant_information),
        }
    # An illegal movement either links the LMO or describes it: the description moves to the relevant information.
    languages = dict.fromkeys((*record.texts.relevant_information, *record.texts.other_information))
    texts = (record.texts.relevant_information, record.texts.other_information)
    both = {tag: "\n".join(text[tag] for text in texts if tag in text) for tag in languages}
    return {"modifiedOrganisms": _references(*record.lmo_records), "relevantInformation": _rich(both)}


def _references(*identifiers: str | None) -> list[dict[str, str]]:
    return [{"identifier": identifier} for identifier in identifiers if identifier is not None]


def _one_line(text: Text) -> dict[str, str]:
    return _by_language({tag: " ".join(words.split()) for tag, words in text.items()})


def _rich(text: Text) -> dict[str, str]:
    return _by_language(
        {tag: "".join(f"<div>{html.escape(line)}</div>" for line in words.splitlines()) for tag, words in text.items()}
    )


def _by_language(text: Mapping[str, str]) -> dict[str, str]:
    # The BCH knows languages, not their variants: of two variants the plain one stays, else the first.
    chosen: dict[str, str] = {}
    for tag in sorted(text, key=lambda tag: "-" in tag):
        chosen.setdefault(_language(tag), text[tag])
    return {language: words for language, words in chosen.items() if words}


def _language(tag: str) -> str:
    return tag.split("-")[0].lower()
