"""Tells those who may read it what a State said, asked, did or found: by mail and webhook, in their language."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from contacts.model import Contact, ContactRole, StateCode
from notify.account import Role
from notify.case import Case
from notify.consultation import (
    ConsultationLane,
    Said,
    answer_deadline,
    may_read,
)
from notify.consultation_events import (
    ConclusionProposed,
    ConsultationOpened,
    MessagePosted,
    PositionTaken,
    RequestAnswered,
    RequestMade,
    SecretariatInvited,
)
from notify.delivery import NoticeKind
from notify.ladder import NEVER_ARRIVED, declined_contacts, told_contacts
from notify.notification import AddresseeKind, Notification
from notify.ports import Ports, UnitOfWork
from notify.queueing import Queue
from notify.reader import CaseStates, Reader, Sight
from notify.report_parts import Attachment
from notify.routing import Route, routes_of, step_reason
from notify.sentence import Sentence
from notify.telling import queue_of
from notify.words import ChannelName

LONGEST_EXCERPT = 3_000
"""So many characters of a text stand in a mail; the whole is at its address."""
_MOST_LANGUAGES = 8

_AS_SECRETARIAT = Sentence("The secretariat is told of what it may read.")
_AS_REPORTING = Sentence("Your State reported this case.")


def excerpt(text: str | Mapping[str, str]) -> str | dict[str, str]:
    """Cut a text to what a mail holds."""
    if isinstance(text, str):
        return text if len(text) <= LONGEST_EXCERPT else text[: LONGEST_EXCERPT - 1] + "…"
    return {tag: str(excerpt(said)) for tag, said in list(text.items())[:_MOST_LANGUAGES]}


def files_named(attachments: Sequence[Attachment]) -> list[str]:
    """Name the files that go with a text."""
    return [one.filename for one in attachments]


def lane_details(lane: ConsultationLane, said: Said, case: Case, ports: Ports) -> dict[str, Any]:
    """Say in the details of a notice which State spoke, in which lane and when, and where all of it is."""
    return {
        "state": said.by_state,
        "lane": lane.kind.value,
        "lane_state": lane.state,
        "at": said.at.isoformat(),
        "url": ports.url(f"/api/v1/cases/{case.reference}/consultation"),
    }


def lane_step(lane: ConsultationLane, subject: str) -> str:
    """Name the step of the deliveries that carry what was said in a lane."""
    return f"{lane.kind}:{subject}"


class States:
    """The States of one case and their contacts, to be told something once each."""

    def __init__(self, case: Case, work: UnitOfWork, ports: Ports) -> None:
        self._case, self._work, self._ports = case, work, ports
        self.queue: Queue = queue_of(case, ports)
        self._told: dict[StateCode, Notification] = {}

    async def read(self) -> CaseStates:
        """Read who was told of the case."""
        told = await self._work.notifications.of_case(self._case.reference)
        self._told = {StateCode(n.addressee.code): n for n in told if n.addressee.kind is AddresseeKind.STATE}
        return CaseStates(self._case.reporting_state, frozenset(self._told))

    async def tell(
        self, states: Collection[StateCode], step: str, kind: NoticeKind, details: Mapping[str, Any]
    ) -> None:
        """Queue one notice to each contact that knows of the case in these States, and to the filer."""
        for state in sorted(states):
            if state == self._case.reporting_state:
                self.queue.to_filer(step, kind, details)
                self.queue.to_routes(None, await self._own_systems(), step, kind, details)
            elif state in self._told:
                notification = self._told[state]
                routes = await self._routes(notification)
                self.queue.to_routes(notification, routes, step, kind, details)

    async def tell_secretariat(self, step: str, kind: NoticeKind, details: Mapping[str, Any]) -> None:
        """Queue one notice to each contact of the secretariat."""
        contacts = await self._work.contacts.with_roles([ContactRole.SECRETARIAT])
        self.queue.to_routes(None, routes_of(contacts, lambda _: _AS_SECRETARIAT), step, kind, details)

    async def tell_lane(
        self, lane: ConsultationLane, said: Said, step: str, kind: NoticeKind, details: Mapping[str, Any]
    ) -> None:
        """Queue one notice to all who may read what was said in a lane, but for the State that said it."""
        case = await self.read()
        await self.tell(lane.states(case) - {said.by_state}, step, kind, details)
        invitations = list((await self._work.consultation.invitations(self._case.reference)).values())
        if may_read(Reader(Role.SECRETARIAT), lane, case, said, invitations) is Sight.CONTENT:
            await self.tell_secretariat(step, kind, details)
        await self.queue.write(self._work)

    async def _routes(self, notification: Notification) -> list[Route]:
        deliveries = await self._work.deliveries.of_notification(notification.id)
        told = told_contacts([row for row in deliveries if row.state not in NEVER_ARRIVED])
        told -= await declined_contacts(notification, self._work)
        code = notification.addressee.code
        contacts = [c for c in await self._work.contacts.of_states([StateCode(code)]) if c.id in told]
        return routes_of(contacts, lambda contact: step_reason(code, contact))

    async def _own_systems(self) -> list[Route]:
        """Give the endpoints of the reporting State's competent authorities; their mails are the filer's."""
        contacts: list[Contact] = await self._work.contacts.of_states([self._case.reporting_state])
        own = [c for c in contacts if c.role is ContactRole.COMPETENT_NATIONAL_AUTHORITY]
        routes = routes_of(own, lambda _: _AS_REPORTING)
        return [route for route in routes if route.channel is ChannelName.WEBHOOK]


async def tell_of_opening(event: ConsultationOpened, work: UnitOfWork, ports: Ports) -> None:
    """Tell the States that the consultation is open, because one of them asked for it."""
    case = await work.cases.get(event.case_reference)
    states = States(case, work, ports)
    everyone = (await states.read()).everyone
    url = ports.url(f"/api/v1/cases/{case.reference}/consultation")
    details = {"state": event.by_state, "at": event.at.isoformat(), "url": url}
    await states.tell(
        everyone - {event.by_state or case.reporting_state}, "joint:opened", NoticeKind.CONSULTATION, details
    )
    await states.queue.write(work)


async def tell_of_message(event: MessagePosted, work: UnitOfWork, ports: Ports) -> None:
    """Tell those of the lane what a State wrote."""
    case = await work.cases.get(event.case_reference)
    posted = next(one for one in await work.consultation.messages(case.reference) if one.id == event.message_id)
    details = lane_details(posted.lane, posted, case, ports)
    details |= {"id": posted.id, "text": excerpt(posted.text), "attachments": files_named(posted.attachments)}
    step = lane_step(posted.lane, posted.id)
    await States(case, work, ports).tell_lane(posted.lane, posted, step, NoticeKind.MESSAGE, details)


async def tell_of_request(event: RequestMade, work: UnitOfWork, ports: Ports) -> None:
    """Tell those of the lane what was asked of whom, and by when an answer is due."""
    case = await work.cases.get(event.case_reference)
    made = await work.consultation.request(event.request_id)
    calendar = ports.calendar_of(await work.contacts.of_states([made.to_state]), made.to_state)
    due_at = answer_deadline(made, case.policy, case.severity, calendar, 1).due_at
    details = lane_details(made.lane, made, case, ports)
    details |= {
        "id": made.id,
        "kind": made.kind.value,
        "to_state": made.to_state,
        "text": excerpt(made.text),
        "attachments": files_named(made.attachments),
        "due_at": due_at.isoformat() if due_at is not None else None,
    }
    step = lane_step(made.lane, made.id)
    await States(case, work, ports).tell_lane(made.lane, made, step, NoticeKind.REQUEST, details)


async def tell_of_answer(event: RequestAnswered, work: UnitOfWork, ports: Ports) -> None:
    """Tell those of the lane what was said to a request."""
    case = await work.cases.get(event.case_reference)
    asked = await work.consultation.request(event.request_id)
    act = asked.acts[event.number - 1]
    details = lane_details(asked.lane, act, case, ports)
    details |= {
        "id": asked.id,
        "answer": act.answer.value,
        "asked": excerpt(asked.text),
        "text": excerpt(act.text),
        "reason": excerpt(act.reason),
        "attachments": files_named(act.attachments),
    }
    step = lane_step(asked.lane, f"{asked.id}/{event.number}")
    await States(case, work, ports).tell_lane(asked.lane, act, step, NoticeKind.REQUEST_ANSWERED, details)


async def tell_of_conclusion(event: ConclusionProposed, work: UnitOfWork, ports: Ports) -> None:
    """Tell those of the lane which conclusion is proposed."""
    case = await work.cases.get(event.case_reference)
    proposed = await work.consultation.conclusion(event.conclusion_id)
    details = lane_details(proposed.lane, proposed, case, ports)
    details |= {"id": proposed.id, "text": excerpt(proposed.text)}
    step = lane_step(proposed.lane, proposed.id)
    await States(case, work, ports).tell_lane(proposed.lane, proposed, step, NoticeKind.CONCLUSION, details)


async def tell_of_position(event: PositionTaken, work: UnitOfWork, ports: Ports) -> None:
    """Tell those of the lane how a State stands to a conclusion."""
    case = await work.cases.get(event.case_reference)
    proposed = await work.consultation.conclusion(event.conclusion_id)
    taken = proposed.positions[event.number - 1]
    details = lane_details(proposed.lane, taken, case, ports)
    details |= {
        "id": proposed.id,
        "stand": taken.stand.value,
        "reason": excerpt(taken.reason),
        "by": taken.by,
        "office": taken.office,
        "asked": excerpt(proposed.text),
    }
    step = lane_step(proposed.lane, f"{proposed.id}/{event.number}")
    await States(case, work, ports).tell_lane(proposed.lane, taken, step, NoticeKind.POSITION, details)


async def tell_of_invitation(event: SecretariatInvited, work: UnitOfWork, ports: Ports) -> None:
    """Tell the secretariat, and the other State of the lane, that the secretariat was invited into it."""
    case = await work.cases.get(event.case_reference)
    given = (await work.consultation.invitations(case.reference))[event.invitation_id]
    states = States(case, work, ports)
    everyone = await states.read()
    details = {
        "state": given.by,
        "lane": given.lane.kind.value,
        "lane_state": given.lane.state,
        "at": given.at.isoformat(),
        "url": ports.url(f"/api/v1/cases/{case.reference}/consultation"),
    }
    step = lane_step(given.lane, event.invitation_id)
    await states.tell(given.lane.states(everyone) - {given.by}, step, NoticeKind.INVITATION, details)
    await states.tell_secretariat(step, NoticeKind.INVITATION, details)
    await states.queue.write(work)
