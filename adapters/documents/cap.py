"""Writes a message of a case as CAP 1.2 (OASIS Common Alerting Protocol), for the warning systems of States."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.documents.cap_rules import NAMESPACE, cap_faults
from adapters.documents.cap_text import CapText
from adapters.languages.catalogues import available_languages, spoken_language
from notify.delivery import Told
from notify.exchange import CaseMessage
from notify.words import Severity

MEDIA_TYPE = "application/cap+xml"

Pair = tuple[str, str]

# How soon to act is what our handling priority says; it is no finding on risk, so it says nothing of CAP's severity.
_URGENCY = {
    Severity.CRITICAL: "Immediate",
    Severity.HIGH: "Expected",
    Severity.MODERATE: "Future",
    Severity.LOW: "Future",
}
# CAP's severity is that of the consequence, as the reporting State states it. Nothing of ours means "Extreme".
_SEVERITY = {"severe": "Severe", "moderate": "Moderate", "minor": "Minor"}
# CAP's certainty is that of the event, and the event of Article 17 is the crossing of a border.
_CERTAINTY = {
    "occurred": "Observed",
    "imminent": "Likely",
    "likely": "Likely",
    "possible": "Possible",
    "unlikely": "Unlikely",
}
_WITHDRAWAL = "withdrawal"
# What XML 1.0 cannot hold in any spelling.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def cap_document(message: CaseMessage, *, sender: str, names: Mapping[str, str]) -> bytes:
    """Write a message of a case as XML in UTF-8; it is always private, and an exercise never "Actual".

    `sender` is the name of this service (its host), `names` are our own names of States by code. It says what the
    notice says, and so what its audience may read (Article 21). ValueError when it would break a rule of CAP.
    """
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_tag("alert"))
    for name, value in _head(message, sender):
        _add(root, name, value)
    for language in _languages(message):
        _add_info(root, message, CapText(message.notice, language, names))
    faults = cap_faults(root)
    if faults:
        raise ValueError("; ".join(faults))
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _head(message: CaseMessage, sender: str) -> Iterator[Pair]:
    notice, this = message.notice, message.told[-1]
    earlier = [f"{sender},{_identifier(message, told)},{_sent(told.at)}" for told in message.told[:-1]]
    yield "identifier", _identifier(message, this)
    yield "sender", sender
    yield "sent", _sent(this.at)
    yield "status", "Exercise" if notice.exercise else "Actual"
    yield "msgType", _message_type(this, earlier)
    yield "scope", "Private"
    # Addressees do not see each other; blanks divide addresses, unless they are quoted.
    yield "addresses", f'"{message.addressee}"' if " " in message.addressee else message.addressee
    if notice.exercise:
        yield "note", CapText(notice, spoken_language(notice.language), {}).exercise
    if earlier:
        yield "references", " ".join(earlier)
    yield "incidents", str(notice.case_reference)


def _message_type(this: Told, earlier: Sequence[str]) -> str:
    if not earlier:
        return "Alert"
    return "Cancel" if this.type == _WITHDRAWAL else "Update"


def _identifier(message: CaseMessage, told: Told) -> str:
    # The text of another language is another message.
    return f"{message.subject}.{told.sequence}.{spoken_language(message.notice.language)}"


def _sent(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _languages(message: CaseMessage) -> list[str]:
    """Name the languages of the message: the reader's, then that of the report, whose text is authoritative."""
    notice = message.notice
    original = notice.original_language
    too = [original] if original in notice.title and original in available_languages() else []
    return list(dict.fromkeys([spoken_language(notice.language), *too]))


def _add_info(root: ET.Element, message: CaseMessage, text: CapText) -> None:
    notice, withdrawn = message.notice, message.told[-1].type == _WITHDRAWAL
    inputs = notice.report.get("severity_inputs") or {}
    info = ET.SubElement(root, _tag("info"))
    _add(info, "language", text.language)
    for category in ("Env", "Health") if notice.report.get("health") else ("Env",):
        _add(info, "category", category)
    _add(info, "event", text.event)
    if message.is_addressed and not withdrawn:
        _add(info, "responseType", "Assess")
    _add(info, "urgency", "Past" if withdrawn else _URGENCY.get(notice.severity or Severity.LOW, "Unknown"))
    _add(info, "severity", _SEVERITY.get(str(inputs.get("consequence")), "Unknown"))
    _add(info, "certainty", _CERTAINTY.get(str(inputs.get("crossing")), "Unknown"))
    _add(info, "senderName", text.sender_name)
    _add(info, "headline", text.headline)
    _add(info, "description", text.description)
    if message.is_addressed:
        _add(info, "instruction", text.withdrawn if withdrawn else text.instruction)
    _add(info, "web", notice.case_url)
    _add(info, "contact", text.contact)
    for name, value in _parameters(message):
        _add_pair(info, "parameter", name, value)
    for code in _states(notice.report):
        area = ET.SubElement(info, _tag("area"))
        _add(area, "areaDesc", text.state(code))
        _add_pair(area, "geocode", "ISO3166-1", code)


def _parameters(message: CaseMessage) -> Iterator[Pair]:
    notice = message.notice
    yield "case_reference", str(notice.case_reference)
    yield "report_sequence", str(message.told[-1].sequence)
    yield "report_type", message.told[-1].type
    yield "notification_class", str(notice.notification_class)
    yield "handling_priority", str(notice.severity)
    yield "reporting_state", str(notice.reporting_state)
    yield "original_language", notice.original_language
    yield "case_url", notice.case_url
    for number, lmo in enumerate(notice.report.get("lmos") or (), 1):
        for name in ("unique_identifier", "bch_record", "event"):
            if lmo.get(name):
                yield f"lmo_{number}_{name}", str(lmo[name])


def _states(report: Mapping[str, Any]) -> list[str]:
    """Name the States where it is: the affected ones, then that of the release."""
    codes = [str(affected.get("state")) for affected in report.get("affected_states") or ()]
    codes.append(str((report.get("release") or {}).get("state")))
    return [code for code in dict.fromkeys(codes) if re.fullmatch("[A-Z]{2}", code)]


def _add(parent: ET.Element, name: str, value: str) -> None:
    if value:
        ET.SubElement(parent, _tag(name)).text = _NOT_XML.sub("\ufffd", value)


def _add_pair(parent: ET.Element, kind: str, name: str, value: str) -> None:
    pair = ET.SubElement(parent, _tag(kind))
    _add(pair, "valueName", name)
    _add(pair, "value", value)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
