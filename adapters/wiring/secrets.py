"""Holds what comes of the service's secret keys: link tokens, sealed secrets, new random ids."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

from notify.inbound import MailPurpose
from notify.queueing import link_hash
from notify.words import DeliveryId

TOKEN_BYTES = 20  # 160 bits, 32 characters of base32


def new_id(prefix: str) -> str:
    """Make an id that sorts by the time it was made: `dlv_…`, digits and letters only."""
    return f"{prefix}_{time.time_ns() // 1000:013x}{secrets.token_hex(6)}"


class DerivedLinkTokens:
    """Derives link tokens from delivery ids with HMAC-SHA-256, so that no token is ever stored."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [key.encode() for key in keys]

    def _derive(self, key: bytes, delivery_id: DeliveryId) -> str:
        code = hmac.digest(key, b"acknowledgement link\n" + delivery_id.encode(), "sha256")
        return base64.b32encode(code[:TOKEN_BYTES]).decode().lower()

    def token(self, delivery_id: DeliveryId) -> str:
        return self._derive(self._keys[0], delivery_id)

    def again(self, delivery_id: DeliveryId, stored_hash: str) -> str | None:
        tokens = (self._derive(key, delivery_id) for key in self._keys)
        return next((token for token in tokens if link_hash(token) == stored_hash), None)


_DELIVERY_ID = re.compile(r"dlv_([a-z0-9]{1,40})")
# The code is base32 of its 80 bits. "ack+" and the longest id and the code are 60 octets, of 64 that are allowed.
_LOCAL_PART = re.compile(r"(b|ack)\+([a-z0-9]{1,40})([a-z2-7]{16})")
_MAIL_CODE_BYTES = 10
_PURPOSES = {"b": MailPurpose.BOUNCE, "ack": MailPurpose.REPLY}


class MailTokens:
    """Writes and reads the addresses of each mail: the return path, and where replies go.

    Each holds the delivery's id and a keyed code of its own purpose, so that neither can be made from the other, nor
    from the link; nothing is stored. Lower-case letters and digits alone, as mail servers may change the case.
    """

    def __init__(self, keys: Sequence[str], bounce_domain: str | None = None, reply_domain: str | None = None) -> None:
        self._keys = [key.encode() for key in keys]
        self._domains = {
            purpose: domain.lower()
            for purpose, domain in ((MailPurpose.BOUNCE, bounce_domain), (MailPurpose.REPLY, reply_domain))
            if domain
        }

    def return_path(self, delivery_id: DeliveryId) -> str:
        """Write the envelope sender of a mail; raises ValueError for an id of another form."""
        return self._address("b", delivery_id)

    def reply_address(self, delivery_id: DeliveryId) -> str:
        """Write the Reply-To of a mail; raises ValueError for an id of another form."""
        return self._address("ack", delivery_id)

    def read(self, address: str) -> tuple[MailPurpose, DeliveryId] | None:
        """Say what an address is for and of which delivery; None when none of our keys made it."""
        local, _, domain = address.rpartition("@")
        match = _LOCAL_PART.fullmatch(local.lower()) if address.isascii() else None
        if match is None or self._domains.get(_PURPOSES[match[1]]) != domain.lower():
            return None
        purpose = _PURPOSES[match[1]]
        ours = [hmac.compare_digest(self._code(key, purpose, match[2]), match[3]) for key in self._keys]
        return (purpose, DeliveryId(f"dlv_{match[2]}")) if any(ours) else None

    def _address(self, begin: str, delivery_id: DeliveryId) -> str:
        match = _DELIVERY_ID.fullmatch(delivery_id)
        if match is None:
            raise ValueError(f"no mail address can be made of the delivery id {delivery_id!r}")
        purpose = _PURPOSES[begin]
        return f"{begin}+{match[1]}{self._code(self._keys[0], purpose, match[1])}@{self._domains[purpose]}"

    @staticmethod
    def _code(key: bytes, purpose: MailPurpose, name: str) -> str:
        code = hmac.digest(key, f"mail address for {purpose}\n{name}".encode(), "sha256")
        return base64.b32encode(code[:_MAIL_CODE_BYTES]).decode().lower()


class Sealer:
    """Seals secrets at rest with the service's keys: the first seals, each opens (Fernet)."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(self._fernet_key(key)) for key in keys])
        # The secrets of busy endpoints are opened once, not for every delivery.
        self._opened = lru_cache(maxsize=4096)(self._fernet.decrypt)

    @staticmethod
    def _fernet_key(key: str) -> bytes:
        return base64.urlsafe_b64encode(hashlib.sha256(b"sealing\n" + key.encode()).digest())

    def seal(self, content: bytes) -> bytes:
        """Seal a secret."""
        return self._fernet.encrypt(content)

    def unseal(self, content: bytes) -> bytes:
        """Open a sealed secret; raises cryptography's InvalidToken when no key fits."""
        return self._opened(content)


def development_key(folder: Path) -> str:
    """Read the secret of a development installation, made at its first start and readable by its owner alone."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii").strip()
