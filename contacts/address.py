"""Checks what a contact can be reached by: a mail address, a webhook URL; and plain text for one line."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]")
_HOSTNAME = re.compile(r"(?!-)[A-Za-z0-9-]+(?<!-)")


def text_fault(text: str, longest: int) -> str | None:
    """Say what is wrong with one line of text: line breaks, control characters, or over `longest` characters."""
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        return "holds a line break or control character; write it on one line"
    if len(text) > longest:
        return f"is longer than {longest} characters"
    return None


def email_fault(address: str) -> str | None:
    """Say what is wrong with one mail address (RFC 5321 mailbox without quoting, RFC 6531 letters), or None."""
    fault = text_fault(address, 254)
    if fault:
        return fault
    if any(character.isspace() for character in address):
        return "holds a space; write one address and nothing else"
    if any(character in ',;<>()[]:\\"' for character in address):
        return "holds a character that separates or decorates addresses; write one plain address"
    if address.count("@") != 1:
        return "needs exactly one @"
    local, domain = address.split("@")
    return _local_fault(local) or _domain_fault(domain)


def _local_fault(local: str) -> str | None:
    if not 1 <= len(local.encode()) <= 64:
        return "needs 1 to 64 bytes before the @"
    if not all(part and all(map(_is_local, part)) for part in local.split(".")):
        return "holds a character or dot before the @ that mail does not allow"
    return None


def _is_local(character: str) -> bool:
    return bool(_ATOM.fullmatch(character)) if character.isascii() else _is_letter(character)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _domain_fault(domain: str) -> str | None:
    labels = domain.split(".")
    if len(labels) < 2 or not all(labels):
        return "needs a whole domain after the @, such as authority.example"
    # The length that counts is that of the name as the DNS sees it.
    if len(".".join(map(_wire_form, labels))) > 253 or not all(map(_is_label, labels)):
        return "holds a domain after the @ that no mail server can have"
    return "needs a domain name after the @, not a number" if labels[-1].isdigit() else None


def _is_label(label: str) -> bool:
    if label.isascii():
        return len(label) <= 63 and bool(_HOSTNAME.fullmatch(label))
    allowed = all(character == "-" or _is_letter(character) for character in label)
    return allowed and not label.startswith("-") and not label.endswith("-") and len(_wire_form(label)) <= 63


def _wire_form(label: str) -> str:
    if label.isascii():
        return label
    return "xn--" + label.lower().encode("punycode").decode("ascii")


def webhook_fault(url: str) -> str | None:
    """Say what is wrong with a webhook URL, or None; whether its host may be called is decided at each call."""
    fault = text_fault(url, 2000)
    if fault:
        return fault
    if any(character.isspace() or character == "\\" for character in url):
        return "holds a space or backslash"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL"
    if parts.scheme not in ("https", "http") or not parts.hostname:
        return "needs to begin with https:// and a host"
    if parts.username is not None or parts.password is not None:
        return "must not hold a user name or password"
    if port == 0:
        return "holds a port that cannot be called"
    return "must not hold a fragment (#)" if "#" in url else None
