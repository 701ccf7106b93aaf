"""Says what is this reader's own: what happened in the reader's time, why told, what is asked by when, and the link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from adapters.email.chain_page import write_own_of_the_chain
from adapters.email.endpoint_lines import write_failing, write_recovered
from adapters.email.page import Page
from adapters.email.states_page import BETWEEN_STATES, write_between_states
from adapters.languages.formatting import listed
from notify.delivery import Notice, NoticeKind, Recipient
from notify.inbound import ReplyAnswer
from notify.reply_words import AGREED_WORDS, words_in
from notify.sentence import Sentence
from notify.words import Grade

_STATUS: Mapping[str, Sentence] = {
    "affected": Sentence("{state} is named by the reporting State as affected."),
    "potentially_affected": Sentence("{state} is named by the reporting State as potentially affected."),
    "transit": Sentence("{state} is named by the reporting State as a State of transit."),
    "presumed_origin": Sentence("{state} is named as presumed origin; please confirm or correct."),
    "no_longer_named": Sentence("{state} was told before, and is no longer named by the reporting State."),
    "organization": Sentence("{organization} is told as a relevant international organization, Article 17(1)."),
    "bch": Sentence("You are told for the Biosafety Clearing-House, Article 17(1)."),
}

_BY_REPLY = Sentence("reply to this message and write one of these alone on the first line: {words}")
_ANSWERS_WITHOUT_STATE = (ReplyAnswer(Grade.RECEIVED), ReplyAnswer(None))
_WITHOUT_STATE = frozenset({"organization", "bch"})
_STATE_IS_ASKED = Sentence(
    "Opening the link changes nothing; the page asks for your name and office. "
    "There you can also say whether your State is affected, or that you are not the right contact."
)
_NO_STATE_IS_ASKED = Sentence(
    "Opening the link changes nothing; the page asks for your name and office. "
    "There you can also say that you are not the right contact."
)


def write_own(page: Page, notice: Notice, recipient: Recipient, *, takes_answers: bool = False) -> None:
    """Write the lines that only this reader gets; `takes_answers` says that the agreed words of a reply are read."""
    write = _BY_KIND.get(notice.kind)
    if write is not None:
        write(page, notice, recipient.time_zone)
    if notice.kind in BETWEEN_STATES:
        write_between_states(page, notice, recipient.time_zone)
    _write_standing(page, recipient)
    if notice.kind is NoticeKind.ANSWERED:
        page.add(None, Sentence("If this was not your State's answer, say so: reply to this message, or use the link."))
        page.add(Sentence("This was not us"), recipient.acknowledge_url, link=True)
    elif notice.kind not in BETWEEN_STATES and not write_own_of_the_chain(page, notice, recipient):
        _write_what_is_asked(page, recipient, takes_answers=takes_answers)
    page.add(Sentence("Case number"), notice.case_reference)
    if notice.submitted_at is not None:
        page.add(Sentence("Report submitted"), page.moment(notice.submitted_at, recipient.time_zone))


def _write_standing(page: Page, recipient: Recipient) -> None:
    if recipient.given_in_confidence:
        page.add(None, Sentence("Given in confidence: please keep it so (Article 21)."), strong=True)
    status = _STATUS.get(recipient.status)
    if status is not None:
        values = {"state": page.state(recipient.state), "organization": recipient.organization or recipient.office}
        page.add(Sentence("Your standing"), Sentence(status.text, values))
    page.add(None, recipient.standing, strong=True)
    page.add(Sentence("Why you are told"), recipient.reason)
    if recipient.roles:
        roles = listed([page.label(role) for role in recipient.roles], page.language)
        page.add(Sentence("You are told as"), roles)


def _write_what_is_asked(page: Page, recipient: Recipient, *, takes_answers: bool) -> None:
    if recipient.due_at is not None:
        values = {"moment": page.moment(recipient.due_at, recipient.time_zone)}
        text = Sentence("please acknowledge receipt by {moment}", values)
        page.add(Sentence("What is asked"), text, strong=True)
    if recipient.acknowledge_url is not None:
        page.add(Sentence("Acknowledge here"), recipient.acknowledge_url, link=True)
        if takes_answers:
            answers = _ANSWERS_WITHOUT_STATE if recipient.status in _WITHOUT_STATE else AGREED_WORDS
            words = listed(words_in(page.language, answers), page.language, with_and=False)
            page.add(Sentence("Or answer by mail"), Sentence(_BY_REPLY.text, {"words": words}))
        page.add(None, _NO_STATE_IS_ASKED if recipient.status in _WITHOUT_STATE else _STATE_IS_ASKED)


def _write_reminder(page: Page, notice: Notice, time_zone: str) -> None:
    page.add(None, Sentence("Reminder: no acknowledgement of receipt is recorded yet."), strong=True)


def _write_escalation(page: Page, notice: Notice, time_zone: str) -> None:
    page.add(
        None,
        Sentence("The contacts told before have not acknowledged receipt yet; this message now comes to you."),
        strong=True,
    )


def _write_record(page: Page, notice: Notice, time_zone: str) -> None:
    page.add(
        None,
        Sentence(
            "The record for the Biosafety Clearing-House is drafted and attached as JSON. "
            "Please complete what is listed below, clear it and publish it."
        ),
        strong=True,
    )


def _write_filed(page: Page, notice: Notice, time_zone: str) -> None:
    page.add(
        None,
        Sentence("Your report was filed. This is your own copy; those who are told are listed below."),
        strong=True,
    )


def _write_acknowledged(page: Page, notice: Notice, time_zone: str) -> None:
    details = notice.details
    page.add(Sentence("State"), page.state(details.get("state")), strong=True)
    _write_answer(page, details, time_zone)
    if details.get("late"):
        page.add(None, Sentence("It came after the target for acknowledgement."))


def _write_answered(page: Page, notice: Notice, time_zone: str) -> None:
    page.add(None, Sentence("Your State's answer to this notification is recorded."), strong=True)
    _write_answer(page, notice.details, time_zone)


def _write_answer(page: Page, details: Mapping[str, Any], time_zone: str) -> None:
    page.codes(Sentence("Answer"), details.get("grade"))
    page.codes(Sentence("Assessment"), details.get("assessment"))
    if details.get("preliminary"):
        page.add(
            None,
            Sentence("The assessment is preliminary until an account or a second contact of that State confirms it."),
        )
    page.add(Sentence("Answered by"), details.get("by"))
    page.add(Sentence("Office"), details.get("office"))
    page.add(Sentence("When"), page.moment(details["at"], time_zone) if details.get("at") else "")
    page.codes(Sentence("By means of"), details.get("means"))


def _write_unreached(page: Page, notice: Notice, time_zone: str) -> None:
    state = page.state(notice.details.get("state"))
    page.add(None, Sentence("{state} could not be reached.", {"state": state}), strong=True)
    page.add(Sentence("Reason"), page.said(notice.details.get("reason")))


def _write_task(page: Page, notice: Notice, time_zone: str) -> None:
    details = notice.details
    page.add(Sentence("Task"), page.said(details.get("task")), strong=True)
    page.add(Sentence("Due"), page.moment(details["due_at"], time_zone) if details.get("due_at") else "")
    page.add(Sentence("Telephone"), details.get("telephone"))
    page.add(Sentence("Local time there"), page.said(details.get("local_time")))
    page.add(Sentence("Language"), page.language_of(details["language"]) if details.get("language") else "")
    page.add(Sentence("Task number"), str(details["task_id"]) if details.get("task_id") else "")


def _write_paused(page: Page, notice: Notice, time_zone: str) -> None:
    text = Sentence("All sending is paused. Nothing is lost; it goes out when sending is resumed.")
    page.add(None, text, strong=True)
    _write_brake(page, notice.details, time_zone)


def _write_resumed(page: Page, notice: Notice, time_zone: str) -> None:
    page.add(None, Sentence("Sending is resumed."), strong=True)
    _write_brake(page, notice.details, time_zone)


def _write_brake(page: Page, details: Mapping[str, Any], time_zone: str) -> None:
    page.add(Sentence("By"), details.get("by"))
    page.add(Sentence("Reason"), page.said(details.get("reason")))
    page.add(Sentence("Until"), page.moment(details["until"], time_zone) if details.get("until") else "")


def _write_clock(page: Page, notice: Notice, time_zone: str) -> None:
    if due_at := notice.details.get("due_at"):
        due = page.moment(due_at, time_zone)
        page.add(None, Sentence("Due by {moment} (policy of this service)", {"moment": due}), strong=True)


def _write_draft(page: Page, notice: Notice, time_zone: str) -> None:
    page.add(None, Sentence("A report was begun and is not submitted yet; no State is told before."), strong=True)
    details = notice.details
    page.add(Sentence("Begun"), page.moment(details["since"], time_zone) if details.get("since") else "")
    page.add(Sentence("Draft"), details.get("draft_id"))


def _write_test(page: Page, notice: Notice, time_zone: str) -> None:
    page.add(
        None,
        Sentence("This is a test message: it shows that notifications reach you. There is nothing to do."),
        strong=True,
    )
    page.add(Sentence("Asked for by"), notice.details.get("by"))


def _write_alarm(page: Page, notice: Notice, time_zone: str) -> None:
    page.add(None, Sentence("The service asks for its operator."), strong=True)


_BY_KIND: Mapping[NoticeKind, Callable[[Page, Notice, str], None]] = {
    NoticeKind.REMINDER: _write_reminder,
    NoticeKind.ESCALATION: _write_escalation,
    NoticeKind.RECORD: _write_record,
    NoticeKind.FILED: _write_filed,
    NoticeKind.ACKNOWLEDGED: _write_acknowledged,
    NoticeKind.ANSWERED: _write_answered,
    NoticeKind.UNREACHED: _write_unreached,
    NoticeKind.TASK: _write_task,
    NoticeKind.PAUSED: _write_paused,
    NoticeKind.RESUMED: _write_resumed,
    NoticeKind.CLOCK: _write_clock,
    NoticeKind.DRAFT: _write_draft,
    NoticeKind.TEST: _write_test,
    NoticeKind.ENDPOINT_FAILING: write_failing,
    NoticeKind.ENDPOINT_RECOVERED: write_recovered,
    NoticeKind.ALARM: _write_alarm,
}
