"""Shows how complete a report is, for each letter of Article 17(3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

from notify.pointer import ABSENT, Path, pointer_of, value_at
from notify.report_model import Report
from notify.vocabulary import UNKNOWN


class ItemCompleteness(TypedDict):
    """The pointers of what is given and what is missing, and the share given, from 0 to 1."""

    given: list[str]
    missing: list[str]
    share: float


# Each field by its path; "*" is every entry of a list, or its first when the list is empty. Where several
# paths stand together, one of them is enough, and the first is named as missing.
_FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "a": (
        ("/lmos/*/common_name",),
        ("/lmos/*/scientific_name",),
        ("/lmos/*/event",),
        ("/lmos/*/traits",),
        ("/severity_inputs/self_sustaining", "/lmos/*/gene_drive"),
        ("/quantity/value", "/quantity/text", "/quantity/minimum", "/quantity/maximum"),
        ("/quantity/method",),
        ("/quantity/certainty",),
    ),
    "b": (
        ("/release/types",),
        ("/release/causes",),
        ("/release/pathways",),
        ("/release/circumstances",),
        ("/release/place/name", "/release/place/latitude"),
        ("/release/place/environments",),
        ("/release/ongoing",),
        ("/lmo_use/use",),
        ("/lmo_use/authorisation",),
    ),
    "c": (
        ("/effects/*/kind",),
        ("/effects/*/receptor",),
        ("/effects/*/likelihood",),
        ("/effects/*/consequence",),
        ("/effects/*/description",),
        ("/health",),
        ("/risk_assessments",),
        ("/risk_management",),
    ),
    "d": (
        ("/consignments", "/findings"),
        ("/measures",),
        ("/communities_informed",),
        ("/detection/method",),
        ("/detection/laboratory",),
        ("/detection/reference_material",),
        ("/monitoring",),
        ("/assistance",),
        ("/organizations",),
        ("/first_public_statement",),
        ("/attachments",),
        ("/other_information",),
    ),
    "e": (
        ("/contact_for_information/office",),
        ("/contact_for_information/email",),
        ("/contact_for_information/telephone",),
        ("/contact_for_information/around_the_clock",),
        ("/contact_for_information/languages",),
    ),
}


def completeness(report: Report) -> dict[str, ItemCompleteness]:
    """Give the completeness of each letter a to e of Article 17(3), ready for JSON; `unknown` counts as missing."""
    document = report.document()
    return {letter: _completeness_of(document, fields) for letter, fields in _FIELDS.items()}


def _completeness_of(document: dict[str, Any], fields: tuple[tuple[str, ...], ...]) -> ItemCompleteness:
    given: list[str] = []
    missing: list[str] = []
    for alternatives in fields:
        for choices in _per_entry(document, alternatives):
            found = next((path for path in choices if _is_given(value_at(document, path))), None)
            if found is None:
                missing.append(pointer_of(choices[0]))
            else:
                given.append(pointer_of(found))
    return {"given": given, "missing": missing, "share": round(len(given) / (len(given) + len(missing)), 2)}


def _per_entry(document: dict[str, Any], alternatives: tuple[str, ...]) -> Iterator[list[Path]]:
    """Give the paths of one field, once for each entry where the field belongs to the entries of a list."""
    first = alternatives[0].split("/")[1:]
    if len(alternatives) > 1 or "*" not in first:
        yield [path for one in alternatives for path in _paths(document, one)]
    else:
        yield from ([path] for path in _paths(document, alternatives[0]))


def _paths(document: dict[str, Any], pattern: str) -> list[Path]:
    head, every, rest = pattern.partition("/*/")
    if not every:
        return [tuple(pattern.split("/")[1:])]
    holder = head[1:]
    count = len(document.get(holder) or ()) or 1
    return [(holder, index, rest) for index in range(count)]


def _is_given(value: Any) -> bool:
    if value is ABSENT or value is None or value in (UNKNOWN, "", [], {}):
        return False
    return not (isinstance(value, list) and all(entry == UNKNOWN for entry in value))
