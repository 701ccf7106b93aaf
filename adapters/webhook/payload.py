"""Writes the body of a webhook: what all readers of a notice share is encoded once, the reader's own part is added."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from contacts.model import WebhookFormat
from notify.delivery import BETWEEN_STATES, Dispatch, Notice, NoticeKind
from notify.notices import OF_A_LATER_REPORT
from notify.sentence import Sentence

LARGEST_BODY = 20_000
# The reader's own part is a few addresses and two sentences; this much of the body is kept free for it.
_OWN_PART = 2_000
# What is left out, in this order, until the body is small enough; the reader finds it at the case URL.
_EXPENDABLE = ("report", "chain", "details", "differences", "withheld", "title")
# What is confidential is read at the case's address, by an account that is known.
_WITHOUT_REPORT = BETWEEN_STATES | {
    NoticeKind.WITHDRAWN,
    NoticeKind.CLOSING,
    NoticeKind.KEPT_OPEN,
    NoticeKind.CLOSED,
    NoticeKind.REOPENED,
}
_IN_CONFIDENCE = ("report", "chain", "differences")


class Payloads:
    """Builds bodies and remembers the shared part of the latest notices; `source` names the service (CloudEvents)."""

    def __init__(self, remembered: int = 256, *, source: str = "article17") -> None:
        self._source = source
        self._remembered = remembered
        self._shared: OrderedDict[tuple[str, bool], tuple[Notice, bytes]] = OrderedDict()

    def body(self, dispatch: Dispatch) -> bytes:
        """Write the bytes that are signed and sent; its time is that of what it tells of, the same at every try."""
        notice, recipient = dispatch.notice, dispatch.recipient
        envelope = self._envelope(
            recipient.webhook_format, dispatch.delivery_id, notice.kind, dispatch.occurred_at, notice.case_reference
        )
        # What is confidential is read at the case's address, by an account that is known.
        shared = self._shared_part(notice, thin=notice.confidential or recipient.given_in_confidence)
        own = _encode(_own_part(dispatch))
        return b"".join((_encode(envelope)[:-1], b',"data":', shared, b",", own[1:], b"}"))

    def challenge(self, form: WebhookFormat, message_id: str, challenge: str, now: datetime) -> bytes:
        """Write the test event whose answer must echo the challenge."""
        envelope = self._envelope(form, message_id, NoticeKind.TEST, now, None)
        return _encode({**envelope, "data": {"challenge": challenge}})

    def _envelope(
        self, form: WebhookFormat, message_id: str, kind: NoticeKind, at: datetime, subject: str | None
    ) -> dict[str, Any]:
        """Write what stands around `data`; CloudEvents 1.0 in structured mode has other names for the same."""
        if form is WebhookFormat.STANDARD:
            return {"type": kind.value, "timestamp": at}
        envelope = {"specversion": "1.0", "id": message_id, "source": self._source, "type": kind.value, "time": at}
        if subject is not None:
            envelope["subject"] = subject
        return {**envelope, "datacontenttype": "application/json"}

    def _shared_part(self, notice: Notice, *, thin: bool) -> bytes:
        key = (notice.key, thin)
        known = self._shared.get(key)
        # Comparing costs little beside encoding, and what one reader may know must never reach another by a key.
        if known is None or known[0] != notice:
            known = self._shared[key] = (notice, _encode_shared(notice, thin=thin))
            if len(self._shared) > self._remembered:
                self._shared.popitem(last=False)
        self._shared.move_to_end(key)
        return known[1]


def _encode_shared(notice: Notice, *, thin: bool) -> bytes:
    """Encode what all readers have in common of `data`, open at its end for the reader's own part."""
    members = _shared_members(notice)
    for name in _IN_CONFIDENCE if thin else ():
        if members.pop(name, None) is not None:
            members[f"{name}_omitted"] = True
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
    members: dict[str, Any] = {
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
    if notice.twin is not None:
        members["twin"] = notice.twin
    if notice.kind in OF_A_LATER_REPORT and notice.chain:
        this = notice.chain[-1].to_json()
        members |= {
            "report_type": this["type"],
            "report_reason": this["reason"],
            "material": this["material"],
            "differences": this["differences"],
        }
    elif notice.chain:
        members["chain"] = [told.to_json() for told in notice.chain]
    if notice.details:
        members["details"] = notice.details
    if notice.report and notice.kind in _WITHOUT_REPORT:
        members["report_omitted"] = True
    elif notice.report:
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
