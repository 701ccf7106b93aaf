"""Writes the body of a webhook: what all readers of a notice share is encoded once, the reader's own part is added."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from notify.delivery import Dispatch, Notice
from notify.sentence import Sentence

LARGEST_BODY = 20_000
# The reader's own part is a few addresses and two sentences; this much of the body is kept free for it.
_OWN_PART = 2_000
# What is left out, in this order, until the body is small enough; the reader finds it at the case URL.
_EXPENDABLE = ("report", "details", "withheld", "title")


class Payloads:
    """Builds bodies and remembers the shared part of the latest notices."""

    def __init__(self, remembered: int = 256) -> None:
        self._remembered = remembered
        self._shared: OrderedDict[str, tuple[Notice, bytes]] = OrderedDict()

    def body(self, dispatch: Dispatch) -> bytes:
        """Write the bytes that are signed and sent; its time is that of what it tells of, the same at every try."""
        envelope = _encode({"type": dispatch.notice.kind.value, "timestamp": dispatch.occurred_at})
        own = _encode(_own_part(dispatch))
        return b"".join((envelope[:-1], b',"data":', self._shared_part(dispatch.notice), b",", own[1:], b"}"))

    def _shared_part(self, notice: Notice) -> bytes:
        known = self._shared.get(notice.key)
        # Comparing costs little beside encoding, and what one reader may know must never reach another by a key.
        if known is None or known[0] != notice:
            known = self._shared[notice.key] = (notice, _encode_shared(notice))
            if len(self._shared) > self._remembered:
                self._shared.popitem(last=False)
        self._shared.move_to_end(notice.key)
        return known[1]


def challenge_body(challenge: str, now: datetime) -> bytes:
    """Write the test event whose answer must echo the challenge."""
    return _encode({"type": "endpoint.test", "timestamp": _moment(now), "data": {"challenge": challenge}})


def _encode_shared(notice: Notice) -> bytes:
    """Encode what all readers have in common of `data`, open at its end for the reader's own part."""
    members = _shared_members(notice)
    encoded = _encode(members)
    for name in _EXPENDABLE:
        if len(encoded) <= LARGEST_BODY - _OWN_PART:
            break
        if members.get(name):
            del members[name]
            members[f"{name}_omitted"] = True
            encoded = _encode(members)
    return encoded.removesuffix(b"}")


def _shared_members(notice: Notice) -> dict[str, Any]:
    members = {
        "case_reference": notice.case_reference,
        "exercise": notice.exercise,
        "sequence": notice.sequence,
        "severity": notice.severity,
        "severity_reason": notice.severity_reason,
        "notification_class": notice.notification_class,
        "title": notice.title,
        "original_language": notice.original_language,
        "reporting_state": notice.reporting_state,
        "authority": notice.authority,
        "submitted_at": notice.submitted_at,
        "case_url": notice.case_url,
        "log_head": notice.log_head,
        "audience": notice.audience,
        "withheld": notice.withheld,
    }
    if notice.details:
        members["details"] = notice.details
    if notice.report:
        members["report"] = notice.report
    return members


def _own_part(dispatch: Dispatch) -> dict[str, Any]:
    recipient = dispatch.recipient
    return {
        "notification_id": dispatch.notification_id,
        "state": recipient.state,
        "organization": recipient.organization,
        "status": recipient.status,
        "standing": recipient.standing,
        "roles": recipient.roles,
        "reason": recipient.reason,
        "due_at": recipient.due_at,
        "acknowledge_url": recipient.acknowledge_url,
        "given_in_confidence": recipient.given_in_confidence,
    }


def _encode(document: Mapping[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
    # A lone half of a surrogate pair is valid JSON but no valid UTF-8.
    return text.encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if isinstance(value, Sentence):
        return str(value)
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
