"""Runs the clock of a request in the outbox: reminders to the State that is asked, then a task for the secretariat."""

from __future__ import annotations

from contacts.model import StateCode
from notify.case import Case
from notify.consultation import Answer, Request, answer_deadline
from notify.consultation_events import RequestAnswered, RequestMade, RequestReminded
from notify.consultation_telling import States, excerpt, lane_details, lane_step
from notify.deadline import Action, ActionKind, Deadline, due_action, next_action
from notify.delivery import NoticeKind
from notify.errors import NotDueYet
from notify.ports import Ports, UnitOfWork
from notify.sentence import N_, Sentence
from notify.task import SECRETARIAT, TaskKind
from notify.tasks import raise_task


async def deadline_of(request: Request, case: Case, work: UnitOfWork, ports: Ports, turn: int) -> Deadline:
    """Lay out one turn's deadline by the calendar of the State that is asked."""
    calendar = ports.calendar_of(await work.contacts.of_states([request.to_state]), request.to_state)
    return answer_deadline(request, case.policy, case.severity, calendar, turn)


def turns_until(request: Request, number: int) -> int:
    """Count the turns of a request that had begun with this one of its answers."""
    return 1 + sum(act.answer is Answer.MORE_NEEDED for act in request.acts[:number])


async def watch_request(event: RequestMade | RequestAnswered | RequestReminded, work: UnitOfWork, ports: Ports) -> None:
    """Remind the State that is asked, or hand the request to the secretariat, unless it was answered meanwhile."""
    case = await work.cases.get(event.case_reference)
    if not case.running:
        return
    request = await work.consultation.request(event.request_id)
    turn, last = 1, None
    if isinstance(event, RequestReminded):
        turn = event.turn
        kind = ActionKind.REMIND if event.number else ActionKind.TASK
        last = Action(kind, event.at, event.number)
    elif isinstance(event, RequestAnswered):
        turn = turns_until(request, event.number)
    deadline = await deadline_of(request, case, work, ports, turn)
    action = due_action(deadline, ports.clock.now(), last)
    if action is None:
        later = next_action(deadline, last)
        if later is not None:
            raise NotDueYet(later.at)  # its clock was corrected
        return
    if action.kind is ActionKind.REMIND:
        await _remind(request, case, deadline, action, work, ports)
    else:
        await _hand_over(request, case, work, ports)
    following = next_action(deadline, action)
    work.record(
        RequestReminded(
            case_reference=case.reference,
            at=ports.clock.now(),
            urgent=case.urgent,
            request_id=request.id,
            lane=str(request.lane),
            by_state=request.by_state,
            turn=turn,
            number=action.number,
            next_action_at=following.at if following else None,
        )
    )


async def _remind(
    request: Request, case: Case, deadline: Deadline, action: Action, work: UnitOfWork, ports: Ports
) -> None:
    states = States(case, work, ports)
    await states.read()
    details = lane_details(request.lane, request, case, ports)
    details |= {
        "id": request.id,
        "kind": request.kind.value,
        "to_state": request.to_state,
        "text": excerpt(request.text),
        "due_at": deadline.due_at.isoformat() if deadline.due_at is not None else None,
    }
    step = lane_step(request.lane, f"{request.id}:{deadline.round}.{action.number}")
    await states.tell([request.to_state], step, NoticeKind.REQUEST_REMINDER, details)
    await states.queue.write(work)


async def _hand_over(request: Request, case: Case, work: UnitOfWork, ports: Ports) -> None:
    """Give the secretariat a task; of a private lane it learns that, and not who asked what."""
    if request.lane.state is None:
        text = N_("{state} has not answered request {request} of {asking_state} in time; please ask what keeps it.")
        values = {"state": request.to_state, "asking_state": request.by_state, "request": request.id}
        about: StateCode = request.to_state
    else:
        text = N_(
            "A request ({request}) in the private lane of {state} and {reporting_state} was not answered in time; "
            "please ask both whether help is wanted."
        )
        values = {"state": request.lane.state, "reporting_state": case.reporting_state, "request": request.id}
        about = request.lane.state
    await raise_task(work, ports, case, TaskKind.UNANSWERED_REQUEST, SECRETARIAT, about, Sentence(text, values))
