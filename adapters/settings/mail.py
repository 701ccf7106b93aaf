"""Reads what settings say about mail in short: further relays, the paces of domains, names of domains."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote, urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, SecretStr

from notify.pacing import EVERY_DOMAIN, Pace, domain_of

RELAY_FORM = "write smtp://NAME:PASSWORD@HOST:PORT (STARTTLS is demanded) or smtps://… (TLS from the first byte)"
_PACE_FORM = "write DOMAIN=NUMBER for transactions at one time, or DOMAIN=NUMBER/min for mails a minute"
_PACE = re.compile(r"(?P<domain>[^=\s]+)\s*=\s*(?P<number>[1-9]\d{0,5})(?P<a_minute>\s*/\s*min)?")
_TLS = {"smtp": "starttls", "smtps": "tls", "smtp+cleartext": "none"}
_PORTS = {"smtp": 587, "smtps": 465, "smtp+cleartext": 25}


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """One further relay: `tls` is one of starttls, tls and none."""

    host: str
    port: int
    tls: str
    username: str | None
    password: SecretStr | None


def relay_address(text: str) -> RelayAddress:
    """Read the address of a relay; raises ValueError, and says nothing of what it holds."""
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise ValueError(RELAY_FORM) from None
    if parts.scheme not in _TLS or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(RELAY_FORM)
    username = unquote(parts.username) if parts.username else None
    password = SecretStr(unquote(parts.password)) if parts.password else None
    return RelayAddress(host, port or _PORTS[parts.scheme], _TLS[parts.scheme], username, password)


def _addresses(value: object) -> object:
    if not isinstance(value, str):
        return value
    # In a file they may stand one a line.
    return tuple(relay_address(part) for part in re.split(r"[\s,]+", value) if part)


def _paces(value: object) -> object:
    if not isinstance(value, str):
        return value
    paces: dict[str, Pace] = {}
    for part in filter(None, map(str.strip, value.split(","))):
        match = _PACE.fullmatch(part)
        if match is None:
            raise ValueError(_PACE_FORM)
        name = match["domain"] if match["domain"] == EVERY_DOMAIN else domain_of(domain_name(match["domain"]))
        before, number = paces.get(name, Pace(name)), int(match["number"])
        if match["a_minute"]:
            paces[name] = Pace(name, before.at_once, number)
        else:
            paces[name] = Pace(name, number, before.a_minute)
    return tuple(paces.values())


def domain_name(value: str) -> str:
    """Check the name of a mail domain and give it in lower case and ASCII; raises ValueError."""
    try:
        checked = validate_email(f"x@{value}", check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"write the name of a domain, like mail.example.org: {error}") from error
    return checked.ascii_domain.lower()


DomainName = Annotated[str, AfterValidator(domain_name)]
RelayAddresses = Annotated[tuple[RelayAddress, ...], BeforeValidator(_addresses)]
Paces = Annotated[tuple[Pace, ...], BeforeValidator(_paces)]
