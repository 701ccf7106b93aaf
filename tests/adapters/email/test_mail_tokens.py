"""The addresses that each mail names for what comes back: one for bounces, one for replies, and nobody else's."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.wiring.secrets import DerivedLinkTokens, MailTokens, new_id
from notify.inbound import MailPurpose
from notify.queueing import stable_id
from notify.words import DeliveryId

KEYS = ["k" * 32, "l" * 32]
TOKENS = MailTokens(KEYS, "bounces.example.org", "reply.example.org")
ID = stable_id("ntf_1:nl-1:email:first")
FORMS = [ID, DeliveryId("dlv_00000001"), DeliveryId(f"dlv_{'z' * 40}")]


def test_an_id_of_our_own_making_has_the_form_that_addresses_need() -> None:
    made = DeliveryId(new_id("dlv"))
    assert TOKENS.read(TOKENS.return_path(made)) == (MailPurpose.BOUNCE, made)


@pytest.mark.parametrize("delivery_id", FORMS)
def test_both_addresses_are_read_back_in_any_case(delivery_id: DeliveryId) -> None:
    bounce, reply = TOKENS.return_path(delivery_id), TOKENS.reply_address(delivery_id)
    for address in (bounce, bounce.upper(), bounce.title()):
        assert TOKENS.read(address) == (MailPurpose.BOUNCE, delivery_id)
    for address in (reply, reply.upper()):
        assert TOKENS.read(address) == (MailPurpose.REPLY, delivery_id)


@pytest.mark.parametrize("delivery_id", FORMS)
def test_the_local_part_is_short_and_of_lower_case_letters_and_digits(delivery_id: DeliveryId) -> None:
    for address, begin in ((TOKENS.return_path(delivery_id), "b+"), (TOKENS.reply_address(delivery_id), "ack+")):
        local, _, domain = address.partition("@")
        assert len(local) <= 64
        assert local.startswith(begin)
        assert set(local.removeprefix(begin)) <= set(string.ascii_lowercase + string.digits)
        assert domain == ("bounces.example.org" if begin == "b+" else "reply.example.org")


def test_no_address_can_be_made_of_another_or_of_the_link() -> None:
    bounce, reply = TOKENS.return_path(ID), TOKENS.reply_address(ID)
    token = bounce.partition("@")[0].removeprefix("b+")
    link = DerivedLinkTokens(KEYS).token(ID)
    assert reply.partition("@")[0].removeprefix("ack+") != token
    assert TOKENS.read(f"ack+{token}@reply.example.org") is None
    assert TOKENS.read(f"b+{token}@reply.example.org") is None
    assert TOKENS.read(f"ack+{ID.removeprefix('dlv_')}{link[:16]}@reply.example.org") is None
    assert link[:16] not in bounce + reply


def test_every_key_of_the_list_is_accepted_and_no_other() -> None:
    address = MailTokens(["l" * 32], "bounces.example.org").return_path(ID)
    assert TOKENS.read(address) == (MailPurpose.BOUNCE, ID)
    assert MailTokens(["m" * 32], "bounces.example.org").read(address) is None


def test_addresses_stay_the_same_at_each_attempt() -> None:
    assert MailTokens(KEYS, "bounces.example.org").return_path(ID) == TOKENS.return_path(ID)


@pytest.mark.parametrize("position", range(len("b+") + 26 + 16))
def test_an_address_with_one_character_changed_is_nobodys(position: int) -> None:
    address = TOKENS.return_path(ID)
    other = "a" if address[position] != "a" else "q"
    assert TOKENS.read(address[:position] + other + address[position + 1 :]) is None


@given(st.text(max_size=400))
def test_no_text_from_outside_is_read_as_ours(text: str) -> None:
    assert TOKENS.read(text) is None
    assert TOKENS.read(f"b+{text}@bounces.example.org") is None


@pytest.mark.parametrize("strange", ["\u212a", "\u0130", "\uff41", "b\u200b"])
def test_letters_that_only_look_like_ours_are_refused(strange: str) -> None:
    address = TOKENS.return_path(ID)
    assert TOKENS.read(strange + address[1:]) is None
    assert TOKENS.read(address.replace("k", strange) + strange) is None


def test_nothing_is_read_without_a_domain_and_nothing_made_of_another_id() -> None:
    assert MailTokens(KEYS).read(TOKENS.return_path(ID)) is None
    assert MailTokens(KEYS, "elsewhere.example.org").read(TOKENS.return_path(ID)) is None
    for wrong in ("d-0001", "dlv_", "dlv_A", f"dlv_{'z' * 41}", "dlv_a\r\nb"):
        with pytest.raises(ValueError, match="delivery id"):
            TOKENS.return_path(DeliveryId(wrong))
