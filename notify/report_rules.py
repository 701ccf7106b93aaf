"""Checks the rules of a report that look at several fields or at the registry of States; also for drafts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from notify.errors import Fault
from notify.lmo import UNIDENTIFIED, check_identifier
from notify.pointer import ABSENT, Path, pointer_of, value_at
from notify.sentence import Sentence

_IDENTITY = ("unique_identifier", "bch_record", "description", "common_name", "scientific_name", "event")


@dataclass(frozen=True, slots=True)
class Codes:
    """Which codes name a State of the registry, and which any place of ISO 3166-1."""

    is_state: Callable[[str], bool]
    is_place: Callable[[str], bool]

    def can_be_addressed(self, code: str) -> bool:
        return code == "EU" or self.is_state(code)

    def is_known(self, code: str) -> bool:
        return code == "unknown" or self.can_be_addressed(code) or self.is_place(code)


@dataclass(frozen=True, slots=True)
class Warning_:
    """Something that looks wrong and does not block."""

    pointer: str
    sentence: Sentence


def rule_faults(document: dict[str, Any], codes: Codes) -> list[Fault]:
    """List the breaches of all rules over fields in a document that may be incomplete or misshapen."""
    return [
        *_reporting_state(document, codes),
        *_affected_states(document, codes),
        *_places(document, codes),
        *_lmos(document),
        *_class(document),
        *_quantity(document),
    ]


def report_warnings(document: dict[str, Any]) -> tuple[Warning_, ...]:
    """List what looks wrong with a valid report and does not block it."""
    return (*_identifier_warnings(document), *_viability_warnings(document), *_other_warnings(document))


def _fault(path: Path, detail: str) -> Fault:
    return Fault(pointer_of(path), detail)


def _is_code(value: Any) -> bool:
    # A code of the wrong form has its own fault already.
    return isinstance(value, str) and re.fullmatch("[A-Z]{2}", value) is not None


def _entries(document: dict[str, Any], *path: str) -> list[tuple[int, dict[str, Any]]]:
    entries = value_at(document, path)
    if not isinstance(entries, list):
        return []
    return [(index, entry) for index, entry in enumerate(entries) if isinstance(entry, dict)]


def _reporting_state(document: dict[str, Any], codes: Codes) -> Iterator[Fault]:
    code = document.get("reporting_state")
    if _is_code(code) and not codes.can_be_addressed(str(code)):
        yield _fault(("reporting_state",), "must be a State of the registry, or EU for the European Union")


def _affected_states(document: dict[str, Any], codes: Codes) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, affected in _entries(document, "affected_states"):
        code = affected.get("state")
        path: Path = ("affected_states", index, "state")
        if not _is_code(code):
            continue
        if code in seen:
            yield _fault(path, "this State is already in the list; please name each State once")
        elif not codes.can_be_addressed(str(code)):
            yield _fault(path, _not_addressable(str(code), codes))
        seen.add(str(code))
    is_initial = document.get("type", "initial") == "initial"
    if is_initial and not document.get("affected_states") and document.get("affected_states_determined") is not False:
        yield _fault(
            ("affected_states",),
            "is needed: at least one affected or potentially affected State,"
            ' or "affected_states_determined": false for "not determined"',
        )


def _not_addressable(code: str, codes: Codes) -> str:
    if codes.is_place(code):
        return "this code is not in the list of addressees; please choose the State to be addressed"
    return "must be the code of a State (ISO 3166-1 alpha-2), or EU"


def _places(document: dict[str, Any], codes: Codes) -> Iterator[Fault]:
    paths: list[Path] = [("release", "state"), ("origin", "state")]
    paths += [("findings", index, "state") for index, _ in _entries(document, "findings")]
    for index, consignment in _entries(document, "consignments"):
        paths += [("consignments", index, "from"), ("consignments", index, "to")]
        transit = consignment.get("transit_states")
        steps = range(len(transit)) if isinstance(transit, list) else ()
        paths += [("consignments", index, "transit_states", step) for step in steps]
    for path in paths:
        code = value_at(document, path)
        if code is not ABSENT and _is_code(code) and not codes.is_known(code):
            yield _fault(path, "must be a code of ISO 3166-1 alpha-2, or unknown")


def _lmos(document: dict[str, Any]) -> Iterator[Fault]:
    for index, lmo in _entries(document, "lmos"):
        if not any(lmo.get(name) for name in _IDENTITY):
            yield _fault(
                ("lmos", index),
                "must say which LMO: a BCH record, an OECD unique identifier, a name, or"
                ' "unidentified" with a description',
            )
        elif _is_unidentified(lmo) and not lmo.get("description"):
            yield _fault(("lmos", index, "description"), "is needed for an LMO that is unidentified")


def _is_unidentified(lmo: dict[str, Any]) -> bool:
    given = (lmo.get("unique_identifier"), lmo.get("bch_record"))
    return any(isinstance(one, str) and one.strip().lower() == UNIDENTIFIED for one in given)


def _class(document: dict[str, Any]) -> Iterator[Fault]:
    stated = document.get("notification_class", "illegal_movement")
    if document.get("illegal_status") is not None and stated != "illegal_movement":
        yield _fault(("illegal_status",), "goes only with the class illegal_movement")


def _quantity(document: dict[str, Any]) -> Iterator[Fault]:
    least, most = (value_at(document, ("quantity", name)) for name in ("minimum", "maximum"))
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        yield _fault(("quantity", "minimum"), "must not be more than the maximum")


def _identifier_warnings(document: dict[str, Any]) -> Iterator[Warning_]:
    for index, lmo in _entries(document, "lmos"):
        identifier = lmo.get("unique_identifier")
        if isinstance(identifier, str) and not _is_unidentified(lmo):
            place = pointer_of(("lmos", index, "unique_identifier"))
            yield from (Warning_(place, sentence) for sentence in check_identifier(identifier))


def _viability_warnings(document: dict[str, Any]) -> Iterator[Warning_]:
    for index, lmo in _entries(document, "lmos"):
        if lmo.get("viability") == "not_living":
            sentence = Sentence(
                "The Protocol reaches only what is living: able to transfer or replicate genetic material"
                " (Article 3(g) and (h)); please look at the viability again."
            )
            yield Warning_(pointer_of(("lmos", index, "viability")), sentence)


def _other_warnings(document: dict[str, Any]) -> Iterator[Warning_]:
    title, language = document.get("title"), document.get("original_language")
    if language is not None and isinstance(title, dict) and language not in title:
        sentence = Sentence("The title is not given in the original language, {language}.", {"language": language})
        yield Warning_("/original_language", sentence)
    outcome, stated = value_at(document, ("determination", "outcome")), document.get("notification_class")
    if outcome in ("article_17", "preliminary", "information", "illegal_movement") and stated not in (None, outcome):
        sentence = Sentence(
            "The determination says {outcome}, the class of the notification is {notification_class}.",
            {"outcome": outcome, "notification_class": stated},
        )
        yield Warning_("/determination/outcome", sentence)
