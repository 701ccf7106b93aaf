"""Says when a contact must be asked again whether it is still the right one: yearly, and after any bounce."""

from __future__ import annotations

from datetime import date, timedelta

from contacts.model import Contact

RECONFIRM_AFTER = timedelta(days=365)


def never_confirmed(contact: Contact) -> bool:
    """Say whether nobody ever confirmed this contact; it is told all the same, and the secretariat hears of it."""
    return contact.confirmed_on is None


def is_stale(contact: Contact, today: date) -> bool:
    """Say whether the last confirmation is over a year old."""
    return contact.confirmed_on is not None and today - contact.confirmed_on > RECONFIRM_AFTER


def needs_confirmation(contact: Contact, today: date, bounced_on: date | None = None) -> bool:
    """Say whether to ask the contact to confirm itself.

    `bounced_on` is the day of its last bounce: a bounce on the day of the confirmation counts, since we cannot
    tell which came first.
    """
    confirmed_on = contact.confirmed_on
    if confirmed_on is None or is_stale(contact, today):
        return True
    return bounced_on is not None and bounced_on >= confirmed_on
