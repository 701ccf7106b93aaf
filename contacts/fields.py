"""Checks the fields of one contact handed in, and makes the contact of them."""

from __future__ import annotations

import hashlib
import re
import zoneinfo
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, partial

from contacts.address import email_fault, text_fault, webhook_fault
from contacts.endpoint import format_fault
from contacts.model import Contact, ContactId, ContactRole, StateCode, Webhook, WebhookFormat
from contacts.registry import Registry

Fields = Mapping[str, object]

Blame = Callable[[str, str], None]
"""Notes one fault: the field, and what is wrong and would be right."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OF_NO_STATE = frozenset({ContactRole.ORGANIZATION, ContactRole.SECRETARIAT})
_LONGEST = {"office": 300, "person": 200, "organization": 100, "telephone": 100, "bch_uid": 100}

FIELDS = (
    "id",
    "state",
    "organization",
    "role",
    "office",
    "person",
    "email",
    "telephone",
    "language",
    "time_zone",
    "order",
    "duty",
    "webhook",
    "webhook_format",
    "confirmed_on",
    "bch_uid",
    "unannounced_exercises",
)
"""The names of a contact's fields, in JSON and as columns of CSV; in JSON the webhook is one object."""

_NOT_TEXT = ("order", "duty", "unannounced_exercises")

NEEDED = ("role", "office", "email")


def contact_from(fields: Fields, registry: Registry, blame: Blame) -> Contact | None:
    """Make a contact of its fields, or blame every fault and return None.

    Values are text, but `order` may be an int and `duty` a bool; absent fields are absent or None. An absent `id` is
    derived from addressee, role and address; an absent `language` is the State's UN language, else English.
    """
    blamed: list[str] = []

    def note(field: str, detail: str) -> None:
        blamed.append(field)
        blame(field, detail)

    for field in sorted(set(fields) - set(FIELDS)):
        note(field, "is no field of a contact")
    text = {name: _text(fields, name, note) for name in FIELDS if name not in _NOT_TEXT}
    _check_texts(text, note)
    role = _role(text["role"], note)
    state = _state(text["state"], role, registry, note)
    _check_organization(text["organization"], role, note)
    order = _order(fields.get("order"), note)
    said = {name: _said(fields.get(name), name, note) for name in ("duty", "unannounced_exercises")}
    if blamed or role is None:
        return None
    native = registry.state(state).un_language if state else None
    return _contact(text, role, state, text["language"] or native or "en", order, said)


def _contact(
    text: Mapping[str, str | None],
    role: ContactRole,
    state: StateCode | None,
    language: str,
    order: int,
    said: Mapping[str, bool],
) -> Contact:
    email = text["email"] or ""
    return Contact(
        id=ContactId(text["id"] or derived_id(state or text["organization"], role, email)),
        role=role,
        state=state,
        organization=text["organization"],
        office=text["office"] or "",
        person=text["person"],
        email=email,
        telephone=text["telephone"],
        language=language,
        time_zone=text["time_zone"],
        order=order,
        duty=said["duty"],
        webhook=_webhook(text["webhook"], text["webhook_format"]),
        confirmed_on=date.fromisoformat(text["confirmed_on"]) if text["confirmed_on"] else None,
        bch_uid=text["bch_uid"],
        unannounced_exercises=said["unannounced_exercises"],
    )


def _webhook(url: str | None, form: str | None) -> Webhook | None:
    return None if url is None else Webhook(url=url, format=WebhookFormat(form or WebhookFormat.STANDARD))


def derived_id(addressee: str | None, role: ContactRole, email: str) -> ContactId:
    """Derive the id of a contact that was given none: always the same for one addressee, role and address."""
    digest = hashlib.sha256(f"{addressee or ''}\n{role}\n{email}".casefold().encode()).hexdigest()[:12]
    owner = re.sub(r"[^a-z0-9]+", "-", (addressee or "").lower()).strip("-")[:20]
    return ContactId("-".join(part for part in (owner, role.replace("_", "-"), digest) if part))


def _text(fields: Fields, name: str, blame: Blame) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        blame(name, "must be text")
        return None
    stripped = (value or "").strip()
    if not stripped and name in NEEDED:
        blame(name, "is needed")
    return stripped or None


def _check_texts(text: Mapping[str, str | None], blame: Blame) -> None:
    for name, fault_of in _CHECKS.items():
        value = text[name]
        fault = fault_of(value) if value is not None else None
        if fault:
            blame(name, fault)


def _id_fault(value: str) -> str | None:
    good = _ID.fullmatch(value)
    return (
        None
        if good
        else "must be 1 to 64 letters a-z, digits, dots, hyphens or underscores, beginning with one of a-z, 0-9"
    )


def _language_fault(value: str) -> str | None:
    return None if _LANGUAGE.fullmatch(value) else f"{value!r} is no language tag, such as en, fr or es"


def _time_zone_fault(value: str) -> str | None:
    return None if value in _time_zones() else f"{value!r} is no IANA time zone, such as Europe/Amsterdam"


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _confirmed_on_fault(value: str) -> str | None:
    try:
        good = _DATE.fullmatch(value) and date.fromisoformat(value)
    except ValueError:
        good = None
    return None if good else "must be a date such as 2026-10-01"


_CHECKS: Mapping[str, Callable[[str], str | None]] = {
    **{name: partial(text_fault, longest=longest) for name, longest in _LONGEST.items()},
    "id": _id_fault,
    "email": email_fault,
    "language": _language_fault,
    "time_zone": _time_zone_fault,
    "webhook": webhook_fault,
    "webhook_format": format_fault,
    "confirmed_on": _confirmed_on_fault,
}


def _role(value: str | None, blame: Blame) -> ContactRole | None:
    if value is None:
        return None
    try:
        return ContactRole(value)
    except ValueError:
        blame("role", f"{value!r} is no role; the roles are {', '.join(ContactRole)}")
        return None


def _state(code: str | None, role: ContactRole | None, registry: Registry, blame: Blame) -> StateCode | None:
    if role in _OF_NO_STATE:
        if code is not None:
            blame("state", f"must be absent for the role {role}")
        return None
    if code is None:
        if role is not None:
            blame("state", f"is needed for the role {role}")
        return None
    if registry.is_state(code):
        return StateCode(code)
    if registry.is_place(code):
        blame("state", f"{code} is not in the list of addressees; please choose the State to be addressed")
    else:
        blame("state", f"{code!r} is not in the registry of States; write ISO 3166-1 alpha-2 in capitals, or EU")
    return None


def _check_organization(name: str | None, role: ContactRole | None, blame: Blame) -> None:
    if role is ContactRole.ORGANIZATION and name is None:
        blame("organization", "is needed for the role organization, such as FAO")
    if role not in (ContactRole.ORGANIZATION, None) and name is not None:
        blame("organization", f"must be absent for the role {role}")


def _order(value: object, blame: Blame) -> int:
    if value is None or value == "":
        return 1
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,4}", value.strip()) else value
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 999:
        blame("order", "must be a whole number from 1 to 999")
        return 1
    return number


def _said(value: object, name: str, blame: Blame) -> bool:
    if isinstance(value, bool):
        return value
    if value is not None:
        blame(name, "must be true or false")
    return False
