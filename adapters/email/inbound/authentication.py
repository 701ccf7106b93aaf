"""Reads what our own mail server found about the author's domain (DMARC in Authentication-Results, RFC 8601)."""

from __future__ import annotations

import re

from adapters.email.inbound.fields import authors_of, split_outside_quotes, without_comments
from adapters.email.inbound.parts import Mail
from notify.inbound import Authentication

_LONGEST_DOMAIN = 255
_RESULT = re.compile(r"dmarc(?:\s*/\s*\d+)?\s*=\s*([a-z]+)\b", re.IGNORECASE)
_PROPERTY = re.compile(r'([\w.-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]+)')


def authentication_of(mail: Mail, authserv_id: str) -> Authentication:
    """Say whether DMARC passed for the one author in From; only the topmost result counts, and only our server's.

    Lower ones may have been written by anybody. Several authors fail: one domain cannot speak for them.
    """
    authors = authors_of(mail.values("from"))
    if len(authors) != 1 or len(mail.values("from")) != 1:
        return Authentication.FAIL
    server, *results = split_outside_quotes(without_comments(mail.value("authentication-results")))
    named = server.split()[0].strip('"') if server else ""
    if not authserv_id or named.casefold() != authserv_id.casefold():
        return Authentication.NONE
    domain = authors[0].address.rpartition("@")[2]
    found = {_read_result(result, domain) for result in results}
    if Authentication.FAIL in found:
        return Authentication.FAIL
    return Authentication.PASS if Authentication.PASS in found else Authentication.NONE


def _read_result(result: str, domain: str) -> Authentication | None:
    match = _RESULT.match(result)
    if match is None:
        return None
    if match[1].lower() == "fail":
        return Authentication.FAIL
    properties = {name.lower(): value.strip('"') for name, value in _PROPERTY.findall(result)}
    is_aligned = bool(domain) and _same_domain(properties.get("header.from", ""), domain)
    return Authentication.PASS if match[1].lower() == "pass" and is_aligned else Authentication.NONE


def _same_domain(first: str, second: str) -> bool:
    return _in_ascii(first.rpartition("@")[2]) == _in_ascii(second)


def _in_ascii(domain: str) -> str:
    domain = domain[:_LONGEST_DOMAIN]
    try:
        return domain.rstrip(".").lower().encode("idna").decode("ascii")
    except UnicodeError:
        return domain.rstrip(".").casefold()
