"""Shows the BCH record of a case as it stands, to those who prepare it."""

from __future__ import annotations

from typing import Any

from notify.account import Account, Right, require
from notify.errors import NotAllowed
from notify.ports import Ports
from notify.service.reading import audience_in_case, stamp
from notify.words import Audience, CaseReference

NO_RECORD: dict[str, Any] = {
    "state": "none",
    "document": None,
    "to_complete": [],
    "sequence": None,
    "drafted_at": None,
}
"""What is shown of a case that the BCH has no record type for, or that is an exercise."""


async def show_record(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Show the record to the reporting State and the secretariat, with what is to be completed before clearance.

    Raises NotFound when the account may not read the case, NotAllowed when it reads it as an addressee: until it is
    cleared, a record is the reporting State's alone.
    """
    require(account, Right.READ_CASES)
    async with ports.database.read() as work:
        case = await work.cases.get(reference)
        audience = await audience_in_case(account, case, work)
        record = await work.cases.record(reference)
    if audience is not Audience.SECRETARIAT:
        raise NotAllowed("a record that is not cleared is shown to the reporting State and the secretariat only")
    if record is None:
        return dict(NO_RECORD)
    return {
        "state": record.state,
        "document": dict(record.document),
        "to_complete": [str(sentence) for sentence in record.to_complete],
        "sequence": record.sequence,
        "drafted_at": stamp(record.drafted_at),
    }
