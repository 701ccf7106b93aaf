"""Writes what States say to each other: messages, requests, conclusions, measures, assessments, inquiries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from adapters.email.page import Page
from adapters.email.report_page import lmo_summary
from notify.delivery import Notice, NoticeKind
from notify.sentence import Sentence

SUBJECTS: Mapping[NoticeKind, Sentence] = {
    NoticeKind.CONSULTATION: Sentence("Consultation opened: {title}"),
    NoticeKind.MESSAGE: Sentence("{state} wrote: {title}"),
    NoticeKind.REQUEST: Sentence("{state} asks: {title}"),
    NoticeKind.REQUEST_ANSWERED: Sentence("{state} answered a request: {title}"),
    NoticeKind.REQUEST_REMINDER: Sentence("Reminder, please answer: {title}"),
    NoticeKind.CONCLUSION: Sentence("{state} proposes a conclusion: {title}"),
    NoticeKind.POSITION: Sentence("{state} on a conclusion: {title}"),
    NoticeKind.INVITATION: Sentence("Secretariat invited into a private lane: {title}"),
    NoticeKind.ASSESSED: Sentence("{state} has assessed: {title}"),
    NoticeKind.MEASURE: Sentence("{state} reports a measure: {title}"),
    NoticeKind.MEASURE_CHANGED: Sentence("{state} on its measure: {title}"),
    NoticeKind.INQUIRY: Sentence("Inquiry, please answer: {title}"),
    NoticeKind.INQUIRY_REMINDER: Sentence("Reminder of an inquiry, please answer: {title}"),
    NoticeKind.INQUIRY_ESCALATION: Sentence("Inquiry not answered yet, please answer: {title}"),
    NoticeKind.INQUIRY_ANSWERED: Sentence("{state} answered an inquiry: {title}"),
    NoticeKind.INQUIRY_WITHDRAWN: Sentence("Inquiry withdrawn: {title}"),
}

_ASKS: Mapping[str, Sentence] = {
    "information": Sentence("{state} asks {asked_state} for information."),
    "assistance": Sentence("{state} asks {asked_state} for assistance."),
    "offer_of_assistance": Sentence("{state} offers assistance to {asked_state}."),
    "disposal": Sentence("{state} asks {asked_state} to dispose of the LMO, Article 25(2)."),
}
_ANSWERS: Mapping[str, Sentence] = {
    "answered": Sentence("{state} answered."),
    "agreed": Sentence("{state} agreed."),
    "partly_agreed": Sentence("{state} agreed in part."),
    "declined": Sentence("{state} declined, and says why."),
    "more_needed": Sentence("{state} says that more is needed."),
    "settled": Sentence("{state} says that its request is settled."),
    "withdrawn": Sentence("{state} withdrew its request."),
}
_STANDS: Mapping[str, Sentence] = {
    "agrees": Sentence("{state} agrees to the conclusion."),
    "dissents": Sentence("{state} dissents from the conclusion."),
    "abstains": Sentence("{state} abstains."),
}
_INQUIRY_ANSWERS: Mapping[str, Sentence] = {
    "no_event": Sentence("{state} answers: it looked, and knows of no occurrence."),
    "known": Sentence("{state} answers: it is an occurrence that is known."),
    "becomes_case": Sentence("{state} answers: it files a report."),
}


def write_between_states(page: Page, notice: Notice, time_zone: str) -> None:
    """Write who said what, in which lane, what is asked by when, and where to answer."""
    _BY_KIND[notice.kind](page, notice)
    details = notice.details
    if details.get("due_at"):
        values = {"moment": page.moment(details["due_at"], time_zone)}
        page.add(Sentence("What is asked"), Sentence("please answer by {moment}", values), strong=True)
    page.add(Sentence("When"), page.moment(details["at"], time_zone) if details.get("at") else "")
    page.address(Sentence("Read and answer here, with an account"), details.get("url"))
    if details.get("lane") == "private":
        page.add(
            None,
            Sentence("This lane is private. A reply by mail is read by the secretariat; answer with an account."),
            strong=True,
        )


def _text(page: Page, lead: Sentence, value: Any) -> None:
    """Write a text of a State in the reader's language if it has that, else as it was first written."""
    page.narrative(lead, value, next(iter(value), "") if isinstance(value, Mapping) else "")


def _of(page: Page, sentence: Sentence, details: Mapping[str, Any]) -> Sentence:
    values = {"state": page.state(details.get("state")), "asked_state": page.state(details.get("to_state"))}
    return Sentence(sentence.text, values)


def _write_lane(page: Page, details: Mapping[str, Any]) -> None:
    if details.get("lane") == "private":
        values = {"state": page.state(details.get("lane_state"))}
        text = Sentence("the private one of {state} and the reporting State; no other State reads it", values)
        page.add(Sentence("Lane"), text)
    elif details.get("lane"):
        page.add(Sentence("Lane"), Sentence("the joint one; all States of the case read it"))


def _write_texts(page: Page, details: Mapping[str, Any]) -> None:
    _text(page, Sentence("Text"), details.get("text"))
    _text(page, Sentence("Reason"), details.get("reason"))
    page.listing(Sentence("Attachments"), details.get("attachments") or ())
    _write_lane(page, details)


def _write_opened(page: Page, notice: Notice) -> None:
    text = Sentence("{state} asked for consultation (Article 17(4)); it is open to all States of this case.")
    page.add(None, _of(page, text, notice.details), strong=True)


def _write_message(page: Page, notice: Notice) -> None:
    page.add(None, _of(page, Sentence("{state} wrote in the consultation of this case."), notice.details), strong=True)
    _write_texts(page, notice.details)


def _write_request(page: Page, notice: Notice) -> None:
    asks = _ASKS.get(str(notice.details.get("kind")), _ASKS["information"])
    page.add(None, _of(page, asks, notice.details), strong=True)
    _write_texts(page, notice.details)


def _write_reminder(page: Page, notice: Notice) -> None:
    page.add(None, Sentence("Reminder: no answer to this request is recorded yet."), strong=True)
    _write_request(page, notice)


def _write_answer(page: Page, notice: Notice) -> None:
    answer = _ANSWERS.get(str(notice.details.get("answer")), _ANSWERS["answered"])
    page.add(None, _of(page, answer, notice.details), strong=True)
    _write_texts(page, notice.details)
    _text(page, Sentence("The request"), notice.details.get("asked"))


def _write_conclusion(page: Page, notice: Notice) -> None:
    text = Sentence("{state} proposes a conclusion. Please say by name whether your State agrees; silence is neither.")
    page.add(None, _of(page, text, notice.details), strong=True)
    _write_texts(page, notice.details)


def _write_position(page: Page, notice: Notice) -> None:
    stand = _STANDS.get(str(notice.details.get("stand")), _STANDS["abstains"])
    page.add(None, _of(page, stand, notice.details), strong=True)
    _write_speaker(page, notice.details)
    _write_texts(page, notice.details)
    _text(page, Sentence("The conclusion"), notice.details.get("asked"))


def _write_speaker(page: Page, details: Mapping[str, Any]) -> None:
    page.add(Sentence("Answered by"), details.get("by"))
    page.add(Sentence("Office"), details.get("office"))


def _write_invitation(page: Page, notice: Notice) -> None:
    text = Sentence("{state} invited the secretariat into its private lane: it reads what is said there from now on.")
    page.add(None, _of(page, text, notice.details), strong=True)
    _write_lane(page, notice.details)


def _write_assessed(page: Page, notice: Notice) -> None:
    text = Sentence("{state} says of itself whether it is affected.")
    page.add(None, _of(page, text, notice.details), strong=True)
    page.codes(Sentence("Assessment"), notice.details.get("assessment"))


def _write_measure(page: Page, notice: Notice) -> None:
    details = notice.details
    page.add(None, _of(page, Sentence("{state} reports what it does."), details), strong=True)
    page.codes(Sentence("Measure"), details.get("type"))
    page.codes(Sentence("Status"), details.get("status"))
    _text(page, Sentence("Text"), details.get("text"))
    _text(page, Sentence("Actor"), details.get("actor"))
    _text(page, Sentence("Effectiveness"), details.get("effectiveness"))


def _write_inquiry(page: Page, notice: Notice) -> None:
    details = notice.details
    text = Sentence(
        "{asker} saw signs and asks {state}, as presumed State of origin and never as responsible: is it yours?"
    )
    values = {"asker": _asker(page, details), "state": page.state(details["state"])}
    page.add(None, Sentence(text.text, values), strong=True)
    _text(page, Sentence("Signs"), details.get("signs"))
    page.add(Sentence("LMO"), "; ".join(lmo_summary(page, lmo) for lmo in details.get("lmos") or ()))
    page.listing(Sentence("Attachments"), details.get("attachments") or ())
    contact = details.get("contact") or {}
    page.listing(
        Sentence("Contact for information"),
        [str(contact[name]) for name in ("office", "email", "telephone") if contact.get(name)],
    )


def _asker(page: Page, details: Mapping[str, Any]) -> str:
    if details.get("asker_kind") == "state":
        return page.state(details.get("asker"))
    return str(details.get("asker") or page.say(Sentence("The secretariat")))


def _write_inquiry_reminder(page: Page, notice: Notice) -> None:
    page.add(None, Sentence("Reminder: no answer to this inquiry is recorded yet."), strong=True)
    _write_inquiry(page, notice)


def _write_inquiry_escalation(page: Page, notice: Notice) -> None:
    text = Sentence("The contacts told before have not answered this inquiry; it now comes to you.")
    page.add(None, text, strong=True)
    _write_inquiry(page, notice)


def _write_inquiry_answer(page: Page, notice: Notice) -> None:
    details = notice.details
    answer = _INQUIRY_ANSWERS.get(str(details.get("answer")), _INQUIRY_ANSWERS["known"])
    page.add(None, _of(page, answer, details), strong=True)
    _text(page, Sentence("Text"), details.get("text"))
    page.add(Sentence("Case"), details.get("answered_case"))
    _write_speaker(page, details)


def _write_inquiry_end(page: Page, notice: Notice) -> None:
    page.add(None, Sentence("Who asked took this inquiry back. There is nothing to answer any more."), strong=True)


_BY_KIND: Mapping[NoticeKind, Callable[[Page, Notice], None]] = {
    NoticeKind.CONSULTATION: _write_opened,
    NoticeKind.MESSAGE: _write_message,
    NoticeKind.REQUEST: _write_request,
    NoticeKind.REQUEST_ANSWERED: _write_answer,
    NoticeKind.REQUEST_REMINDER: _write_reminder,
    NoticeKind.CONCLUSION: _write_conclusion,
    NoticeKind.POSITION: _write_position,
    NoticeKind.INVITATION: _write_invitation,
    NoticeKind.ASSESSED: _write_assessed,
    NoticeKind.MEASURE: _write_measure,
    NoticeKind.MEASURE_CHANGED: _write_measure,
    NoticeKind.INQUIRY: _write_inquiry,
    NoticeKind.INQUIRY_REMINDER: _write_inquiry_reminder,
    NoticeKind.INQUIRY_ESCALATION: _write_inquiry_escalation,
    NoticeKind.INQUIRY_ANSWERED: _write_inquiry_answer,
    NoticeKind.INQUIRY_WITHDRAWN: _write_inquiry_end,
}

BETWEEN_STATES = frozenset(_BY_KIND)
"""The kinds of notice that this page writes."""
