"""Signs requests to an S3-compatible object store (AWS Signature Version 4)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

NOTHING = hashlib.sha256(b"").hexdigest()
"""The digest of a request without a body."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Under which name and secret, and for which region, requests are signed."""

    access_key: str
    secret_key: str
    region: str


def signed_headers(
    method: str, host: str, path: str, *, sha256: str, now: datetime, credentials: Credentials
) -> dict[str, str]:
    """Give the headers of a request for one object: its date, the digest of its body, its authorization.

    `path` is written as it is sent: each step quoted. Requests have no query.
    """
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {"host": host, "x-amz-content-sha256": sha256, "x-amz-date": stamp}
    names = ";".join(sorted(headers))
    canonical = "\n".join((method, path, "", _lines(headers), names, sha256))
    scope = f"{stamp[:8]}/{credentials.region}/s3/aws4_request"
    to_sign = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    signature = hmac.new(_key(credentials, stamp[:8]), to_sign.encode(), hashlib.sha256).hexdigest()
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return {**headers, "authorization": authorization}


def quoted_path(path: str) -> str:
    """Write a path as it is sent and signed."""
    return quote(path, safe="/-_.~")


def _lines(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))


def _key(credentials: Credentials, day: str) -> bytes:
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (day, credentials.region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
