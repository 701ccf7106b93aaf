"""Reads the client certificates by which the service shows itself to endpoints that ask who calls (mTLS)."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from yarl import URL

from adapters.outbound.client import tls_context

LARGEST_FILE = 1024 * 1024
_NAMES = {"certificate", "key"}


class InvalidCertificates(ValueError):
    """The file of client certificates, or one that it names, cannot be used; the message says which and why."""


def read_client_certificates(path: Path, *, authorities: str | None = None) -> dict[str, ssl.SSLContext]:
    """Read `{"host": {"certificate": "file.pem", "key": "file.pem"}}`; files are looked for beside this one.

    The server is verified as everywhere; `authorities` (PEM) replaces those of the system. Raises InvalidCertificates.
    """
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(LARGEST_FILE))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidCertificates(f"{path.name} cannot be read as JSON: {type(error).__name__}") from error
    if not isinstance(document, Mapping):
        raise InvalidCertificates(f"{path.name} must be one JSON object: host names with their files")
    return {_host(host): _context(host, files, path.parent, authorities) for host, files in document.items()}


def host_of(url: str) -> str:
    """Give the host of a URL as it is compared: in ASCII and small letters; empty when there is none."""
    try:
        return (URL(url).raw_host or "").lower().rstrip(".")
    except ValueError:
        return ""


def _host(name: str) -> str:
    host = host_of(f"https://{name}/")
    if not host or urlsplit(f"https://{name}/").netloc != name or any(sign in name for sign in ":@[]/?#"):
        raise InvalidCertificates(f"{name[:100]!r} is no host name")
    return host


def _context(host: str, files: Any, folder: Path, authorities: str | None) -> ssl.SSLContext:
    if not isinstance(files, Mapping) or set(files) != _NAMES or not all(isinstance(f, str) for f in files.values()):
        raise InvalidCertificates(f'{host} must be {{"certificate": "file.pem", "key": "file.pem"}}')
    context = tls_context(authorities)
    try:
        # An empty password instead of none: a sealed key must fail here and not ask on a terminal.
        context.load_cert_chain(folder / files["certificate"], folder / files["key"], password="")
    except (OSError, ValueError) as error:
        raise InvalidCertificates(f"the certificate or key of {host} cannot be used: {error}") from error
    return context
