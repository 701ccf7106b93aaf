"""Shows a later report to its filer as it was added: what it changed, and who is told."""

from __future__ import annotations

from typing import Any

from notify.account import Account
from notify.ports import Ports
from notify.service.chain_views import added_view, suggestions_view
from notify.service.reading import show_case
from notify.words import CaseReference

_OF_THE_CASE = ("reference", "severity", "notification_class", "status", "version", "twin", "warnings")


async def added_answer(reference: CaseReference, sequence: int, account: Account, ports: Ports) -> dict[str, Any]:
    """Answer a later report, the case as it stands now beside it."""
    shown = await show_case(reference, account, ports)
    async with ports.database.read() as work:
        reports = await work.cases.reports(reference)
        told = await work.notifications.of_case(reference)
        deliveries = await work.deliveries.of_case(reference)
    return {
        **{name: shown[name] for name in _OF_THE_CASE},
        **added_view(reports, sequence, told, deliveries),
        "suggestions": suggestions_view(reports[-1].knowledge, ports),
        "dispatch_paused_until": shown["dispatch_paused_until"],
    }
