"""Reads database addresses, libpq's with several hosts too, and keeps a dead server from holding the service up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from notify.errors import Article17Error

APPLICATION_NAME = "article17"
"""The name under which PostgreSQL lists our connections."""

_PARTS = re.compile(
    r"(?P<scheme>[\w+]+://)(?P<account>(?:[^:/@]*(?::[^@]*)?@)?)(?P<hosts>[^/?]*)(?P<rest>.*)", re.DOTALL
)
_HOST = re.compile(r"(?:\[(?P<version_6>[^\[\]]+)\]|(?P<name>[^:\[\]]*))(?::(?P<port>\d*))?")
_PORT = "5432"

# Without these, a connection to a machine that vanished would be waited for until TCP gives up: many minutes.
_PATIENCE: Mapping[str, str] = {
    "application_name": APPLICATION_NAME,
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


class WrongAddress(Article17Error):
    """The address of the database cannot be read; no fault repeats it, as it may hold a password."""

    def __init__(self, fault: str) -> None:
        self.faults = (f"ARTICLE17_DATABASE_URL: {fault}",)
        super().__init__(self.faults[0])


def read_address(url: str) -> sa.URL:
    """Read a database address; what it does not say of waiting for PostgreSQL is filled in.

    Several hosts (`postgresql://account:password@h1:5432,[2001:db8::2]:5433/name?target_session_attrs=read-write`) are
    tried in their order. Raises WrongAddress.
    """
    parts = _PARTS.fullmatch(url)
    several = parts is not None and "," in parts["hosts"]
    try:
        parsed = make_url(parts["scheme"] + parts["account"] + parts["rest"] if parts and several else url)
    except (ArgumentError, ValueError) as error:
        raise WrongAddress("write an address like postgresql://account:password@host:5432/name") from error
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        return parsed
    if parts and several:
        parsed = parsed.update_query_dict(_hosts(parts["hosts"].split(",")))
    return parsed.update_query_dict({name: value for name, value in _PATIENCE.items() if name not in parsed.query})


def sync_url(url: str) -> sa.URL:
    """Read an address for what runs outside the service's loop: migrations and backups."""
    parsed = read_address(url)
    drivers = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    return parsed.set(drivername=drivers.get(parsed.drivername.split("+")[0], parsed.drivername))


def _hosts(places: list[str]) -> dict[str, str]:
    """Write hosts and ports as lists with commas, which is how SQLAlchemy hands them on to libpq."""
    found = [_HOST.fullmatch(place) for place in places]
    wrong = [number for number, match in enumerate(found, 1) if match is None]
    if wrong:
        raise WrongAddress(f"host {wrong[0]} of {len(places)} is not like name:5432 or [address]:5432")
    matches = [match for match in found if match is not None]
    return {
        "host": ",".join(unquote(match["version_6"] or match["name"]) for match in matches),
        "port": ",".join(match["port"] or _PORT for match in matches),
    }
