"""Plays cases in whatever order events may come, and looks after each whether every promise still holds."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from adapters.clock import SteppedClock
from adapters.email.catcher import CaughtMail
from contacts.model import ContactId, StateCode
from notify.account import OPERATOR, Account, Role
from notify.delivery import DeliveryState, NoticeKind
from notify.errors import Conflict, InvalidDocument, NotAllowed
from notify.notification import Notification
from notify.policy import EscalationStep
from notify.queueing import OF_THE_LADDER
from notify.rows import DeliveryRow
from notify.service.acknowledging import acknowledge_by_account
from notify.service.closing_cases import announce_close, answer_close, reopen
from notify.service.links import acknowledge_by_link
from notify.service.reading import show_case, show_notifications
from notify.service.watching import find_breaks
from notify.words import AccountId, CaseReference, NotificationId
from tests.builders import contact, network, report_from
from tests.flow.story import FORM, START, Story, tell

CONTACTS = [*network("UG", "TZ"), contact("KE", "bch_focal_point")]
STATES = st.sampled_from(["UG", "TZ"])
PEOPLE = [f"{name}@{state}.example" for state in ("ug", "tz") for name in ("a171", "a172", "nfp1")]
LESSONS = {"en": "Check the seed before sowing."}
HIGHER = {"crossing": "occurred", "consequence": "severe", "containment": "none"}
LOWER = {"crossing": "unlikely", "consequence": "minor", "containment": "full"}
REPORTS: list[tuple[str, dict[str, Any]]] = [
    ("complement", {"quantity": {"text": {"en": "two sacks"}}}),
    ("correction", {"affected_states": report_from("KE", "UG")["affected_states"]}),
    ("correction", {"affected_states": report_from("KE", "UG", "TZ")["affected_states"]}),
    ("follow_up", {"material": True, "monitoring": {"en": "daily"}}),
    ("situation_update", {"monitoring": {"en": "weekly"}}),
    ("no_change", {}),
    ("reclassification", {"severity_inputs": HIGHER}),
    ("reclassification", {"severity_inputs": LOWER}),
    ("final", {"lessons": LESSONS}),
    ("withdrawal", {}),
]
AMOUNTS = [{"minutes": 5}, {"minutes": 70}, {"hours": 3.5}, {"hours": 7}, {"days": 2}, {"days": 15}]

TELLS_A_REPORT = {NoticeKind.NOTIFICATION, NoticeKind.REPORT, NoticeKind.RECORD, NoticeKind.WITHDRAWN}
BRINGS_IN = {*TELLS_A_REPORT, NoticeKind.REMINDER, NoticeKind.ESCALATION} - {NoticeKind.WITHDRAWN}
AFTER_A_WITHDRAWAL = {NoticeKind.WITHDRAWN, NoticeKind.TASK, NoticeKind.ALARM}


@dataclass
class Told:
    """What the log says of one State, read from its beginning."""

    answered: bool = False
    round: int = 1


@dataclass
class AsLogged:
    """What the log says of the whole case, read from its beginning; `broken` names each promise that it breaks."""

    states: dict[str, Told] = field(default_factory=dict)
    status: str = "open"
    objected: bool = False
    broken: list[str] = field(default_factory=list)


def read(log: list[tuple[str, dict[str, Any]]], rows: dict[str, DeliveryRow], codes: dict[str, str]) -> AsLogged:
    """Follow the rows of a log in order; `codes` names the addressee of each notification."""
    case = AsLogged(states={code: Told() for code in codes.values()})
    for kind, body in log:
        one = case.states.get(body.get("addressee", ""))
        if kind == "NotificationAcknowledged" and one:
            one.answered = True
        elif kind == "NotificationRenewed" and one:
            one.answered, one.round = False, body["round"]
        elif kind == "NotificationEscalated" and one:
            if one.answered or case.status in ("withdrawn", "closed"):
                case.broken.append(f"the step {body['step']} fired for {body['addressee']}: {one}, {case.status}")
        elif kind == "DeliveryAccepted":
            _sent(rows[body["delivery_id"]], case, codes)
        elif kind in ("CloseAnnounced", "CloseAnswered", "CaseClosed"):
            _closing(kind, body, case)
        elif kind == "CaseReopened":
            case.status = "reopened"
        elif kind == "CaseWithdrawn":
            case.status = "withdrawn"
    return case


def _sent(row: DeliveryRow, case: AsLogged, codes: dict[str, str]) -> None:
    if case.status == "withdrawn" and row.kind not in AFTER_A_WITHDRAWAL:
        case.broken.append(f"{row.kind} went to {row.contact or row.recipient} after the withdrawal")
    told = case.states.get(codes.get(row.notification_id or "", ""))
    if told and told.answered and row.kind in OF_THE_LADDER:
        case.broken.append(f"{row.kind} went to {row.contact} although its State had answered")


def _closing(kind: str, body: dict[str, Any], case: AsLogged) -> None:
    if kind == "CloseAnnounced":
        case.objected = False
    elif kind == "CloseAnswered":
        case.objected = case.objected or body["answer"] == "objects"
    else:
        case.status = "closed"
        if case.objected:
            case.broken.append("the case closed although a State objected")


def _delivery_of(mail: CaughtMail) -> str:
    """Name the delivery that a mail is, by its Message-ID."""
    found = re.search(rb"^Message-ID:\s*<([^@>]+)@", mail.content, re.MULTILINE | re.IGNORECASE)
    assert found, mail.content[:2000]
    return found[1].decode()


class CaseMachine(RuleBasedStateMachine):
    """One case from Kenya that tells Uganda and Tanzania, on a SQLite file."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = SteppedClock(START)
        self.stack = AsyncExitStack()
        self.mails: list[CaughtMail] = []  # of the runs of the service before this one
        self.expected: dict[
            int, set[tuple[NotificationId, ContactId]]
        ] = {}  # who must be told of a report, by its sequence
        self.run(self._open())

    def run(self, story: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(story)

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()

    async def _open(self) -> None:
        folder = Path(self.folder.name)
        url = f"sqlite+aiosqlite:///{folder}/article17.sqlite"
        opened = tell(url, folder, contacts=CONTACTS, clock=self.clock)
        self.story: Story = await self.stack.enter_async_context(opened)

    def attempt(self, story: Coroutine[Any, Any, Any], send: bool) -> None:
        """Try what may be refused; what it leaves on the outbox is sent at once, or waits for a later step."""

        async def tried() -> None:
            before = await self.story.log(self.case)
            try:
                await story
            except (Conflict, InvalidDocument, NotAllowed):
                assert await self.story.log(self.case) == before, "what was refused changed the case"
            if send:
                await self.story.drain()

        self.run(tried())
        # No two things happen at quite the same moment.
        self.clock.advance(seconds=1)

    @initialize(severity=st.sampled_from(["critical", "high", "moderate"]), send=st.booleans())
    def submit(self, severity: str, send: bool) -> None:
        report = report_from("KE", "UG", "TZ", severity=severity)
        self.case: CaseReference = self.run(self.story.submit(report)).reference
        if send:
            self.run(self.story.drain())
        self.clock.advance(seconds=1)

    @rule(report=st.sampled_from(REPORTS), send=st.booleans())
    def report(self, report: tuple[str, dict[str, Any]], send: bool) -> None:
        self.attempt(self._report(*report), send)

    async def _report(self, kind: str, stated: dict[str, Any]) -> None:
        brings = set(NoticeKind) if kind == "withdrawal" else BRINGS_IN
        told = {
            (row.notification_id, row.contact)
            for row in await self._rows()
            if row.notification_id and row.contact and row.kind in brings and row.state is not DeliveryState.CANCELLED
        }
        followed = await self.story.follow(self.case, kind, **stated)
        self.expected[followed.sequence] = told

    @rule(address=st.sampled_from(PEOPLE), send=st.booleans())
    def acknowledge_by_link(self, address: str, send: bool) -> None:
        links = [mail for mail in self._caught() if mail.to == address and "/a/" in mail.text]
        if links:
            self.attempt(acknowledge_by_link(self.story.link(links[-1]), FORM, self.story.ports), send)

    @rule(state=STATES, of=STATES, send=st.booleans())
    def acknowledge_by_account(self, state: str, of: str, send: bool) -> None:
        account = Account(AccountId(f"acc-{state}"), state, Role.CONTACT, StateCode(state))
        told = self.run(self.story.notification(self.case, of))
        self.attempt(acknowledge_by_account(told.id, FORM, account, self.story.ports), send)

    @rule(send=st.booleans())
    def announce_a_close(self, send: bool) -> None:
        self.attempt(announce_close(self.case, {}, OPERATOR, self.story.ports), send)

    @rule(send=st.booleans())
    def bring_to_a_close(self, send: bool) -> None:
        """Do all that a close needs, which would seldom come together by chance."""
        for state in ("UG", "TZ"):
            self.acknowledge_by_account(state, state, True)
        self.report(("final", {"lessons": LESSONS}), True)
        self.announce_a_close(send)

    @rule(state=STATES, answer=st.sampled_from(["objects", "does_not_object"]), send=st.booleans())
    def answer_a_close(self, state: str, answer: str, send: bool) -> None:
        account = Account(AccountId(f"acc-{state}"), state, Role.AUTHORITY, StateCode(state))
        document = {"answer": answer, "by": "A. Person", "office": "Desk"}
        self.attempt(answer_close(self.case, document, account, self.story.ports), send)

    @rule(send=st.booleans())
    def reopen_the_case(self, send: bool) -> None:
        self.attempt(reopen(self.case, {"evidence": "Found again."}, OPERATOR, self.story.ports), send)

    @rule(amount=st.sampled_from(AMOUNTS))
    def wait(self, amount: dict[str, float]) -> None:
        self.run(self.story.advance(**amount))

    @rule(amount=st.sampled_from(AMOUNTS))
    def stand_still(self, amount: dict[str, float]) -> None:
        """Let time pass while nothing runs."""
        self.clock.advance(**amount)

    @rule(address=st.sampled_from(["", *PEOPLE]))
    def let_a_mailbox_be_busy(self, address: str) -> None:
        self.story.refused.clear()
        if address:
            self.story.refused[address] = "450 4.2.1 busy"

    @rule()
    def restart(self) -> None:
        self.mails = self._caught()
        self.run(self.stack.aclose())
        self.stack = AsyncExitStack()
        self.run(self._open())

    def _caught(self) -> list[CaughtMail]:
        return [*self.mails, *self.story.catcher.mails]

    async def _rows(self) -> list[DeliveryRow]:
        async with self.story.system.database.read() as work:
            return await work.deliveries.of_case(self.case)

    @invariant()
    def every_promise_holds(self) -> None:
        self.run(self._check())

    async def _check(self) -> None:
        ports = self.story.ports
        assert await find_breaks(ports) == []
        async with self.story.system.database.read() as work:
            rows = await work.deliveries.of_case(self.case)
            told = await work.notifications.of_case(self.case)
        codes = {str(one.id): one.addressee.code for one in told}
        case = read(await self.story.log(self.case), {str(row.id): row for row in rows}, codes)
        assert case.broken == []
        self._each_contact_is_told_of_each_report_once(rows)
        self._each_delivery_is_one_mail(rows)
        _whoever_the_ladder_has_passed_was_told(told, rows)
        assert (await show_case(self.case, OPERATOR, ports))["status"] == case.status
        views = (await show_notifications(self.case, OPERATOR, ports))["notifications"]
        clocks = {view["addressee"]["code"]: view["clocks"] for view in views}
        for one in told:
            logged = case.states[one.addressee.code]
            assert (one.acknowledged, one.round) == (logged.answered, logged.round), one
            _clocks_are_met_by_answers_alone(clocks[one.addressee.code], logged)

    def _each_contact_is_told_of_each_report_once(self, rows: Sequence[DeliveryRow]) -> None:
        telling = [row for row in rows if row.notification_id and row.kind in TELLS_A_REPORT]
        counted = Counter((row.report_sequence, row.notification_id, row.contact) for row in telling)
        assert all(number == 1 for number in counted.values()), counted
        for sequence, told in self.expected.items():
            missing = {one for one in told if (sequence, *one) not in counted}
            assert not missing, f"not told of report {sequence}: {missing}"

    def _each_delivery_is_one_mail(self, rows: Sequence[DeliveryRow]) -> None:
        sent = Counter(_delivery_of(mail) for mail in self._caught())
        assert all(number == 1 for number in sent.values()), sent
        accepted = {row.id for row in rows if row.state is DeliveryState.ACCEPTED}
        assert accepted <= set(sent), f"taken over and never sent: {accepted - set(sent)}"


def _whoever_the_ladder_has_passed_was_told(told: Sequence[Notification], rows: Sequence[DeliveryRow]) -> None:
    reached = {row.contact for row in rows if row.kind in BRINGS_IN and row.state is not DeliveryState.CANCELLED}
    for one in told:
        if one.addressee.climbs and not one.acknowledged and one.step is EscalationStep.ALTERNATES:
            code = one.addressee.code.lower()
            missing = {f"{code}-a17-2", f"{code}-duty-3"} - reached
            assert not missing, f"the step of the alternates fired and left out {missing}"


def _clocks_are_met_by_answers_alone(clocks: Sequence[dict[str, Any]], logged: Told) -> None:
    met = {one["round"]: one["met_at"] is not None for one in clocks if one["kind"] == "acknowledgement"}
    # A report that leaves a running ladder alone begins a clock of its own; one answer meets them all.
    assert set(met.values()) == {True} if logged.answered else not met[max(met)], (met, logged)


CaseMachine.TestCase.settings = settings(
    max_examples=7,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestCaseMachine = CaseMachine.TestCase
