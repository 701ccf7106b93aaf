"""Reads the `webhook` of a contact as JSON writes it: an object, where CSV has one column for each of its members."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from contacts.model import WebhookFormat

FORMAT_FIELD = "webhook_format"
WANTED = f'must be {{"url": "https://…"}}, and perhaps "format": {" or ".join(WebhookFormat)}'


def endpoint_fields(webhook: object, *, passed_over: Collection[str] = ()) -> dict[str, object] | None:
    """Give the fields `webhook` and `webhook_format` of an object with url and format; None when it is no such object.

    `passed_over` are further members that may stand there and say nothing.
    """
    if not isinstance(webhook, Mapping) or not set(webhook) <= {"url", "format", *passed_over}:
        return None
    url, form = webhook.get("url"), webhook.get("format")
    if not isinstance(url, str) or not isinstance(form, str | None):
        return None
    return {"webhook": url, FORMAT_FIELD: form}


def format_fault(value: str) -> str | None:
    """Say what is wrong with the format of a webhook, or None."""
    known = {str(form) for form in WebhookFormat}
    return (
        None if value in known else f"{value!r} is no format of a webhook; the formats are {', '.join(sorted(known))}"
    )
