"""Lays out a report by the items (a) to (e) of Article 17(3), so that an officer can read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.email.page import Line, Page
from adapters.languages.catalogues import say
from adapters.languages.field_names import field_name
from adapters.languages.formatting import amount, listed
from notify.delivery import Notice
from notify.sentence import Sentence

Report = Mapping[str, Any]


_AUTHORITATIVE = Sentence(
    "The texts of the report are those of the reporting State and are authoritative in {language}. "
    "Headings, names of codes and the form are by this service."
)


@dataclass(frozen=True, slots=True)
class Section:
    """One headed part of a mail."""

    heading: str
    lines: tuple[Line, ...]


def report_sections(page: Page, notice: Notice) -> Iterator[Section]:
    """Give the sections of the report that this audience may read, and what was left out."""
    for heading, write in _SECTIONS:
        block = page.fresh()
        write(block, notice.report, notice.original_language)
        if block.lines:
            yield Section(say(heading, page.language), tuple(block.lines))
    if notice.withheld:
        block = page.fresh()
        block.add(
            Sentence("withheld as confidential"),
            "; ".join(field_name(pointer, page.language) for pointer in notice.withheld),
        )
        yield Section(say(Sentence("Withheld from this copy"), page.language), tuple(block.lines))


def lmo_summary(page: Page, lmo: Report) -> str:
    """Name one LMO in a line: common and scientific name, event, unique identifier, or its description."""
    parts = [lmo.get(name) for name in ("common_name", "scientific_name", "event", "unique_identifier", "bch_record")]
    named = [_plain(page, part) for part in parts if part]
    joined = listed(named, page.language, with_and=False)
    return joined or _plain(page, lmo.get("description")) or say(Sentence("unidentified"), page.language)


def _is_state_code(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 2 and value.isupper()


def _plain(page: Page, value: Any) -> str:
    if isinstance(value, Mapping):
        return page.chosen(value)
    return str(value or "")


def _basis(page: Page, report: Report, original: str) -> None:
    page.add(Sentence("Reporting State"), page.state(report["reporting_state"]) if "reporting_state" in report else "")
    page.codes(Sentence("Reports as"), report.get("capacity"))
    page.add(Sentence("Authority"), _office(report.get("authority"), "name"))
    page.add(Sentence("Sender"), _office(report.get("sender"), "name", "position"))
    page.codes(Sentence("Report"), report.get("type"))
    page.narrative(Sentence("Reason for this report"), report.get("reason"), original)
    page.add(Sentence("Original language of the report"), page.language_of(original))
    page.add(None, Sentence(_AUTHORITATIVE.text, {"language": page.language_of(original)}))
    determination = report.get("determination") or {}
    page.codes(Sentence("Determination"), determination.get("outcome"))
    page.add(Sentence("Determined by"), determination.get("office"))
    page.add(Sentence("Determined on"), page.day(determination["date"]) if determination.get("date") else "")
    page.narrative(Sentence("Reason of the determination"), determination.get("reason"), original)
    _knowledge(page, report.get("knowledge"))
    origin = report.get("origin") or {}
    if origin:
        named = Sentence("{state} (certainty: {certainty})")
        if origin.get("certainty", "unknown") == "unknown":
            named = Sentence("{state}")
        values = {"state": page.state(origin.get("state")), "certainty": page.label(origin.get("certainty"))}
        page.add(Sentence("Presumed State of origin"), Sentence(named.text, values))
    for affected in report.get("affected_states") or ():
        _affected_state(page, affected, original)
    if report.get("affected_states_determined") is False:
        page.add(None, Sentence("The list of affected States may be incomplete."))


def _knowledge(page: Page, knowledge: Report | None) -> None:
    if knowledge is None:
        return
    page.add(Sentence("First indication"), page.day(knowledge.get("first_indication")))
    page.add(Sentence("Reported to the authority"), page.day(knowledge.get("reported_to_authority")))
    page.add(Sentence("Confirmed"), page.day(knowledge.get("confirmed")))


def _affected_state(page: Page, affected: Report, original: str) -> None:
    name = page.state(affected.get("state"))
    codes = [affected.get("status"), affected.get("movement"), affected.get("basis")]
    page.codes(name, [code for code in codes if code and code != "unknown"] or ["unknown"])
    page.narrative(Sentence("{state}, reason", {"state": name}), affected.get("reason"), original)


def _item_a(page: Page, report: Report, original: str) -> None:
    for number, lmo in enumerate(report.get("lmos") or (), 1):
        page.add(Sentence("LMO {number}", {"number": number}), lmo_summary(page, lmo))
        page.narrative(Sentence("Description"), lmo.get("description"), original)
        page.add(Sentence("BCH record"), lmo.get("bch_record"))
        for trait in lmo.get("traits") or ():
            page.name(Sentence("Trait"), trait, original)
        page.codes(Sentence("Gene drive"), lmo.get("gene_drive"))
        page.codes(Sentence("Viability"), lmo.get("viability"))
    inputs = report.get("severity_inputs") or {}
    page.codes(Sentence("Self-sustaining"), inputs.get("self_sustaining"))
    quantity = report.get("quantity") or {}
    page.narrative(Sentence("Estimated quantity"), quantity.get("text"), original)
    page.add(Sentence("Quantity"), _amount(page, quantity))
    page.narrative(Sentence("How it was estimated"), quantity.get("method"), original)
    page.codes(Sentence("Certainty of the quantity"), quantity.get("certainty"))


def _amount(page: Page, quantity: Report) -> str:
    unit = _plain(page, quantity.get("unit"))
    parts = []
    if quantity.get("value") is not None:
        parts.append(f"{amount(quantity['value'], page.language)} {unit}".strip())
    if quantity.get("minimum") is not None or quantity.get("maximum") is not None:
        low, high = (amount(quantity.get(end, "?"), page.language) for end in ("minimum", "maximum"))
        parts.append(f"{low} – {high} {unit}".strip())
    return listed(parts, page.language, with_and=False)


def _item_b(page: Page, report: Report, original: str) -> None:
    release = report.get("release") or {}
    page.add(Sentence("State of release"), page.state(release.get("state")) if release else "")
    page.add(Sentence("Estimated date of the release"), page.day(release.get("date")) if release else "")
    page.codes(Sentence("Ongoing"), release.get("ongoing"))
    page.codes(Sentence("Type of release"), release.get("types"))
    page.codes(Sentence("Cause"), release.get("causes"))
    page.codes(Sentence("Pathway"), release.get("pathways"))
    page.narrative(Sentence("Circumstances"), release.get("circumstances"), original)
    place = release.get("place") or {}
    page.name(Sentence("Place"), place.get("name"), original)
    if "latitude" in place and "longitude" in place:
        page.add(Sentence("Coordinates"), f"{place['latitude']}, {place['longitude']}")
    page.codes(Sentence("Environment"), place.get("environments"))
    use = report.get("lmo_use") or {}
    page.codes(Sentence("Use of the LMO in the originating Party"), use.get("use"))
    page.codes(Sentence("Authorisation"), use.get("authorisation"))
    page.narrative(Sentence("Description of the use"), use.get("description"), original)


def _item_c(page: Page, report: Report, original: str) -> None:
    for effect in report.get("effects") or ():
        page.codes(Sentence("Possible adverse effect"), effect.get("kind"))
        page.narrative(Sentence("What may be affected"), effect.get("receptor"), original)
        page.codes(Sentence("Likelihood"), effect.get("likelihood"))
        page.codes(Sentence("Consequence"), effect.get("consequence"))
        page.narrative(Sentence("Description of the effect"), effect.get("description"), original)
        page.narrative(Sentence("Evidence"), effect.get("evidence"), original)
    page.narrative(Sentence("Human health"), report.get("health"), original)
    for assessment in report.get("risk_assessments") or ():
        page.name(Sentence("Risk assessment"), assessment.get("title"), original)
        page.address(None, assessment.get("url"))
    for measure in report.get("risk_management") or ():
        page.narrative(Sentence("Possible risk management measure"), measure, original)


def _item_d(page: Page, report: Report, original: str) -> None:
    detection = report.get("detection") or {}
    page.codes(Sentence("Detection method"), detection.get("method"))
    page.narrative(Sentence("How to detect it"), detection.get("description"), original)
    page.name(Sentence("Laboratory"), detection.get("laboratory"), original)
    page.narrative(Sentence("Reference material"), detection.get("reference_material"), original)
    for measure in report.get("measures") or ():
        _measure(page, measure, original)
    for consignment in report.get("consignments") or ():
        _consignment(page, consignment, original)
    for finding in report.get("findings") or ():
        _finding(page, finding, original)
    page.narrative(Sentence("Monitoring"), report.get("monitoring"), original)
    assistance = report.get("assistance") or {}
    page.narrative(Sentence("Assistance requested"), assistance.get("requested"), original)
    page.narrative(Sentence("Assistance offered"), assistance.get("offered"), original)
    _communities(page, report.get("communities_informed"), original)
    page.codes(
        Sentence("Damage in the sense of the Supplementary Protocol considered"), report.get("damage_considered")
    )
    page.listing(Sentence("Organizations to notify"), report.get("organizations") or ())
    statement = report.get("first_public_statement") or {}
    if statement:
        page.add(Sentence("First public statement"), page.day(statement.get("date")))
        page.address(None, statement.get("url"))
    page.narrative(Sentence("Other information"), report.get("other_information"), original)
    for attachment in report.get("attachments") or ():
        page.add(Sentence("Attached document"), str(attachment.get("filename", "")))


def _communities(page: Page, informed: Any, original: str) -> None:
    if isinstance(informed, bool):
        page.codes(Sentence("Communities informed"), "yes" if informed else "no")
    else:
        page.narrative(Sentence("Communities informed"), informed, original)


def _measure(page: Page, measure: Report, original: str) -> None:
    page.codes(Sentence("Measure"), [code for code in (measure.get("type"), measure.get("status")) if code])
    actor = measure.get("actor")
    page.name(Sentence("Taken by"), page.state(actor) if _is_state_code(actor) else actor, original)
    page.add(Sentence("Date of the measure"), page.day(measure["date"]) if measure.get("date") else "")
    page.narrative(Sentence("Description of the measure"), measure.get("description"), original)


def _consignment(page: Page, consignment: Report, original: str) -> None:
    page.name(Sentence("Consignment"), consignment.get("product"), original)
    page.add(Sentence("Lot"), _plain(page, consignment.get("lot")))
    page.name(Sentence("Quantity of the consignment"), consignment.get("quantity"), original)
    page.add(
        Sentence("Dispatched on"), page.day(consignment["dispatched_on"]) if "dispatched_on" in consignment else ""
    )
    page.add(Sentence("From"), page.state(consignment.get("from")))
    page.add(Sentence("To"), page.state(consignment.get("to")))
    transit = consignment.get("transit_states") or ()
    page.add(Sentence("By way of"), page.states(transit) if transit else "")
    page.name(Sentence("Consignor"), consignment.get("consignor"), original)
    page.name(Sentence("Consignee"), consignment.get("consignee"), original)
    page.narrative(Sentence("Documentation"), consignment.get("documentation"), original)


def _finding(page: Page, finding: Report, original: str) -> None:
    values = {"state": page.state(finding.get("state")), "date": page.day(finding.get("date"))}
    page.add(Sentence("Finding"), Sentence("{state}, {date}", values))
    page.name(Sentence("Place of the finding"), finding.get("place"), original)
    page.codes(Sentence("Method of the finding"), finding.get("method"))
    page.name(Sentence("Laboratory"), finding.get("laboratory"), original)


def _item_e(page: Page, report: Report, original: str) -> None:
    contact = report.get("contact_for_information") or {}
    page.name(Sentence("Office"), contact.get("office"), original)
    page.add(Sentence("E-mail"), contact.get("email"))
    page.add(Sentence("Telephone"), contact.get("telephone"))
    if "around_the_clock" in contact:
        page.codes(Sentence("Reachable around the clock"), "yes" if contact["around_the_clock"] else "no")
    languages = [page.language_of(tag) for tag in contact.get("languages") or ()]
    page.listing(Sentence("Languages"), languages)


def _office(office: Report | None, *names: str) -> str:
    return ", ".join(str(office[name]) for name in names if office.get(name)) if office else ""


_SECTIONS: tuple[tuple[Sentence, Callable[[Page, Report, str], None]], ...] = (
    (Sentence("The report"), _basis),
    (Sentence("(a) Quantities, characteristics and traits of the LMO"), _item_a),
    (Sentence("(b) Circumstances and date of the release, use of the LMO"), _item_b),
    (Sentence("(c) Possible adverse effects and risk management measures"), _item_c),
    (Sentence("(d) Other relevant information"), _item_d),
    (Sentence("(e) Point of contact for further information"), _item_e),
)
