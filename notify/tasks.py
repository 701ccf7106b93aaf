"""Raises tasks, each with an owner, a due time and a text that a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from contacts.model import Contact, StateCode
from notify.case import Case
from notify.escalation import contacts_to_telephone
from notify.events import TaskDone, TaskRaised
from notify.inquiry import Inquiry
from notify.notification import Notification
from notify.ports import Ports, UnitOfWork
from notify.sentence import N_, Sentence
from notify.task import ENDED_BY_AN_ANSWER, Task, TaskKind, task_due_at
from notify.words import CaseReference, NotificationId, TaskId
from notify.working_time import Calendar


async def raise_task(
    work: UnitOfWork,
    ports: Ports,
    case: Case | Inquiry,
    kind: TaskKind,
    owner: str,
    state: StateCode | None,
    text: Sentence,
    notification_id: NotificationId | None = None,
) -> Task:
    """Add a task to its case or inquiry; it is mailed at once."""
    now = ports.clock.now()
    task = Task(
        id=TaskId(ports.new_id("tsk")),
        kind=kind,
        case_reference=CaseReference(case.reference),
        notification_id=notification_id,
        owner=owner,
        state=state,
        text=text,
        created_at=now,
        due_at=task_due_at(kind, now),
    )
    await work.tasks.add([task])
    work.record(
        TaskRaised(
            case_reference=task.case_reference,
            at=now,
            urgent=case.urgent,
            task_id=task.id,
            task_kind=kind,
            addressee=state,
        )
    )
    return task


async def close_calls(
    case: Case, work: UnitOfWork, ports: Ports, result: str, *, of: NotificationId | None = None
) -> None:
    """Close the tasks of a case, or of one notification of it, that only wanted a State to answer."""
    now = ports.clock.now()
    for task in await work.tasks.find(owner=None, done=False, case=case.reference):
        if task.kind in ENDED_BY_AN_ANSWER and of in (None, task.notification_id):
            task.done_at, task.done_by, task.result = now, "service", result
            await work.tasks.save(task)
            work.record(TaskDone(case_reference=case.reference, at=now, task_id=task.id))


def telephone_text(state: StateCode, contacts: Sequence[Contact], calendar: Calendar, now: datetime) -> Sentence:
    """Say whom to telephone: number, local time, language."""
    local = now.astimezone(ZoneInfo(calendar.time_zone)).strftime("%H:%M")
    reachable = contacts_to_telephone(contacts)
    if not reachable:
        text = N_("{state} has not acknowledged. No telephone number is registered; it is {local} there now.")
        return Sentence(text, {"state": state, "local": local})
    numbers = "; ".join(f"{c.office}: {c.telephone} ({c.language})" for c in reachable)
    text = N_("{state} has not acknowledged: please telephone now. It is {local} there. {numbers}")
    return Sentence(text, {"state": state, "local": local, "numbers": numbers})


def letter_text(case: Case, notification: Notification) -> Sentence:
    """Draft the note verbale that the reporting State's mission may send."""
    text = (
        N_(
            "EXERCISE. Draft note verbale: The Permanent Mission of {reporting_state} presents its compliments to the "
            "Permanent Mission of {state} and has the honour to draw its attention to the exercise {case} of {issued}, "
            "whose receipt has not been recorded."
        )
        if case.exercise
        else N_(
            "Draft note verbale: The Permanent Mission of {reporting_state} presents its compliments to the Permanent "
            "Mission of {state} and has the honour to draw its attention to the notification {case} of {issued}, made "
            "under Article 17 of the Cartagena Protocol on Biosafety, whose receipt has not been recorded, and to ask "
            "that the competent authority acknowledge it."
        )
    )
    values = {
        "reporting_state": case.reporting_state,
        "state": notification.addressee.code,
        "case": case.reference,
        "issued": notification.issued_at.strftime("%Y-%m-%d %H:%M UTC"),
    }
    return Sentence(text, values)
