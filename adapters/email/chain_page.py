"""Writes what later reports say: the report itself, what it changed, a retraction, and the close of a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from adapters.email.page import Page
from adapters.email.report_page import Section, report_sections
from adapters.languages.field_names import field_name
from adapters.languages.values import Values
from notify.clocks import Extent
from notify.delivery import Notice, NoticeKind, Recipient, ToldReport
from notify.differences import Change, Difference
from notify.sentence import Sentence

SUBJECTS: Mapping[NoticeKind, Sentence] = {
    NoticeKind.REPORT: Sentence("{report} ({severity}): {title}"),
    NoticeKind.WITHDRAWN: Sentence("WITHDRAWN: {title}"),
    NoticeKind.CLOSING: Sentence("About to close, please say whether your State objects: {title}"),
    NoticeKind.KEPT_OPEN: Sentence("The case stays open: {title}"),
    NoticeKind.CLOSED: Sentence("The case is closed: {title}"),
    NoticeKind.REOPENED: Sentence("The case is reopened on new evidence: {title}"),
}
OF_THE_CHAIN = frozenset(SUBJECTS)
BY_THE_AUTHORITY = frozenset({NoticeKind.REPORT, NoticeKind.WITHDRAWN})
"""What passes on the words of the reporting State."""

_CHANGES: Mapping[Change, Sentence] = {
    Change.ADDED: Sentence("new: {now}"),
    Change.CHANGED: Sentence("was: {was} – is now: {now}"),
    Change.REMOVED: Sentence("was: {was} – is stated no more"),
}
_TAKEN_BACK = Sentence("The reporting State withdraws this case: all that was notified in it is taken back.")
_ANNOUNCED = Sentence("The reporting State announces that it will close this case. Does your State object?")
SILENCE = Sentence(
    "Silence is recorded as “no objection received”, never as consent; the close is without prejudice to any"
    " State's position, to Article 25 or to liability."
)


def report_label(page: Page, notice: Notice) -> str:
    """Name the kind of a later report, as the beginning of a subject."""
    name = page.label(notice.chain[-1].type) if notice.chain else ""
    return name[:1].upper() + name[1:]


def write_later_report(page: Page, notice: Notice) -> None:
    """Write at the top what a later report is, and why it follows; a retraction says first that all is taken back."""
    if not notice.chain:
        return
    told = notice.chain[-1]
    if notice.kind is NoticeKind.WITHDRAWN:
        page.add(None, _TAKEN_BACK, strong=True)
        page.narrative(Sentence("Why it is withdrawn"), told.reason, notice.original_language)
        return
    values = {"report": page.label(told.type), "number": told.sequence}
    page.add(Sentence("Report"), Sentence("{report}; number {number} in its case", values), strong=True)
    page.narrative(Sentence("Reason for this report"), told.reason, notice.original_language)
    if told.material:
        page.add(None, Sentence("It is material: please acknowledge anew."), strong=True)


def chain_sections(page: Page, notice: Notice) -> Iterator[Section]:
    """Give what changed since the last report; for those told late, every report so far."""
    if notice.kind in BY_THE_AUTHORITY:
        if notice.extent is not Extent.BRIEF and notice.chain:
            yield _changes(page, notice, notice.chain[-1], Sentence("What changed since the last report"))
        if notice.kind is NoticeKind.REPORT and notice.extent is Extent.WHOLE:
            yield from report_sections(page, notice)
        return
    for told in notice.chain:
        if told.sequence > 1:
            values = {
                "number": told.sequence,
                "report": page.label(told.type),
                "moment": page.moment(told.submitted_at, "UTC"),
            }
            yield _changes(page, notice, told, Sentence("Report {number}: {report}, {moment}", values))


def _changes(page: Page, notice: Notice, told: ToldReport, heading: Sentence) -> Section:
    block = page.fresh()
    if notice.kind not in BY_THE_AUTHORITY:
        block.narrative(Sentence("Reason for this report"), told.reason, notice.original_language)
    values = Values(page.language, page.wanted, notice.original_language, page.registry_names)
    for one in told.differences:
        lead = field_name(one.pointer, page.language)
        block.add(lead[:1].upper() + lead[1:], difference_sentence(one, values))
    if not told.differences:
        block.add(None, Sentence("Nothing that you may read changed."))
    return Section(page.say(heading), tuple(block.lines))


def difference_sentence(one: Difference, values: Values) -> Sentence:
    """Say of one field what it was and what it is."""
    steps = [step for step in one.pointer.split("/") if step and not step.isdigit()]
    name, holder = steps[-1], steps[-2] if len(steps) > 1 else ""
    was = "" if one.change is Change.ADDED else values.say(name, one.before, holder)
    now = "" if one.change is Change.REMOVED else values.say(name, one.after, holder)
    return Sentence(_CHANGES[one.change].text, {"was": was, "now": now})


def write_own_of_the_chain(page: Page, notice: Notice, recipient: Recipient) -> bool:
    """Write what is asked of this reader; tell whether that is all, so that nothing more is asked."""
    if notice.kind is NoticeKind.CLOSING:
        _write_closing(page, notice, recipient)
        return True
    if notice.kind in (NoticeKind.KEPT_OPEN, NoticeKind.CLOSED, NoticeKind.REOPENED):
        page.add(Sentence("Read the case here"), recipient.acknowledge_url, link=True)
        return True
    if notice.kind is NoticeKind.REPORT and recipient.due_at is None:
        page.add(None, Sentence("No new acknowledgement is asked for this report."))
        page.add(Sentence("Read the case here"), recipient.acknowledge_url, link=True)
        return True
    return False


def _write_closing(page: Page, notice: Notice, recipient: Recipient) -> None:
    if notice.details.get("again"):
        page.add(None, Sentence("This is asked for the second and last time."), strong=True)
    page.add(None, _ANNOUNCED, strong=True)
    ends_at = notice.details.get("window_ends_at")
    if ends_at:
        values = {"moment": page.moment(ends_at, recipient.time_zone)}
        page.add(Sentence("What is asked"), Sentence("please say so by {moment}", values), strong=True)
    page.add(Sentence("Answer here"), recipient.acknowledge_url, link=True)
    page.add(None, SILENCE)


def closing_sections(page: Page, notice: Notice) -> Iterator[Section]:
    """Give on what a case was closed, kept open or reopened."""
    lines, evidence = notice.details.get("lines") or (), notice.details.get("evidence")
    block = page.fresh()
    for line in lines:
        block.add(None, page.said(line))
    if evidence:
        block.narrative(Sentence("New evidence"), evidence, notice.original_language)
    if block.lines:
        yield Section(_HEADINGS[notice.kind](page), tuple(block.lines))


_HEADINGS: Mapping[NoticeKind, Callable[[Page], str]] = {
    NoticeKind.KEPT_OPEN: lambda page: page.say(Sentence("Why it stays open")),
    NoticeKind.CLOSED: lambda page: page.say(Sentence("On what it is closed")),
    NoticeKind.REOPENED: lambda page: page.say(Sentence("Why it is reopened")),
}
