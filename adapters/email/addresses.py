"""Checks mail addresses before anything else sees them (reference: delivery E7)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email


class InvalidAddress(ValueError):
    """The text is no mail address that can be written to."""


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One address as it goes on the wire; `international` says that the relay must offer SMTPUTF8."""

    wire: str
    international: bool


# Reserved names such as `.example` and `.test` are accepted: drills and demonstrations live there.
@lru_cache(maxsize=8192)
def check_address(text: str) -> MailAddress:
    """Check the form of one address and give it with its domain in ASCII where that is enough.

    Raises InvalidAddress with the reason in English.
    """
    try:
        checked = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidAddress(str(error)) from error
    if checked.ascii_email is not None:
        return MailAddress(checked.ascii_email, international=False)
    return MailAddress(f"{checked.local_part}@{checked.ascii_domain}", international=True)
