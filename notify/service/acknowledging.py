"""Takes the answers of addressees: by link, by API, by telephone; twice is harmless, late is recorded as late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contacts.model import ContactId, StateCode
from notify.account import Account, Role
from notify.acknowledgement import Acknowledgement, apply, check_answer
from notify.case import Case, CaseStatus
from notify.errors import Conflict, Fault, InvalidDocument, NotAllowed, NotFound
from notify.events import NotificationAcknowledged
from notify.notification import AddresseeKind, Notification
from notify.ports import Ports, UnitOfWork
from notify.queueing import OF_THE_LADDER, cancel_waiting
from notify.reader import Visibility
from notify.sentence import N_, Sentence
from notify.service.reading import audience_in_case, stamp
from notify.service.statements import keep_answer
from notify.task import SECRETARIAT, TaskKind
from notify.tasks import close_calls, raise_task
from notify.words import AccountId, CaseReference, Grade, Means, NotificationId


@dataclass(frozen=True, slots=True)
class Answer:
    """What was filled in, before it is checked."""

    grade: object
    assessment: object
    by: object
    office: object

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Answer:
        """Read an answer from JSON; raise InvalidDocument on fields that do not belong."""
        known = {"grade", "assessment", "by", "office", "means"}
        faults = [Fault(f"/{name}", "this field is not known here") for name in document if name not in known]
        if faults:
            raise InvalidDocument(faults)
        return cls(document.get("grade"), document.get("assessment"), document.get("by"), document.get("office"))


@dataclass(frozen=True, slots=True)
class Source:
    """By what means an answer came, from whom, and with which signs of a machine."""

    means: Means
    account: AccountId | None = None
    contact: ContactId | None = None
    signs: tuple[str, ...] = ()
    place: str | None = None
    assurance: str | None = None  # of a reply: what shows that it came from the contact
    visible_to: Visibility | None = None  # whom its State lets read what it says of itself; None: as before


async def acknowledge_by_account(
    notification_id: NotificationId, document: Mapping[str, Any], account: Account, ports: Ports
) -> dict[str, Any]:
    """Record an answer given through the API by an account of the addressee State, or a telephone receipt."""
    means = _means(document, account)
    answer = Answer.from_document(document)

    async def enter(work: UnitOfWork) -> dict[str, Any]:
        notification = await work.notifications.get(notification_id)
        case = await work.cases.get(notification.case_reference)
        await _check_right(account, notification, case, means, work)
        return await enter_answer(answer, Source(means, account.id), notification, case, work, ports)

    return await ports.database.together(enter)


def _means(document: Mapping[str, Any], account: Account) -> Means:
    by_telephone = account.role in (Role.SECRETARIAT, Role.OPERATOR)
    allowed = {Means.TELEPHONE} if by_telephone else {Means.API, Means.PORTAL}
    given = document.get("means") or (Means.TELEPHONE if by_telephone else Means.API)
    if not isinstance(given, str) or given not in allowed:
        raise InvalidDocument([Fault("/means", f"must be {' or '.join(sorted(allowed))} for this account")])
    return Means(given)


async def _check_right(
    account: Account, notification: Notification, case: Case, means: Means, work: UnitOfWork
) -> None:
    if means is Means.TELEPHONE:
        return
    try:
        await audience_in_case(account, case, work)
    except NotFound:
        # Whoever may not read the case must not learn its reference from its notification.
        raise NotFound("there is no such notification") from None
    own = notification.addressee.kind is AddresseeKind.STATE and notification.addressee.code == account.state
    if not own:
        raise NotAllowed("only an account of the addressee State may acknowledge for it")
    if account.role not in (Role.AUTHORITY, Role.CONTACT):
        raise NotAllowed("this account may not acknowledge")


async def acknowledge_by_telephone(
    reference: CaseReference, state: StateCode, *, by: str, office: str, account: Account, ports: Ports
) -> dict[str, Any]:
    """Record that an office of a State said on the telephone that it has received (the grade `received` only)."""
    async with ports.database.read() as work:
        told = await work.notifications.of_case(reference)
    mine = [n for n in told if n.addressee.kind is AddresseeKind.STATE and n.addressee.code == state]
    if not mine:
        raise NotFound(f"case {reference} has no notification to {state}")
    document = {"grade": Grade.RECEIVED, "by": by, "office": office, "means": Means.TELEPHONE}
    return await acknowledge_by_account(mine[0].id, document, account, ports)


async def enter_answer(
    answer: Answer,
    source: Source,
    notification: Notification,
    case: Case,
    work: UnitOfWork,
    ports: Ports,
) -> dict[str, Any]:
    """Enter one answer in its unit of work: end the ladder, meet the clocks, tell who must know."""
    given = _checked(answer, source, notification, case, ports)
    was_acknowledged = notification.acknowledged
    recorded = apply(notification, given)
    if notification.addressee.kind is AddresseeKind.STATE:
        state = StateCode(notification.addressee.code)
        await keep_answer(recorded or given, state, case, work, ports, source.visible_to)
    if recorded is None:
        return answer_view(notification, case, new=False)
    await work.notifications.save(notification)
    await work.notifications.add_acknowledgement(recorded)
    work.record(_event(recorded, notification, case))
    if not was_acknowledged:
        await _end_ladder(notification, case, work, ports)
    if source.signs:
        await _ask_to_look(recorded, notification, case, work, ports)
    return answer_view(notification, case, new=True)


def _checked(answer: Answer, source: Source, notification: Notification, case: Case, ports: Ports) -> Acknowledgement:
    grade, assessment = check_answer(answer.grade, answer.assessment, answer.by, answer.office)
    if assessment is not None and notification.addressee.kind is not AddresseeKind.STATE:
        raise InvalidDocument([Fault("/assessment", "only a State says whether it is affected")])
    if source.means is Means.TELEPHONE and grade is not Grade.RECEIVED:
        raise InvalidDocument([Fault("/grade", "a telephone call records `received` only")])
    if case.status is CaseStatus.WITHDRAWN and grade is not Grade.RECEIVED:
        raise Conflict(f"case {case.reference} was withdrawn; only the receipt of that is asked")
    return Acknowledgement(
        id=ports.new_id("ack"),
        notification_id=notification.id,
        grade=grade,
        assessment=assessment,
        by=str(answer.by).strip(),
        office=str(answer.office).strip(),
        means=source.means,
        at=ports.clock.now(),
        contact=source.contact,
        account=source.account,
        signs=source.signs,
        source=source.place,
        assurance=source.assurance,
    )


def _event(answer: Acknowledgement, notification: Notification, case: Case) -> NotificationAcknowledged:
    return NotificationAcknowledged(
        case_reference=case.reference,
        at=answer.at,
        urgent=case.urgent,
        notification_id=notification.id,
        addressee=notification.addressee.code,
        acknowledgement_id=answer.id,
        grade=answer.grade,
        means=answer.means,
        contact=answer.contact,
        account=answer.account,
        assessment=answer.assessment,
        preliminary=answer.preliminary,
        late=answer.late,
    )


async def _end_ladder(notification: Notification, case: Case, work: UnitOfWork, ports: Ports) -> None:
    """Cancel the reminders and escalations that are still queued, and close the calls that are no longer needed."""
    await close_calls(case, work, ports, "the State acknowledged", of=notification.id)
    await cancel_waiting(notification, OF_THE_LADDER, work, ports)


async def _ask_to_look(
    answer: Acknowledgement, notification: Notification, case: Case, work: UnitOfWork, ports: Ports
) -> None:
    text = N_("The acknowledgement of {addressee} by link shows signs of a machine ({signs}); please ask the office.")
    values = {"addressee": notification.addressee.code, "signs": ", ".join(answer.signs)}
    state = StateCode(notification.addressee.code) if notification.addressee.climbs else None
    await raise_task(
        work, ports, case, TaskKind.MACHINE_SIGNS, SECRETARIAT, state, Sentence(text, values), notification.id
    )


def answer_view(notification: Notification, case: Case, *, new: bool) -> dict[str, Any]:
    """Show how far a notification is answered."""
    return {
        "notification_id": notification.id,
        "case_reference": case.reference,
        "grade": notification.grade,
        "assessment": notification.assessment,
        "assessment_preliminary": notification.assessment_preliminary,
        "received_at": stamp(notification.received_at),
        "assessed_at": stamp(notification.assessed_at),
        "acting_at": stamp(notification.acting_at),
        "new": new,
    }
