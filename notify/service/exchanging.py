"""Gives a case to its readers as a message that other systems take in."""

from __future__ import annotations

from contacts.model import StateCode
from notify.account import Account, Right, require
from notify.delivery import NoticeKind
from notify.exchange import CaseMessage, told_since
from notify.notices import case_notice, content_of
from notify.notification import AddresseeKind, Notification
from notify.ports import Ports, UnitOfWork
from notify.service.reading import audience_in_case
from notify.words import Audience, CaseReference


async def case_message(reference: CaseReference, account: Account, language: str | None, ports: Ports) -> CaseMessage:
    """Give the latest message of a case as this account may read it; in the case's own language unless told otherwise.

    An addressee gets what its notification says, the filer and the secretariat the case. Raises NotFound for others.
    """
    require(account, Right.READ_CASES)
    async with ports.database.read() as work:
        case = await work.cases.get(reference)
        audience = await audience_in_case(account, case, work)
        reports = await work.cases.reports(reference)
        heads = await work.log.heads([reference])
        own = await _own(reference, account.state, work) if audience is Audience.RECIPIENTS else None
    url = ports.url(f"/api/v1/cases/{reference}")
    content = content_of(case, reports, case.latest_sequence, None, heads.get(reference, (0, "")), url)
    chain = content.chain
    notice = case_notice(
        content,
        key=f"{reference}:{case.latest_sequence}:message",
        kind=NoticeKind.NOTIFICATION,
        sequence=case.latest_sequence,
        audience=audience,
        language=language or case.original_language,
        details={"voluntary": case.voluntary},
    )
    if own is None:
        return CaseMessage(notice, reference, account.state or "secretariat", False, told_since(chain, None))
    return CaseMessage(notice, own.id, own.addressee.code, True, told_since(chain, own.issued_at))


async def _own(reference: CaseReference, state: StateCode | None, work: UnitOfWork) -> Notification | None:
    """Find the notification to a State."""
    told = await work.notifications.of_case(reference)
    return next((n for n in told if n.addressee.kind is AddresseeKind.STATE and n.addressee.code == state), None)
