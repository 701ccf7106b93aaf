"""Says what the acknowledgement page shows to the reader of one link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.languages.catalogues import spoken_language
from adapters.languages.formatting import date_time, language_name
from adapters.languages.labels import label
from adapters.languages.sentences import say_in_words
from adapters.portal.chain_view import ToldView, told_views
from adapters.portal.entries import Entry, Reader, Text
from adapters.portal.report_view import Section, lmo_summary, marked_confidential, report_sections, withheld
from contacts.registry import effective_language, effective_time_zone
from notify.acknowledgement import Acknowledgement
from notify.case import CaseStatus
from notify.closing import ClosingAnswer
from notify.confidentiality import visible
from notify.notices import may_be_in_confidence
from notify.notification import AddresseeKind
from notify.ports import Ports
from notify.sentence import Sentence
from notify.service.links import LinkPage
from notify.words import Audience, NotificationClass

_STANDING: Mapping[str, Sentence] = {
    "affected": Sentence("{addressee} is named by the reporting State as affected."),
    "potentially_affected": Sentence("{addressee} is named by the reporting State as potentially affected."),
    "transit": Sentence("{addressee} is named by the reporting State as a State of transit."),
    "organization": Sentence("{addressee} is told as a relevant international organization, Article 17(1)."),
    "bch": Sentence("You are told for the Biosafety Clearing-House, Article 17(1)."),
    "no_longer_named": Sentence("{addressee} was told before, and is no longer named by the reporting State."),
}
_CLOSE_ANSWERS: Mapping[ClosingAnswer, Sentence] = {
    ClosingAnswer.OBJECTS: Sentence("Your State objects to the close."),
    ClosingAnswer.DOES_NOT_OBJECT: Sentence("Your State does not object to the close."),
}


@dataclass(frozen=True, slots=True)
class LinkView:
    """The page of one link in its reader's words."""

    page: LinkPage
    reader: Reader
    time_zone: str
    addressee: str
    titles: tuple[Text, ...]
    sender: str  # "From [authority, State], transmitted by this service."
    original_language: str
    summary: tuple[Entry, ...]
    answers: tuple[str, ...]
    sections: tuple[Section, ...]
    marked: tuple[Entry, ...]
    withheld: tuple[Text, ...]
    is_in_confidence: bool
    told: tuple[ToldView, ...] = ()  # later reports, the latest first

    @property
    def objects_until(self) -> str:
        """Say until when the State may object to the close of the case; "" when no close is announced."""
        asked = self.page.asked
        return "" if asked is None else _moment(asked.window_ends_at, self.reader, self.time_zone)

    @property
    def close_answer(self) -> str:
        """Say what the State answered to the close; "" when it has not."""
        asked = self.page.asked
        if asked is None or asked.answer is None:
            return ""
        return self.reader.say(_CLOSE_ANSWERS[asked.answer])

    @property
    def is_presumed_origin(self) -> bool:
        """Tell whether the addressee is named as presumed State of origin; never as responsible."""
        return self.page.notification.status == "presumed_origin"

    @property
    def is_withdrawn(self) -> bool:
        """Tell whether the case was withdrawn, so that nothing more is asked."""
        return self.page.case.status is CaseStatus.WITHDRAWN

    @property
    def may_deny(self) -> bool:
        """Tell whether there is an answer of somebody else of which this reader may say: this was not us."""
        return self.page.asks_whether_it_was_us and any(
            answer.contact != self.page.contact.id and answer.disputed_at is None for answer in self.page.answers
        )

    @property
    def is_denied(self) -> bool:
        """Tell whether somebody said of an answer: this was not us."""
        return any(answer.disputed_at is not None for answer in self.page.answers)

    @property
    def due(self) -> str:
        """Say by when receipt is to be acknowledged, in the contact's local time and in UTC; "" when nothing is due."""
        due = None if self.page.notification.acknowledged else self.page.notification.due_at
        return "" if due is None else _moment(due, self.reader, self.time_zone)

    @property
    def already(self) -> str:
        """Say who acknowledged first; "" when nobody has."""
        # A material report asks anew: what was answered before it is history.
        asked_at = self.page.notification.asked_at
        answers = [answer for answer in self.page.answers if answer.at >= asked_at]
        if not answers:
            return ""
        first = answers[0]
        values = {"by": first.by, "office": first.office, "time": _moment(first.at, self.reader, self.time_zone)}
        return self.reader.say(Sentence("Already acknowledged by {by} ({office}) at {time}.", values))


def view_of(page: LinkPage, ports: Ports, chosen: str = "") -> LinkView:
    """Put what a link shows into the words of its reader's language, or of the one chosen on the page."""
    contact = page.contact
    state = ports.registry.find(contact.state) if contact.state else None
    wanted = chosen or effective_language(contact, state)
    reader = Reader(spoken_language(wanted), wanted, page.case.original_language, ports.registry.name)
    time_zone = effective_time_zone(contact, (), state)
    addressee = _addressee(page, reader)
    names = {str(known.state_code): known.name for known in ports.registry.states}
    report = page.report.document
    return LinkView(
        page=page,
        reader=reader,
        time_zone=time_zone,
        addressee=addressee,
        titles=reader.brief(page.case.title),
        sender=_sender(page, reader),
        original_language=language_name(page.case.original_language, reader.language),
        summary=tuple(_summary(page, reader, addressee, time_zone, names)),
        answers=tuple(_answer(answer, reader, time_zone) for answer in page.answers),
        sections=tuple(report_sections(report, reader)),
        marked=marked_confidential(report, reader),
        withheld=withheld(page.report.withheld, reader),
        is_in_confidence=_is_in_confidence(page, ports),
        told=tuple(told_views(page, reader, names, time_zone)),
    )


def _is_in_confidence(page: LinkPage, ports: Ports) -> bool:
    """Tell whether a non-Party reads here what the public does not (Article 21)."""
    if not may_be_in_confidence(page.contact, page.case, ports.registry):
        return False
    return visible(dict(page.report.document), Audience.PUBLIC).withheld != ()


def _addressee(page: LinkPage, reader: Reader) -> str:
    addressee = page.notification.addressee
    if addressee.kind is AddresseeKind.BCH:
        return label("bch", reader.language)
    return reader.state(addressee.code) if addressee.kind is AddresseeKind.STATE else addressee.code


def _sender(page: LinkPage, reader: Reader) -> str:
    values = {
        "office": str(page.report.document.get("authority", {}).get("name", "")),
        "state": reader.state(page.case.reporting_state),
    }
    return reader.say(Sentence("From {office}, {state}, transmitted by this service.", values))


def _summary(
    page: LinkPage, reader: Reader, addressee: str, time_zone: str, names: Mapping[str, str]
) -> Iterator[Entry]:
    case, release = page.case, page.report.document.get("release") or {}
    yield Entry(reader.say(Sentence("Case number")), (Text(case.reference, direction="ltr"),))
    lead = Sentence("Class (as given by the reporting State)") if case.voluntary else Sentence("Class")
    yield Entry(reader.say(lead), (Text(_class(page, reader)),))
    values = {"severity": label(case.severity, reader.language)}
    severity = Sentence("{severity} (handling priority, computed, not a finding on risk)", values)
    yield Entry(reader.say(Sentence("Severity")), (Text(reader.say(severity)), Text(reader.say(case.severity_reason))))
    yield Entry(reader.say(Sentence("What")), lmo_summary(page.report.document, reader))
    values = {"state": reader.state(release.get("state")), "date": reader.day(release.get("date"))}
    place = (release.get("place") or {}).get("name")
    where = (Text(reader.say(Sentence("{state}, {date}", values))),)
    yield Entry(reader.say(Sentence("Where and when")), where + (reader.brief(place) if place else ()))
    yield Entry(reader.say(Sentence("How to detect it")), _detection(page, reader))
    standing = _STANDING.get(page.notification.status)
    if standing is not None:
        said = reader.say(Sentence(standing.text, {"addressee": addressee}))
        yield Entry(reader.say(Sentence("Your standing")), (Text(said),))
    why = say_in_words(page.notification.reason, reader.language, names)
    yield Entry(reader.say(Sentence("Why you are told")), (Text(why),))
    yield Entry(reader.say(Sentence("Report submitted")), (Text(_moment(case.opened_at, reader, time_zone)),))


def _class(page: LinkPage, reader: Reader) -> str:
    if page.case.notification_class is not NotificationClass.ILLEGAL_MOVEMENT:
        return label(page.case.notification_class, reader.language)
    values = {"status": label(str(page.report.document.get("illegal_status", "unknown")), reader.language)}
    return reader.say(Sentence("illegal movement ({status}), as considered by the reporting State, Article 25", values))


def _detection(page: LinkPage, reader: Reader) -> tuple[Text, ...]:
    detection = page.report.document.get("detection") or {}
    texts: tuple[Text, ...] = ()
    if detection.get("method"):
        texts += reader.codes([detection["method"]])
    for field in ("description", "laboratory", "reference_material"):
        if detection.get(field):
            texts += reader.brief(detection[field])
    return texts or (Text(reader.say(Sentence("not stated"))),)


def _answer(answer: Acknowledgement, reader: Reader, time_zone: str) -> str:
    said = label(answer.grade, reader.language)
    if answer.assessment is not None:
        values = {"grade": said, "assessment": label(answer.assessment, reader.language)}
        preliminary = Sentence("{grade}: {assessment} (preliminary)", values)
        said = reader.say(preliminary if answer.preliminary else Sentence("{grade}: {assessment}", values))
    values = {
        "by": answer.by,
        "office": answer.office,
        "time": _moment(answer.at, reader, time_zone),
        "said": said,
        "means": label(answer.means, reader.language),
    }
    if answer.disputed_at is None:
        return reader.say(Sentence("{said}, by {by} ({office}) at {time}, by means of {means}", values))
    return reader.say(
        Sentence(
            "{said}, by {by} ({office}) at {time}, by means of {means}; another contact says: this was not us", values
        )
    )


def _moment(moment: datetime, reader: Reader, time_zone: str) -> str:
    return date_time(moment, reader.language, time_zone)
