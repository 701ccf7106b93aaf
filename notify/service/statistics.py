"""Computes statistics from the log alone: each case is folded from its log once, and read for every answer."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contacts.readiness import readiness
from contacts.registry import Registry
from notify.account import OF_A_STATE, RIGHTS, Account, Right, require
from notify.log_reading import NEEDED, history_of
from notify.ports import Ports
from notify.rows import FiguresRow
from notify.statistics import (
    CaseFact,
    Curve,
    Dimension,
    FilingInterval,
    NetworkRow,
    ResponseTimes,
    Section,
    Tally,
    Volume,
    as_json,
    count_clocks,
    curves_of,
    days_to_filing,
    filing_interval,
    fold,
    network_rows,
    region_of,
    response_times_of,
    volume,
)
from notify.statistics.folding import Document, Question, case_fact
from notify.statistics.response_times import Group
from notify.words import CaseReference

AT_ONE_TIME = 50
"""Cases whose logs are folded in one go."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What one account is shown; only whoever serves all Parties is shown more than response times."""

    times: ResponseTimes
    counted: Volume | None = None
    network: Sequence[NetworkRow] | None = None
    filing: FilingInterval | None = None
    curves: tuple[Curve, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """Which clocks and cases are asked for: begun from `start` on, before `end`."""

    start: datetime | None = None
    end: datetime | None = None


async def fold_cases(ports: Ports, most: int | None = None) -> int:
    """Fold the logs that have grown since they were folded, `most` at the most; give how many."""
    done = 0
    while most is None or done < most:
        async with ports.database.read() as work:
            behind = await work.figures.behind(AT_ONE_TIME if most is None else min(most - done, AT_ONE_TIME))
            rows = await work.figures.rows(behind, NEEDED)
        if not behind:
            break
        figures = [
            FiguresRow(case, behind[case], _compact(fold(history_of(case, rows[case]), ports.policy)))
            for case in behind
        ]
        async with ports.database.write() as work:
            await work.figures.put(figures)
            await work.commit()
        done += len(behind)
    return done


def _compact(document: Document | None) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _regions(registry: Registry) -> Callable[[str], str]:
    known: dict[str, str] = {state.state_code: region_of(state) for state in registry.states}
    return lambda code: known.get(code) or region_of(None)


@dataclass(slots=True)
class Counting:
    """What is counted of all cases in one pass, so that no more than one document is held at a time."""

    question: Question
    region_of: Callable[[str], str]
    with_cases: bool
    finest: dict[Group, Tally] = field(default_factory=lambda: defaultdict(Tally))
    cases: list[CaseFact] = field(default_factory=list)
    days: list[int] = field(default_factory=list)

    def count(self, found: Sequence[tuple[CaseReference, str]]) -> Counting:
        """Count every case."""
        for case, text in found:
            document = json.loads(text)
            if document is None:
                continue
            count_clocks(case, document, self.region_of, self.question, self.finest)
            if self.with_cases:
                self.cases.append(case_fact(case, document, self.region_of))
                days = days_to_filing(case, document, self.question)
                if days is not None:
                    self.days.append(days)
        return self


async def compute_statistics(account: Account, period: Period, ports: Ports) -> Statistics:
    """Compute what an account is shown: all to the secretariat, a State's own figures to it, totals to a reader."""
    require(account, Right.READ_STATISTICS)
    own = account.state if account.role in OF_A_STATE else None
    shows_all, as_of = Right.ALL_STATISTICS in RIGHTS[account.role], ports.clock.now()
    await fold_cases(ports)
    async with ports.database.read() as work:
        found = await work.figures.all()
        contacts, bounced = await work.contacts.all(), await work.figures.bounced()
    question = Question.asked(as_of, period.start, period.end, own)
    counting = Counting(question, _regions(ports.registry), shows_all)
    # Ten thousand cases take a moment: whoever else is served meanwhile does not wait for it.
    await asyncio.to_thread(counting.count, found)
    start, end = period.start, period.end
    times = response_times_of(counting.finest, as_of=as_of, start=start, end=end, state=own)
    if not shows_all:
        return Statistics(times if own is not None else _totals(times))
    return Statistics(
        times,
        volume(counting.cases, as_of=as_of, start=start, end=end),
        network_rows(readiness(contacts, ports.registry, as_of.date(), bounced)),
        filing_interval(counting.days),
        curves_of(counting.finest),
    )


def _totals(times: ResponseTimes) -> ResponseTimes:
    """Leave what anyone may read: the totals of all States together, of real reports."""
    rows = (row for row in times.rows if row.section is Section.REPORTS and row.dimension is Dimension.TOTAL)
    return ResponseTimes(times.as_of, times.start, times.end, None, tuple(rows))


def statistics_document(found: Statistics) -> dict[str, Any]:
    """Write statistics as JSON."""
    document = as_json(found.times, found.counted, found.network)
    if found.filing is not None:
        document["knowledge_to_filing"] = found.filing.to_json()
    return document
