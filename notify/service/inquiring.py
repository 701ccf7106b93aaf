"""Takes inquiries: who sees signs asks the presumed State of origin, which answers; silence climbs the ladder."""

from __future__ import annotations

from typing import Any

from contacts.model import StateCode
from notify.account import OF_A_STATE, Account, Right, require
from notify.attachment import NamedIn
from notify.consultation_events import InquiryAnswered, InquiryMade, InquiryWithdrawn
from notify.errors import Fault, InvalidDocument, NotFound
from notify.events import TaskDone
from notify.inquiry import (
    EXERCISE_PREFIX,
    PREFIX,
    Answered,
    Inquiry,
    answer_due_at,
    answer_inquiry,
    answered_at,
    asker_of,
    check_inquiry,
    check_inquiry_answer,
    may_read,
    state_of,
    withdraw_inquiry,
)
from notify.inquiry_ladder import asked_contacts, issue_inquiry
from notify.ports import Ports, UnitOfWork
from notify.reader import Reader, Sight
from notify.rows import InquiryRow
from notify.service.attaching import name_files
from notify.service.reading import stamp
from notify.service.sight import place_of
from notify.task import ENDED_BY_AN_ANSWER
from notify.words import CaseReference


async def make_inquiry(document: object, account: Account, ports: Ports, *, exercise: bool = False) -> dict[str, Any]:
    """Ask a presumed State of origin whether the LMO is its own; it is told at once. Asked twice it is one inquiry."""
    require(account, Right.INQUIRE)
    given = check_inquiry(document, is_state=ports.registry.is_state)
    asker = asker_of(Reader.of(account), given.laboratory_network, given.asked)
    now = ports.clock.now()
    written = given.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    async with ports.database.write() as work:
        for known in await work.inquiries.of_state(given.asked):
            same = known.inquiry.asker == asker and known.document == written and not known.inquiry.answers
            if same and known.inquiry.withdrawn_at is None:
                return await _view(known, work, ports)
        reference = await work.cases.next_reference(EXERCISE_PREFIX if exercise else PREFIX, now.year)
        inquiry = Inquiry(reference, asker, StateCode(given.asked), given.severity, now, exercise)
        await name_files(given.attachments, NamedIn.INQUIRY, reference, reference, account, work)
        row = InquiryRow(inquiry, written, account.id, ports.policy)
        await work.inquiries.add(row)
        first_step_at = await issue_inquiry(row, work, ports)
        work.record(
            InquiryMade(
                case_reference=reference,
                at=now,
                urgent=inquiry.urgent,
                asked=inquiry.asked,
                severity=inquiry.severity,
                account=account.id,
                next_step_at=first_step_at,
            )
        )
        await work.commit()
        return await _view(row, work, ports)


async def _readable(reference: str, account: Account, work: UnitOfWork) -> InquiryRow:
    row = await work.inquiries.get(reference)
    if may_read(Reader.of(account), row.inquiry) is not Sight.CONTENT:
        raise NotFound(f"there is no inquiry {reference}")
    return row


async def answer(reference: str, document: object, account: Account, ports: Ports) -> dict[str, Any]:
    """Answer an inquiry for the State that is asked; who asked is told. Said twice it is harmless."""
    require(account, Right.ANSWER_INQUIRIES)
    given = check_inquiry_answer(document)
    async with ports.database.write() as work:
        row = await _readable(reference, account, work)
        named = None if given.case_reference is None else CaseReference(given.case_reference)
        if named is not None:
            await _check_case(named, account, work)
        said = Answered(given.answer, ports.clock.now(), account.id, given.by, given.office, given.text, named)
        answered = answer_inquiry(row.inquiry, said, Reader.of(account))
        if answered is not row.inquiry:
            row.inquiry = answered
            await work.inquiries.add_answer(answered)
            await _end_tasks(row, work, ports)
            work.record(
                InquiryAnswered(
                    case_reference=CaseReference(reference),
                    at=said.at,
                    urgent=answered.urgent,
                    number=len(answered.answers),
                    account=account.id,
                )
            )
            await work.commit()
        return await _view(row, work, ports)


async def _check_case(named: CaseReference, account: Account, work: UnitOfWork) -> None:
    """Let a State name only a case that it may read."""
    try:
        await place_of(named, account, work)
    except NotFound:
        raise InvalidDocument(
            [Fault("/case_reference", "no case that your State may read has this reference")]
        ) from None


async def _end_tasks(row: InquiryRow, work: UnitOfWork, ports: Ports) -> None:
    """Close the tasks that only wanted the State to answer."""
    reference, now = CaseReference(row.inquiry.reference), ports.clock.now()
    for task in await work.tasks.find(owner=None, done=False, case=reference):
        if task.kind in ENDED_BY_AN_ANSWER:
            task.done_at, task.done_by, task.result = now, "service", "the inquiry has ended"
            await work.tasks.save(task)
            work.record(TaskDone(case_reference=reference, at=now, task_id=task.id))


async def withdraw(reference: str, account: Account, ports: Ports) -> dict[str, Any]:
    """Take an inquiry back; whoever was told of it is told of that. Twice is harmless."""
    require(account, Right.INQUIRE)
    async with ports.database.write() as work:
        row = await _readable(reference, account, work)
        withdrawn = withdraw_inquiry(row.inquiry, Reader.of(account), ports.clock.now())
        if withdrawn is not row.inquiry:
            row.inquiry = withdrawn
            await work.inquiries.save(row)
            await _end_tasks(row, work, ports)
            at = withdrawn.withdrawn_at or ports.clock.now()
            work.record(InquiryWithdrawn(case_reference=CaseReference(reference), at=at, account=account.id))
            await work.commit()
        return await _view(row, work, ports)


async def list_inquiries(account: Account, ports: Ports) -> dict[str, Any]:
    """List the inquiries that this account may read, newest first."""
    require(account, Right.INQUIRE)
    async with ports.database.read() as work:
        rows = await work.inquiries.of_state(account.state if account.role in OF_A_STATE else None)
        return {"inquiries": [_summary(row) for row in rows]}


async def show_inquiry(reference: str, account: Account, ports: Ports) -> dict[str, Any]:
    """Show one inquiry with its answers and its clock; raise NotFound for all but who asks and who is asked."""
    require(account, Right.INQUIRE)
    async with ports.database.read() as work:
        return await _view(await _readable(reference, account, work), work, ports)


def _summary(row: InquiryRow) -> dict[str, Any]:
    inquiry = row.inquiry
    return {
        "id": inquiry.reference,
        "reference": inquiry.reference,
        "exercise": inquiry.exercise,
        "status": state_of(inquiry),
        "asker": {"kind": inquiry.asker.kind, "name": inquiry.asker.name},
        "asked": inquiry.asked,
        "severity": inquiry.severity,
        "title": row.document["title"],
        "asked_at": stamp(inquiry.asked_at),
        "answered_at": stamp(answered_at(inquiry)),
        "withdrawn_at": stamp(inquiry.withdrawn_at),
    }


async def _view(row: InquiryRow, work: UnitOfWork, ports: Ports) -> dict[str, Any]:
    calendar = ports.calendar_of(await asked_contacts(row, work), row.inquiry.asked)
    return _summary(row) | {
        "due_at": stamp(answer_due_at(row.inquiry, row.policy, calendar)),
        "step": row.step,
        "inquiry": dict(row.document),
        "answers": [
            {
                "answer": one.answer,
                "at": stamp(one.at),
                "by": one.by,
                "office": one.office,
                "text": one.text,
                "case_reference": one.case_reference,
            }
            for one in row.inquiry.answers
        ],
    }
