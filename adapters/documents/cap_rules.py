"""Checks a CAP 1.2 message before it leaves: what its schema says of the head, and what the schema cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"

_HEAD = [
    "identifier",
    "sender",
    "sent",
    "status",
    "msgType",
    "source",
    "scope",
    "restriction",
    "addresses",
    "code",
    "note",
    "references",
    "incidents",
    "info",
]
_NEEDED = ("identifier", "sender", "sent", "status", "msgType", "scope")
_REPEATED = frozenset({"code", "info"})
_CHOICES = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
}
_REFERRING = frozenset({"Update", "Cancel", "Ack"})
# A numeric offset, and no fraction of a second; "Z" is refused by the standard.
_SENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[-+][0-9]{2}:[0-9]{2}")
# Spaces and commas divide references.
_NAME = re.compile(r"[^\s,<&]+")
_REFERENCE = re.compile(rf"{_NAME.pattern},{_NAME.pattern},{_SENT.pattern}")


def cap_faults(root: Element) -> list[str]:
    """List what is wrong with the head of a message; nothing when it may be sent."""
    names = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in root]
    if root.tag != f"{{{NAMESPACE}}}alert":
        return ["the message is no CAP 1.2 alert"]
    said = {name: (child.text or "").strip() for name, child in zip(names, root, strict=True)}
    return [*_order(names), *_values(said), *_company(said)]


def _order(names: list[str]) -> Iterator[str]:
    known = [name for name in names if name in _HEAD]
    if known != sorted(known, key=_HEAD.index):
        yield "its elements do not stand in the order of the standard"
    yield from (f"there is no element {name}" for name in dict.fromkeys(names) if name not in _HEAD)
    yield from (f"{name} stands there twice" for name in _HEAD if names.count(name) > 1 and name not in _REPEATED)
    yield from (f"{name} is missing" for name in _NEEDED if name not in names)


def _values(said: dict[str, str]) -> Iterator[str]:
    for name, choices in _CHOICES.items():
        if name in said and said[name] not in choices:
            yield f"{name} is none of {', '.join(sorted(choices))}"
    if "sent" in said and not _SENT.fullmatch(said["sent"]):
        yield "sent needs a numeric offset and no fraction of a second"
    for name in ("identifier", "sender"):
        if name in said and not _NAME.fullmatch(said[name]):
            yield f"{name} must not be empty or hold spaces, commas, < or &"


def _company(said: dict[str, str]) -> Iterator[str]:
    """Say what one element asks of another: the schema has no means for it."""
    if said.get("scope") == "Private" and not said.get("addresses"):
        yield "Private needs addresses"
    if said.get("scope") == "Restricted" and not said.get("restriction"):
        yield "Restricted needs a restriction"
    references = said.get("references", "").split()
    if said.get("msgType") in _REFERRING and not references:
        yield f"{said['msgType']} needs references to the messages before"
    if not all(_REFERENCE.fullmatch(reference) for reference in references):
        yield "each reference must be sender,identifier,sent"
