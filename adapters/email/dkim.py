"""Signs mails with DKIM, for relays that do not (RFC 6376, rsa-sha256, relaxed/simple; delivery E18, E19)."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

LEAST_BITS = 2048

# Named once more than they stand there, so that nobody can add another one.
_SEALED = (b"from", b"reply-to", b"to", b"subject", b"date", b"message-id")
_BLANKS = re.compile(rb"[ \t\r\n]+")
_LABELS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
_WIDTH = 72


class InvalidKey(ValueError):
    """What was given cannot sign mails."""


class DkimSigner:
    """Signs exactly the bytes that are sent, so nothing may change them afterwards."""

    def __init__(self, pem: bytes, *, domain: str, selector: str) -> None:
        """Take the private key in PEM (RSA, 2,048 bits or more), and where its public half stands in the DNS.

        Raises InvalidKey.
        """
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise InvalidKey("it is no private key in PEM without a password") from error
        if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
            raise InvalidKey(f"it is no RSA key of {LEAST_BITS} bits or more, which every receiver understands")
        if not _LABELS.fullmatch(domain) or not _LABELS.fullmatch(selector):
            raise InvalidKey(f"{selector}._domainkey.{domain} can be no name in the DNS")
        self._key = key
        self._place = f"d={domain}; s={selector}".encode()

    def __call__(self, content: bytes, now: datetime) -> bytes:
        """Give the DKIM-Signature field of a mail, whole with its line end, to stand before it."""
        head, _, body = content.partition(b"\r\n\r\n")
        fields = [_field(raw) for raw in re.split(rb"\r\n(?![ \t])", head)]
        names = [*(name for name, _ in fields), *_SEALED]
        body_hash = b64encode(sha256(_simple(body)).digest())
        value = b"".join(
            (
                b" v=1; a=rsa-sha256; c=relaxed/simple;\r\n ",
                self._place,
                f"; t={int(now.timestamp())};\r\n h=".encode(),
                b":\r\n ".join(b":".join(names[n : n + 5]) for n in range(0, len(names), 5)),
                b";\r\n bh=" + body_hash + b";\r\n b=",
            )
        )
        # Of two fields of one name the lower is signed first; ours stand once, so the order is theirs (5.4.2).
        signed = b"".join(b"%b:%b\r\n" % field for field in fields) + b"dkim-signature:" + _relaxed(value)
        signature = b64encode(self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256()))
        folded = b"\r\n ".join(signature[n : n + _WIDTH] for n in range(0, len(signature), _WIDTH))
        return b"DKIM-Signature:" + value + folded + b"\r\n"


def _field(raw: bytes) -> tuple[bytes, bytes]:
    name, _, value = raw.partition(b":")
    return name.strip().lower(), _relaxed(value)


def _relaxed(value: bytes) -> bytes:
    """Unfold a value and make each run of blanks one (3.4.2)."""
    return _BLANKS.sub(b" ", value).strip(b" ")


def _simple(body: bytes) -> bytes:
    """End a body with exactly one line end (3.4.3)."""
    return body.rstrip(b"\r\n") + b"\r\n"
