"""Plans exercises and shows how they went: per State and channel, from the log alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from contacts.model import ContactRole, StateCode
from notify.account import Account, Right, require
from notify.case_history import CaseHistory, ClockKey, NotificationHistory
from notify.clock_rules import SubjectKind
from notify.clocks import ClockKind
from notify.errors import ConfirmationNeeded
from notify.exercise import KEPT_FOR, PREFIX, Scenario, check_scenario
from notify.exercise_events import ExercisePlanned
from notify.exercise_scores import ChannelFact, StateFact, scores
from notify.log_reading import history_of
from notify.ports import Ports, UnitOfWork
from notify.report import digest
from notify.rows import ExerciseRow
from notify.service.filing import MOST_STATES
from notify.words import CaseReference, ChannelName


def _stamp(moment: Any) -> str | None:
    return None if moment is None else str(moment.isoformat()).replace("+00:00", "Z")


async def plan_exercise(
    document: object, account: Account, ports: Ports, *, confirmation: str | None = None
) -> CaseReference:
    """Plan an exercise: it gets its number now, and is filed at its time.

    Raises InvalidDocument with every fault, NotAllowed, or ConfirmationNeeded when it would tell many States.
    """
    require(account, Right.EXERCISES)
    registry, now = ports.registry, ports.clock.now()
    async with ports.database.write() as work:
        scenario = check_scenario(
            document,
            now=now,
            is_state=registry.is_state,
            is_place=registry.is_place,
            agreed=await agreed_states(work),
        )
        _hold_or_pass(scenario, digest(document)[:16], confirmation)
        planned = await _enter(scenario, account, work, ports)
        await work.commit()
    return planned.reference


async def _enter(scenario: Scenario, account: Account, work: UnitOfWork, ports: Ports) -> ExerciseRow:
    now = ports.clock.now()
    planned = ExerciseRow(
        reference=await work.cases.next_reference(PREFIX, now.year),
        scenario=scenario.report.document(),
        recipients=list(scenario.recipients),
        announced=scenario.announced,
        account=account.id,
        planned_at=now,
        starts_at=max(scenario.starts_at, now),
    )
    await work.exercises.add(planned)
    work.record(
        ExercisePlanned(
            case_reference=planned.reference,
            at=now,
            recipients=scenario.recipients,
            announced=scenario.announced,
            starts_at=planned.starts_at,
            account=account.id,
        )
    )
    return planned


def _hold_or_pass(scenario: Scenario, expected: str, confirmation: str | None) -> None:
    if len(scenario.recipients) > MOST_STATES and confirmation != expected:
        text = f"This exercise tells {len(scenario.recipients)} States, more than {MOST_STATES}."
        raise ConfirmationNeeded(f"{text} Please confirm that it is meant.", expected)


async def agreed_states(work: UnitOfWork) -> frozenset[StateCode]:
    """Name the States that agreed to exercises nobody announces: an Article 17 contact or focal point of it says so."""
    deciding = [ContactRole.ARTICLE_17_CONTACT, ContactRole.NATIONAL_FOCAL_POINT]
    contacts = await work.contacts.with_roles(deciding)
    return frozenset(contact.state for contact in contacts if contact.unannounced_exercises and contact.state)


async def show_exercise(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Show an exercise, and how each State and channel did so far; raise NotFound."""
    require(account, Right.EXERCISES)
    async with ports.database.read() as work:
        planned = await work.exercises.get(reference)
        history = history_of(reference, await work.log.rows(reference))
    return {
        "reference": reference,
        "exercise": True,
        "state": _state(planned, history),
        "announced": planned.announced,
        "recipients": list(planned.recipients),
        "planned_at": _stamp(planned.planned_at),
        "starts_at": _stamp(planned.starts_at),
        "opened_at": _stamp(history.opened_at),
        "ended_at": _stamp(planned.ended_at or history.ended_at),
        "purge_at": _stamp(planned.ended_at + KEPT_FOR if planned.ended_at and not planned.purged_at else None),
        "purged_at": _stamp(planned.purged_at),
        "scores": [asdict(score) for score in scores(state_facts(history), ports.clock.now())],
    }


def _state(planned: ExerciseRow, history: CaseHistory) -> str:
    if planned.purged_at is not None:
        return "purged"
    if planned.ended_at is not None or history.ended_at is not None:
        return "ended"
    return "planned" if history.opened_at is None else "running"


def state_facts(history: CaseHistory) -> list[StateFact]:
    """Give what is known of each State of an exercise."""
    return [_state_fact(told, history) for told in history.notifications.values() if told.climbs]


def _state_fact(told: NotificationHistory, history: CaseHistory) -> StateFact:
    key = ClockKey(ClockKind.ACKNOWLEDGEMENT, SubjectKind.NOTIFICATION, told.id, 1)
    channels = sorted({each.channel for each in told.deliveries if each.contact is not None})
    return StateFact(
        state=StateCode(told.addressee),
        issued_at=told.issued_at,
        due_at=history.started.get(key),
        received_at=min(told.acknowledged_at, default=None),
        assessed_at=told.assessed_at,
        means=told.means,
        steps=tuple(told.steps),
        channels=tuple(_channel_fact(channel, told) for channel in channels),
    )


def _channel_fact(channel: str, told: NotificationHistory) -> ChannelFact:
    mine = [each for each in told.deliveries if each.channel == channel and each.contact is not None]
    return ChannelFact(
        channel=ChannelName(channel),
        queued=len(mine),
        first_accepted_at=min((each.accepted_at for each in mine if each.accepted_at), default=None),
        first_proven_at=min((each.proven_at for each in mine if each.proven_at), default=None),
        failed=sum(each.failed_at is not None for each in mine),
    )
