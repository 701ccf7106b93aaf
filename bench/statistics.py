"""Times the statistics of 10,000 cases from a generated log: with nothing folded yet, then as each later answer."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.clock import SteppedClock
from adapters.database.engine import SqlDatabase
from adapters.settings import load_settings
from adapters.wiring import open_system
from bench.databases import KINDS, databases
from bench.machine import median
from contacts.model import StateCode
from contacts.registry import load_registry
from notify.account import OPERATOR, Account, Role
from notify.case_history import ClockKey
from notify.clock_events import ClocksStarted, ReportCounted
from notify.clock_rules import SubjectKind
from notify.clocks import ClockKind
from notify.event import Event
from notify.events import (
    CaseOpened,
    DeliveryAccepted,
    DeliveryQueued,
    NotificationAcknowledged,
    NotificationIssued,
    ReportSubmitted,
)
from notify.service.statistics import Period, compute_statistics, fold_cases
from notify.words import (
    AccountId,
    CaseReference,
    ChannelName,
    DeliveryId,
    Grade,
    Means,
    NotificationClass,
    NotificationId,
    Severity,
)

CASES, STATES_OF_A_CASE, AT_ONE_TIME = 10_000, 3, 200
START = datetime(2026, 1, 1, tzinfo=UTC)
CODES = [state.state_code for state in load_registry().states]


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Take the times on each database."""
    return asyncio.run(_measure(max(rounds, 3), 300 if quick else CASES))


async def _measure(rounds: int, cases: int) -> dict[str, Any]:
    result: dict[str, Any] = {"cases": cases, "notifications": cases * STATES_OF_A_CASE, "rounds": rounds}
    with databases() as kept:
        for kind in KINDS:
            with kept.fresh(kind) as (url, folder):
                result[kind] = await _take(url, folder, rounds, cases)
    return result


async def _take(url: str, folder: Path, rounds: int, cases: int) -> dict[str, Any]:
    environment = {
        "ARTICLE17_MODE": "development",
        "ARTICLE17_DATA_DIR": str(folder),
        "ARTICLE17_DATABASE_URL": url,
        "ARTICLE17_SMTP_HOST": "127.0.0.1",
    }
    clock = SteppedClock(START + timedelta(days=400))
    async with open_system(load_settings(environment), clock=clock, create_tables=True) as system:
        rows = await _fill(url, cases)
        began = time.perf_counter()
        await fold_cases(system.ports)
        folded = time.perf_counter() - began
        kenya = Account(AccountId("acc_ke"), "Kenya", Role.AUTHORITY, StateCode("KE"))
        everything = [await _one(OPERATOR, system) for _ in range(rounds)]
        own = [await _one(kenya, system) for _ in range(rounds)]
    return {
        "log_rows": rows,
        "first_fold_seconds": round(folded, 2),
        "all_milliseconds": median(everything, 0),
        "own_milliseconds": median(own, 0),
    }


async def _one(account: Account, system: Any) -> float:
    began = time.perf_counter()
    await compute_statistics(account, Period(), system.ports)
    return (time.perf_counter() - began) * 1000


async def _fill(url: str, cases: int) -> int:
    """Write the logs, hashed as always, and nothing else."""
    database = SqlDatabase(url, reactions=lambda _: (), seal=lambda content: content, unseal=lambda content: content)
    dice, rows = random.Random(17), 0
    try:
        for first in range(0, cases, AT_ONE_TIME):
            async with database.write() as work:
                for number in range(first, min(first + AT_ONE_TIME, cases)):
                    events = list(_events(number, dice))
                    rows += len(events)
                    work.record(*events)
                await work.commit()
    finally:
        await database.close()
    return rows


def _events(number: int, dice: random.Random) -> Iterator[Event]:
    case, at = CaseReference(f"A17-2026-{number + 1:04d}"), START + timedelta(minutes=50 * number)
    severity, filer, told = dice.choice(list(Severity)), StateCode(dice.choice(CODES)), dice.sample(CODES, 3)
    yield CaseOpened(
        case_reference=case,
        at=at,
        reporting_state=filer,
        severity=severity,
        notification_class=NotificationClass.ARTICLE_17,
        policy_version="2026-11",
        account=AccountId("acc_1"),
    )
    yield ReportSubmitted(case_reference=case, at=at, sequence=1, report_type="initial", sha256="0" * 64, material=True)
    yield ReportCounted(
        case_reference=case,
        at=at,
        sequence=1,
        shares=dict.fromkeys("abcde", 0.5),
        release_types=("spillage_in_transport",),
        organisms=("Oryza sativa",),
        knew_on="2026-01-01",
    )
    names = [NotificationId(f"ntf_{number}_{place}") for place in range(len(told))]
    for name, state in zip(names, told, strict=True):
        yield NotificationIssued(
            case_reference=case, at=at, notification_id=name, addressee=state, status="affected", next_step_at=at
        )
    due = (at + timedelta(hours=12)).isoformat()
    of_states = (ClockKind.DISPATCH, ClockKind.ACKNOWLEDGEMENT, ClockKind.ASSESSED, ClockKind.PROOF)
    keys = [ClockKey(kind, SubjectKind.NOTIFICATION, name, 1) for name in names for kind in of_states]
    of_case = (ClockKind.COMPLETE, ClockKind.UPDATE, ClockKind.RECORD)
    keys += [ClockKey(kind, SubjectKind.CASE, case, 1) for kind in of_case]
    yield ClocksStarted(case_reference=case, at=at, clocks=tuple([*key, due] for key in keys))
    for name, state in zip(names, told, strict=True):
        yield from _told(case, at, name, state, dice)


def _told(case: CaseReference, at: datetime, name: NotificationId, state: str, dice: random.Random) -> Iterator[Event]:
    for channel in (ChannelName.EMAIL, ChannelName.WEBHOOK)[: dice.randint(1, 2)]:
        sent = DeliveryId(f"dlv_{name}_{channel}")
        yield DeliveryQueued(
            case_reference=case, at=at, delivery_id=sent, channel=channel, step="issue", notification_id=name
        )
        yield DeliveryAccepted(
            case_reference=case,
            at=at + timedelta(seconds=2),
            delivery_id=sent,
            channel=channel,
            state="delivered" if channel is ChannelName.WEBHOOK else "accepted",
            attempt=1,
            status=250,
            notification_id=name,
        )
    if dice.random() < 0.8:
        yield NotificationAcknowledged(
            case_reference=case,
            at=at + timedelta(minutes=dice.randrange(2_000)),
            notification_id=name,
            addressee=state,
            acknowledgement_id=f"ack_{name}",
            grade=Grade.ASSESSED,
            means=Means.LINK,
        )
