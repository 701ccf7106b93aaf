"""Closes and reopens cases: announces, takes what States say of it, and lets silence close only what was proven."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from contacts.model import ContactId, StateCode
from notify.account import Account, Role
from notify.case import Case, CaseStatus
from notify.close_review import ask_states, facts_of, review, tell_everyone
from notify.closing import (
    Closing,
    ClosingAnswer,
    NextKind,
    StateAsked,
    next_step,
    why_not_announce,
    why_not_reopen,
)
from notify.delivery import NoticeKind
from notify.errors import Conflict, Fault, InvalidDocument, NotAllowed, StaleVersion
from notify.events import CaseReopened, CloseAnnounced, CloseAnswered
from notify.ladder import contacts_of
from notify.notification import Notification
from notify.policy import ClockKind
from notify.ports import Ports, UnitOfWork
from notify.sentence import Sentence
from notify.service.closing_views import closing_view
from notify.service.links import LinkPage, read_link
from notify.service.reading import audience_in_case
from notify.words import CaseReference, Means

LONGEST = 4000


async def announce_close(
    reference: CaseReference,
    document: Mapping[str, Any],
    account: Account,
    ports: Ports,
    *,
    expected: int | None = None,
) -> dict[str, Any]:
    """Announce that a case is about to close: each State told may object within its window.

    Announcing twice is harmless. Raises Conflict with all that keeps the case open.
    """
    if "evidence" in document:
        raise InvalidDocument([Fault("/evidence", "this field is not known here")])
    async with ports.database.write() as work:
        case = await _case_to_change(reference, document, account, expected, work)
        closing = await work.closings.latest(reference)
        if closing is None or not closing.running:
            closing = await _announce(case, document, account, work, ports)
            await work.commit()
        return closing_view(case, closing, None)


async def _case_to_change(
    reference: CaseReference, document: Mapping[str, Any], account: Account, expected: int | None, work: UnitOfWork
) -> Case:
    case = await work.cases.get(reference)
    await audience_in_case(account, case, work)
    may_act = account.role is Role.AUTHORITY and account.state == case.reporting_state
    if account.role not in (Role.SECRETARIAT, Role.OPERATOR) and not may_act:
        raise NotAllowed("a case is closed and reopened by an authority of its reporting State")
    if faults := list(_faults_of(document, account)):
        raise InvalidDocument(faults)
    if expected is not None and expected != case.version:
        raise StaleVersion(f"case {reference} was changed meanwhile; read it again")
    return case


def _faults_of(document: Mapping[str, Any], account: Account) -> Iterator[Fault]:
    known = ("instruction", "evidence")
    yield from (Fault(f"/{name}", "this field is not known here") for name in document if name not in known)
    instruction = document.get("instruction")
    if instruction is None:
        if account.role is Role.SECRETARIAT:
            yield Fault("/instruction", "is needed from the secretariat: the office that gave it, and its attachment")
        return
    if not isinstance(instruction, Mapping):
        yield Fault("/instruction", "must be an object with the office that gave it")
        return
    others = (name for name in instruction if name not in ("office", "attachment"))
    yield from (Fault(f"/instruction/{name}", "this field is not known here") for name in others)
    office, attachment = instruction.get("office"), instruction.get("attachment")
    if not isinstance(office, str) or not office.strip() or len(office) > 200 or any(ord(c) < 32 for c in office):
        yield Fault("/instruction/office", "is needed: the office, on one line of at most 200 characters")
    if attachment is not None and not (isinstance(attachment, str) and re.fullmatch("[0-9a-f]{64}", attachment)):
        yield Fault("/instruction/attachment", "must be the SHA-256 of an attachment, 64 hexadecimal digits")


async def _announce(
    case: Case, document: Mapping[str, Any], account: Account, work: UnitOfWork, ports: Ports
) -> Closing:
    now = ports.clock.now()
    before = await facts_of(case, None, work, ports)
    if reasons := why_not_announce(before):
        raise Conflict(" ".join(map(str, reasons)))
    notifications = [n for n in await work.notifications.of_case(case.reference) if n.addressee.climbs]
    states = [await _asked(case, notification, work, ports) for notification in notifications]
    closing = Closing(
        ports.new_id("cls"), case.reference, account.id, now, states, instruction=document.get("instruction")
    )
    # Of two announcements at the same moment, the second finds another version of the case and is tried again.
    await work.cases.save(case)
    await work.closings.add(closing)
    await ask_states(case, closing, [asked.state for asked in states], work, ports)
    step = next_step(await facts_of(case, closing, work, ports), now)
    work.record(
        CloseAnnounced(
            case_reference=case.reference,
            at=now,
            closing_id=closing.id,
            states=tuple(asked.state for asked in states),
            account=account.id,
            look_again_at=step.look_again_at or now,
        )
    )
    if step.kind is NextKind.CLOSE:
        await review(case, closing, work, ports)
    return closing


async def _asked(case: Case, notification: Notification, work: UnitOfWork, ports: Ports) -> StateAsked:
    now, code = ports.clock.now(), notification.addressee.code
    calendar = ports.calendar_of(await contacts_of(work, notification.addressee, case), code)
    ends_at = case.policy.due_at(ClockKind.OBJECTION, case.severity, now, calendar)
    return StateAsked(StateCode(code), [now], ends_at if ends_at is not None else now)


async def answer_close(
    reference: CaseReference, document: Mapping[str, Any], account: Account, ports: Ports
) -> dict[str, Any]:
    """Record what a State says of the close through its own account."""
    async with ports.database.write() as work:
        case = await work.cases.get(reference)
        await audience_in_case(account, case, work)
        told = await work.notifications.of_case(reference)
        is_told = any(n.addressee.climbs and n.addressee.code == account.state for n in told)
        if account.role not in (Role.AUTHORITY, Role.CONTACT) or account.state is None or not is_told:
            raise NotAllowed("only an account of a State that was told may answer for it")
        closing = await _enter(case, account.state, document, Means.API, work, ports, account=account)
        await work.commit()
    return closing_view(case, closing, account.state)


async def answer_close_by_link(token: str, form: Mapping[str, str], ports: Ports) -> None:
    """Record what a person says of the close on the page behind a link."""
    async with ports.database.write() as work:
        page: LinkPage = await read_link(token, work, ports)
        state = page.notification.addressee.code
        if not page.notification.addressee.climbs:
            raise Conflict("only a State may answer")
        await _enter(page.case, StateCode(state), form, Means.LINK, work, ports, contact=page.contact.id)
        await work.commit()


async def _enter(
    case: Case,
    state: StateCode,
    document: Mapping[str, Any],
    means: Means,
    work: UnitOfWork,
    ports: Ports,
    *,
    account: Account | None = None,
    contact: ContactId | None = None,
) -> Closing:
    answer, by, office, reason = _checked_answer(document)
    closing = await work.closings.latest(case.reference)
    asked = closing.asked(state) if closing is not None and closing.running else None
    if closing is None or asked is None:
        raise Conflict(f"no close of case {case.reference} is announced to {state} now")
    now = ports.clock.now()
    asked.answer, asked.answered_at, asked.means = answer, now, means.value
    asked.by, asked.office, asked.reason = by, office, reason
    await work.closings.save(closing)
    work.record(
        CloseAnswered(
            case_reference=case.reference,
            at=now,
            closing_id=closing.id,
            state=state,
            answer=answer,
            means=means,
            contact=contact,
            account=account.id if account is not None else None,
        )
    )
    return closing


def _checked_answer(document: Mapping[str, Any]) -> tuple[ClosingAnswer, str, str, str | None]:
    faults = []
    answer = document.get("answer")
    if answer not in set(ClosingAnswer):
        faults.append(Fault("/answer", "must be objects or does_not_object"))
    for name, meaning in (("by", "your name"), ("office", "your office")):
        value = document.get(name)
        if not isinstance(value, str) or not value.strip():
            faults.append(Fault(f"/{name}", f"is needed: {meaning}"))
        elif len(value) > 200 or any(ord(character) < 32 for character in value):
            faults.append(Fault(f"/{name}", "must be at most 200 characters on one line"))
    reason = document.get("reason") or None
    if reason is not None and (not isinstance(reason, str) or len(reason) > LONGEST):
        faults.append(Fault("/reason", f"must be a text of at most {LONGEST} characters"))
    if faults:
        raise InvalidDocument(faults)
    return ClosingAnswer(str(answer)), str(document["by"]).strip(), str(document["office"]).strip(), reason


async def reopen(
    reference: CaseReference,
    document: Mapping[str, Any],
    account: Account,
    ports: Ports,
    *,
    expected: int | None = None,
) -> dict[str, Any]:
    """Reopen a closed case on new evidence, at any time; everyone who was told is told."""
    evidence = document.get("evidence")
    if not isinstance(evidence, str) or not evidence.strip() or len(evidence) > LONGEST:
        detail = f"is needed: what the new evidence is, in at most {LONGEST} characters"
        raise InvalidDocument([Fault("/evidence", detail)])
    async with ports.database.write() as work:
        case = await _case_to_change(reference, document, account, expected, work)
        if reasons := why_not_reopen(case.status, evidence):
            raise Conflict(" ".join(map(str, reasons)))
        now, closing = ports.clock.now(), await work.closings.latest(reference)
        case.status, case.closed_at = CaseStatus.REOPENED, None
        await work.cases.save(case)
        if closing is not None:
            closing.reopened_at, closing.evidence = now, evidence.strip()
            await work.closings.save(closing)
        work.record(
            CaseReopened(
                case_reference=reference, at=now, closing_id=closing.id if closing else None, account=account.id
            )
        )
        said = [Sentence("The case was reopened on new evidence.")]
        step = f"reopened:{now.isoformat()}"
        await tell_everyone(case, step, NoticeKind.REOPENED, said, work, ports, evidence=evidence.strip())
        await work.commit()
    return closing_view(case, closing, None)
