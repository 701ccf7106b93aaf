"""Keeps the health of endpoints with what was tried, and tells people when one fails and when it is well again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from contacts.model import Contact, ContactId, ContactRole
from notify.breaker import EndpointTry, Health, after_tries, is_our_own_fault
from notify.delivery import NoticeKind
from notify.errors import NotDueYet
from notify.events import (
    SERVICE_CHAIN,
    DeliveryDelayed,
    EndpointFailing,
    EndpointRecovered,
    Event,
    TaskDone,
    TaskRaised,
)
from notify.ports import Ports, UnitOfWork
from notify.queueing import Queue
from notify.routing import Route, routes_of
from notify.sending import Outcome
from notify.sentence import Sentence
from notify.task import SECRETARIAT, Task, TaskKind, task_due_at
from notify.words import ChannelName, TaskId

LOOKED_AT_AGAIN = timedelta(hours=1)
"""While so many endpoints fail that the fault is rather ours, no State is told; it is looked at again after this."""


async def known_of(outcomes: Sequence[Outcome], work: UnitOfWork) -> Mapping[ContactId, Health]:
    """Read what may change by these outcomes: one look at an index, and nothing more while all is well."""
    tries = [outcome.endpoint for outcome in outcomes if outcome.endpoint is not None]
    if not tries:
        return {}
    concerned = {tried.contact for tried in tries if tried.failure is not None}
    concerned |= {tried.contact for tried in tries} & (await work.endpoints.unwell()).keys()
    return await work.endpoints.of_to_change(sorted(concerned)) if concerned else {}


def changed_by(
    outcomes: Iterable[Outcome], known: Mapping[ContactId, Health], ports: Ports
) -> Mapping[ContactId, Health]:
    """Give the health of each endpoint that changed by these outcomes."""
    tries = [outcome.endpoint for outcome in outcomes if outcome.endpoint is not None]
    return after_tries(known, tries, ports.endpoint_fails_after) if tries else {}


def hold_back(outcomes: Iterable[Outcome], healths: Mapping[ContactId, Health]) -> None:
    """Let the retries of endpoints that take nothing wait for them; the events say so, for others to be told now."""
    for outcome in outcomes if healths else ():
        health = healths.get(outcome.endpoint.contact) if outcome.endpoint is not None else None
        if health is None or outcome.retry_at is None or outcome.attempt is None:
            continue
        outcome.retry_at = max(outcome.retry_at, health.open_until or outcome.retry_at)
        outcome.attempt = replace(outcome.attempt, next_attempt_at=outcome.retry_at)
        outcome.events = [
            replace(event, next_attempt_at=outcome.retry_at, breaker_open=health.degraded)
            if isinstance(event, DeliveryDelayed)
            else event
            for event in outcome.events
        ]


def events_of(before: Mapping[ContactId, Health], after: Mapping[ContactId, Health], now: datetime) -> list[Event]:
    """Name what people are to be told of: endpoints that fail, and those that are well again."""
    events: list[Event] = []
    for contact, health in after.items():
        was = before.get(contact)
        if health.told_at is not None and (was is None or was.told_at is None or was.url != health.url):
            events.append(failing_event(health, now))
        elif health.told_at is None and was is not None and was.told_at is not None and was.url == health.url:
            events.append(recovered_event(was, now))
    return events


def failing_event(health: Health, now: datetime) -> EndpointFailing:
    """Say that an endpoint fails."""
    return EndpointFailing(
        case_reference=SERVICE_CHAIN,
        at=now,
        contact=health.contact,
        since_at=health.failing_since or now,
        failures=health.failures,
        gone=health.gone_at is not None,
    )


def recovered_event(was: Health, now: datetime) -> EndpointRecovered:
    """Say that an endpoint is well again."""
    return EndpointRecovered(
        case_reference=SERVICE_CHAIN, at=now, contact=was.contact, since_at=was.failing_since or now
    )


async def enter_success(contact: ContactId, url: str, work: UnitOfWork, now: datetime) -> None:
    """Enter that an endpoint answered a challenge: it is well again, whatever was known of it."""
    known = await work.endpoints.of_to_change([contact])
    changed = after_tries(known, [EndpointTry(contact, url, now)])
    await work.endpoints.put(list(changed.values()))
    work.record(*events_of(known, changed, now))


async def tell_of_failing_endpoint(event: EndpointFailing, work: UnitOfWork, ports: Ports) -> None:
    """Tell its State that an endpoint fails, and give the secretariat a task; one that is well again is left alone."""
    contact = await work.contacts.get(event.contact)
    unwell = await work.endpoints.unwell()
    health = unwell.get(event.contact)
    if contact is None or contact.webhook is None or health is None or health.failing_since != event.since_at:
        return
    now = ports.clock.now()
    if not event.gone and await fault_is_ours(unwell, work):
        raise NotDueYet(now + LOOKED_AT_AGAIN)
    details = _details(contact, event.since_at) | {
        "failures": health.failures,
        "gone": event.gone,
        "reason": health.last_error,
    }
    await _tell(contact, "failing", NoticeKind.ENDPOINT_FAILING, details, event.since_at, work, ports)
    await _raise_task(contact, health, work, ports)


async def fault_is_ours(unwell: Mapping[ContactId, Health], work: UnitOfWork) -> bool:
    """Tell whether so many endpoints fail at once that nobody should be told that it is theirs."""
    failing = sum(health.degraded and health.gone_at is None for health in unwell.values())
    if not is_our_own_fault(failing, 0):
        return False
    everybody = await work.contacts.all()
    return is_our_own_fault(failing, sum(c.webhook is not None and c.webhook.verified for c in everybody))


async def tell_of_recovered_endpoint(event: EndpointRecovered, work: UnitOfWork, ports: Ports) -> None:
    """Tell those who heard that an endpoint failed that it is well again, and end the secretariat's task."""
    tasks = [
        task
        for task in await work.tasks.find(owner=SECRETARIAT, done=None, case=SERVICE_CHAIN)
        if _is_about(task, event.contact) and task.created_at >= event.since_at
    ]
    contact = await work.contacts.get(event.contact)
    if not tasks or contact is None or contact.webhook is None:
        return
    details = _details(contact, event.since_at) | {"at": event.at.isoformat()}
    await _tell(contact, "recovered", NoticeKind.ENDPOINT_RECOVERED, details, event.since_at, work, ports)
    for task in tasks:
        if task.done_at is None:
            task.done_at, task.done_by, task.result = event.at, "the service", "the endpoint takes messages again"
            await work.tasks.save(task)
            work.record(TaskDone(case_reference=SERVICE_CHAIN, at=event.at, task_id=task.id))


def _details(contact: Contact, since: datetime) -> dict[str, Any]:
    # Of its address only the host: the rest may hold a secret.
    host = urlsplit(contact.webhook.url).netloc if contact.webhook else ""
    return {"contact": contact.id, "office": contact.office, "host": host, "since": since.isoformat()}


async def _tell(
    contact: Contact,
    what: str,
    kind: NoticeKind,
    details: Mapping[str, Any],
    since: datetime,
    work: UnitOfWork,
    ports: Ports,
) -> None:
    """Mail the contact itself and the authorities of its State; their own endpoints are told as well."""
    told = [contact]
    if contact.state is not None:
        told += [
            other
            for other in await work.contacts.of_states([contact.state])
            if other.role is ContactRole.COMPETENT_NATIONAL_AUTHORITY and other.id != contact.id
        ]
    reason = Sentence("You keep this endpoint, or are an authority of its State.")
    routes = routes_of(told, lambda _: reason)
    queue = Queue(ports, SERVICE_CHAIN, sequence=0, urgent=False, now=ports.clock.now())
    mark = hashlib.sha256(contact.id.encode()).hexdigest()[:12]
    failing = kind is NoticeKind.ENDPOINT_FAILING
    routes = [route for route in routes if not (failing and _is_endpoint_of(route, contact))]
    queue.to_routes(None, routes, f"{what}:{mark}:{since:%Y%m%dT%H%M%S}", kind, details)
    await queue.write(work)


def _is_endpoint_of(route: Route, contact: Contact) -> bool:
    return route.channel is ChannelName.WEBHOOK and route.contact.webhook == contact.webhook


async def _raise_task(contact: Contact, health: Health, work: UnitOfWork, ports: Ports) -> None:
    open_tasks = await work.tasks.find(owner=SECRETARIAT, done=False, case=SERVICE_CHAIN)
    if any(_is_about(task, contact.id) for task in open_tasks):
        return
    now = ports.clock.now()
    text = Sentence(
        "The endpoint of {contact} takes no messages since {since} ({failures} tries in a row failed; the last one: "
        "{reason}). Its State was told by mail; please see that it is mended.",
        {
            "contact": contact.id,
            "since": (health.failing_since or now).strftime("%Y-%m-%d %H:%M UTC"),
            "failures": str(health.failures),
            "reason": health.last_error or "",
        },
    )
    task = Task(
        id=TaskId(ports.new_id("tsk")),
        kind=TaskKind.FAILING_ENDPOINT,
        case_reference=SERVICE_CHAIN,
        notification_id=None,
        owner=SECRETARIAT,
        state=contact.state,
        text=text,
        created_at=now,
        due_at=task_due_at(TaskKind.FAILING_ENDPOINT, now),
    )
    await work.tasks.add([task])
    work.record(
        TaskRaised(case_reference=SERVICE_CHAIN, at=now, task_id=task.id, task_kind=task.kind, addressee=contact.state)
    )


def _is_about(task: Task, contact: ContactId) -> bool:
    return task.kind is TaskKind.FAILING_ENDPOINT and task.text.values.get("contact") == contact
