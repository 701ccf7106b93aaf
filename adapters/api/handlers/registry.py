"""Answers the calls on the registry: States, contacts, webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web

from adapters.api.parameters import expected_version, page_of, state_of
from adapters.api.rendering import answer, nothing
from adapters.api.route import Call
from contacts.address import webhook_fault
from contacts.endpoint import FORMAT_FIELD, WANTED, endpoint_fields, format_fault
from contacts.fields import NEEDED, contact_from
from contacts.model import Contact, ContactId, WebhookFormat
from notify.errors import Fault, InvalidDocument, StaleVersion
from notify.pointer import pointer_of
from notify.service import directory, states
from notify.service.testing import queue_test_notice

MOST_CONTACTS = 1000


def _id(call: Call) -> ContactId:
    return ContactId(call.named("id"))


def _contact(fields: Mapping[str, Any], call: Call) -> Contact:
    """Read a contact; raise InvalidDocument with every fault."""
    faults: list[Fault] = []

    def blame(field: str, detail: str) -> None:
        path = ("webhook", "format") if field == FORMAT_FIELD else (field,)
        faults.append(Fault(pointer_of(path), detail))

    if fields.get(FORMAT_FIELD) is not None:
        faults.append(Fault(pointer_of((FORMAT_FIELD,)), "is no field here; the format stands inside the webhook"))
    for name, value in fields.items():
        if name not in NEEDED and isinstance(value, str) and not value.strip():
            blame(name, "says nothing; please leave it out")
    contact = contact_from(_with_plain_webhook(_with_whole_order(fields), blame), call.ports.registry, blame)
    if contact is None or faults:
        raise InvalidDocument(faults)
    return contact


def _with_whole_order(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take 2.0 for the whole number that it is in JSON."""
    order = fields.get("order")
    return {**fields, "order": int(order)} if isinstance(order, float) and order.is_integer() else fields


def _with_plain_webhook(fields: Mapping[str, Any], blame: Any) -> dict[str, Any]:
    """Take the URL out of the webhook; whether it is verified is ours to say, and may come back as we showed it."""
    fields = {name: value for name, value in fields.items() if name != FORMAT_FIELD}
    webhook = fields.get("webhook")
    if webhook is None:
        return dict(fields)
    endpoint = endpoint_fields(webhook, passed_over=("verified", "health"))
    ours = isinstance(webhook, Mapping) and _is_ours_to_say(webhook)
    if endpoint is not None and str(endpoint["webhook"]).strip() and ours:
        return {**fields, **endpoint}
    blame("webhook", WANTED)
    return {**fields, "webhook": None}


def _is_ours_to_say(webhook: Mapping[str, Any]) -> bool:
    """Tell whether what is ours to say of a webhook came back in the shape in which we showed it."""
    return isinstance(webhook.get("verified"), bool | None) and isinstance(webhook.get("health"), dict | None)


async def list_states(call: Call) -> web.Response:
    """List the States that can be addressed."""
    return answer(states.list_states(call.account, call.ports))


async def list_contacts(call: Call) -> web.Response:
    """List contacts."""
    state = state_of(call.query, call.ports.registry)
    found = await directory.list_contacts(call.account, call.ports, state)
    return answer(page_of(found["contacts"], "contacts", call.query, MOST_CONTACTS))


async def add_contact(call: Call) -> web.Response:
    """Add a contact."""
    view = await directory.add_contact(_contact(call.body, call), call.account, call.ports)
    return answer(view, status=201, location=f"/api/v1/contacts/{view['id']}")


async def show_contact(call: Call) -> web.Response:
    """Show one contact."""
    view, version = await directory.show_contact(_id(call), call.account, call.ports)
    return answer(view, version=version)


async def replace_contact(call: Call) -> web.Response:
    """Replace a contact."""
    if call.body.get("id") not in (None, _id(call)):
        raise InvalidDocument([Fault("/id", "must be absent, or the id in the address; an id does not change")])
    contact = _contact({**call.body, "id": _id(call)}, call)
    await directory.replace_contact(contact, expected_version(call.request), call.account, call.ports)
    return await show_contact(call)


async def remove_contact(call: Call) -> web.Response:
    """Remove a contact and revoke its links."""
    expected = expected_version(call.request)
    _, version = await directory.show_contact(_id(call), call.account, call.ports)
    if expected not in (None, version):
        raise StaleVersion("the contact was changed meanwhile; read it again")
    await directory.remove_contact(_id(call), call.account, call.ports)
    return nothing()


async def send_test(call: Call) -> web.Response:
    """Send a test notice to a contact."""
    return answer(await queue_test_notice(_id(call), call.account, call.ports), status=202)


async def register_webhook(call: Call) -> web.Response:
    """Register a contact's webhook: challenge it, and show its secret this once."""
    url, form, hours = call.body.get("url"), call.body.get("format"), call.body.get("old_secret_hours")
    found = {"/url": webhook_fault(url) if url else None, "/format": format_fault(form) if form else None}
    faults = [Fault(pointer, fault) for pointer, fault in found.items() if fault is not None]
    if faults:
        raise InvalidDocument(faults)
    kept = directory.OLD_SECRETS_FOR if hours is None else timedelta(hours=hours)
    form = WebhookFormat(form) if form else None
    registered = directory.register_webhook(
        _id(call), call.account, call.ports, url=url, form=form, old_secrets_for=kept
    )
    return answer(await registered)
