"""Holds what comes of the service's secret keys: link tokens, sealed secrets, new random ids."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

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
        code = hmac.new(key, b"acknowledgement link\n" + delivery_id.encode(), hashlib.sha256).digest()
        return base64.b32encode(code[:TOKEN_BYTES]).decode().lower()

    def token(self, delivery_id: DeliveryId) -> str:
        return self._derive(self._keys[0], delivery_id)

    def again(self, delivery_id: DeliveryId, stored_hash: str) -> str | None:
        tokens = (self._derive(key, delivery_id) for key in self._keys)
        return next((token for token in tokens if link_hash(token) == stored_hash), None)


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
