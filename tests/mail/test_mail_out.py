"""Our own channel through a real relay: what it reports comes to the return path and names the delivery."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email import message_from_bytes

import pytest

from adapters.email.channel import EmailChannel
from adapters.email.compose import Composer, Letterhead
from adapters.email.relay import Relay
from adapters.wiring.secrets import MailTokens
from notify.delivery import DeliveryState, Dispatch
from notify.inbound import MailPurpose, ReceivedMail
from notify.queueing import stable_id
from tests.adapters.mail_builders import NOW, dispatch, recipient
from tests.mail.rig import OUR_DOMAIN, Received, Rig, read_report
from tests.mail.servers import LOCAL

pytestmark = [pytest.mark.mail, pytest.mark.xdist_group("mail")]

TOKENS = MailTokens(["k" * 32], OUR_DOMAIN, OUR_DOMAIN)


@pytest.fixture
async def channel(rig: Rig) -> AsyncIterator[EmailChannel]:
    address = f"notices@{OUR_DOMAIN}"
    composer = Composer(
        Letterhead(address, "Article 17", address, OUR_DOMAIN, takes_answers=True), reply_address=TOKENS.reply_address
    )
    relay = Relay(LOCAL, rig.relay_port, "none")
    ours = EmailChannel([relay], composer, TOKENS.return_path, lambda: NOW)
    yield ours
    await ours.close()


def mail_to(address: str) -> Dispatch:
    return dispatch(reader=recipient(email=address), delivery_id=stable_id(f"to {address}"))


@pytest.mark.parametrize(
    ("who", "action"),
    [("unknown", "failed"), ("known", "relayed"), ("own", "delivered"), ("cyrillic", "failed"), ("far", "relayed")],
)
async def test_the_report_on_a_mail_of_ours_names_its_delivery(
    rig: Rig, received: Received, channel: EmailChannel, who: str, action: str
) -> None:
    address = getattr(rig, who)
    sent = mail_to(address)
    proof = await channel.deliver(sent)
    assert (proof.state, proof.status) == (DeliveryState.ACCEPTED, 250)
    [mail] = await received.wait_at(TOKENS.return_path(sent.delivery_id))
    assert TOKENS.read(mail.recipient) == (MailPurpose.BOUNCE, sent.delivery_id)
    assert mail.sender == ""
    report = read_report(mail)
    assert report.recipient["action"] == action
    assert report.message["original-envelope-id"] == sent.delivery_id
    kind, _, original = report.recipient["original-recipient"].partition(";")
    assert kind == ("rfc822" if address.isascii() else "utf-8")
    assert original.strip() in (address, address.encode("ascii", "backslashreplace").decode())


def returned(mail: ReceivedMail) -> str:
    """Give the header of our mail that came back with a report."""
    for part in message_from_bytes(mail.raw).walk():
        if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            return str(part.get_payload())
    raise AssertionError("nothing came back")


async def test_the_report_holds_the_headers_of_the_mail_alone(
    rig: Rig, received: Received, channel: EmailChannel
) -> None:
    sent = mail_to("no+tag=x@gov.test")
    await channel.deliver(sent)
    [mail] = await received.wait_at(TOKENS.return_path(sent.delivery_id))
    assert f"Message-ID: <{sent.delivery_id}@{OUR_DOMAIN}>" in returned(mail)
    assert b"Unlawful" not in mail.raw and b"--=_alternative" not in mail.raw
    assert "no+tag=x@gov.test" in read_report(mail).recipient["original-recipient"]
