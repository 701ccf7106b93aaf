"""What the relay is asked to report, on the wire: only where it offers that, and in no further round trip."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.email.channel import EmailChannel
from adapters.email.compose import Composer
from adapters.email.relay import Relay
from adapters.email.transaction import utf8_xtext, xtext
from adapters.wiring.secrets import MailTokens
from notify.delivery import Dispatch
from notify.errors import DeliveryError, FailureKind
from notify.inbound import MailPurpose
from notify.queueing import stable_id
from tests.adapters.email.smtp_servers import DSN, LOCAL, ScriptedServer
from tests.adapters.mail_builders import NOW, composer, dispatch, letterhead, recipient

TOKENS = MailTokens(["k" * 32], "bounces.example.org", "reply.example.org")
ID = stable_id("one")


async def send(server: ScriptedServer, *dispatches: Dispatch, writer: Composer | None = None) -> None:
    relay = Relay(LOCAL, server.port, "none", timeout=5.0)
    channel = EmailChannel([relay], writer or composer(), TOKENS.return_path, lambda: NOW)
    try:
        for each in dispatches:
            await channel.deliver(each)
    finally:
        await channel.close()


def mail_to(email: str, **fields: Any) -> Dispatch:
    return dispatch(reader=recipient(email=email), delivery_id=ID, **fields)


async def test_every_report_is_asked_for_where_the_relay_offers_that() -> None:
    async with ScriptedServer(offers=DSN).running() as server:
        await send(server, mail_to("no+tag=x@gov.test"))
    [mail] = server.said("MAIL")
    [rcpt] = server.said("RCPT")
    assert mail.startswith(f"MAIL FROM:<{TOKENS.return_path(ID)}> SIZE=")
    assert mail.endswith(f" RET=HDRS ENVID={ID}")
    assert rcpt == ("RCPT TO:<no+tag=x@gov.test> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;no+2Btag+3Dx@gov.test")


async def test_an_international_address_is_named_in_its_own_form() -> None:
    async with ScriptedServer(offers=DSN).running() as server:
        await send(server, mail_to("имя+а@gov.test"))
    [mail], [rcpt] = server.said("MAIL"), server.said("RCPT")
    assert mail.endswith(f"RET=HDRS ENVID={ID} SMTPUTF8 BODY=8BITMIME")
    assert rcpt == (
        "RCPT TO:<имя+а@gov.test> NOTIFY=SUCCESS,FAILURE,DELAY "
        r"ORCPT=utf-8;\x{438}\x{43C}\x{44F}\x{2B}\x{430}@gov.test"
    )


async def test_nothing_is_asked_of_a_relay_that_does_not_offer_reports() -> None:
    async with ScriptedServer(offers=("8BITMIME",)).running() as server:
        await send(server, mail_to("desk@gov.test"))
    assert server.said("MAIL") == [f"MAIL FROM:<{TOKENS.return_path(ID)}>"]
    assert server.said("RCPT") == ["RCPT TO:<desk@gov.test>"]


async def test_a_mail_costs_three_commands_on_a_connection_that_is_used_again() -> None:
    async with ScriptedServer(offers=DSN).running() as server:
        await send(server, *(mail_to("desk@gov.test") for _ in range(3)))
    verbs = [command[:4] for command in server.commands]
    assert verbs == ["EHLO", *["MAIL", "RCPT", "DATA"] * 3, "QUIT"]


async def test_return_path_reply_address_and_link_of_a_mail_are_three_different_secrets() -> None:
    writer = Composer(letterhead(), reply_address=TOKENS.reply_address)
    async with ScriptedServer(offers=DSN).running() as server:
        await send(server, mail_to("desk@gov.test"), writer=writer)
    [content] = server.mails
    reply_to = next(line[10:] for line in content.decode().split("\r\n") if line.startswith("Reply-To: "))
    assert TOKENS.read(reply_to) == (MailPurpose.REPLY, ID)
    assert TOKENS.return_path(ID).encode() not in content
    assert b"https://article17.example/a/k3v9" in content


async def test_an_id_that_no_address_can_be_made_of_is_the_operators_matter() -> None:
    writer = Composer(letterhead(), reply_address=TOKENS.reply_address)
    async with ScriptedServer().running() as server:
        with pytest.raises(DeliveryError) as caught:
            await send(server, dispatch(delivery_id="another-form"), writer=writer)
        assert server.connections == 0
    assert (caught.value.kind, caught.value.permanent) == (FailureKind.OURS, True)


async def test_a_mail_too_large_for_the_relay_is_not_tried_for_days() -> None:
    async with ScriptedServer(offers=DSN, replies={"MAIL": "552 5.3.4 too large"}).running() as server:
        with pytest.raises(DeliveryError) as caught:
            await send(server, mail_to("desk@gov.test"))
    assert (caught.value.kind, caught.value.permanent) == (FailureKind.OURS, True)


@pytest.mark.parametrize(("plain", "written"), [("id=1+2", "id+3D1+2B2"), ("a b", "a+20b"), ("dlv_0a", "dlv_0a")])
def test_parameters_are_written_as_rfc_3461_says(plain: str, written: str) -> None:
    assert xtext(plain) == written


@pytest.mark.parametrize(
    ("plain", "written"), [("почта", r"\x{43F}\x{43E}\x{447}\x{442}\x{430}"), ("a\\b=c", r"a\x{5C}b\x{3D}c")]
)
def test_international_addresses_are_written_as_rfc_6533_says(plain: str, written: str) -> None:
    assert utf8_xtext(plain) == written
