"""Says of each report of a chain what its readers may know: its kind and reason, and what changed with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from notify.confidentiality import visible
from notify.delivery import ToldReport
from notify.differences import differences_seen
from notify.merging import remarked
from notify.rows import StoredReport
from notify.words import Audience


def told_reports(
    reports: Sequence[StoredReport], audience: Audience, known: Mapping[str, Any]
) -> tuple[ToldReport, ...]:
    """Tell a chain, the initial report first, to readers of an audience, under the marks of what is known by now."""
    states = [remarked(stored.knowledge, known) for stored in reports]
    told = []
    for place, stored in enumerate(reports):
        seen = visible(remarked(stored.document, known), audience)
        changed = differences_seen(states[place - 1], states[place], audience).differences if place else ()
        told.append(
            ToldReport(
                sequence=stored.sequence,
                type=stored.type,
                submitted_at=stored.submitted_at,
                reason=seen.document.get("reason"),
                material=stored.material,
                report=seen.document,
                withheld=seen.withheld,
                differences=changed,
            )
        )
    return tuple(told)
