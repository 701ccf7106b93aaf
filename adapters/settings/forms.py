"""Says how single settings are written: addresses, lists, networks, commands."""

from __future__ import annotations

import shlex
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, SecretStr


def _split(value: object) -> object:
    """Cut a comma-separated text into its parts."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _command(value: object) -> object:
    """Cut a command into its words, as a shell does."""
    return shlex.split(value) if isinstance(value, str) else value


def _networks(value: object) -> object:
    parts = _split(value)
    return [ip_network(part) for part in parts] if isinstance(parts, list) else parts


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write an address that begins with https:// (or http://) and names a host")
    return value.rstrip("/")


def _origin(value: str) -> str:
    address = _web_address(value)
    parts = urlsplit(address)
    if parts.path or parts.query or parts.fragment or parts.username:
        raise ValueError("write only scheme, host and port, like https://article17.example.org")
    return address


def _database_address(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("sqlite+aiosqlite://", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("write an address that begins with sqlite+aiosqlite:// or postgresql://")
    return value


def _mail_address(value: str) -> str:
    if value.endswith("@localhost"):
        return value
    try:
        # Addresses under `.test` are right wherever the mail servers are a test set-up too.
        checked = validate_email(value, check_deliverability=False, globally_deliverable=False, test_environment=True)
        return checked.normalized
    except EmailNotValidError as error:
        raise ValueError(f"write one bare e-mail address: {error}") from error


DatabaseAddress = Annotated[SecretStr, AfterValidator(_database_address)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Origin = Annotated[str, AfterValidator(_origin)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
Command = Annotated[tuple[str, ...], BeforeValidator(_command)]
Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_split)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)]
