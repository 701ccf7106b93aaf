"""Builds what the tests of the consultation share: a case of Kenya with three addressed States, and who reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from contacts.model import StateCode
from notify.account import Role
from notify.consultation import JOINT, Act, Answer, ConsultationLane, Message, Request, RequestKind
from notify.errors import InvalidDocument
from notify.reader import CaseStates, Reader
from notify.words import AccountId, CaseReference

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
CASE = CaseStates(StateCode("KE"), frozenset({StateCode("UG"), StateCode("TZ"), StateCode("EU")}))
REFERENCE = CaseReference("A17-2026-0001")
ACCOUNT = AccountId("account-1")

KENYA = Reader(Role.AUTHORITY, StateCode("KE"))
UGANDA = Reader(Role.AUTHORITY, StateCode("UG"))
TANZANIA = Reader(Role.CONTACT, StateCode("TZ"))
SECRETARIAT = Reader(Role.SECRETARIAT)


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


def state(code: str) -> StateCode:
    return StateCode(code)


def message(by: str, lane: ConsultationLane = JOINT, after: float = 0, text: str = "words") -> Message:
    return Message(f"{by}-{after}", REFERENCE, lane, state(by), ACCOUNT, hours(after), text)


def request(
    by: str = "UG",
    to: str = "KE",
    lane: ConsultationLane = JOINT,
    kind: RequestKind = RequestKind.INFORMATION,
    acts: tuple[Act, ...] = (),
) -> Request:
    return Request("r1", REFERENCE, lane, kind, state(by), state(to), ACCOUNT, START, "How much seed?", acts=acts)


def act(answer: Answer, by: str, after: float = 1, text: str = "Two tons", reason: str = "") -> Act:
    return Act(answer, state(by), ACCOUNT, hours(after), text, reason)


def faults(error: InvalidDocument) -> dict[str, str]:
    return {fault.pointer: fault.detail for fault in error.faults}


ATTACHMENT: dict[str, Any] = {"filename": "map.pdf", "media_type": "application/pdf", "sha256": "a" * 64}
