"""Says what is the same for every reader of one notice: the subject, the opening, and what follows the first lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.email.chain_page import (
    BY_THE_AUTHORITY,
    OF_THE_CHAIN,
    chain_sections,
    closing_sections,
    report_label,
    write_later_report,
)
from adapters.email.chain_page import SUBJECTS as OF_LATER_REPORTS
from adapters.email.headers import clean
from adapters.email.page import Page
from adapters.email.report_page import Section, lmo_summary, report_sections
from adapters.email.states_page import SUBJECTS
from adapters.languages.directions import direction, isolated_from_right
from notify.delivery import Notice, NoticeKind
from notify.sentence import Sentence
from notify.words import Grade, NotificationClass

WITH_REPORT = frozenset(
    {NoticeKind.NOTIFICATION, NoticeKind.REMINDER, NoticeKind.ESCALATION, NoticeKind.RECORD, NoticeKind.FILED}
)
_TITLE_IN_SUBJECT = 120

_SUBJECT_BY_KIND: Mapping[NoticeKind, Sentence] = {
    NoticeKind.REMINDER: Sentence("Reminder, please acknowledge: {title}"),
    NoticeKind.ESCALATION: Sentence("Please acknowledge, others have not yet: {title}"),
    NoticeKind.RECORD: Sentence("BCH record ready for clearance: {title}"),
    NoticeKind.FILED: Sentence("Your report was filed: {title}"),
    NoticeKind.ANSWERED: Sentence("Your State has answered: {title}"),
    NoticeKind.UNREACHED: Sentence("{state} could not be reached: {title}"),
    NoticeKind.TASK: Sentence("Task: {task}"),
    NoticeKind.PAUSED: Sentence("Sending is paused"),
    NoticeKind.RESUMED: Sentence("Sending is resumed"),
    NoticeKind.CLOCK: Sentence("Due soon: {title}"),
    NoticeKind.DRAFT: Sentence("A report waits to be submitted"),
    NoticeKind.TEST: Sentence("Test message"),
    NoticeKind.ENDPOINT_FAILING: Sentence("A webhook endpoint takes no messages"),
    NoticeKind.ENDPOINT_RECOVERED: Sentence("A webhook endpoint takes messages again"),
    NoticeKind.ALARM: Sentence("Operator alarm: {line}"),
    **SUBJECTS,
    **OF_LATER_REPORTS,
}
_SUBJECT_BY_CLASS: Mapping[NotificationClass | None, Sentence] = {
    NotificationClass.ARTICLE_17: Sentence("Article 17 notification ({severity}): {title}"),
    NotificationClass.PRELIMINARY: Sentence("Preliminary notification ({severity}): {title}"),
    NotificationClass.INFORMATION: Sentence("Voluntary information ({severity}): {title}"),
    NotificationClass.ILLEGAL_MOVEMENT: Sentence(
        "Illegal movement, as the reporting State considers ({severity}): {title}"
    ),
}
_SUBJECT_BY_GRADE: Mapping[str, Sentence] = {
    Grade.RECEIVED: Sentence("{state} has acknowledged receipt: {title}"),
    Grade.ASSESSED: Sentence("{state} has assessed the notification: {title}"),
    Grade.ACTING: Sentence("{state} is acting: {title}"),
}
VOLUNTARY = Sentence("Voluntary information, in line with Article 24(2)")


def subject(page: Page, notice: Notice) -> str:
    """Write the subject: it begins with the case number and marks an exercise."""
    details = notice.details
    values = {
        "title": clean(page.chosen(notice.title, notice.original_language)[:_TITLE_IN_SUBJECT]),
        "severity": notice.severity or "unknown",
        "state": page.state(details.get("state")),
        "report": report_label(page, notice),
        "task": page.said(details.get("task")),
        "line": page.said(next(iter(details.get("lines") or ()), "")),
    }
    text = page.say(Sentence(_subject_of(notice).text, values))
    asks_anew = notice.kind in BY_THE_AUTHORITY and notice.wants_acknowledgement
    if notice.kind is NoticeKind.NOTIFICATION or asks_anew:
        text = page.say(Sentence("{subject}; please acknowledge", {"subject": text}))
    if notice.exercise:
        text = page.say(Sentence("EXERCISE – {subject}", {"subject": text}))
    if direction(page.language) == "rtl":
        text = isolated_from_right(text)
    # The start is the same in all languages and bare: mail programs and people find the mails of a case by it.
    return f"[{notice.case_reference or 'Article 17'}] {text}"


def write_opening(page: Page, notice: Notice) -> None:
    """Write who speaks, then what it is about, where, how to detect it, and its handling priority."""
    page.add(None, _from_whom(page, notice), strong=True)
    if notice.exercise:
        page.add(
            None,
            Sentence("EXERCISE – this is an exercise: what it describes has not happened."),
            strong=True,
        )
    if notice.details.get("voluntary"):
        page.add(None, VOLUNTARY, strong=True)
    if notice.kind is NoticeKind.WITHDRAWN:
        write_later_report(page, notice)
    page.name(Sentence("What"), notice.title, notice.original_language)
    if notice.kind is NoticeKind.REPORT:
        write_later_report(page, notice)
    if notice.kind in BY_THE_AUTHORITY:
        _write_class(page, notice)
    if notice.kind in WITH_REPORT:
        _write_class(page, notice)
        _write_what_where_how(page, notice)
    if notice.severity is not None:
        values = {"severity": page.label(notice.severity)}
        page.add(
            Sentence("Severity"), Sentence("{severity} (handling priority, computed, not a finding on risk)", values)
        )
        if notice.kind in WITH_REPORT:
            page.add(Sentence("Reason of the severity"), notice.severity_reason)


def rest_sections(page: Page, notice: Notice) -> Iterator[Section]:
    """Give what follows the first lines: what this kind of notice brings, then the report, then where to find more."""
    if notice.kind in OF_THE_CHAIN:
        yield from closing_sections(page, notice)
    else:
        yield from _kind_sections(page, notice)
    yield from chain_sections(page, notice)
    if notice.kind in WITH_REPORT:
        yield from report_sections(page, notice)
    block = page.fresh()
    if notice.case_url:
        block.add(Sentence("For systems with an account"), notice.case_url, link=True)
    if notice.twin:
        text = Sentence("{case}: the same occurrence, on the other side of Article 25", {"case": notice.twin})
        block.add(Sentence("Linked case"), text)
    block.add(Sentence("Head of the case log when this was written"), notice.log_head)
    block.add(None, Sentence("This message was sent by a machine. Replies to it are read by the secretariat."))
    yield Section(page.say(Sentence("About this message")), tuple(block.lines))


def _subject_of(notice: Notice) -> Sentence:
    if notice.kind is NoticeKind.ACKNOWLEDGED:
        return _SUBJECT_BY_GRADE[str(notice.details.get("grade", Grade.RECEIVED))]
    if notice.kind is not NoticeKind.NOTIFICATION:
        return _SUBJECT_BY_KIND[notice.kind]
    if notice.details.get("voluntary"):
        return Sentence("Voluntary information, Article 24(2) ({severity}): {title}")
    return _SUBJECT_BY_CLASS.get(notice.notification_class, Sentence("Notification: {title}"))


def _from_whom(page: Page, notice: Notice) -> Sentence:
    office, state = notice.authority, notice.reporting_state
    # Only what passes on the report speaks for its authority; the rest the service says itself.
    if notice.kind not in WITH_REPORT | BY_THE_AUTHORITY or not office or not state:
        return Sentence("From the Article 17 notification service.")
    return Sentence(
        "From {office}, {state}, transmitted by this service.", {"office": office, "state": page.state(state)}
    )


def _write_class(page: Page, notice: Notice) -> None:
    voluntary = notice.details.get("voluntary")
    lead = Sentence("Class (as given by the reporting State)") if voluntary else Sentence("Class")
    if notice.notification_class is NotificationClass.ILLEGAL_MOVEMENT:
        values = {"status": page.label(notice.report.get("illegal_status", "unknown"))}
        text = Sentence("illegal movement ({status}), as considered by the reporting State, Article 25", values)
        page.add(lead, text)
    elif notice.notification_class is not None:
        page.codes(lead, str(notice.notification_class))


def _write_what_where_how(page: Page, notice: Notice) -> None:
    report = notice.report
    lmos: Sequence[Mapping[str, Any]] = report.get("lmos") or ()
    page.add(Sentence("LMO"), "; ".join(lmo_summary(page, lmo) for lmo in lmos))
    release = report.get("release") or {}
    if release:
        _write_where_and_when(page, release)
        place = (release.get("place") or {}).get("name")
        page.name(Sentence("Place"), place, notice.original_language)
    detection = report.get("detection") or {}
    if detection:
        page.codes(Sentence("How to detect it"), detection.get("method"))
        page.narrative(Sentence("Detection"), detection.get("description"), notice.original_language)
    else:
        page.add(Sentence("How to detect it"), Sentence("not stated"))


def _write_where_and_when(page: Page, release: Mapping[str, Any]) -> None:
    date = release.get("date") or {}
    values = {
        "state": "" if release.get("state", "unknown") == "unknown" else page.state(release["state"]),
        "date": "" if date.get("value") is None or date.get("precision") == "unknown" else page.day(date),
    }
    if values["state"] and values["date"]:
        said = Sentence("{state}, {date}", values)
    elif values["state"]:
        said = Sentence("{state}; the date is not stated", values)
    elif values["date"]:
        said = Sentence("{date}; the State is not stated", values)
    else:
        said = Sentence("not stated")
    page.add(Sentence("Where and when"), said)


def _kind_sections(page: Page, notice: Notice) -> Iterator[Section]:
    details = notice.details
    if notice.kind is NoticeKind.FILED:
        told: list[tuple[str | None, str]] = [
            (page.state(each["name"]), page.said(each.get("reason"))) for each in details.get("notifications") or ()
        ]
        nobody = Sentence("No State other than your own is named, so no State is told.")
        if not details.get("states"):
            told.append((None, page.say(nobody)))
        yield _section(page, Sentence("Who is told"), told)
        yield from _lines(page, Sentence("What must be done by hand"), details.get("tasks"))
    elif notice.kind is NoticeKind.RECORD:
        missing = details.get("to_complete") or [Sentence("Nothing.")]
        yield from _lines(page, Sentence("To complete before clearance"), missing)
    else:
        yield from _lines(page, Sentence("Details"), details.get("lines"))


def _lines(page: Page, heading: Sentence, lines: Any) -> Iterator[Section]:
    if lines:
        yield _section(page, heading, [(None, page.said(line)) for line in lines])


def _section(page: Page, heading: Sentence, lines: Sequence[tuple[str | None, str]]) -> Section:
    block = page.fresh()
    for lead, text in lines:
        block.add(lead, text)
    return Section(page.say(heading), tuple(block.lines))
