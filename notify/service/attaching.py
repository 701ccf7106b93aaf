"""Takes files in, lets documents name them, and gives their bytes to those who may read something that names them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from contacts.model import StateCode
from notify.account import OF_A_STATE, Account, Right, Role, require
from notify.attachment import (
    LIMITS,
    AttachmentUse,
    NamedIn,
    ScanVerdict,
    StoredAttachment,
    check_upload,
    named_faults,
)
from notify.case import Case
from notify.confidentiality import visible
from notify.consultation import Entry, LaneAct, may_read
from notify.consultation_events import AttachmentStored
from notify.errors import Fault, InvalidDocument, NotFound, ScannerAway
from notify.events import SERVICE_CHAIN
from notify.inquiry import may_read as may_read_inquiry
from notify.ports import IncomingFile, Ports, UnitOfWork
from notify.reader import Reader, Sight
from notify.report_parts import Attachment
from notify.service.reading import audience_in_case, stamp
from notify.service.sight import place_of
from notify.words import CaseReference


@dataclass(frozen=True, slots=True)
class Readable:
    """A file that its reader may have: what is known of it, and its bytes in pieces."""

    stored: StoredAttachment
    content: AsyncIterator[bytes]


def owner_of(account: Account) -> StateCode | None:
    """Say in whose name an account hands files in: its State's, or None for the secretariat's."""
    return account.state if account.role in OF_A_STATE else None


async def store_attachment(
    chunks: AsyncIterator[bytes],
    *,
    filename: object,
    media_type: object,
    stated_sha256: object,
    account: Account,
    ports: Ports,
) -> dict[str, Any]:
    """Store a file as it comes; the same bytes again are harmless.

    Raises InvalidDocument when it is too large, is not what it says, or the scanner refuses it, ScannerAway when
    the scanner did not run to its end; then nothing is kept.
    """
    require(account, Right.ATTACH)
    async with ports.files.receive() as incoming:
        await _take_in(chunks, incoming)
        upload = check_upload(
            filename=filename,
            media_type=media_type,
            head=incoming.head,
            size=incoming.size,
            sha256=incoming.sha256,
            stated_sha256=stated_sha256,
        )
        verdict = await _scanned(incoming)
        await incoming.keep()
    now = ports.clock.now()
    stored = StoredAttachment(
        upload.sha256, upload.filename, upload.media_type, upload.size, verdict, owner_of(account), account.id, now
    )
    return attachment_view(await _entered(stored, ports))


async def _take_in(chunks: AsyncIterator[bytes], incoming: IncomingFile) -> None:
    async for chunk in chunks:
        await incoming.write(chunk)
        if incoming.size > LIMITS.largest:
            raise InvalidDocument([Fault("", f"the file must have at most {LIMITS.largest} bytes")])


async def _scanned(incoming: IncomingFile) -> ScanVerdict:
    verdict = await incoming.scan()
    if verdict is ScanVerdict.INFECTED:
        raise InvalidDocument([Fault("", "the scanner refused this file; please send a clean one")])
    if not verdict.may_be_read:
        raise ScannerAway("the file could not be scanned at this moment; please send it again")
    return verdict


async def _entered(stored: StoredAttachment, ports: Ports) -> StoredAttachment:
    """Enter what is known of a file; what its State handed in before stands."""
    async with ports.database.write() as work:
        known = _own(await work.attachments.find([stored.sha256]), stored.state)
        if known is not None:
            return known
        await work.attachments.add(stored)
        work.record(
            AttachmentStored(
                case_reference=SERVICE_CHAIN,
                at=stored.uploaded_at,
                sha256=stored.sha256,
                size=stored.size,
                account=stored.account,
            )
        )
        await work.commit()
    return stored


def attachment_view(stored: StoredAttachment) -> dict[str, Any]:
    """Show what is known of a file."""
    return {
        "sha256": stored.sha256,
        "filename": stored.filename,
        "media_type": stored.media_type,
        "size": stored.size,
        "scan": stored.verdict,
        "uploaded_at": stamp(stored.uploaded_at),
    }


def _own(found: Sequence[StoredAttachment], state: StateCode | None) -> StoredAttachment | None:
    return next((one for one in found if one.state == state), None)


async def name_files(
    named: Sequence[Attachment],
    named_in: NamedIn,
    subject: str,
    reference: str,
    account: Account,
    work: UnitOfWork,
) -> None:
    """Let a document of this account name files; raise InvalidDocument with each that it may not name."""
    if not named:
        return
    author = owner_of(account)
    found = await work.attachments.find([one.sha256 for one in named])
    stored = {one.sha256: one for one in found} | {one.sha256: one for one in found if one.state == author}
    foreign = [one for one in stored.values() if one.state != author]
    readable = {one.sha256 for one in foreign if await _opened(one.sha256, account, work)}
    faults = named_faults(named, stored, author, frozenset(readable))
    if faults:
        raise InvalidDocument(faults)
    for one in foreign:
        # Who passes a file on answers for it: from now on it is this State's too.
        await work.attachments.add(replace(one, state=author, account=account.id))
    await note_uses(named, named_in, subject, reference, author, work)


async def name_in_report(
    named: Sequence[Attachment], sequence: int, case: Case, account: Account, work: UnitOfWork
) -> None:
    """Enter the files that a report names; a file that is not here yet keeps no report waiting, and opens nothing."""
    author = case.reporting_state if account.role is Role.OPERATOR else owner_of(account)
    found = await work.attachments.find([one.sha256 for one in named]) if named else []
    own = {one.sha256 for one in found if one.state == author}
    for one in {one.sha256: one for one in found if one.sha256 not in own}.values():
        if await _opened(one.sha256, account, work):
            await work.attachments.add(replace(one, state=author, account=account.id))
    await note_uses(named, NamedIn.REPORT, str(sequence), case.reference, author, work)


async def note_uses(
    named: Sequence[Attachment],
    named_in: NamedIn,
    subject: str,
    reference: str,
    author: StateCode | None,
    work: UnitOfWork,
) -> None:
    """Enter that a document names files; it opens none that its State does not have."""
    await work.attachments.name(
        [AttachmentUse(one.sha256.lower(), author, named_in, subject, reference) for one in named]
    )


async def read_attachment(sha256: str, account: Account, ports: Ports) -> Readable:
    """Give a file to who may read something that names it, or handed it in; raise NotFound for all others."""
    require(account, Right.READ_CASES)
    async with ports.database.read() as work:
        found = await work.attachments.find([sha256])
        opened = _handed_in_by(account, found) or await _opened(sha256, account, work)
    if opened is None or not opened.verdict.may_be_read:
        raise NotFound("there is no such file")
    return Readable(opened, ports.files.read(opened.sha256))


def _handed_in_by(account: Account, found: Sequence[StoredAttachment]) -> StoredAttachment | None:
    """Find a file that this account handed in, or its authority: a contact does not read all that its State has."""
    mine = _own(found, owner_of(account))
    sees_all = account.role in (Role.AUTHORITY, Role.SECRETARIAT)
    return mine if mine is not None and (sees_all or mine.account == account.id) else None


async def _opened(sha256: str, account: Account, work: UnitOfWork) -> StoredAttachment | None:
    """Find the file under the name by which something that this account may read names it."""
    owners = {one.state: one for one in await work.attachments.find([sha256])}
    for use in await work.attachments.uses(sha256):
        if use.state in owners:
            with suppress(NotFound):
                if await _reads(use, account, work):
                    return owners[use.state]
    return None


async def _reads(use: AttachmentUse, account: Account, work: UnitOfWork) -> bool:
    if use.named_in is NamedIn.INQUIRY:
        row = await work.inquiries.get(use.reference)
        return may_read_inquiry(Reader.of(account), row.inquiry) is Sight.CONTENT
    reference = CaseReference(use.reference)
    if use.named_in is NamedIn.REPORT:
        audience = await audience_in_case(account, await work.cases.get(reference), work)
        report = await work.cases.report(reference, int(use.subject))
        named = visible(dict(report.document), audience).document.get("attachments", ())
        return any(one["sha256"].lower() == use.sha256 for one in named)
    place = await place_of(reference, account, work)
    entry = await _entry(use, work)
    invitations = list((await work.consultation.invitations(reference)).values())
    return may_read(place.reader, entry.lane, place.states, entry, invitations) is Sight.CONTENT


async def _entry(use: AttachmentUse, work: UnitOfWork) -> Entry:
    """Find the message, request or answer that names a file."""
    if use.named_in is NamedIn.MESSAGE:
        messages = await work.consultation.messages(CaseReference(use.reference))
        return next(one for one in messages if one.id == use.subject)
    request_id, _, number = use.subject.partition("/")
    request = await work.consultation.request(request_id)
    return LaneAct(request.id, request.lane, request.acts[int(number) - 1]) if number else request
