"""What real mail servers report comes to the return path of its message, through our listener, as they wrote it."""

from __future__ import annotations

from email import message_from_bytes

import aiosmtplib
import pytest

from notify.inbound import ReceivedMail
from tests.mail.rig import OUR_DOMAIN, Received, Report, Rig, read_report, return_path

pytestmark = [pytest.mark.mail, pytest.mark.xdist_group("mail")]


def outcome(mail: ReceivedMail) -> tuple[str, str]:
    """Give action and status of a report."""
    report = read_report(mail)
    return report.recipient["action"], report.recipient["status"]


def is_ours(report: Report, token: str, recipient: str) -> bool:
    """Tell whether a report names the envelope id and the recipient that we gave."""
    original = report.recipient["original-recipient"].partition(";")[2].strip()
    return (report.message["original-envelope-id"], original) == (token, recipient)


async def test_an_unknown_user_behind_the_relay_is_reported_as_failed(rig: Rig, received: Received) -> None:
    await rig.send("unknown", rig.unknown)
    [mail] = await received.wait("unknown")
    assert (mail.sender, mail.recipient, mail.source) == ("", return_path("unknown"), "lmtp 127.0.0.1")
    assert outcome(mail) == ("failed", "5.1.1")
    report = read_report(mail)
    assert report.media_type == "message/delivery-status"
    assert is_ours(report, "unknown", rig.unknown)
    assert "550 5.1.1" in report.recipient["diagnostic-code"]
    assert report.whole["Auto-Submitted"] == "auto-replied"


async def test_an_unknown_user_met_without_a_relay_is_refused_at_once_and_never_reported(
    rig: Rig, received: Received
) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as caught:
        await rig.send("straight", rig.unknown, port=rig.ministry_port)
    [refused] = caught.value.recipients
    assert (refused.code, refused.message[:5]) == (550, "5.1.1")
    await rig.drained()
    assert received.at("straight") == []


async def test_nothing_is_reported_when_no_report_was_asked_for(rig: Rig, received: Received) -> None:
    await rig.send("never", rig.unknown, notify="NEVER")
    await rig.send("after", rig.unknown)
    await received.wait("after")
    await rig.drained()
    assert received.at("never") == []


@pytest.mark.parametrize(
    ("ret", "returned"), [("FULL", "message/rfc822"), ("HDRS", "text/rfc822-headers")], ids=["whole", "headers"]
)
async def test_the_mail_comes_back_whole_only_when_that_was_asked_for(
    rig: Rig, received: Received, ret: str, returned: str
) -> None:
    await rig.send(f"ret-{ret}", rig.unknown, ret=ret)
    [mail] = await received.wait(f"ret-{ret}")
    assert outcome(mail) == ("failed", "5.1.1")
    types = [part.get_content_type() for part in read_report(mail).whole.walk()]
    assert returned in types
    assert (b"Please acknowledge." in mail.raw) is (ret == "FULL")
    assert f"Message-ID: <ret-{ret}@{OUR_DOMAIN}>".encode() in mail.raw


async def test_a_target_that_is_down_is_reported_as_delayed_then_as_failed(rig: Rig, received: Received) -> None:
    rig.set_target_down()
    await rig.send("down", rig.far)
    delayed, failed = await received.wait("down", 2)
    # The class of the status says "temporary" to the last: the action decides.
    assert [outcome(delayed), outcome(failed)] == [("delayed", "4.4.1"), ("failed", "4.4.1")]
    assert "will-retry-until" in read_report(delayed).recipient
    assert all(is_ours(read_report(mail), "down", rig.far) for mail in (delayed, failed))


async def test_a_mail_put_off_is_reported_as_delayed_then_as_relayed(rig: Rig, received: Received) -> None:
    taken = len(rig.target.received)
    rig.greylist(4)
    await rig.send("grey", rig.far)
    delayed, relayed = await received.wait("grey", 2)
    assert [outcome(delayed), outcome(relayed)] == [("delayed", "4.7.1"), ("relayed", "2.0.0")]
    assert [envelope.mail_from for envelope in rig.target.received[taken:]] == [return_path("grey")]


async def test_a_mailbox_behind_lmtp_is_reported_as_relayed(rig: Rig, received: Received) -> None:
    await rig.send("mailbox", rig.known)
    [mail] = await received.wait("mailbox")
    assert outcome(mail) == ("relayed", "2.0.0")
    stored = [path.read_bytes() for path in rig.dovecot.mailbox(rig.known).glob("new/*")]
    assert any(f"<mailbox@{OUR_DOMAIN}>".encode() in content for content in stored)


async def test_a_mailbox_of_the_last_server_itself_is_reported_as_delivered(rig: Rig, received: Received) -> None:
    await rig.send("own", rig.own)
    [mail] = await received.wait("own")
    assert outcome(mail) == ("delivered", "2.0.0")
    assert is_ours(read_report(mail), "own", rig.own)


async def test_an_international_address_is_reported_in_the_international_form(rig: Rig, received: Received) -> None:
    await rig.send("cyrillic", rig.cyrillic)
    [mail] = await received.wait("cyrillic")
    report = read_report(mail)
    assert report.media_type == "message/global-delivery-status"
    assert outcome(mail) == ("failed", "5.1.1")
    assert report.recipient["final-recipient"] == f"utf-8; {rig.cyrillic}"
    assert is_ours(report, "cyrillic", rig.cyrillic)


async def test_an_out_of_office_reply_comes_to_the_return_path_and_looks_like_a_bounce(
    rig: Rig, received: Received
) -> None:
    await rig.send("away", rig.away, notify="NEVER")
    [mail] = await received.wait("away")
    reply = message_from_bytes(mail.raw)
    assert mail.sender == ""
    assert reply["Auto-Submitted"] == "auto-replied (vacation)"
    assert reply["In-Reply-To"] == f"<away@{OUR_DOMAIN}>"
    assert reply["Subject"] == "Out of office"


async def test_a_mail_that_says_it_is_automatic_gets_no_out_of_office_reply(rig: Rig, received: Received) -> None:
    await rig.send("automatic", rig.away, headers="Auto-Submitted: auto-generated\r\n")
    [mail] = await received.wait("automatic")
    assert outcome(mail) == ("relayed", "2.0.0")
    await rig.drained()
    assert received.at("automatic") == [mail]


async def test_a_report_that_cannot_be_kept_waits_at_the_relay_and_comes_again(rig: Rig) -> None:
    async with rig.receiving() as received:
        received.refuse_next(1)
        await rig.send("again", rig.unknown)
        [mail] = await received.wait("again")
    assert outcome(mail) == ("failed", "5.1.1")
    assert received.refused == 1


async def test_a_report_that_comes_while_nobody_listens_waits_at_the_relay(rig: Rig) -> None:
    await rig.send("patient", rig.unknown)
    async with rig.receiving() as received:
        [mail] = await received.wait("patient")
    assert outcome(mail) == ("failed", "5.1.1")
