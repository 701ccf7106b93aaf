"""Signs and verifies webhooks as Standard Webhooks 1.0.0 says: `v1` by HMAC-SHA256, `v1a` by Ed25519."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets as random_source
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
TOLERANCE_SECONDS = 300

_SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of a secret, not a secret
_PRIVATE_PREFIX = "whsk_"
_PUBLIC_PREFIX = "whpk_"
_SECRET_LENGTHS = range(24, 65)
_SEED_LENGTH = 32
# A header with more signatures than this is no rotation of keys but an attempt to keep us busy.
_MOST_SIGNATURES = 20


class SignatureError(Exception):
    """The message is not signed by a known key, or is too old or too new."""


def sign(
    message_id: str,
    timestamp: int,
    body: bytes,
    *,
    secrets: Sequence[bytes] = (),
    keys: Sequence[Ed25519PrivateKey] = (),
) -> str:
    """Write the signature header: one `v1` for each secret, one `v1a` for each key, so that keys can be rotated.

    `timestamp` is in whole seconds since 1970 (UTC). ValueError when nothing would be signed or the id holds a dot.
    """
    if not secrets and not keys:
        raise ValueError("a webhook is signed with at least one secret or key")
    content = _signed_bytes(message_id, timestamp, body)
    signatures = [_symmetric(secret, content) for secret in secrets]
    signatures += [f"v1a,{_text(key.sign(content))}" for key in keys]
    return " ".join(signatures)


def verify(
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
    secrets: Sequence[bytes] = (),
    keys: Sequence[Ed25519PublicKey] = (),
) -> None:
    """Check the three headers against the raw body; one good signature is enough, else SignatureError.

    `now` is in seconds since 1970; five minutes either way are tolerated. Header names may be in any case.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = given.get(ID_HEADER, ""), given.get(TIMESTAMP_HEADER, "")
    if not message_id or "." in message_id:
        raise SignatureError("the message id is missing or holds a dot")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise SignatureError("the timestamp is missing or is no whole number of seconds")
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise SignatureError("the message is too old or too new")
    content = f"{message_id}.{timestamp}.".encode("utf-8", "surrogatepass") + body
    signatures = given.get(SIGNATURE_HEADER, "").split(" ")[:_MOST_SIGNATURES]
    # Every signature is compared, so that the time taken does not say which one was right.
    if not any([_fits(signature, content, secrets, keys) for signature in signatures]):
        raise SignatureError("no signature fits")


def new_secret() -> bytes:
    """Make a secret for one endpoint."""
    return random_source.token_bytes(32)


def write_secret(secret: bytes) -> str:
    """Write a secret as `whsec_…`, the form that receivers paste."""
    return _SECRET_PREFIX + _text(secret)


def read_secret(text: str) -> bytes:
    """Read `whsec_…`, with or without prefix and padding; ValueError unless it holds 24 to 64 bytes."""
    secret = _bytes(text.strip().removeprefix(_SECRET_PREFIX))
    if len(secret) not in _SECRET_LENGTHS:
        raise ValueError("a webhook secret is whsec_ and 24 to 64 bytes in base64")
    return secret


def new_signing_key() -> Ed25519PrivateKey:
    """Make a service key."""
    return Ed25519PrivateKey.generate()


def write_signing_key(key: Ed25519PrivateKey) -> str:
    """Write a private key as `whsk_…`: seed and public key, 64 bytes."""
    return _PRIVATE_PREFIX + _text(key.private_bytes_raw() + key.public_key().public_bytes_raw())


def read_signing_key(text: str) -> Ed25519PrivateKey:
    """Read `whsk_…`, with or without prefix: the 32-byte seed, or seed and public key; ValueError otherwise."""
    raw = _bytes(text.strip().removeprefix(_PRIVATE_PREFIX))
    if len(raw) not in (_SEED_LENGTH, 2 * _SEED_LENGTH):
        raise ValueError("a signing key is whsk_ and 32 or 64 bytes in base64")
    key = Ed25519PrivateKey.from_private_bytes(raw[:_SEED_LENGTH])
    if raw[_SEED_LENGTH:] not in (b"", key.public_key().public_bytes_raw()):
        raise ValueError("the two halves of the signing key do not belong together")
    return key


def write_public_key(key: Ed25519PublicKey) -> str:
    """Write a public key as `whpk_…`, the form that is published."""
    return _PUBLIC_PREFIX + _text(key.public_bytes_raw())


def read_public_key(text: str) -> Ed25519PublicKey:
    """Read `whpk_…`, with or without prefix; ValueError otherwise."""
    raw = _bytes(text.strip().removeprefix(_PUBLIC_PREFIX))
    if len(raw) != _SEED_LENGTH:
        raise ValueError("a public key is whpk_ and 32 bytes in base64")
    return Ed25519PublicKey.from_public_bytes(raw)


def _signed_bytes(message_id: str, timestamp: int, body: bytes) -> bytes:
    # A dot in the id would let two different messages have the same signed bytes.
    if not message_id or "." in message_id:
        raise ValueError("a webhook id must be given and must not hold a dot")
    return f"{message_id}.{timestamp}.".encode() + body


def _symmetric(secret: bytes, content: bytes) -> str:
    if not secret:
        raise ValueError("a webhook secret must not be empty")
    return f"v1,{_text(hmac.digest(secret, content, hashlib.sha256))}"


def _fits(signature: str, content: bytes, secrets: Sequence[bytes], keys: Sequence[Ed25519PublicKey]) -> bool:
    if signature.startswith("v1,"):
        given = signature.encode("utf-8", "surrogatepass")
        fits = [hmac.compare_digest(_symmetric(secret, content).encode(), given) for secret in secrets if secret]
        return any(fits)
    if signature.startswith("v1a,"):
        return any([_fits_key(signature.removeprefix("v1a,"), content, key) for key in keys])
    return False


def _fits_key(signature: str, content: bytes, key: Ed25519PublicKey) -> bool:
    try:
        raw = _bytes(signature)
        key.verify(raw, content)
    except (InvalidSignature, ValueError):
        return False
    # Base64 can write one signature in several ways; only ours is taken.
    return _text(raw) == signature


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    padding = "=" * (-len(text) % 4)
    try:
        return base64.b64decode(text + padding, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
