"""Shows a close: who was asked when, what each State said, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from notify.case import Case
from notify.closing import Closing, StateAsked
from notify.ports import UnitOfWork
from notify.words import Audience


async def show_closing(case: Case, state: str | None, audience: Audience, work: UnitOfWork) -> dict[str, Any] | None:
    """Show the last close that was announced; an addressee sees its own answer."""
    closing = await work.closings.latest(case.reference)
    if closing is None:
        return None
    return closing_view(case, closing, None if audience is Audience.SECRETARIAT else state or "")


def closing_view(case: Case, closing: Closing | None, state: str | None) -> dict[str, Any]:
    """Show a close, to one State or (None) whole."""
    states = [] if closing is None else [one for one in closing.states if state in (None, one.state)]
    is_whole = closing is not None and state is None
    return {
        "reference": case.reference,
        "status": case.status,
        "announced_at": _at(closing.announced_at) if closing else None,
        "ended_at": _at(closing.ended_at) if closing else None,
        "result": closing.result if closing else None,
        "reasons": [str(reason) for reason in closing.reasons] if closing and is_whole else [],
        "reopened_at": _at(closing.reopened_at) if closing else None,
        "evidence": closing.evidence if closing else None,
        "states": [_asked_view(one) for one in states],
    }


def _asked_view(one: StateAsked) -> dict[str, Any]:
    return {
        "state": one.state,
        "asked_at": [_at(at) for at in one.asked_at],
        "window_ends_at": _at(one.window_ends_at),
        "answer": one.answer,
        "answered_at": _at(one.answered_at),
        "by": one.by,
        "office": one.office,
        "means": one.means,
        "reason": one.reason,
    }


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
