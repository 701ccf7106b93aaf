"""Says which part of the public report stands in which text of the BCH record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from notify.record_text import Code
from notify.sentence import Sentence

Lines = Iterator[Sentence]
"""A line with a place that has nothing to say is left out when the lines are written."""

_STATUSES = ("affected", "potentially_affected", "transit")


def place(document: Mapping[str, Any]) -> Lines:
    """Say where it got out; never the coordinates, which are not public."""
    release = _part(document, "release")
    where = _part(release, "place")
    if release.get("state") == "unknown":
        yield Sentence("State of release: not known")
    else:
        yield Sentence("State of release: {state}", {"state": _state(release.get("state"))})
    yield _narrative(where.get("name"))
    yield Sentence("Environment: {environments}", {"environments": _codes(where.get("environments"))})


def circumstances(document: Mapping[str, Any]) -> Lines:
    """Say how and when it got out (Article 17(3)(b)); a date that is no full day stands here only."""
    release = _part(document, "release")
    yield from _release_date(_part(release, "date"))
    yield Sentence("Type of release: {types}", {"types": _codes(release.get("types"))})
    yield Sentence("Cause: {causes}", {"causes": _codes(release.get("causes"))})
    yield Sentence("Pathway: {pathways}", {"pathways": _codes(release.get("pathways"))})
    yield _narrative(release.get("circumstances"))
    match release.get("ongoing"):
        case True | "yes" | "ongoing":
            yield Sentence("The release is ongoing")
        case False | "no" | "ended":
            yield Sentence("The release has ended")


def quantities(document: Mapping[str, Any]) -> Lines:
    """Say which LMOs, with their characteristics or traits, and how much of them (Article 17(3)(a))."""
    for lmo in document.get("lmos") or ():
        names = (lmo.get("unique_identifier"), lmo.get("common_name"), lmo.get("scientific_name"))
        yield Sentence("LMO: {names}", {"names": names})
        yield Sentence("Transformation event: {event}", {"event": lmo.get("event")})
        yield Sentence("Traits: {traits}", {"traits": tuple(lmo.get("traits") or ())})
        yield _narrative(lmo.get("description"))
        if lmo.get("gene_drive") in (True, "yes"):
            yield Sentence("It carries a gene drive")
        yield Sentence("Viability: {viability}", {"viability": _code(lmo.get("viability"))})
        yield Sentence("BCH record of the LMO: {record}", {"record": lmo.get("bch_record")})
    quantity = _part(document, "quantity")
    unit = quantity.get("unit")
    yield Sentence("Estimated quantity: {text}", {"text": quantity.get("text")})
    yield Sentence("Estimated quantity: {amount}", {"amount": _amount(quantity.get("value"), unit)})
    yield Sentence("At least {minimum}", {"minimum": _amount(quantity.get("minimum"), unit)})
    yield Sentence("At most {maximum}", {"maximum": _amount(quantity.get("maximum"), unit)})
    yield Sentence("Method of the estimate: {method}", {"method": _code(quantity.get("method"))})
    yield Sentence("Certainty of the estimate: {certainty}", {"certainty": _code(quantity.get("certainty"))})


def use(document: Mapping[str, Any]) -> Lines:
    """Say what the LMO is used for in the originating Party (Article 17(3)(b))."""
    lmo_use = _part(document, "lmo_use")
    yield Sentence("Use: {use}", {"use": _code(lmo_use.get("use"))})
    yield Sentence("Authorisation: {authorisation}", {"authorisation": _code(lmo_use.get("authorisation"))})
    yield _narrative(lmo_use.get("description"))


def adverse_effects(document: Mapping[str, Any]) -> Lines:
    """Say the possible adverse effects and the possible risk management measures (Article 17(3)(c))."""
    for effect in document.get("effects") or ():
        facts = (_code(effect.get("kind")), effect.get("receptor"))
        yield Sentence("Possible adverse effect: {facts}", {"facts": facts})
        yield Sentence("Likelihood: {likelihood}", {"likelihood": _code(effect.get("likelihood"))})
        yield Sentence("Consequence: {consequence}", {"consequence": _code(effect.get("consequence"))})
        yield _narrative(effect.get("description"))
    yield Sentence("Human health: {text}", {"text": document.get("health")})
    for assessment in document.get("risk_assessments") or ():
        yield Sentence("Risk assessment: {title}", {"title": assessment.get("title")})
    for measure in document.get("risk_management") or ():
        yield Sentence("Possible risk management measure: {text}", {"text": measure})


def other_information(document: Mapping[str, Any]) -> Lines:
    """Say any other relevant information (Article 17(3)(d)); never the names of operators, which are not public."""
    yield _narrative(document.get("other_information"))
    yield from _detection(_part(document, "detection"))
    yield Sentence("Monitoring: {text}", {"text": document.get("monitoring")})
    for measure in document.get("measures") or ():
        facts = (_code(measure.get("type")), _code(measure.get("status")), _day(measure.get("date")))
        yield Sentence("Measure: {facts}", {"facts": facts})
        yield Sentence("By: {actor}", {"actor": measure.get("actor")})
        yield Sentence("Effectiveness: {effectiveness}", {"effectiveness": _code(measure.get("effectiveness"))})
        yield _narrative(measure.get("description"))
    for consignment in document.get("consignments") or ():
        yield from _consignment(consignment)
    for finding in document.get("findings") or ():
        found = (_state(finding.get("state")), finding.get("place"), _day(finding.get("date")))
        how = (_code(finding.get("method")), finding.get("laboratory"))
        yield Sentence("Finding: {facts}", {"facts": (*found, *how)})
    assistance = _part(document, "assistance")
    yield Sentence("Assistance requested: {text}", {"text": assistance.get("requested")})
    yield Sentence("Assistance offered: {text}", {"text": assistance.get("offered")})
    yield from _communities(document.get("communities_informed"))
    if document.get("damage_considered"):
        considered = {"considered": Code(document["damage_considered"])}
        yield Sentence("Damage in the sense of the Supplementary Protocol considered: {considered}", considered)
    yield Sentence("Organizations: {organizations}", {"organizations": tuple(document.get("organizations") or ())})
    statement = _part(document, "first_public_statement")
    yield Sentence("First public statement: {day}", {"day": _day(statement.get("date"))})


def affected_states(document: Mapping[str, Any], withheld: Iterable[str]) -> Lines:
    """List the affected and potentially affected States, for which the BCH form has no field."""
    groups: dict[tuple[str, Any], list[Code]] = {}
    for entry in document.get("affected_states") or ():
        groups.setdefault((entry["status"], _code(entry.get("movement"))), []).append(Code(entry["state"]))
    for status, movement in sorted(groups, key=lambda group: _STATUSES.index(group[0])):
        states = tuple(groups[status, movement])
        match status:
            case "affected":
                yield Sentence("Affected States: {states}", {"states": states})
            case "potentially_affected":
                yield Sentence("Potentially affected States: {states}", {"states": states})
            case _:
                yield Sentence("States of transit: {states}", {"states": states})
        yield Sentence("Movement to these States: {movement}", {"movement": movement})
    for entry in document.get("affected_states") or ():
        yield Sentence("{state}: {reason}", {"state": Code(entry["state"]), "reason": entry.get("reason")})
    # An empty list may only mean that its entries are not public; then nothing is said of it.
    if not groups and not is_withheld("/affected_states", withheld):
        yield Sentence("Affected States: not determined")
    elif document.get("affected_states_determined") is False:
        yield Sentence("The list of affected States may be incomplete")


def background(document: Mapping[str, Any]) -> Lines:
    """Say in which capacity the State reports, what it determined and since when it knows."""
    yield Sentence("Notifying authority: {name}", {"name": _part(document, "authority").get("name")})
    yield Sentence("The reporting State is: {capacity}", {"capacity": _code(document.get("capacity"))})
    origin = _part(document, "origin")
    if origin.get("state") == "unknown":
        yield Sentence("State of origin: not known")
    else:
        yield Sentence("Presumed State of origin: {state}", {"state": _state(origin.get("state"))})
    yield Sentence("Certainty of the origin: {certainty}", {"certainty": _code(origin.get("certainty"))})
    determination = _part(document, "determination")
    facts = (_code(determination.get("outcome")), determination.get("office"), _day(determination.get("date")))
    yield Sentence("Determination: {facts}", {"facts": facts})
    yield Sentence("Reason: {text}", {"text": determination.get("reason")})
    illegal = _code(document.get("illegal_status"))
    yield Sentence("Illegal movement, as considered by the reporting State: {status}", {"status": illegal})
    knowledge = _part(document, "knowledge")
    yield Sentence("First indication: {day}", {"day": _day(knowledge.get("first_indication"))})
    yield Sentence("Reported to the authority: {day}", {"day": _day(knowledge.get("reported_to_authority"))})
    yield Sentence("Confirmed: {day}", {"day": _day(knowledge.get("confirmed"))})


def point_of_contact(document: Mapping[str, Any]) -> Lines:
    """Name the office to ask (Article 17(3)(e)) in words, while it has no contact record in the BCH."""
    contact = _part(document, "contact_for_information")
    facts = (contact.get("office"), contact.get("email"), contact.get("telephone"))
    yield Sentence("Point of contact for further information: {facts}", {"facts": facts})
    languages = tuple(contact.get("languages") or ())
    yield Sentence("Languages of the point of contact: {languages}", {"languages": languages})
    if contact.get("around_the_clock"):
        yield Sentence("The point of contact can be reached around the clock")


def is_withheld(pointer: str, withheld: Iterable[str]) -> bool:
    """Say whether the field at the pointer, or something in it, is kept from the public."""
    return any(hidden == pointer or hidden.startswith(f"{pointer}/") for hidden in withheld)


def _release_date(moment: Mapping[str, Any]) -> Lines:
    value = moment.get("value")
    if not moment:
        return
    match moment.get("precision"):
        case _ if value is None:
            yield Sentence("Date of the release: not known")
        case "hour":
            yield Sentence("Time of the release: {value}", {"value": value})
        case "month":
            yield Sentence("Estimated date of the release: {value} (the day is not known)", {"value": value})
        case "year":
            yield Sentence("Estimated date of the release: {value} (the month is not known)", {"value": value})
        case _:
            yield Sentence("Estimated date of the release: {value}", {"value": value})


def _detection(detection: Mapping[str, Any]) -> Lines:
    yield Sentence("How to detect it: {method}", {"method": _code(detection.get("method"))})
    yield _narrative(detection.get("description"))
    yield Sentence("Laboratory: {laboratory}", {"laboratory": detection.get("laboratory")})
    yield Sentence("Reference material: {source}", {"source": detection.get("reference_material")})


def _consignment(consignment: Mapping[str, Any]) -> Lines:
    facts = (consignment.get("product"), consignment.get("lot"), consignment.get("quantity"))
    yield Sentence("Consignment: {facts}", {"facts": facts})
    yield Sentence("Dispatched on: {day}", {"day": _day(consignment.get("dispatched_on"))})
    ends = {"origin": _state(consignment.get("from")), "destination": _state(consignment.get("to"))}
    yield Sentence("From {origin} to {destination}", ends)
    transit = tuple(Code(state) for state in consignment.get("transit_states") or ())
    yield Sentence("By way of: {states}", {"states": transit})
    yield Sentence("Documents: {documentation}", {"documentation": consignment.get("documentation")})


def _communities(informed: object) -> Lines:
    match informed:
        case True | "yes":
            yield Sentence("Affected communities have been informed")
        case False | "no":
            yield Sentence("Affected communities have not been informed")
        case str() | Mapping():
            yield Sentence("Communities informed: {text}", {"text": informed})


def _narrative(text: object) -> Sentence:
    return Sentence("{text}", {"text": text})


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return document.get(name) or {}


def _state(code: object) -> Code | None:
    return Code(code) if isinstance(code, str) else None


def _code(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get("text") or (Code(value["code"]) if "code" in value else value)
    return None if value in (None, "unknown") else Code(value)


def _codes(values: Iterable[Any] | None) -> tuple[Any, ...]:
    return tuple(_code(value) for value in values or ())


def _day(moment: Any) -> str | None:
    value = moment.get("value") if isinstance(moment, Mapping) else moment
    return None if value is None else str(value)


def _amount(value: Any, unit: Any) -> str | None:
    if value is None:
        return None
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    return f"{number} {unit}" if unit else str(number)
