"""Delivery reports of many mail systems, read block by block; what cannot be read goes to a human."""

from __future__ import annotations

import pytest

from adapters.email.inbound.reading import read_mail
from notify.errors import FailureKind
from notify.failures import failure_kind
from notify.inbound import AutomaticReply, DeliveryReport, Meaning, ReportAction, Unreadable
from tests.adapters.email.inbound import received_mails as mails

STATUS = f"Final-Recipient: rfc822; {mails.OFFICE}\nAction: failed\nStatus: 5.1.1\n"


def came_back(raw: bytes) -> Meaning:
    return read_mail(raw, envelope_sender="", authserv_id=mails.SERVER, is_return_path=True)


def report_in(raw: bytes) -> DeliveryReport:
    meaning = came_back(raw)
    assert isinstance(meaning, DeliveryReport), meaning
    return meaning


@pytest.mark.parametrize(
    ("action", "status"),
    [("failed", "5.1.1"), ("delayed", "4.4.1"), ("relayed", "2.0.0"), ("delivered", "2.0.0"), ("expanded", "2.0.0"),
     ("failed", "4.4.1")],
)  # fmt: skip
def test_a_postfix_report_is_read_whole(action: str, status: str) -> None:
    report = report_in(mails.postfix_report(action, status, "250 2.0.0 as the other server put it"))
    [recipient] = report.recipients
    assert (recipient.action, recipient.status) == (ReportAction(action), status)
    assert recipient.diagnostic == "250 2.0.0 as the other server put it"
    assert recipient.final_recipient == recipient.original_recipient == mails.OFFICE
    assert (report.envelope_id, report.message_id) == (mails.ENVELOPE_ID, mails.MESSAGE_ID)


def test_the_action_decides_and_not_the_class_of_the_status() -> None:
    expired = report_in(mails.postfix_report("failed", "4.4.1", "connect to mx: Connection refused"))
    assert expired.recipients[0].action is ReportAction.FAILED


def test_exim_hides_the_truth_in_its_diagnostic() -> None:
    report = report_in(mails.exim_report())
    assert report.envelope_id == mails.ENVELOPE_ID
    assert report.recipients[0].status == "5.0.0"
    assert "550 5.1.1 no such user here" in report.recipients[0].diagnostic
    assert failure_kind(report.recipients[0]) is FailureKind.RECIPIENT
    assert report.message_id == mails.MESSAGE_ID


def test_opensmtpd_reports_in_a_mixed_mail_and_explains_only_in_its_text() -> None:
    report = report_in(mails.opensmtpd_report())
    assert report.recipients[0].action is ReportAction.FAILED
    assert "550 Invalid recipient" in report.recipients[0].diagnostic
    assert (report.envelope_id, report.message_id) == ("", mails.MESSAGE_ID)


def test_supplementary_words_are_kept() -> None:
    raw = mails.postfix_report("failed", "5.0.0", more="X-Supplementary-Info: <smtp; 554 5.7.1 listed on a denylist>\n")
    report = report_in(raw)
    assert "5.7.1 listed" in report.recipients[0].diagnostic
    assert failure_kind(report.recipients[0]) is FailureKind.OURS


@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize("address", ["иван@почта.example", r"\x{438}\x{432}\x{430}\x{43D}@почта.example"])
def test_international_reports_are_read(address: str, encoding: str) -> None:
    report = report_in(mails.global_report(address, encoding))
    [recipient] = report.recipients
    assert recipient.final_recipient == recipient.original_recipient == "иван@почта.example"
    assert recipient.diagnostic == "550 5.1.1 ящик не найден"
    assert report.message_id == mails.MESSAGE_ID


def test_a_character_that_does_not_exist_is_replaced() -> None:
    report = report_in(mails.global_report(r"\x{D800}\x{FFFFFF}a@почта.example"))
    assert report.recipients[0].final_recipient == "\ufffd\ufffda@почта.example"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_will_do(line_end: bytes) -> None:
    report = report_in(mails.report("Reporting-MTA: dns; x\n", STATUS, line_end=line_end))
    assert report.recipients[0].action is ReportAction.FAILED


@pytest.mark.parametrize(
    ("written", "action"),
    [("Failed", "failed"), ("failed (bad destination mailbox)", "failed"), ("error", "failed"), ("failure", "failed"),
     ("expired", "unknown"), ("deliverable", "unknown"), ("delivered?", "unknown"), ("", "unknown")],
)  # fmt: skip
def test_an_action_outside_the_standard_proves_nothing(written: str, action: str) -> None:
    raw = mails.report(f"Final-Recipient: rfc822; {mails.OFFICE}\nAction: {written}\nStatus: 2.0.0\n")
    assert report_in(raw).recipients[0].action is ReportAction(action)


def test_without_an_action_only_a_permanent_status_is_believed() -> None:
    actions = [
        report_in(mails.report(f"Final-Recipient: rfc822; a@b.example\nStatus: {status}\n")).recipients[0].action
        for status in ("5.1.1", "4.4.1", "2.0.0")
    ]
    assert actions == [ReportAction.FAILED, ReportAction.UNKNOWN, ReportAction.UNKNOWN]


@pytest.mark.parametrize(
    "field",
    [
        "Final-Recipient: rfc822; office@authority.example",
        "Final-Recipient: RFC822;<office@authority.example>",
        "Final-Recipient: rfc822; office@authority.example (The (nested) office)",
        "Final-Recipient: (a comment) rfc822\n ; office@authority.example",
        "Final-Recipient: <office@authority.example>",
        "FINAL-RECIPIENT: unknown; office@authority.example",
    ],
)
def test_addresses_are_read_with_comments_brackets_and_folds(field: str) -> None:
    report = report_in(mails.report(f"{field}\nAction: failed\nStatus: 5.1.1 (user unknown)\n"))
    assert report.recipients[0].final_recipient == mails.OFFICE
    assert report.recipients[0].status == "5.1.1"


def test_several_recipients_are_read_even_without_the_empty_line_between() -> None:
    block = (
        "Original-Recipient: rfc822;{0}@a.example\nFinal-Recipient: rfc822;{0}@b.example\nAction: {1}\nStatus: {2}\n"
    )
    blocks = [block.format("one", "failed", "5.1.1"), block.format("two", "relayed", "2.0.0")]
    for raw in (mails.report("Reporting-MTA: dns; x\n", *blocks), mails.report("".join(blocks))):
        found = [(each.final_recipient, each.action.value) for each in report_in(raw).recipients]
        assert found == [("one@b.example", "failed"), ("two@b.example", "relayed")]


def test_the_fields_of_mail_and_recipient_may_stand_in_one_block() -> None:
    report = report_in(mails.report(f"Original-Envelope-Id: {mails.ENVELOPE_ID}\n{STATUS}"))
    assert (report.envelope_id, report.recipients[0].status) == (mails.ENVELOPE_ID, "5.1.1")


def test_a_report_may_be_wrapped_in_another_mail() -> None:
    inner = mails.postfix_report("failed", "5.1.1", "550 no")
    outer = mails.mail(
        {"From": "postmaster@gateway.example", "Subject": "Fw"},
        mails.part("A message was received.", "text/plain"),
        mails.part(inner.replace(b"\r\n", b"\n"), "message/rfc822"),
        kind="multipart/mixed",
    )
    assert report_in(outer).envelope_id == mails.ENVELOPE_ID


def test_long_reports_are_cut() -> None:
    many = [f"Final-Recipient: rfc822; r{n}@a.example\nAction: failed\nStatus: 5.1.1\n" for n in range(500)]
    many[0] += "Diagnostic-Code: smtp; " + "550 no " * 2000 + "\n"
    report = report_in(mails.report("Reporting-MTA: dns; x\n", *many))
    assert len(report.recipients) == 50
    assert len(report.recipients[0].diagnostic) <= 500


def test_controls_of_a_foreign_text_are_not_kept() -> None:
    report = report_in(mails.postfix_report("failed", "5.1.1", "550 \x1b[31mno\x00 \x07user"))
    assert report.recipients[0].diagnostic == "550 [31mno user"


@pytest.mark.parametrize(
    ("subject", "said", "action"),
    [
        ("failure notice", f"Hi. This is the qmail-send program.\n\n<{mails.OFFICE}>:\nSorry, no mailbox here by that "
         "name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n", "failed"),
        ("Undeliverable: notice", f"Your message\n\n  To: {mails.OFFICE}\n\ndid not reach the following recipient(s):\n"
         "\nThe recipient name is not recognized\n", "failed"),
        ("Returned mail", "Mailbox unavailable [SMTP Error Code 550]\n", "failed"),
        ("Delayed mail", f"{mails.OFFICE}: 451 4.3.0 busy. We will keep trying for five days.\n", "delayed"),
        ("Mail delivery warning", "has been postponed due to a full mailbox\n", "delayed"),
    ],
)  # fmt: skip
def test_bounces_in_no_standard_form_are_recognised(subject: str, said: str, action: str) -> None:
    raw = mails.mail(
        {"From": "MAILER-DAEMON@mx.authority.example", "Subject": subject},
        mails.part(said + "\n" + mails.RETURNED, "text/plain"),
    )
    report = report_in(raw)
    assert report.recipients[0].action is ReportAction(action)
    assert report.recipients[0].diagnostic
    assert report.message_id == mails.MESSAGE_ID


def test_our_own_words_below_a_bounce_do_not_judge_it() -> None:
    raw = mails.mail(
        {"From": "postmaster@authority.example", "Subject": "Hm"},
        mails.part(f"See below.\n\n{mails.RETURNED}\nThe mail was undeliverable: 550 5.1.1\n", "text/plain"),
    )
    assert isinstance(came_back(raw), Unreadable)


def test_what_nobody_can_read_goes_to_a_human() -> None:
    raw = mails.mail({"From": "postmaster@authority.example", "Subject": "?"}, mails.part("???\n", "text/plain"))
    assert isinstance(came_back(raw), Unreadable)


@pytest.mark.parametrize(("sender", "is_return_path"), [("daemon@authority.example", True), ("", False)])
def test_a_report_with_a_sender_or_at_a_reply_address_is_not_believed(sender: str, is_return_path: bool) -> None:
    for raw in (mails.postfix_report("failed", "5.1.1"), mails.postfix_report("delivered", "2.0.0"),
                mails.opensmtpd_report()):  # fmt: skip
        meaning = read_mail(raw, envelope_sender=sender, authserv_id=mails.SERVER, is_return_path=is_return_path)
        assert isinstance(meaning, Unreadable)


def test_an_odd_bounce_at_a_reply_address_says_nothing_of_a_mailbox_that_works() -> None:
    raw = mails.mail(
        {"From": "MAILER-DAEMON@x.example", "Subject": "failure notice"}, mails.part("550 no such user", "text/plain")
    )
    assert isinstance(read_mail(raw, envelope_sender="<>", authserv_id="", is_return_path=False), Unreadable)


def test_a_complaint_is_no_bounce() -> None:
    raw = mails.report("Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n", status_kind="message/feedback-report",
                       kind="multipart/report; report-type=feedback-report")  # fmt: skip
    assert isinstance(came_back(raw), Unreadable)


@pytest.mark.parametrize(
    ("disposition", "meaning"),
    [("manual-action/MDN-sent-manually; displayed", AutomaticReply), ("manual-action/MDN-sent-automatically; deleted",
     AutomaticReply), ("automatic-action/MDN-sent-automatically; deleted", DeliveryReport)],
)  # fmt: skip
def test_a_filter_rejects_by_a_receipt_and_a_receipt_for_reading_proves_no_failure(
    disposition: str, meaning: type[Meaning]
) -> None:
    raw = mails.report(
        f"Final-Recipient: rfc822; {mails.OFFICE}\nDisposition: {disposition}\n",
        headers={"From": f"Mail Delivery Subsystem <{mails.OFFICE}>", "Subject": "Automatically rejected mail"},
        said=f"Your message to <{mails.OFFICE}> was automatically rejected: permanent error\n",
        status_kind="message/disposition-notification",
        kind="multipart/report; report-type=disposition-notification",
    )
    assert isinstance(came_back(raw), meaning)
