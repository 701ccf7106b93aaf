"""Shows the log of a case to those who may see it, row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notify.account import Account
from notify.policy import EscalationStep
from notify.ports import Ports, UnitOfWork
from notify.rows import LogRow
from notify.service.reading import audience_in_case, stamp
from notify.service.sight import is_between_states, log_sight, place_of
from notify.words import Audience, CaseReference, NotificationId

OF_THE_WHOLE_CASE = frozenset(
    {
        "CaseOpened",
        "ReportSubmitted",
        "SeverityChanged",
        "CaseReclassified",
        "CaseLinked",
        "CaseWithdrawn",
        "CloseAnnounced",
        "CaseClosed",
        "CaseReopened",
    }
)
"""Rows of a case's log that every addressee may see; what another State answered is not among them."""


async def show_timeline(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Show the log of a case, in order, with hashes; addressees see their own rows and those of the case."""
    async with ports.database.read() as work:
        view = await timeline_view(reference, account, work)
        rows = await work.log.rows(reference)
    shown = (view(row) for row in rows)
    return {"reference": reference, "entries": [entry for entry in shown if entry is not None]}


async def timeline_view(
    reference: CaseReference, account: Account, work: UnitOfWork
) -> Callable[[LogRow], dict[str, Any] | None]:
    """Give the function that shows a row of a case's log as far as this account may see it; None: not at all."""
    place = await place_of(reference, account, work)
    audience = await audience_in_case(account, place.case, work)
    sight = await log_sight(place, work)
    own = {n.id for n in place.notifications.values() if n.addressee.code == account.state}

    def shown(row: LogRow) -> dict[str, Any] | None:
        known = audience is Audience.SECRETARIAT or is_between_states(row) or concerns(row, own)
        return sight.shown(row, log_view) if known else None

    return shown


def concerns(row: LogRow, own: set[NotificationId]) -> bool:
    """Tell whether an addressee may see a row of its case's log: its own notification, and the case itself."""
    if row.kind == "NotificationUnreached" or row.body.get("step") == EscalationStep.NO_RECEIPT:
        return False  # "no receipt recorded" is for the reporting State and the secretariat only
    notification = row.body.get("notification_id")
    return notification in own if notification is not None else row.kind in OF_THE_WHOLE_CASE


def log_view(row: LogRow) -> dict[str, Any]:
    """Show one row of the log."""
    return {
        "sequence": row.sequence,
        "at": stamp(row.at),
        "event": row.kind,
        "body": dict(row.body),
        "hash": row.hash,
    }
