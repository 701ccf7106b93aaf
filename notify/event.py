"""Says what an event is: one row of a log chain, which may wake handlers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from notify.words import CaseReference

SERVICE_CHAIN = CaseReference("service")
"""The log chain of what belongs to no case: contacts, accounts, the brake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in one case (or in the service) at one time.

    Events hold ids and codes, never names or addresses, so that personal data can be erased while the
    log chain stays whole.
    """

    case_reference: CaseReference
    at: datetime
    urgent: bool = False  # of a critical or high case: its messages are claimed first

    NAMES: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls) -> None:
        Event.NAMES[cls.__name__] = cls

    @property
    def kind(self) -> str:
        """Name the event as the log does."""
        return type(self).__name__

    def body(self) -> dict[str, Any]:
        """Write what the event says, without its case and time, as JSON values."""
        left_out = {"case_reference", "at"}
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in left_out}
        return {
            name: v.isoformat() if isinstance(v, datetime) else v
            for name, v in values.items()
            if v is not None and v is not False
        }

    @classmethod
    def read(cls, kind: str, case_reference: str, at: datetime, body: dict[str, Any]) -> Event:
        """Read an event written by `body`."""
        event = cls.NAMES[kind]
        values = dict(body)
        for name in event.__dataclass_fields__:
            if name.endswith(("_at", "_until")) and isinstance(values.get(name), str):
                values[name] = datetime.fromisoformat(values[name])
        return event(case_reference=CaseReference(case_reference), at=at, **values)
