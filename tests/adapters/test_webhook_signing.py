"""Signatures agree with the vectors of Standard Webhooks, with two other libraries, and with nothing changed."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
import standardwebhooks
import svix.webhooks
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from adapters.webhook.signing import (
    SignatureError,
    new_secret,
    new_signing_key,
    read_public_key,
    read_secret,
    read_signing_key,
    sign,
    verify,
    write_public_key,
    write_secret,
    write_signing_key,
)

ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
V1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
KEY = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
PUBLIC = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
V1A = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
SEED = "VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="
V1A_OF_SEED = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="


def headers(signature: str, *, message_id: str = ID, timestamp: str = str(TIMESTAMP)) -> dict[str, str]:
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


def check(given_headers: dict[str, str], body: bytes = BODY, now: float = TIMESTAMP) -> None:
    verify(given_headers, body, now=now, secrets=[read_secret(SECRET)], keys=[read_public_key(PUBLIC)])


def test_the_symmetric_vector_is_reproduced() -> None:
    assert sign(ID, TIMESTAMP, BODY, secrets=[read_secret(SECRET)]) == V1


def test_the_symmetric_vector_of_the_other_library_is_reproduced() -> None:
    body = b'{"email":"test@example.com","username":"test_user"}'
    secret = read_secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
    signature = sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553, body, secrets=[secret])
    assert signature == "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="


def test_the_asymmetric_vector_is_reproduced() -> None:
    assert sign(ID, TIMESTAMP, BODY, keys=[read_signing_key(KEY)]) == V1A


def test_the_asymmetric_vector_of_a_seed_is_reproduced() -> None:
    assert sign(ID, TIMESTAMP, BODY, keys=[read_signing_key(SEED)]) == V1A_OF_SEED


def test_all_keys_sign_in_one_header() -> None:
    keys = [read_signing_key(KEY), read_signing_key(SEED)]
    assert sign(ID, TIMESTAMP, BODY, secrets=[read_secret(SECRET)], keys=keys) == f"{V1} {V1A} {V1A_OF_SEED}"


@pytest.mark.parametrize("signature", [V1, V1A, f"v1,AAAA {V1}", f"v2,AAAA {V1A_OF_SEED} {V1A}"])
def test_one_good_signature_is_enough(signature: str) -> None:
    check(headers(signature))


def test_header_names_may_be_in_any_case() -> None:
    check({"Webhook-Id": ID, "WEBHOOK-TIMESTAMP": str(TIMESTAMP), "webhook-Signature": V1})


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_refused(missing: str) -> None:
    given_headers = headers(V1)
    del given_headers[missing]
    with pytest.raises(SignatureError):
        check(given_headers)


@pytest.mark.parametrize("seconds", [301, -301])
def test_a_message_more_than_five_minutes_away_is_refused(seconds: int) -> None:
    with pytest.raises(SignatureError, match="too old or too new"):
        check(headers(V1), now=TIMESTAMP + seconds)


@pytest.mark.parametrize("seconds", [300, -300])
def test_a_message_five_minutes_away_is_accepted(seconds: int) -> None:
    check(headers(V1), now=TIMESTAMP + seconds)


@pytest.mark.parametrize("timestamp", ["hello", "", f" {TIMESTAMP}", f"{TIMESTAMP}.0", f"+{TIMESTAMP}", "\u0661" * 10])
def test_a_timestamp_that_is_no_whole_number_is_refused(timestamp: str) -> None:
    with pytest.raises(SignatureError, match="whole number"):
        check(headers(V1, timestamp=timestamp))


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v1,",
        V1[:8],
        V1A[:8],
        "v2," + V1[3:],
        V1[3:],
        V1.replace(",", ""),
        V1.replace(",", ",,"),
        "v1a," + V1[3:],
        "v1,\ud800",
        "v1a,\u20ac",
        "v1a,***",
        V1A_OF_SEED,
        "v1,AAAA " * 20 + V1,
    ],
)
def test_a_signature_that_does_not_fit_is_refused(signature: str) -> None:
    with pytest.raises(SignatureError, match="no signature fits"):
        check(headers(signature))


def test_nothing_is_accepted_without_a_secret_or_key() -> None:
    for secrets in ([], [b""]):
        with pytest.raises(SignatureError):
            verify(headers(V1), BODY, now=TIMESTAMP, secrets=secrets)


def test_nothing_is_signed_without_a_secret_or_with_an_id_that_holds_a_dot() -> None:
    with pytest.raises(ValueError, match="at least one"):
        sign(ID, TIMESTAMP, BODY)
    with pytest.raises(ValueError, match="empty"):
        sign(ID, TIMESTAMP, BODY, secrets=[b""])
    with pytest.raises(ValueError, match="dot"):
        sign("msg.1", TIMESTAMP, BODY, secrets=[new_secret()])


def test_an_id_cannot_borrow_the_dot_of_the_signed_text() -> None:
    moved = headers(V1, message_id=f"{ID}.{TIMESTAMP}")
    with pytest.raises(SignatureError, match="dot"):
        check(moved)


@given(st.sampled_from([V1, V1A]), st.sampled_from(["id", "timestamp", "body", "signature"]), st.data())
def test_any_changed_character_is_refused(signature: str, place: str, changes: st.DataObject) -> None:
    texts = {"id": ID, "timestamp": str(TIMESTAMP), "body": BODY.decode(), "signature": signature}
    position = changes.draw(st.integers(0, len(texts[place]) - 1))
    character = changes.draw(st.characters(codec="utf-8").filter(lambda drawn: drawn != texts[place][position]))
    texts[place] = texts[place][:position] + character + texts[place][position + 1 :]
    given_headers = headers(texts["signature"], message_id=texts["id"], timestamp=texts["timestamp"])
    with pytest.raises(SignatureError):
        check(given_headers, texts["body"].encode())


@given(st.binary(min_size=1), st.text(alphabet="abcXYZ019_-", min_size=1))
def test_what_is_signed_by_both_ways_verifies_by_each_alone(body: bytes, message_id: str) -> None:
    secret, key = new_secret(), new_signing_key()
    given_headers = headers(sign(message_id, TIMESTAMP, body, secrets=[secret], keys=[key]), message_id=message_id)
    verify(given_headers, body, now=TIMESTAMP, secrets=[secret])
    verify(given_headers, body, now=TIMESTAMP, keys=[key.public_key()])


def test_two_other_libraries_accept_our_header() -> None:
    secret, key, now = new_secret(), new_signing_key(), int(time.time())
    signature = sign(ID, now, BODY, secrets=[new_secret(), secret], keys=[key])
    given_headers = headers(signature, timestamp=str(now))
    for library in (standardwebhooks.Webhook, svix.webhooks.Webhook):
        library(write_secret(secret)).verify(BODY, given_headers)
        with pytest.raises((standardwebhooks.WebhookVerificationError, svix.webhooks.WebhookVerificationError)):
            library(write_secret(secret)).verify(BODY + b" ", given_headers)


def spoilt(given: dict[str, str]) -> dict[str, dict[str, str]]:
    """Spoil a good header in each way that a receiver must refuse."""
    signature, moment = given["webhook-signature"], int(given["webhook-timestamp"])
    without = {f"no {name}": {n: v for n, v in given.items() if n != name} for name in given}
    return without | {
        "timestamp hello": given | {"webhook-timestamp": "hello"},
        "too old": given | {"webhook-timestamp": str(moment - 301)},
        "too new": given | {"webhook-timestamp": str(moment + 301)},
        "empty signature": given | {"webhook-signature": "v1,"},
        "cut off": given | {"webhook-signature": signature[:8]},
        "other version": given | {"webhook-signature": f"v2,{signature[3:]}"},
        "other id": given | {"webhook-id": "msg_2"},
    }


@pytest.mark.parametrize("library", [standardwebhooks.Webhook, svix.webhooks.Webhook])
def test_what_two_other_libraries_refuse_we_refuse_and_what_they_take_we_take(library: Any) -> None:
    secret, now = new_secret(), int(time.time())
    good = headers(sign(ID, now, BODY, secrets=[secret]), timestamp=str(now))
    # Base64 that is cut off is a ValueError there, and no error of their own.
    refusals = (standardwebhooks.WebhookVerificationError, svix.webhooks.WebhookVerificationError, ValueError)
    for bad in spoilt(good).values():
        with pytest.raises(refusals):
            library(write_secret(secret)).verify(BODY, bad)
        with pytest.raises(SignatureError):
            verify(bad, BODY, now=now, secrets=[secret])
    several = good | {"webhook-signature": f"v1,AAAA {good['webhook-signature']}"}
    for taken in (good, several, {name.title(): value for name, value in good.items()}):
        for written in (write_secret(secret), write_secret(secret).removeprefix("whsec_")):
            library(written).verify(BODY, taken)
        verify(taken, BODY, now=now, secrets=[secret])


def test_the_asymmetric_signature_is_plain_ed25519_over_id_timestamp_and_body() -> None:
    raw = base64.b64decode(sign(ID, TIMESTAMP, BODY, keys=[read_signing_key(KEY)]).removeprefix("v1a,"))
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(PUBLIC.removeprefix("whpk_")))
    public.verify(raw, f"{ID}.{TIMESTAMP}.".encode() + BODY)


def test_secrets_and_keys_are_read_as_they_are_written() -> None:
    secret, key = new_secret(), new_signing_key()
    assert len(secret) == 32
    assert read_secret(write_secret(secret)) == secret
    assert read_signing_key(write_signing_key(key)).private_bytes_raw() == key.private_bytes_raw()
    assert write_signing_key(read_signing_key(KEY)) == KEY
    assert write_public_key(read_signing_key(KEY).public_key()) == PUBLIC
    assert read_public_key(PUBLIC) == read_signing_key(KEY).public_key()


def test_a_secret_is_read_without_prefix_and_without_padding() -> None:
    secret = bytes(range(32))
    written = write_secret(secret)
    assert written.endswith("=")
    assert read_secret(written.removeprefix("whsec_")) == secret
    assert read_secret(written.rstrip("=")) == secret


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_AAAA", f"v1,{SECRET}", PUBLIC, "whsec_!!!", "\u20ac" * 40])
def test_a_text_that_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"whsec_|base64|ASCII"):
        read_secret(text)


@pytest.mark.parametrize("text", ["", "whsk_", "whsk_AAAA", PUBLIC, KEY.replace("fV", "fW")])
def test_a_text_that_is_no_signing_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"signing key|base64"):
        read_signing_key(text)


@pytest.mark.parametrize("text", ["", "whpk_AAAA", KEY])
def test_a_text_that_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"public key|base64"):
        read_public_key(text)
