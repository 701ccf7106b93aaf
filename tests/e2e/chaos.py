"""Lets a whole service run while it is killed, cut off and restarted, and notes what its receivers saw."""

from __future__ import annotations

import asyncio
import random
import re
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from adapters.email.catcher import CaughtMail, MailCatcher
from adapters.settings import load_settings
from adapters.wiring import open_system
from contacts.model import Contact
from notify.account import OPERATOR
from notify.service.access import create_account, issue_token
from notify.service.directory import load_contacts_file, register_webhook
from tests.builders import contact, network, report_from
from tests.e2e.fault_proxy import FaultProxy
from tests.e2e.processes import Process, environment
from tests.postgresql import NoPostgreSQL, Server

AFFECTED = ("UG", "TZ", "RW")
WITH_WEBHOOK = ("UG", "TZ")
LEASE = 4
STALE = LEASE + 1.0
"""Seconds: what was claimed before an acknowledgement may still leave while its lease runs, and no longer."""

POLICY = """
[clocks]
acknowledgement = "8 s"
[ladder]
no_receipt_floor = "1 h"
"""
LAST_STEP = 6.0  # three quarters of the target: the last step that writes to contacts
ANSWER = {"action": "acknowledge", "grade": "received", "by": "A. Person", "office": "Biosafety desk"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One message as a receiver took it; the time is the wall clock's."""

    message_id: str
    receiver: str  # a mailbox, or the State of an endpoint
    reference: str
    said: str  # the subject without the reference, or the type of the webhook
    at: float


@dataclass(slots=True)
class Receivers:
    """A relay and an endpoint that always answer, each behind a proxy that spoils its connections."""

    seed: int
    catcher: MailCatcher = field(default_factory=lambda: MailCatcher(keep=100_000))
    calls: list[Receipt] = field(default_factory=list)
    proxies: tuple[FaultProxy, ...] = ()
    smtp_port: int = 0
    url: str = ""
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        await self.catcher.start()
        hook_port = self._runner.addresses[0][1]
        self.proxies = (FaultProxy(self.catcher.port, self.seed), FaultProxy(hook_port, self.seed + 1))
        self.smtp_port, web_port = [await proxy.start() for proxy in self.proxies]
        self.url = f"http://127.0.0.1:{web_port}/hook"

    async def stop(self) -> None:
        for proxy in self.proxies:
            await proxy.stop()
        await self.catcher.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.json()
        told = body["data"]
        if "challenge" in told:
            return web.json_response({"challenge": told["challenge"]})
        self.calls.append(
            Receipt(request.headers["webhook-id"], told["state"], told["case_reference"], body["type"], time.time())
        )
        return web.Response()

    def mails(self) -> Iterator[Receipt]:
        """Read what the relay took; mails about no case are left out."""
        for mail in self.catcher.mails:
            named = re.match(r"\[(A17-\d+-\d+)\] (.*)", mail.subject)
            if named:
                message_id = str(mail.message["Message-ID"])
                yield Receipt(message_id, mail.to, named[1], named[2], mail.received_at.timestamp())

    def all(self) -> list[Receipt]:
        return [*self.mails(), *self.calls]


class Fleet:
    """The processes of one service; whichever is killed is started again at once."""

    def __init__(self, variables: Mapping[str, str], folder: Path, lines: Sequence[Sequence[str]]) -> None:
        self._variables, self._folder, self._lines = variables, folder, lines
        self.processes: list[Process] = []

    async def start(self) -> None:
        self.processes = [self._new(number) for number in range(len(self._lines))]
        for process in self.webs:
            await process.ready()

    def _new(self, number: int) -> Process:
        return Process(self._variables, self._folder, *self._lines[number])

    @property
    def webs(self) -> list[Process]:
        return [process for process, line in zip(self.processes, self._lines, strict=True) if line[0] == "serve"]

    def kill(self, number: int) -> None:
        self.processes[number].kill()
        self.processes[number] = self._new(number)

    async def stop(self) -> list[int]:
        """Stop all gracefully; give the exit statuses."""
        return list(await asyncio.gather(*(process.stop() for process in self.processes)))

    def end(self) -> None:
        """End what still runs, whatever happened."""
        for process in self.processes:
            process.kill()


@dataclass(slots=True)
class Filed:
    """A case that the service accepted, and when."""

    view: dict[str, Any]
    at: float

    @property
    def reference(self) -> str:
        return str(self.view["reference"])


@dataclass(slots=True)
class Run:
    """One run: who files, who answers, what was broken when."""

    fleet: Fleet
    receivers: Receivers
    tokens: list[str]
    contacts: Mapping[str, Contact]
    seed: int
    server: Server | None = None
    filed: list[Filed] = field(default_factory=list)
    answered: dict[tuple[str, str], float] = field(default_factory=dict)  # (case, State) -> when it was answered
    broken: list[tuple[float, float]] = field(default_factory=list)  # kills and crashes: from when until when
    parked: dict[str, Any] = field(default_factory=dict)  # what `outbox list` says at the end
    done: Counter[str] = field(default_factory=Counter)

    async def file_cases(self, number: int, pause: float) -> None:
        """File a number of cases, several at a time, each until it is accepted."""
        chance = random.Random(self.seed)
        waits = [chance.uniform(0, pause) for _ in range(number)]
        shares = [range(start, number, len(self.tokens)) for start in range(len(self.tokens))]
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            await asyncio.gather(
                *(self._file_some(session, token, mine, waits) for token, mine in zip(self.tokens, shares, strict=True))
            )

    async def _file_some(self, session: aiohttp.ClientSession, token: str, mine: range, waits: Sequence[float]) -> None:
        for number in mine:
            await asyncio.sleep(waits[number])
            self.filed.append(Filed(await self._file(session, token, number), time.time()))

    async def _file(self, session: aiohttp.ClientSession, token: str, number: int) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"case-{number}"}
        report = report_from("KE", *AFFECTED, title={"en": f"Release number {number}"})
        for attempt in range(600):
            try:
                url = f"{self._web(number + attempt).url}/api/v1/cases"
                async with session.post(url, json=report, headers=headers) as answer:
                    told: dict[str, Any] = await answer.json()
                    if answer.status in (200, 201):
                        return told
                    assert answer.status in (409, 428, 503), f"{answer.status}: {told}"
                    if answer.status == 428:
                        headers["Confirmation"] = told["confirmation"]
                        continue
            except (aiohttp.ClientError, TimeoutError):
                self.done["calls without an answer"] += 1
            await asyncio.sleep(0.1)
        raise AssertionError(f"case {number} was never accepted")

    def _web(self, number: int) -> Process:
        return self.fleet.webs[number % len(self.fleet.webs)]

    async def answer_mails(self, enough: asyncio.Event) -> None:
        """Acknowledge about half of what is asked, by the link of the first mail, until it is enough."""
        seen: set[str] = set()
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            asyncio.TaskGroup() as all_,
        ):
            while not enough.is_set():
                for mail in self.receivers.catcher.mails:
                    found = re.match(r"\[(A17-\d+-\d+)\] Article 17 notification", mail.subject)
                    state = re.fullmatch(r"a171@(..)\.example", mail.to)
                    if found and state and mail.message["Message-ID"] not in seen:
                        seen.add(mail.message["Message-ID"])
                        named = (found[1], state[1].upper())
                        # Whether and when depends on the seed and the case alone.
                        drawn = random.Random(zlib.crc32(f"{self.seed} {named}".encode()))
                        if drawn.random() < 0.5:
                            all_.create_task(self._acknowledge(session, mail, named, drawn.uniform(0, 4)))
                await asyncio.sleep(0.1)

    async def _acknowledge(
        self, session: aiohttp.ClientSession, mail: CaughtMail, named: tuple[str, str], wait: float
    ) -> None:
        link = re.search(r"/a/[a-z2-7]+", mail.text)
        assert link, mail.text
        await asyncio.sleep(wait)
        for attempt in range(600):
            try:
                url = self._web(attempt).url + link[0]
                async with session.post(url, data=ANSWER, allow_redirects=False) as answer:
                    if answer.status in (200, 303):
                        self.answered[named] = time.time()
                        return
                    assert answer.status in (409, 503), f"{answer.status}: {await answer.text()}"
            except (aiohttp.ClientError, TimeoutError):
                self.done["calls without an answer"] += 1
            await asyncio.sleep(0.1)
        raise AssertionError(f"the answer of {named} was never taken")

    async def break_things(self, rounds: int) -> None:
        """Kill, crash and cut at random moments while messages flow; in every round each act once, in any order."""
        chance = random.Random(self.seed)
        acts: list[Callable[[random.Random], Any]] = [self._kill, self._kill, self._kill, self._cut, self._refuse]
        if self.server is not None:
            acts.append(self._crash)
        for proxy in self.receivers.proxies:
            proxy.cut_share, proxy.delay = 0.4, 0.02
        for _ in range(rounds):
            for act in chance.sample(acts, len(acts)):
                await self._until_messages_flow(within=6)
                await asyncio.sleep(chance.uniform(0, 0.4))
                await act(chance)
        for proxy in self.receivers.proxies:
            proxy.cut_share, proxy.delay, proxy.refusing = 0.0, 0.0, False

    async def _until_messages_flow(self, within: float) -> None:
        """Wait for a message that comes now: what is broken while nothing moves proves little."""
        before, deadline = self._received(), time.monotonic() + within
        while self._received() == before and time.monotonic() < deadline:
            await asyncio.sleep(0.02)

    def _received(self) -> int:
        return self.receivers.catcher.received + len(self.receivers.calls)

    async def _kill(self, chance: random.Random) -> None:
        began = time.time()
        self.fleet.kill(chance.randrange(len(self.fleet.processes)))
        self.broken.append((began, time.time()))
        self.done["kills"] += 1

    async def _cut(self, chance: random.Random) -> None:
        for proxy in self.receivers.proxies:
            proxy.cut_all()

    async def _refuse(self, chance: random.Random) -> None:
        for proxy in self.receivers.proxies:
            proxy.refusing = True
        await asyncio.sleep(chance.uniform(0.1, 0.4))
        for proxy in self.receivers.proxies:
            proxy.refusing = False

    async def _crash(self, chance: random.Random) -> None:
        """Crash the database server as a power cut would, and start it again."""
        assert self.server is not None
        began = time.time()
        await asyncio.to_thread(self.server.stop, at_once=True)
        await asyncio.sleep(chance.uniform(0, 0.5))
        for attempt in range(20):
            try:
                await asyncio.to_thread(self.server.start)
                break
            except NoPostgreSQL:
                assert attempt < 19  # its last children still hold the shared memory
                await asyncio.sleep(0.2)
        self.broken.append((began, time.time()))
        self.done["database crashes"] += 1

    def expected(self) -> set[tuple[str, str]]:
        """Name all that the accepted cases promised: who must have been told of which case."""
        wanted = set()
        for filed in self.filed:
            for told in filed.view["notifications"]:
                for route in told["routes"]:
                    by_mail = route["channel"] == "email"
                    wanted.add((self.contacts[route["contact"]].email if by_mail else told["state"], filed.reference))
        return wanted

    def missing(self) -> set[tuple[str, str]]:
        """Name whom no first telling reached."""
        first = ("Article 17 notification", "notification.issued")
        return self.expected() - {
            (seen.receiver, seen.reference) for seen in self.receivers.all() if seen.said.startswith(first)
        }

    async def until_all_are_told(self, within: float) -> None:
        deadline = time.monotonic() + within
        while self.missing() and time.monotonic() < deadline:
            await asyncio.sleep(0.2)

    def repeats(self) -> list[tuple[Receipt, bool]]:
        """List every receipt that came again later, and whether something was broken at that moment."""
        copies: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
        for seen in self.receivers.all():
            copies[(seen.message_id, seen.receiver)].append(seen)
        times = self.broken + [(cut, cut) for proxy in self.receivers.proxies for cut in proxy.cuts]
        earlier = [seen for found in copies.values() for seen in sorted(found, key=lambda each: each.at)[:-1]]
        return [(seen, any(began - 1.5 <= seen.at <= ended + 1.0 for began, ended in times)) for seen in earlier]

    def under_several_ids(self) -> dict[tuple[str, str, str], set[str]]:
        """Find what was said to one receiver under more than one id."""
        ids: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for seen in self.receivers.all():
            if not seen.said.startswith("Task"):  # several tasks may have one subject
                ids[(seen.receiver, seen.reference, seen.said)].add(seen.message_id)
        return {what: found for what, found in ids.items() if len(found) > 1}

    def steps(self) -> list[tuple[Receipt, str]]:
        """List what the ladder sent to States, with the State."""
        found = []
        for seen in self.receivers.all():
            state = seen.receiver if len(seen.receiver) == 2 else seen.receiver.split("@")[1].split(".")[0].upper()
            climbed = ("Reminder", "Please acknowledge", "notification.reminder", "notification.escalated")
            if seen.said.startswith(climbed) and state in AFFECTED:
                found.append((seen, state))
        return found

    def too_late(self) -> list[tuple[Receipt, float]]:
        """List what the ladder sent after its State had answered, and how many seconds after."""
        late = [(seen, seen.at - self.answered.get((seen.reference, state), seen.at)) for seen, state in self.steps()]
        return [(seen, seconds) for seen, seconds in late if seconds > STALE]


def settings(folder: Path, url: str, receivers: Receivers, **more: str) -> dict[str, str]:
    """Give the environment of a service that tells these receivers."""
    (folder / "policy.toml").write_text(POLICY, encoding="utf-8")
    own = {
        "DATABASE_URL": url,
        "POLICY_FILE": str(folder / "policy.toml"),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(receivers.smtp_port),
        "SMTP_TLS": "none",
        "SMTP_CONNECTIONS": "4",
        "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "LEASE_SECONDS": str(LEASE),
        "POLL_SECONDS": "0.5",
        "RATE_LIMIT_PER_MINUTE": "100000",
    }
    return environment(folder, **own | more)


async def prepare(variables: Mapping[str, str], url: str, accounts: int) -> tuple[list[str], dict[str, Contact]]:
    """Load the contacts, register their webhooks, and make accounts that file; give their tokens."""
    everybody = [each for each in network(*AFFECTED) if (each.state, each.order, each.role) not in _REPLACED]
    everybody += [contact(state, webhook=url) for state in WITH_WEBHOOK]
    named = {name: value for name, value in variables.items() if name.startswith("ARTICLE17_")}
    async with open_system(load_settings(named)) as system:
        await load_contacts_file(everybody, OPERATOR, system.ports)
        for state in WITH_WEBHOOK:
            await register_webhook(contact(state).id, OPERATOR, system.ports)
        for number in range(accounts):
            await create_account(f"Kenya {number}", "authority", "KE", system.ports)
        tokens = [await issue_token(f"Kenya {number}", system.ports) for number in range(accounts)]
    return tokens, {each.id: each for each in everybody}


_REPLACED = {(state, 1, contact(state).role) for state in WITH_WEBHOOK}
