"""Holds the details of each notice of what States say to each other, as the use cases write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from notify.delivery import NoticeKind

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC).isoformat()
URL = "https://article17.example/api/v1/cases/A17-2026-0001/consultation"
_LANE = {"state": "FR", "lane": "private", "lane_state": "FR", "at": AT, "url": URL}
_REQUEST = _LANE | {"id": "req_1", "kind": "information", "to_state": "KE", "text": {"en": "How much?"}, "due_at": AT}
_MEASURE = {
    "state": "FR", "id": "mea_1", "type": "recall", "status": "planned", "text": {"en": "All lots"}, "actor": "Agency",
    "effectiveness": "", "at": AT, "url": URL,
}  # fmt: skip
_INQUIRY = {
    "asker_kind": "state", "asker": "FR", "state": "KE", "title": {"en": "Orange petunias"}, "severity": "high",
    "signs": {"en": "An orange colour"}, "lmos": [{"common_name": "Petunia"}],
    "contact": {"office": "Laboratory", "email": "lab@fr.example"}, "attachments": [], "due_at": AT, "at": AT,
    "url": "https://article17.example/api/v1/inquiries/INQ17-2026-0001",
}  # fmt: skip

STATES_SAY: dict[NoticeKind, dict[str, Any]] = {
    NoticeKind.CONSULTATION: {"state": "FR", "at": AT, "url": URL},
    NoticeKind.MESSAGE: _LANE | {"id": "msg_1", "text": {"en": "Which river?"}, "attachments": ["map.pdf"]},
    NoticeKind.REQUEST: _REQUEST | {"attachments": []},
    NoticeKind.REQUEST_REMINDER: _REQUEST,
    NoticeKind.REQUEST_ANSWERED: _LANE
    | {"id": "req_1", "answer": "declined", "asked": "How much?", "text": "", "reason": "secret", "attachments": []},
    NoticeKind.CONCLUSION: _LANE | {"id": "con_1", "text": "Survey the strip"},
    NoticeKind.POSITION: _LANE
    | {"id": "con_1", "stand": "dissents", "reason": "too narrow", "by": "A. Martin", "office": "Desk", "asked": "…"},
    NoticeKind.INVITATION: _LANE,
    NoticeKind.ASSESSED: {"state": "FR", "assessment": "not_affected", "at": AT, "url": URL},
    NoticeKind.MEASURE: _MEASURE,
    NoticeKind.MEASURE_CHANGED: _MEASURE | {"status": "under_way", "effectiveness": "good"},
    NoticeKind.INQUIRY: _INQUIRY,
    NoticeKind.INQUIRY_REMINDER: _INQUIRY,
    NoticeKind.INQUIRY_ESCALATION: _INQUIRY,
    NoticeKind.INQUIRY_ANSWERED: _INQUIRY
    | {"answer": "no_event", "text": "All was looked at", "by": "A. Otieno", "office": "Desk", "answered_case": None},
    NoticeKind.INQUIRY_WITHDRAWN: _INQUIRY,
}
