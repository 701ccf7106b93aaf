"""Plays the demonstration: submits the report, lets time jump from one due moment to the next, cues the offices."""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from adapters.cli.demonstration.contacts import SECRETARIAT_MAILBOX
from adapters.cli.demonstration.offices import Offices
from adapters.cli.demonstration.parts import Part, acts_at
from adapters.cli.demonstration.receiver import ReceivedWebhook
from adapters.cli.demonstration.service_client import RefusedCall
from adapters.cli.demonstration.stage import Stage
from adapters.cli.demonstration.story import BCH, Story
from notify.outbox import Lane
from notify.words import CaseReference

SECRETARIAT_READS_AFTER = timedelta(minutes=25)
SYSTEM_ANSWERS_AFTER = timedelta(minutes=4)
_CONFIRMATION_NEEDED = 428

Act = Callable[[], Awaitable[Any]]


class Audience(Protocol):
    """Watches the play."""

    def say(self, text: str) -> None:
        """Hear of one thing that happens outside the service, or of a step of the demonstration."""
        ...

    async def look(self) -> None:
        """Look at the case as it stands now, for as long as a person needs."""
        ...


@dataclass(order=True, slots=True)
class Cue:
    """When who acts, what is said of it, and the act; at equal times the order of the report counts."""

    at: datetime
    place: int
    saying: str = field(compare=False)
    act: Act = field(compare=False)


class Performance:
    """One play of one report."""

    def __init__(self, stage: Stage, audience: Audience) -> None:
        self._stage = stage
        self.audience = audience
        self._offices = Offices(stage.service, stage.catcher, stage.tokens)
        self._cues: list[Cue] = []
        self._places = {code: place for place, code in enumerate([BCH, *stage.roles])}
        self._position = 0
        self.story = Story()
        self.reference = CaseReference("")
        self.severity: dict[str, str] = {}
        stage.receiver.on_webhook = self._on_webhook

    @property
    def filer_token(self) -> str:
        """The token of the authority that files the report."""
        return self._stage.tokens[str(self._stage.report.reporting_state)]

    async def submit(self, document: Any) -> None:
        """Submit the report through the API, as it was handed in; where the brake asks for it, confirm."""
        key = {"Idempotency-Key": "demonstration"}
        try:
            answer = await self._post_case(document, key)
        except RefusedCall as refused:
            if refused.status != _CONFIRMATION_NEEDED:
                raise
            self.audience.say(f"The brake asks for a second confirmation: {refused.problem.get('detail')} Confirmed.")
            answer = await self._post_case(document, {**key, "Confirmation": refused.problem["confirmation"]})
        self.reference = CaseReference(answer["reference"])
        self.severity = answer["severity"]
        await self._cue_everybody()

    async def _post_case(self, document: Any, headers: dict[str, str]) -> Any:
        return await self._stage.service.post("/api/v1/cases", document, self.filer_token, headers)

    async def _cue_everybody(self) -> None:
        """Lay out who acts when, by the clocks that the filer can read."""
        address = f"/api/v1/cases/{self.reference}/notifications"
        for told in (await self._stage.service.get(address, self.filer_token))["notifications"]:
            issued_at = datetime.fromisoformat(told["issued_at"])
            code = told["addressee"]["code"]
            if code == BCH:
                at = issued_at + SECRETARIAT_READS_AFTER
                act = self._by_link(SECRETARIAT_MAILBOX.partition("@")[2])
                self._cue(at, BCH, "The secretariat acknowledges for the BCH by link", act)
            elif told["state"] is not None:
                due_at = next(c["due_at"] for c in told["clocks"] if c["kind"] == "acknowledgement")
                self._cue_state(code, issued_at, datetime.fromisoformat(due_at))

    def _cue_state(self, state: str, issued_at: datetime, due_at: datetime) -> None:
        role = self._stage.roles[state]
        at = acts_at(role, issued_at, due_at)
        if at is None:
            return
        domain = f"{state.lower()}.example"
        match role.part:
            case Part.API:
                self._cue(at, state, f"{state} acknowledges by API", lambda: self._offices.answer_by_api(state))
            case Part.REFUSED:
                saying = f"{state}: another office than the one whose mailbox refused opens its link and acknowledges"
                self._cue(at, state, saying, self._by_link(domain))
            case Part.LATE:
                saying = f"{state} opens the link of its last mail, after the due time, and acknowledges"
                self._cue(at, state, saying, lambda: self._offices.answer_last_mail(domain))
            case _:
                self._cue(at, state, f"{state} opens the link of its mail and acknowledges", self._by_link(domain))

    def _by_link(self, domain: str) -> Act:
        return lambda: self._offices.answer_first_mail(domain)

    def _on_webhook(self, webhook: ReceivedWebhook) -> None:
        """Let the national system that failed twice answer what it took at last."""
        state, told = webhook.state, webhook.content["data"]
        role = self._stage.roles.get(state)
        if webhook.type == "notification.issued" and role is not None and role.part is Part.WEBHOOK:
            # From the full minute, because the seconds of a retry are left to chance.
            at = self._stage.clock.now().replace(second=0, microsecond=0) + SYSTEM_ANSWERS_AFTER
            notification_id = told["notification_id"]
            saying = f"{state}: its national system acknowledges by API what the webhook told it"
            self._cue(at, state, saying, lambda: self._offices.answer_webhook(state, notification_id))

    def _cue(self, at: datetime, code: str, saying: str, act: Act) -> None:
        heapq.heappush(self._cues, Cue(at, self._places[code], saying, act))

    async def run(self, hours: float | None) -> None:
        """Play until every ladder has ended, or for so many simulated hours."""
        clock = self._stage.clock
        ends_at = clock.now() + timedelta(hours=hours) if hours is not None else None
        while True:
            await self._stage.system.worker.drain()
            await self.read_log()
            await self.audience.look()
            if self._has_ended():
                return
            following = await self._next_moment()
            if following is None:
                return
            if ends_at is not None and following > ends_at:
                clock.move_to(ends_at)
                return
            clock.move_to(following)
            await self._stage.system.worker.drain()
            await self._act()

    async def read_log(self) -> None:
        """Take in what the log of the case says since it was read last."""
        async with self._stage.system.database.read() as work:
            rows = await work.log.after(self._position, 10_000)
        # Two readers may have asked at once; each row is taken in by the first.
        fresh = [row for row in rows if row.position > self._position]
        if fresh:
            self._position = fresh[-1].position
        self.story.take_in(row for row in fresh if row.chain == self.reference)

    def _has_ended(self) -> bool:
        return not self._cues and all(line.ended for line in self.story.states)

    async def _next_moment(self) -> datetime | None:
        """Find the next moment at which something is due, or somebody acts."""
        async with self._stage.system.database.read() as work:
            due_at = await work.outbox.next_due(list(Lane))
        now = self._stage.clock.now()
        if due_at is not None and due_at <= now:
            raise RuntimeError(f"a message was due at {due_at} and does not leave the outbox")
        moments = [moment for moment in (due_at, self._cues[0].at if self._cues else None) if moment is not None]
        return max(now, min(moments)) if moments else None

    async def _act(self) -> None:
        while self._cues and self._cues[0].at <= self._stage.clock.now():
            cue = heapq.heappop(self._cues)
            if await cue.act():
                self.audience.say(f"{cue.at:%d %b %H:%M} {cue.saying}")
