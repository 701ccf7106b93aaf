"""Holds every outbox to the contract of its port, on both databases: order, disjoint claims, leases, lost claims."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from adapters.database.engine import SqlDatabase
from adapters.database.tables import outbox
from notify.errors import NotFound
from notify.events import ReportSubmitted
from notify.outbox import Lane, Message, NewMessage, Urgency
from notify.words import CaseReference, OutboxId
from tests.databases import plain_database

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[SqlDatabase]:
    """Open a database with an empty outbox."""
    opened = plain_database(database_url)
    await opened.create_tables()
    yield opened
    await opened.close()


@pytest.fixture
async def second(database: SqlDatabase, database_url: str) -> AsyncIterator[SqlDatabase]:
    """Open the same database once more, as another process would."""
    opened = plain_database(database_url)
    yield opened
    await opened.close()


def message(
    number: int, *, due_at: datetime = NOW, urgency: Urgency = Urgency.ORDINARY, lane: Lane = Lane.EMAIL
) -> tuple[str, NewMessage]:
    event = ReportSubmitted(
        case_reference=CaseReference("A17-2026-0001"), at=NOW, sequence=number, report_type="initial", sha256="0" * 64
    )
    return f"event-{number}", NewMessage(event, "deliver", lane, urgency, due_at)


async def put(database: SqlDatabase, *messages: tuple[str, NewMessage]) -> None:
    async with database.write() as work:
        await work.outbox.add(messages)
        await work.commit()


async def claim(
    database: SqlDatabase, name: str = "a:1", *, now: datetime = NOW, limit: int = 100, lane: Lane = Lane.EMAIL
) -> list[Message]:
    async with database.write() as work:
        claimed = await work.outbox.claim(lane, claim=name, now=now, until=now + LEASE, limit=limit)
        await work.commit()
    return claimed


async def complete(database: SqlDatabase, ids: Sequence[OutboxId], name: str, now: datetime = NOW) -> set[OutboxId]:
    async with database.write() as work:
        done = await work.outbox.complete(ids, claim=name, now=now)
        await work.commit()
    return done


async def renew(database: SqlDatabase, claims: Sequence[str], now: datetime) -> set[str]:
    async with database.write() as work:
        kept = await work.outbox.renew(Lane.EMAIL, claims, now=now, until=now + LEASE)
        await work.commit()
    return kept


async def next_due(database: SqlDatabase, *lanes: Lane) -> datetime | None:
    async with database.read() as work:
        return await work.outbox.next_due(lanes or tuple(Lane))


def numbers(messages: Sequence[Message]) -> list[int]:
    return [message.event.sequence for message in messages if isinstance(message.event, ReportSubmitted)]


async def test_a_claim_takes_the_urgent_first_and_then_what_was_due_first(database: SqlDatabase) -> None:
    earlier = NOW - timedelta(hours=1)
    await put(
        database,
        message(1, urgency=Urgency.RETRY, due_at=earlier),
        message(2, urgency=Urgency.LATER, due_at=earlier),
        message(3, urgency=Urgency.ORDINARY),
        message(4, urgency=Urgency.ORDINARY, due_at=earlier),
        message(5, urgency=Urgency.FIRST),
        message(6, urgency=Urgency.FIRST, due_at=earlier),
    )
    assert numbers(await claim(database, "a:1", limit=3)) == [6, 5, 4]
    assert numbers(await claim(database, "a:2", limit=100)) == [3, 2, 1]


async def test_a_claim_takes_only_its_lane_and_only_what_is_due(database: SqlDatabase) -> None:
    await put(database, message(1), message(2, lane=Lane.WEBHOOK), message(3, due_at=NOW + timedelta(seconds=1)))
    assert numbers(await claim(database)) == [1]
    assert numbers(await claim(database, "a:2", now=NOW + timedelta(seconds=1))) == [3]
    assert numbers(await claim(database, "a:3", lane=Lane.WEBHOOK)) == [2]


async def test_a_claimed_message_says_what_it_was_added_with_and_who_holds_it(database: SqlDatabase) -> None:
    await put(database, message(7, urgency=Urgency.FIRST))
    (claimed,) = await claim(database, "a:1")
    assert (claimed.event, claimed.handler) == (message(7)[1].event, "deliver")
    assert (claimed.lane, claimed.urgency, claimed.attempts) == (Lane.EMAIL, Urgency.FIRST, 0)
    assert (claimed.claim, claimed.claimed_until, claimed.due_at, claimed.first_at) == ("a:1", NOW + LEASE, NOW, NOW)


async def test_two_processes_that_claim_at_once_share_the_work_and_nothing_is_claimed_twice(
    database: SqlDatabase, second: SqlDatabase
) -> None:
    await put(database, *[message(number) for number in range(120)])
    rounds = [claim(each, f"{name}:{n}", limit=7) for n in range(10) for name, each in (("a", database), ("b", second))]
    claims = await asyncio.gather(*rounds)
    ids = [claimed.id for batch in claims for claimed in batch]
    assert len(ids) == len(set(ids)) == 120


@ON_POSTGRESQL
async def test_a_claim_in_an_open_transaction_holds_up_no_other_claim(
    database: SqlDatabase, second: SqlDatabase
) -> None:
    await put(database, *[message(number) for number in range(10)])
    async with database.write() as work, asyncio.timeout(10):
        mine = await work.outbox.claim(Lane.EMAIL, claim="a:1", now=NOW, until=NOW + LEASE, limit=4)
        others = await claim(second, "b:1")
        await work.commit()
    assert len(mine) == 4
    assert sorted(numbers(mine) + numbers(others)) == list(range(10))


async def test_a_claim_that_is_not_committed_claims_nothing(database: SqlDatabase) -> None:
    await put(database, message(1))
    async with database.write() as work:
        assert await work.outbox.claim(Lane.EMAIL, claim="a:1", now=NOW, until=NOW + LEASE, limit=9)
    assert numbers(await claim(database, "b:1")) == [1]


async def test_what_is_claimed_is_free_again_when_its_lease_ends_and_not_before(database: SqlDatabase) -> None:
    await put(database, message(1))
    await claim(database, "a:1")
    assert await claim(database, "b:1", now=NOW + LEASE - timedelta(microseconds=1)) == []
    assert await next_due(database) == NOW + LEASE
    (taken_over,) = await claim(database, "b:1", now=NOW + LEASE)
    assert (taken_over.claim, taken_over.attempts) == ("b:1", 0)


async def test_a_renewed_lease_holds_for_longer_and_one_that_ran_out_is_not_taken_back(database: SqlDatabase) -> None:
    await put(database, message(1), message(2))
    (first,) = await claim(database, "a:1", limit=1)
    await claim(database, "a:2", limit=1)
    middle = NOW + LEASE / 2
    assert await renew(database, ["a:1", "c:1"], middle) == {"a:1"}
    assert numbers(await claim(database, "b:1", now=NOW + LEASE)) == [2], "the one that was not renewed is free"
    assert await renew(database, ["a:2"], NOW + LEASE) == set()
    assert await complete(database, [first.id], "a:1", middle + LEASE - timedelta(seconds=1)) == {first.id}
    assert await renew(database, ["a:1"], NOW + LEASE) == set(), "what is done is held no longer"


async def test_events_that_only_a_newer_version_knows_are_left_to_it(database: SqlDatabase) -> None:
    await put(database, message(1), message(2))
    async with database.writer.begin() as connection:
        newer = sa.update(outbox).where(outbox.c.event_id == "event-1").values(event_kind="NewerEvent")
        await connection.execute(newer)
    assert numbers(await claim(database)) == [2]
    assert await claim(database, "b:1") == []


async def test_a_lost_claim_completes_nothing_and_the_new_one_completes_once(database: SqlDatabase) -> None:
    await put(database, message(1), message(2))
    mine = [claimed.id for claimed in await claim(database, "a:1")]
    later = NOW + LEASE
    assert await complete(database, mine, "a:1", later) == set(), "the lease is over, though nobody else claimed"
    await claim(database, "b:1", now=later)
    assert await complete(database, mine, "a:1", later) == set()
    assert await complete(database, mine, "b:1", later) == set(mine)
    assert await complete(database, mine, "b:1", later) == set(), "done once"
    assert await claim(database, "c:1", now=later + 10 * LEASE) == []
    assert await next_due(database) is None


async def test_a_second_claim_of_the_same_worker_does_not_complete_for_the_first(database: SqlDatabase) -> None:
    await put(database, message(1))
    (held,) = await claim(database, "a:1")
    await claim(database, "a:2", now=NOW + LEASE)
    assert await complete(database, [held.id], "a:1", NOW + LEASE) == set()


async def test_a_retry_comes_back_later_behind_first_attempts_and_counts(database: SqlDatabase) -> None:
    await put(database, message(1, urgency=Urgency.FIRST))
    (held,) = await claim(database, "a:1")
    back_at = NOW + timedelta(seconds=3)
    async with database.write() as work:
        assert await work.outbox.retry(held.id, claim="a:1", now=NOW, due_at=back_at, error="the relay said 451")
        assert not await work.outbox.retry(held.id, claim="a:1", now=NOW, due_at=back_at, error="twice")
        await work.commit()
    assert await claim(database, "a:2", now=back_at - timedelta(microseconds=1)) == []
    (again,) = await claim(database, "a:2", now=back_at)
    assert (again.attempts, again.urgency, again.due_at, again.first_at) == (1, Urgency.RETRY, back_at, NOW)


@pytest.mark.parametrize("act", ["retry", "park", "postpone"])
async def test_under_a_lost_claim_nothing_is_put_back_or_laid_aside(database: SqlDatabase, act: str) -> None:
    await put(database, message(1))
    (held,) = await claim(database, "a:1")
    later = NOW + LEASE
    await claim(database, "b:1", now=later)
    async with database.write() as work:
        if act == "retry":
            assert not await work.outbox.retry(held.id, claim="a:1", now=later, due_at=later, error="")
        elif act == "park":
            assert not await work.outbox.park(held.id, claim="a:1", now=later, error="")
        else:
            await work.outbox.postpone(held.id, claim="a:1", now=later, due_at=later)
        await work.commit()
    assert await complete(database, [held.id], "b:1", later) == {held.id}


async def test_a_postponed_message_comes_back_as_it_was(database: SqlDatabase) -> None:
    await put(database, message(1, urgency=Urgency.FIRST))
    (held,) = await claim(database, "a:1")
    back_at = NOW + timedelta(seconds=1)
    async with database.write() as work:
        await work.outbox.postpone(held.id, claim="a:1", now=NOW, due_at=back_at)
        await work.commit()
    assert await next_due(database, Lane.EMAIL) == back_at
    (again,) = await claim(database, "a:2", now=back_at)
    assert (again.attempts, again.urgency, again.first_at) == (0, Urgency.FIRST, NOW)


async def test_a_parked_message_is_listed_with_its_reason_and_nobody_claims_it_until_it_is_freed(
    database: SqlDatabase,
) -> None:
    await put(database, message(1))
    (held,) = await claim(database, "a:1")
    async with database.write() as work:
        assert await work.outbox.park(held.id, claim="a:1", now=NOW, error="550 no such user")
        await work.commit()
    later = NOW + 10 * LEASE
    assert await claim(database, "a:2", now=later) == []
    async with database.write() as work:
        ((parked, at, why),) = await work.outbox.parked()
        assert (parked.id, at, why) == (held.id, NOW, "550 no such user")
        assert await work.outbox.counts(later) == {"waiting": 0, "due": 0, "parked": 1}
        freed = await work.outbox.free(held.id, later)
        with pytest.raises(NotFound):
            await work.outbox.free(held.id, later)
        await work.commit()
    assert (freed.id, freed.due_at, freed.first_at) == (held.id, later, later), "its 72 hours begin anew"
    assert [claimed.id for claimed in await claim(database, "a:3", now=later)] == [held.id]


async def test_a_worker_that_stops_gives_back_its_own_messages_and_no_others(database: SqlDatabase) -> None:
    await put(database, *[message(number) for number in range(4)])
    mine = await claim(database, "a%:1", limit=2)
    done, left = mine
    others = await claim(database, "ab:1", limit=2)
    await complete(database, [done.id], "a%:1")
    async with database.write() as work:
        await work.outbox.release([held.id for held in (*mine, *others)], owner="a%")
        await work.commit()
    assert [claimed.id for claimed in await claim(database, "c:1")] == [left.id]


async def test_the_next_due_time_and_the_oldest_overdue_leave_out_what_is_done_or_of_other_lanes(
    database: SqlDatabase,
) -> None:
    soon, late = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)
    await put(database, message(1), message(2, due_at=late), message(3, lane=Lane.WEBHOOK, due_at=soon))
    assert await next_due(database) == NOW
    assert await next_due(database, Lane.WEBHOOK) == soon
    (held,) = await claim(database, "a:1")
    await complete(database, [held.id], "a:1")
    assert await next_due(database, Lane.EMAIL) == late
    async with database.read() as work:
        assert await work.outbox.oldest_overdue([Lane.EMAIL, Lane.WEBHOOK], late) == soon
        assert await work.outbox.oldest_overdue([Lane.EMAIL], NOW) is None
        assert await work.outbox.oldest_overdue([Lane.EMAIL], late) == late


async def test_one_event_leaves_one_message_for_each_handler_and_never_two(database: SqlDatabase) -> None:
    await put(database, message(1))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await put(database, message(1))
    assert numbers(await claim(database)) == [1]
