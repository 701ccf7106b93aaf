"""Looks with EXPLAIN at the statements of the hot paths, as the stores send them, on 100,000 outbox rows."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database import tables
from adapters.database.columns import Document, FrozenPolicy, Moment
from adapters.database.engine import SqlDatabase
from adapters.database.unit_of_work import SqlUnitOfWork
from contacts.model import ContactId, StateCode
from notify.account import Account, Role
from notify.delivery import DeliveryState
from notify.events import ReportSubmitted
from notify.outbox import Lane, NewMessage, Urgency
from notify.policy import ClockKind
from notify.queueing import OF_THE_LADDER
from notify.rows import Attempt, CaseFilter
from notify.words import AccountId, CaseReference, DeliveryId, NotificationId, OutboxId
from tests.databases import plain_database

OUTBOX_ROWS = 100_000
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(seconds=OUTBOX_ROWS)
LEASE_ENDS = NOW + timedelta(minutes=1)
ONE_ROW = {"pause"}
CASE = CaseReference("case-77")
TOLD = NotificationId("told-77")
SENT = DeliveryId("sent-77")
FILER = AccountId("account-7")

SENTENCE = """'{"text":"Because","values":{}}'"""

# How many rows each table has, and the columns in which they differ; `i` counts them.
ROWS: dict[str, tuple[int, dict[str, str]]] = {
    "account": (
        2_000,
        {"id": "'account-' || i", "name": "'name-' || i", "token_hash": "'token-' || i", "role": "'authority'"},
    ),
    "contact": (2_000, {"id": "'contact-' || i", "state": "'S' || (i % 9)", "role": "'secretariat'"}),
    "webhook_secret": (2_000, {"contact_id": "'contact-' || i"}),
    "endpoint": (
        2_000,
        {"contact": "'contact-' || i", "failing_since": "CASE WHEN i % 50 = 0 THEN at(i) END"},
    ),
    "case_file": (
        10_000,
        {
            "reference": "'case-' || i",
            "account": "'account-' || (1 + i % 2000)",
            "status": "'open'",
            "severity": "'high'",
            "notification_class": "'article_17'",
            "severity_reason": SENTENCE,
            "reporting_state": "'S' || (i % 9)",
            "opened_at": "at(i)",
        },
    ),
    "report": (10_000, {"case_reference": "'case-' || i", "account": "'account-1'"}),
    "idempotency": (
        10_000,
        {"account": "'account-' || (1 + i % 2000)", "key": "'key-' || i", "case_reference": "'case-' || i"},
    ),
    "notification": (
        30_000,
        {
            "id": "'told-' || i",
            "case_reference": "'case-' || (1 + i % 10000)",
            "addressee_kind": "'state'",
            "addressee": "'T' || i",
            "severity": "'high'",
            "reason": SENTENCE,
        },
    ),
    "deadline": (
        90_000,
        {
            "notification_id": "'told-' || (1 + i % 30000)",
            "kind": "CASE (i - 1) / 30000 WHEN 0 THEN 'dispatch' WHEN 1 THEN 'proof' ELSE 'acknowledgement' END",
            "due_at": "CASE WHEN i % 100 = 1 THEN at(i) ELSE at(i + 200000) END",
            "met_at": "CASE WHEN i % 10 <> 1 THEN at(i) END",
        },
    ),
    "acknowledgement": (
        20_000,
        {
            "id": "'answer-' || i",
            "notification_id": "'told-' || i",
            "grade": "'received'",
            "means": "'link'",
            "signs": "'[]'",
            "at": "at(i)",
            "source": "'place-' || (i % 500)",
        },
    ),
    "delivery": (
        100_000,
        {
            "id": "'sent-' || i",
            "key": "'key-' || i",
            "case_reference": "'case-' || (1 + i % 10000)",
            "notification_id": "'told-' || (1 + i % 30000)",
            "contact": "'contact-' || (i % 2000)",
            "link_hash": "'hash-' || i",
            "queued_at": "at(i)",
            "roles": "'[]'",
            "channel": "'email'",
            "kind": "'notification.issued'",
            "state": "CASE WHEN i % 10 < 9 THEN 'accepted' ELSE 'queued' END",
        },
    ),
    "attempt": (100_000, {"delivery_id": "'sent-' || i", "result": "'accepted'"}),
    "task": (
        5_000,
        {
            "id": "'task-' || i",
            "case_reference": "'case-' || i",
            "owner": "'S' || (i % 200)",
            "kind": "'letter'",
            "text": SENTENCE,
        },
    ),
    "log_head": (10_000, {"chain": "'case-' || i", "sequence": "10"}),
    "case_log": (
        100_000,
        {
            "chain": "'case-' || (1 + i % 10000)",
            "sequence": "1 + i / 10000",
            "event_id": "'event-' || i",
            "body": "'{}'",
        },
    ),
    # Half are done, most of the rest wait for later, a part is due, some are claimed or parked.
    "outbox": (
        OUTBOX_ROWS,
        {
            "event_id": "'event-' || i",
            "handler": "'deliver'",
            "lane": "CASE i % 5 WHEN 0 THEN 'flow' WHEN 1 THEN 'webhook' ELSE 'email' END",
            "urgency": "i % 4",
            "event_kind": "'ReportSubmitted'",
            "event_body": """'{"sequence":1,"report_type":"initial","sha256":"0"}'""",
            "due_at": "CASE WHEN i % 20 IN (1, 3, 5) THEN at(i) ELSE at(i + 200000) END",
            "done_at": "CASE WHEN i % 2 = 0 THEN at(i) END",
            "parked_at": "CASE WHEN i % 1000 = 1 THEN at(i) END",
            "claimed_by": "CASE WHEN i % 400 = 3 THEN 'w:1' END",
            "claimed_until": "CASE WHEN i % 400 = 3 THEN at(200000) END",
        },
    ),
}

MOST_ROWS = 2_000
"""Rows that one statement may look at; a claim of 100 looks at some hundreds."""

STEPS_AT_ONCE = 100
MOST_STEPS = 40_000
"""Steps of SQLite's machine that one statement may take; looking at a row takes about five."""

Act = Callable[[SqlUnitOfWork], Awaitable[Any]]


def _reader(role: Role, state: str | None) -> CaseFilter:
    return CaseFilter(reader=Account(FILER, "reader", role, StateCode(state) if state else None, NOW))


def _event(number: int) -> ReportSubmitted:
    return ReportSubmitted(case_reference=CASE, at=NOW, sequence=number, report_type="initial", sha256="0")


_TRIED = Attempt(SENT, 2, NOW, 5, DeliveryState.ACCEPTED, 250, None, None, None)
_IDS = [OutboxId(number) for number in range(1, 101)]
_SENT = [DeliveryId(f"sent-{number}") for number in range(1, 101)]

HOT: dict[str, Act] = {
    "outbox.add": lambda w: w.outbox.add(
        [("event-new", NewMessage(_event(1), "deliver", Lane.EMAIL, Urgency.FIRST, NOW))]
    ),
    "outbox.claim": lambda w: w.outbox.claim(Lane.EMAIL, claim="w:2", now=NOW, until=LEASE_ENDS, limit=100),
    "outbox.next_due": lambda w: w.outbox.next_due([Lane.EMAIL]),
    "outbox.complete": lambda w: w.outbox.complete(_IDS, claim="w:1", now=NOW),
    "outbox.renew": lambda w: w.outbox.renew(Lane.EMAIL, ["w:1"], now=NOW, until=LEASE_ENDS),
    "outbox.retry": lambda w: w.outbox.retry(OutboxId(3), claim="w:1", now=NOW, due_at=LEASE_ENDS, error=""),
    "outbox.postpone": lambda w: w.outbox.postpone(OutboxId(3), claim="w:1", now=NOW, due_at=LEASE_ENDS),
    "outbox.park": lambda w: w.outbox.park(OutboxId(3), claim="w:1", now=NOW, error=""),
    "outbox.release": lambda w: w.outbox.release(_IDS, owner="w"),
    "outbox.free": lambda w: w.outbox.free(OutboxId(1001), NOW),
    "outbox.parked": lambda w: w.outbox.parked(),
    "outbox.oldest_overdue": lambda w: w.outbox.oldest_overdue(list(Lane), NOW),
    "deliveries.many": lambda w: w.deliveries.many(_SENT),
    "deliveries.enter": lambda w: w.deliveries.enter([_TRIED]),
    "deliveries.of_notification": lambda w: w.deliveries.of_notification(TOLD),
    "deliveries.cancel": lambda w: w.deliveries.cancel(TOLD, OF_THE_LADDER, NOW),
    "deliveries.by_link": lambda w: w.deliveries.by_link("hash-77"),
    "deliveries.open_link": lambda w: w.deliveries.open_link(SENT, NOW),
    "deliveries.earlier": lambda w: w.deliveries.earlier([CASE], ["contact-1", "filer"]),
    "deliveries.attempts": lambda w: w.deliveries.attempts(CASE),
    "notifications.get": lambda w: w.notifications.get(TOLD),
    "notifications.of_case": lambda w: w.notifications.of_case(CASE),
    "notifications.meet": lambda w: w.notifications.meet([TOLD], ClockKind.DISPATCH, NOW),
    "notifications.oldest_unmet": lambda w: w.notifications.oldest_unmet(ClockKind.DISPATCH, NOW),
    "notifications.acknowledgements": lambda w: w.notifications.acknowledgements(CASE),
    "notifications.answers_from": lambda w: w.notifications.answers_from("place-7", START),
    "cases.get": lambda w: w.cases.get(CASE),
    "cases.report": lambda w: w.cases.report(CASE, 1),
    "cases.find, all": lambda w: w.cases.find(_reader(Role.SECRETARIAT, None)),
    "cases.find, of a State": lambda w: w.cases.find(_reader(Role.AUTHORITY, "T777")),
    "cases.find, where addressed": lambda w: w.cases.find(_reader(Role.CONTACT, "T777")),
    "cases.opened_since": lambda w: w.cases.opened_since(FILER, START),
    "cases.reference_of_key": lambda w: w.cases.reference_of_key(FILER, "key-6"),
    "cases.case_of_draft": lambda w: w.cases.case_of_draft("key-6"),
    "contacts.many": lambda w: w.contacts.many([ContactId("contact-1"), ContactId("contact-2")]),
    "contacts.webhook_secrets": lambda w: w.contacts.webhook_secrets([ContactId("contact-1")], NOW),
    "endpoints.unwell": lambda w: w.endpoints.unwell(),
    "endpoints.of_to_change": lambda w: w.endpoints.of_to_change([ContactId("contact-1")]),
    "resending.attempts_of": lambda w: w.resending.attempts_of(ContactId("contact-1"), None, (SENT, 1), 51),
    "resending.missed": lambda w: w.resending.missed(ContactId("contact-1"), START, everything=True, limit=1001),
    "cases.told": lambda w: w.cases.told(CASE),
    "accounts.by_token": lambda w: w.accounts.by_token("token-7"),
    "tasks.find": lambda w: w.tasks.find(owner="S7", done=False),
    "log.append": lambda w: w.log.append([("event-fresh", _event(2))]),
    "log.heads": lambda w: w.log.heads([CASE, CaseReference("case-78")]),
    "log.rows": lambda w: w.log.rows(CASE),
    "log.after": lambda w: w.log.after(99_950, 100),
    "log.last_position": lambda w: w.log.last_position(),
}

IN_ORDER = {"cases.find, all", "cases.find, of a State", "cases.find, where addressed", "outbox.parked"}
"""Lists, which may walk along an index in the order they want and stop when the page is full."""


@dataclass(slots=True)
class Filled:
    """A database full of rows, and what was sent to it."""

    database: SqlDatabase
    sent: list[tuple[str, Any]]


def _fill(table: str, count: int, given: dict[str, str], dialect: str) -> str:
    """Write the statement that fills one table; columns that are not named get any value that fits."""
    values = {}
    for column in tables.metadata.tables[table].columns:
        if column.name in given:
            values[column.name] = given[column.name]
        elif not column.nullable and column.autoincrement is not True:
            values[column.name] = _any_value(column.type, dialect)
    named = ", ".join(f'"{name}"' for name in values)
    chosen = re.sub(r"\bat\(([^()]*)\)", lambda found: _moment(found[1], dialect), ", ".join(values.values()))
    counting = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    return f'INSERT INTO "{table}" ({named}) {counting} SELECT {chosen} FROM n'


def _any_value(kind: Any, dialect: str) -> str:
    if isinstance(kind, Moment):
        return "at(0)"
    if isinstance(kind, sa.Boolean):
        return "0" if dialect == "sqlite" else "false"
    if isinstance(kind, sa.Integer):
        return "1"
    if isinstance(kind, sa.LargeBinary):
        return "x''" if dialect == "sqlite" else "''::bytea"
    return "'{}'" if isinstance(kind, Document | FrozenPolicy) else "'x'"


def _moment(seconds: str, dialect: str) -> str:
    if dialect == "sqlite":
        return f"strftime('%Y-%m-%d %H:%M:%S', '2026-01-01', ({seconds}) || ' seconds') || '.000000'"
    return f"(timestamptz '2026-01-01 00:00:00+00' + ({seconds}) * interval '1 second')"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Fill a database once for all statements."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('hot')}/hot.sqlite"
        engine = sa.create_engine(url)
    else:
        server = request.getfixturevalue("postgresql")
        server.run("CREATE DATABASE hot")
        url = server.url("hot")
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        tables.metadata.create_all(connection)
        for table, (count, given) in ROWS.items():
            connection.execute(sa.text(_fill(table, count, given, request.param).replace(":", r"\:")))
    if request.param == "postgresql":
        # SQLite keeps no such figures in production either: there the plan must be right without them.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()
    yield url
    if request.param == "postgresql":
        request.getfixturevalue("postgresql").run("DROP DATABASE hot WITH (FORCE)")


@pytest.fixture
async def filled(filled_url: str) -> AsyncIterator[Filled]:
    """Open the full database and note every statement."""
    database = plain_database(filled_url)
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            sent.append((statement, parameters[0] if many else parameters))

    sa.event.listen(database.writer.sync_engine, "before_cursor_execute", note)
    yield Filled(database, sent)
    await database.close()


async def _faults(connection: AsyncConnection, statement: str, parameters: Any) -> list[str]:
    """List the tables that a statement's plan reads from end to end, and the indexes that it walks along."""
    if connection.dialect.name == "sqlite":
        found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [str(row[-1]) for row in found]
        return [step for step in steps if (named := re.match(r"SCAN (\w+)", step)) and _is_kept(named[1])]
    found = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    faults = _full_scans(_plan(found.scalar_one()))
    # The server may keep a plan that is made for any values, once it prepared the statement.
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
    numbered = re.sub(r"%\((\w+)\)s", lambda name: f"${names.index(name[1]) + 1}", statement).replace("%%", "%")
    await connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.execute(f"PREPARE looked_at AS {numbered}")
    given = f"({', '.join(['NULL'] * len(names))})" if names else ""
    (general,) = await (await driver.execute(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at{given}")).fetchone()
    await driver.execute("DEALLOCATE looked_at")
    return faults + [f"for any values: {fault}" for fault in _full_scans(_plan(general))]


def _is_kept(name: str) -> bool:
    return name in tables.metadata.tables and name not in ONE_ROW


def _plan(document: Any) -> dict[str, Any]:
    plan: dict[str, Any] = (json.loads(document) if isinstance(document, str) else document)[0]["Plan"]
    return plan


def _full_scans(node: dict[str, Any]) -> list[str]:
    kind, table = node["Node Type"], node.get("Relation Name", "")
    inner = [fault for child in node.get("Plans", ()) for fault in _full_scans(child)]
    if kind == "Seq Scan" and _is_kept(table):
        return [*inner, f"Seq Scan on {table}"]
    if kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node:
        return [*inner, f"{kind} along {node['Index Name']}"]
    return inner


async def _rows_read(connection: AsyncConnection, statement: str, parameters: Any) -> int:
    """Run a statement on PostgreSQL, and count the rows that its scans looked at."""
    found = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
    return _looked_at(_plan(found.scalar_one()))


def _looked_at(node: dict[str, Any]) -> int:
    inner = sum(_looked_at(child) for child in node.get("Plans", ()))
    if "Scan" not in node["Node Type"] or node.get("Relation Name") not in tables.metadata.tables:
        return inner
    passed_over = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return inner + round((node["Actual Rows"] + passed_over) * node["Actual Loops"])


@pytest.mark.parametrize("name", HOT)
async def test_no_statement_of_a_hot_path_reads_a_table_from_end_to_end(filled: Filled, name: str) -> None:
    async with filled.database.write() as work:
        await HOT[name](work)
    statements, faults = list(filled.sent), []
    async with filled.database.writer.connect() as connection:
        for statement, parameters in statements:
            found = await _faults(connection, statement, parameters)
            if name in IN_ORDER:
                found = [fault for fault in found if " along " not in fault and "USING" not in fault]
            faults += [f"{fault}\n  in {' '.join(statement.split())}" for fault in found]
        await connection.rollback()
    assert statements or name == "outbox.add", "nothing was looked at"
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", sorted(HOT.keys() - IN_ORDER))
async def test_a_statement_of_a_hot_path_looks_at_few_rows_however_many_wait(filled: Filled, name: str) -> None:
    database, steps = filled.database, 0
    if database.embedded:

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        async with database.writer.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.set_progress_handler(count, STEPS_AT_ONCE)
    async with database.write() as work:
        await HOT[name](work)
    if database.embedded:
        assert steps * STEPS_AT_ONCE <= MOST_STEPS
        return
    async with database.writer.connect() as connection:
        for statement, parameters in list(filled.sent):
            assert await _rows_read(connection, statement, parameters) <= MOST_ROWS, statement
        await connection.rollback()


async def test_a_missing_index_would_be_seen(filled: Filled) -> None:
    async with filled.database.writer.connect() as connection:
        assert await _faults(connection, "SELECT id FROM outbox WHERE last_error = 'x'", ())
        await connection.rollback()
