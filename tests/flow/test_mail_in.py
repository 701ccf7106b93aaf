"""Tells what mails that come in do: reports move deliveries and ladders, agreed words acknowledge, people read on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from adapters.email.catcher import CaughtMail
from notify.delivery import DeliveryState
from notify.inbound import ReceivedMail
from notify.receiving import MOST_MAILS_AN_ADDRESS, POSSESSION
from notify.rows import DeliveryRow
from notify.service.receiving import is_expected, keep_mail
from notify.words import CaseReference
from tests.builders import contact, network, report_from, secretariat
from tests.flow.story import Story, tell

DOMAINS = {
    "ARTICLE17_BOUNCE_DOMAIN": "bounces.service.example",
    "ARTICLE17_REPLY_DOMAIN": "replies.service.example",
    "ARTICLE17_AUTHSERV_ID": "mx.service.example",
}
FIRST, ALTERNATE = "a171@ug.example", "a172@ug.example"
PROVEN = "mx.service.example; dmarc=pass header.from=ug.example"
FORGED = "mx.service.example; dmarc=fail header.from=ug.example"


@pytest.fixture
async def story(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    async with tell(database_url, tmp_path, contacts=network("UG"), settings=DOMAINS) as told:
        yield told


async def filed(story: Story) -> CaseReference:
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    return case


async def arrive(story: Story, recipient: str, raw: bytes, *, sender: str = "") -> None:
    mail = ReceivedMail(sender, recipient, raw, story.clock.now(), "lmtp 127.0.0.1")
    await keep_mail(mail, story.ports)
    await story.drain()


def report_on(mail: CaughtMail, action: str, status: str, diagnostic: str = "") -> bytes:
    blocks = f"Final-Recipient: rfc822; {mail.to}\r\nAction: {action}\r\nStatus: {status}\r\n"
    blocks += f"Diagnostic-Code: smtp; {diagnostic}\r\n" if diagnostic else ""
    return (
        "From: MAILER-DAEMON@mx.ug.example\r\nSubject: Report\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="edge"\r\n\r\n'
        "--edge\r\nContent-Type: text/plain\r\n\r\nThis is the mail system.\r\n"
        f"--edge\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.ug.example\r\n\r\n{blocks}\r\n"
        "--edge--\r\n"
    ).encode()


def reply_to(mail: CaughtMail, text: str, *, found: str = "", **headers: str) -> tuple[str, bytes]:
    """Write a reply; `found` is what our own mail server says of its sender."""
    reply = EmailMessage()
    if found:
        reply["Authentication-Results"] = found
    reply["From"], reply["To"] = f"Rose Okello <{mail.to}>", mail.message["Reply-To"]
    reply["Subject"], reply["In-Reply-To"] = f"Re: {mail.subject}", mail.message["Message-ID"]
    for name, value in headers.items():
        reply[name.replace("_", "-")] = value
    quoted = "".join(f"> {line}\n" for line in mail.text.splitlines()[:20])
    reply.set_content(f"{text}\n\nOn 18 Nov 2026, the service wrote:\n{quoted}")
    return str(mail.message["Reply-To"]), reply.as_bytes()


async def answer(story: Story, mail: CaughtMail, text: str, *, found: str = "", **headers: str) -> None:
    recipient, raw = reply_to(mail, text, found=found, **headers)
    await arrive(story, recipient, raw, sender=mail.to)


async def delivery_to(story: Story, case: CaseReference, address: str) -> DeliveryRow:
    """Find the delivery by which an address was told first."""
    async with story.system.database.read() as work:
        rows = await work.deliveries.of_case(case)
        contacts = {c.id: c.email for c in await work.contacts.all()}
    return next(row for row in rows if row.contact and contacts[row.contact] == address and row.channel == "email")


async def test_each_mail_has_its_own_return_path_and_reply_address_and_both_are_expected(story: Story) -> None:
    await filed(story)
    mails = story.catcher.mails
    paths = {mail.envelope_from for mail in mails} | {str(mail.message["Reply-To"]) for mail in mails}
    assert len(paths) == 2 * len(mails)
    assert all(is_expected(path, story.ports) for path in paths)
    changed = mails[0].envelope_from.replace("@", "x@", 1)
    assert not is_expected(changed, story.ports)
    assert not is_expected("postmaster@bounces.service.example", story.ports)


async def test_a_bounce_moves_the_ladder_now_and_keeps_its_evidence(story: Story) -> None:
    case = await filed(story)
    mail = story.inbox(FIRST)[0]
    raw = report_on(mail, "failed", "5.1.1", "550 5.1.1 no such user here")
    await arrive(story, mail.envelope_from, raw)
    assert (await delivery_to(story, case, FIRST)).state is DeliveryState.BOUNCED
    assert len(story.inbox(ALTERNATE)) == 1, "the next contact is told without waiting for a step"
    assert len(await story.tasks("failing_endpoint")) == 1
    async with story.system.database.read() as work:
        (drawn,) = await work.mails.evidence(case)
        kept = await work.mails.get(str(drawn.mail_id))
    assert (drawn.kind, kept.mail.raw) == ("bounced", raw)
    assert "no such user here" in drawn.detail


async def test_a_bounce_that_is_our_own_fault_does_not_blame_the_address(story: Story) -> None:
    case = await filed(story)
    mail = story.inbox(FIRST)[0]
    await arrive(story, mail.envelope_from, report_on(mail, "failed", "5.7.1", "rejected for its DMARC policy"))
    assert (await delivery_to(story, case, FIRST)).state is DeliveryState.BOUNCED
    assert await story.tasks("failing_endpoint") == []
    assert len(story.inbox(ALTERNATE)) == 1, "the State must be reached all the same"


async def test_states_only_move_forward(story: Story) -> None:
    case = await filed(story)
    mail = story.inbox(FIRST)[0]
    states = []
    for action, status in (("delayed", "4.4.1"), ("relayed", "2.0.0"), ("delayed", "4.4.1"), ("delivered", "2.0.0"),
                           ("failed", "5.1.1")):  # fmt: skip
        await arrive(story, mail.envelope_from, report_on(mail, action, status))
        states.append((await delivery_to(story, case, FIRST)).state)
    assert states == ["delayed", "relayed", "relayed", "delivered", "delivered"]
    assert story.inbox(ALTERNATE) == []


async def test_a_report_handed_in_twice_is_read_once(story: Story) -> None:
    case = await filed(story)
    mail = story.inbox(FIRST)[0]
    for _ in range(2):
        await arrive(story, mail.envelope_from, report_on(mail, "failed", "5.1.1"))
    assert len([kind for kind, _ in await story.log(case) if kind == "DeliveryFailed"]) == 1


async def test_a_report_that_does_not_come_to_the_return_path_is_not_believed(story: Story) -> None:
    case = await filed(story)
    mail = story.inbox(FIRST)[0]
    forged = report_on(mail, "failed", "5.1.1")
    await arrive(story, str(mail.message["Reply-To"]), forged)
    await arrive(story, mail.envelope_from, forged, sender="attacker@evil.example")
    assert (await delivery_to(story, case, FIRST)).state is DeliveryState.ACCEPTED
    assert len(await story.tasks("read_reply")) == 2, "a human looks at both"


async def test_more_mails_than_any_mail_system_sends_are_kept_and_not_read(story: Story) -> None:
    case = await filed(story)
    mail = story.inbox(FIRST)[0]
    for number in range(MOST_MAILS_AN_ADDRESS):
        await arrive(story, mail.envelope_from, report_on(mail, "delayed", "4.4.1", f"try {number}"))
    await arrive(story, mail.envelope_from, report_on(mail, "failed", "5.1.1"))
    assert (await delivery_to(story, case, FIRST)).state is DeliveryState.DELAYED


@pytest.mark.parametrize(
    ("word", "grade", "assessment"),
    [
        ("Received.", "received", None),
        ("reçu", "received", None),
        ("Не затронуто", "assessed", "not_affected"),
        ("受影响", "assessed", "affected"),
        ("جاري اتخاذ التدابير", "acting", None),
    ],
)
async def test_an_agreed_word_in_a_reply_acknowledges(
    story: Story, word: str, grade: str, assessment: str | None
) -> None:
    case = await filed(story)
    await answer(story, story.inbox(FIRST)[0], word, found=PROVEN)
    told = await story.notification(case, "UG")
    assert (told.grade, told.assessment, told.means) == (grade, assessment, "reply")
    async with story.system.database.read() as work:
        (given,) = await work.notifications.acknowledgements(case)
    assert (given.by, given.assurance) == ("Rose Okello", "authenticated_mail")
    await story.advance(hours=80)
    assert await story.steps(case, "UG") == []


async def test_a_reply_whose_sender_is_not_proven_is_recorded_as_possession_of_the_mail(story: Story) -> None:
    case = await filed(story)
    await answer(story, story.inbox(FIRST)[0], "received")
    async with story.system.database.read() as work:
        (given,) = await work.notifications.acknowledgements(case)
    assert given.assurance == POSSESSION


async def test_a_reply_that_fails_its_check_goes_to_a_human(story: Story) -> None:
    case = await filed(story)
    await answer(story, story.inbox(FIRST)[0], "received", found=FORGED)
    assert not (await story.notification(case, "UG")).acknowledged
    (task,) = await story.tasks("read_reply")
    assert "not proven" in str(task.text)


async def test_a_free_reply_becomes_a_task_with_its_text_and_acknowledges_nothing(story: Story) -> None:
    case = await filed(story)
    await answer(story, story.inbox(FIRST)[0], "Which laboratory did the analysis?", found=PROVEN)
    assert not (await story.notification(case, "UG")).acknowledged
    (task,) = await story.tasks("read_reply")
    assert "Which laboratory did the analysis?" in str(task.text)


async def test_out_of_office_is_evidence_and_no_acknowledgement(story: Story) -> None:
    case = await filed(story)
    mail = story.inbox(FIRST)[0]
    await answer(story, mail, "received", found=PROVEN, Auto_Submitted="auto-replied")
    assert not (await story.notification(case, "UG")).acknowledged
    async with story.system.database.read() as work:
        assert [drawn.kind for drawn in await work.mails.evidence(case)] == ["auto_replied"]
    await story.advance(hours=80)
    assert "telephone" in await story.steps(case, "UG")


async def test_wrong_contact_in_a_reply_sends_the_ladder_on(story: Story) -> None:
    await filed(story)
    await answer(story, story.inbox(FIRST)[0], "wrong contact", found=PROVEN)
    assert len(story.inbox(ALTERNATE)) == 1
    assert len(await story.tasks("contact_declined")) == 1


async def test_a_reply_under_a_revoked_link_goes_to_a_human(story: Story) -> None:
    case = await filed(story)
    mail = story.inbox(FIRST)[0]
    row = await delivery_to(story, case, FIRST)
    async with story.system.database.write() as work:
        assert row.contact is not None
        await work.deliveries.revoke_links(row.contact, story.clock.now())
        await work.commit()
    await answer(story, mail, "received", found=PROVEN)
    assert not (await story.notification(case, "UG")).acknowledged
    assert len(await story.tasks("read_reply")) == 1


async def test_bytes_that_are_no_mail_are_kept_and_shown_to_a_human(story: Story) -> None:
    await filed(story)
    mail = story.inbox(FIRST)[0]
    await arrive(story, mail.envelope_from, b"\x00\xff" * 500)
    assert len(await story.tasks("read_reply")) == 1


async def test_when_more_comes_than_is_read_a_human_is_asked_once(story: Story) -> None:
    await filed(story)
    mail = story.inbox(FIRST)[0]
    for number in range(MOST_MAILS_AN_ADDRESS + 3):
        await arrive(story, mail.envelope_from, report_on(mail, "delayed", "4.4.1", f"try {number}"))
    assert len(await story.tasks("read_reply")) == 1
    await answer(story, mail, "received", found=PROVEN)
    assert [n.acknowledged for n in [await story.notification(CaseReference("A17-2026-0001"), "UG")]] == [True]


async def test_a_report_that_names_another_mail_is_not_believed(story: Story) -> None:
    case = await filed(story)
    mail = story.inbox(FIRST)[0]
    strange = report_on(mail, "delivered", "2.0.0").replace(
        b"Reporting-MTA: dns; mx.ug.example\r\n",
        b"Reporting-MTA: dns; mx.ug.example\r\nOriginal-Envelope-Id: dlv_other\r\n",
    )
    await arrive(story, mail.envelope_from, strange)
    assert (await delivery_to(story, case, FIRST)).state is DeliveryState.ACCEPTED
    assert len(await story.tasks("read_reply")) == 1


async def test_a_proven_stranger_has_the_mail_and_no_more(story: Story) -> None:
    case = await filed(story)
    recipient, raw = reply_to(story.inbox(FIRST)[0], "received", found=PROVEN.replace("ug.example", "evil.example"))
    await arrive(
        story, recipient, raw.replace(b"<a171@ug.example>", b"<rose@evil.example>"), sender="rose@evil.example"
    )
    async with story.system.database.read() as work:
        (given,) = await work.notifications.acknowledgements(case)
    assert given.assurance == POSSESSION


async def test_what_answers_the_mail_of_a_task_makes_no_new_task(story: Story) -> None:
    await story.load([secretariat()])
    await filed(story)
    await answer(story, story.inbox(FIRST)[0], "Who asks?", found=PROVEN)
    (asked,) = await story.tasks("read_reply")
    mail = next(mail for mail in story.inbox("secretariat@cbd.example") if "Who asks?" in mail.text)
    await answer(story, mail, "Your request was registered as ticket 12.", found=PROVEN)
    assert [task.id for task in await story.tasks("read_reply")] == [asked.id]


async def test_an_assessment_by_an_organization_is_read_by_a_human(story: Story) -> None:
    fao = contact("UG", "organization", state=None, organization="FAO", email="desk@fao.example")
    await story.load([fao])
    await story.submit(report_from("KE", "UG", organizations=["FAO"]), key="with-fao")
    await story.drain()
    await answer(story, story.inbox("desk@fao.example")[0], "affected", found=PROVEN)
    assert len(await story.tasks("read_reply")) == 1


async def test_a_reminder_that_is_on_its_way_is_not_said_to_be_cancelled_by_an_answer(story: Story) -> None:
    case = await filed(story)
    await story.advance(hours=3.1)
    reminder = story.inbox(FIRST)[-1]
    await arrive(story, reminder.envelope_from, report_on(reminder, "delayed", "4.4.1"))
    await story.acknowledge(FIRST)
    async with story.system.database.read() as work:
        rows = await work.deliveries.of_case(case)
    mine = [row for row in rows if row.step == "reminder" and row.contact == "ug-a17-1" and row.channel == "email"]
    assert [row.state for row in mine] == [DeliveryState.DELAYED]
