"""Keeps the BCH record of a case at what is known: drafted from the first minute, amended, or retracted."""

from __future__ import annotations

from dataclasses import replace

from notify.case import Case
from notify.confidentiality import visible
from notify.events import RecordDrafted, RecordRetracted
from notify.ports import Ports, UnitOfWork
from notify.record import KINDS, BCHRecord, draft_record
from notify.rows import RecordRow, StoredReport
from notify.words import Audience, NotificationClass

DRAFTED = "drafted"
AMENDED = "amended"  # drafted again, as an amendment, from a later report
RETRACTED = "retracted"


async def keep_record(case: Case, stored: StoredReport, work: UnitOfWork, ports: Ports) -> None:
    """Draft the BCH record from what the public may read of all that is known with this report."""
    if case.exercise:
        return
    drafted = _draft(case, stored, ports)
    if drafted is None:
        # Voluntary information has no record; one that was drafted for another class before is taken back.
        await retract_record(case, work, ports)
        return
    row = RecordRow(
        case_reference=case.reference,
        state=DRAFTED if stored.sequence == 1 else AMENDED,
        document=ports.bch.draft(drafted),
        to_complete=drafted.to_complete,
        sequence=stored.sequence,
        drafted_at=ports.clock.now(),
    )
    await work.cases.put_record(row)
    work.record(
        RecordDrafted(
            case_reference=case.reference, at=row.drafted_at, movement=drafted.kind.value, sequence=stored.sequence
        )
    )


def _draft(case: Case, stored: StoredReport, ports: Ports) -> BCHRecord | None:
    public = visible(dict(stored.knowledge), Audience.PUBLIC)
    return draft_record(
        public.document,
        case_reference=case.reference,
        reporting_state=case.reporting_state,
        submitted_on=case.opened_at.date(),
        reporting_party=not case.voluntary,
        severity=case.severity,
        withheld=public.withheld,
        label=ports.label,
    )


async def amend_record(case: Case, first: StoredReport, stored: StoredReport, work: UnitOfWork, ports: Ports) -> None:
    """Draft the record again from a later report.

    A case that has a twin keeps its record under the provision it was first drafted for; the twin has the other.
    """
    began = KINDS[NotificationClass(str(first.document["notification_class"]))]
    if case.twin is not None and began is not None and KINDS[case.notification_class] is not began:
        return
    await keep_record(case, stored, work, ports)


async def retract_record(case: Case, work: UnitOfWork, ports: Ports) -> None:
    """Mark the record as retracted; where there is none, nothing is done."""
    record = await work.cases.record(case.reference)
    if record is None or record.state == RETRACTED:
        return
    await work.cases.put_record(replace(record, state=RETRACTED, sequence=case.latest_sequence))
    now = ports.clock.now()
    work.record(RecordRetracted(case_reference=case.reference, at=now, sequence=case.latest_sequence))
