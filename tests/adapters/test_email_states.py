"""A mail of what States say to each other names who said what, in which lane, and where to answer."""

from __future__ import annotations

import pytest

from adapters.email.states_page import BETWEEN_STATES
from notify.delivery import NoticeKind
from tests.adapters.mail_builders import dispatch, notice
from tests.adapters.states_say import STATES_SAY
from tests.adapters.test_email_compose import composed, part, subject_of

SAYS: dict[NoticeKind, tuple[str, list[str]]] = {
    NoticeKind.CONSULTATION: ("Consultation opened: ", ["France asked for consultation (Article 17(4))"]),
    NoticeKind.MESSAGE: ("France wrote: ", ["Which river?", "Attachments: map.pdf", "the private one of France"]),
    NoticeKind.REQUEST: ("France asks: ", ["France asks Kenya for information.", "please answer by"]),
    NoticeKind.REQUEST_REMINDER: ("Reminder, please answer: ", ["no answer to this request", "How much?"]),
    NoticeKind.REQUEST_ANSWERED: ("France answered a request: ", ["France declined", "Reason: secret", "How much?"]),
    NoticeKind.CONCLUSION: ("France proposes a conclusion: ", ["Survey the strip", "silence is neither"]),
    NoticeKind.POSITION: ("France on a conclusion: ", ["France dissents", "Reason: too narrow", "A. Martin"]),
    NoticeKind.INVITATION: ("Secretariat invited into a private lane: ", ["France invited the secretariat"]),
    NoticeKind.ASSESSED: ("France has assessed: ", ["Assessment: not affected"]),
    NoticeKind.MEASURE: ("France reports a measure: ", ["Measure: recall", "Status: planned", "Actor: Agency"]),
    NoticeKind.MEASURE_CHANGED: ("France on its measure: ", ["Status: under way", "Effectiveness: good"]),
    NoticeKind.INQUIRY: (
        "Inquiry, please answer: ",
        ["France saw signs and asks Kenya", "LMO: Petunia", "lab@fr.example", "please answer by"],
    ),
    NoticeKind.INQUIRY_REMINDER: ("Reminder of an inquiry, please answer: ", ["no answer to this inquiry"]),
    NoticeKind.INQUIRY_ESCALATION: ("Inquiry not answered yet, please answer: ", ["it now comes to you"]),
    NoticeKind.INQUIRY_ANSWERED: ("Kenya answered an inquiry: ", ["knows of no occurrence", "A. Otieno"]),
    NoticeKind.INQUIRY_WITHDRAWN: ("Inquiry withdrawn: ", ["There is nothing to answer any more."]),
}


def test_every_kind_has_a_mail_of_its_own() -> None:
    assert set(SAYS) == set(STATES_SAY) == BETWEEN_STATES


@pytest.mark.parametrize("kind", SAYS)
def test_a_mail_of_each_kind_says_who_what_and_where(kind: NoticeKind) -> None:
    subject, lines = SAYS[kind]
    content = composed(dispatch(notice(kind=kind, details=STATES_SAY[kind])))
    assert subject_of(content).removeprefix("[A17-2026-0001] ").startswith(subject)
    text = part(content, "plain")
    assert [line for line in lines if line not in text] == []
    assert "From the Article 17 notification service." in text
    assert str(STATES_SAY[kind]["url"]) in text
    assert "Acknowledge here" not in text
    assert ("This lane is private." in text) is (STATES_SAY[kind].get("lane") == "private")
