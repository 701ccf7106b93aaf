"""Shows a consultation to its readers: lanes, what was said in them, requests with their clock, conclusions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from notify.account import Account, Right, require
from notify.consultation import (
    JOINT,
    Conclusion,
    ConsultationLane,
    Entry,
    Invitation,
    LaneAct,
    LanePosition,
    Message,
    Position,
    Request,
    Seen,
    entries_of,
    may_answer,
    may_read,
    may_write,
    outcome_of,
    private,
    seen,
    state_of,
)
from notify.deadline import Deadline
from notify.ports import Ports, UnitOfWork
from notify.reader import Sight, Standing
from notify.report_parts import Attachment
from notify.request_clock import deadline_of, turns_until
from notify.service.reading import stamp
from notify.service.sight import Place, place_of
from notify.words import CaseReference

_NO_ENTRY: dict[str, Any] = dict.fromkeys(
    ("kind", "id", "by_state", "to_state", "request_kind", "answer", "stand", "text", "reason", "in_reply_to"),
)


def files_view(attachments: Sequence[Attachment]) -> list[dict[str, Any]]:
    """Show the files that something names."""
    return [one.model_dump(mode="json", exclude_none=True) for one in attachments]


def _entry_view(lane: ConsultationLane, at: Any, **known: Any) -> dict[str, Any]:
    return {"lane": str(lane), "at": stamp(at), **_NO_ENTRY, "attachments": [], **known}


def message_view(message: Message) -> dict[str, Any]:
    """Show one message as an entry of its lane."""
    return _entry_view(
        message.lane,
        message.at,
        kind="message",
        id=message.id,
        by_state=message.by_state,
        text=message.text,
        attachments=files_view(message.attachments),
        in_reply_to=message.in_reply_to,
    )


def seen_view(one: Seen) -> dict[str, Any]:
    """Show an entry whole, or only in which lane and when there was traffic."""
    if isinstance(one.entry, Message):
        return message_view(one.entry)
    return _entry_view(one.lane, one.at, **_known(one.entry))


def _known(entry: Entry | None) -> dict[str, Any]:
    match entry:
        case Request():
            return {
                "kind": "request",
                "id": entry.id,
                "by_state": entry.by_state,
                "to_state": entry.to_state,
                "request_kind": entry.kind,
                "text": entry.text,
                "attachments": files_view(entry.attachments),
            }
        case LaneAct(request_id=request_id, act=act):
            return {
                "kind": "answer",
                "id": request_id,
                "by_state": act.by_state,
                "answer": act.answer,
                "text": act.text,
                "reason": act.reason,
                "attachments": files_view(act.attachments),
            }
        case Conclusion():
            return {"kind": "conclusion", "id": entry.id, "by_state": entry.by_state, "text": entry.text}
        case LanePosition(conclusion_id=conclusion_id, position=taken):
            known = {"by_state": taken.by_state, "stand": taken.stand, "reason": taken.reason}
            return {"kind": "position", "id": conclusion_id, **known}
        case _:
            return {}


def request_view(request: Request, deadline: Deadline, place: Place) -> dict[str, Any]:
    """Show how a request stands, its clock, and what the reader may say to it now."""
    return {
        "id": request.id,
        "lane": str(request.lane),
        "kind": request.kind,
        "by_state": request.by_state,
        "to_state": request.to_state,
        "at": stamp(request.at),
        "text": request.text,
        "status": state_of(request),
        "due_at": stamp(deadline.due_at),
        "met_at": stamp(deadline.met_at),
        "answers": len(request.acts),
        "you_may_say": sorted(may_answer(request, place.reader, place.states)) if place.case.running else [],
    }


def _position_view(position: Position) -> dict[str, Any]:
    return {
        "state": position.by_state,
        "stand": position.stand,
        "by": position.by,
        "office": position.office,
        "at": stamp(position.at),
        "reason": position.reason,
    }


def conclusion_view(conclusion: Conclusion, place: Place) -> dict[str, Any]:
    """Show a conclusion with who agrees and who dissents, by name; silence is neither."""
    outcome = outcome_of(conclusion, place.states)
    return {
        "id": conclusion.id,
        "lane": str(conclusion.lane),
        "by_state": conclusion.by_state,
        "at": stamp(conclusion.at),
        "text": conclusion.text,
        "outcome": outcome.state,
        "positions": [_position_view(one) for one in (*outcome.agree, *outcome.dissent, *outcome.abstain)],
        "silent": list(outcome.silent),
        "replaced_at": stamp(conclusion.replaced_at),
    }


def invitation_view(invitation_id: str, invitation: Invitation) -> dict[str, Any]:
    """Show one invitation of the secretariat."""
    return {
        "id": invitation_id,
        "lane": str(invitation.lane),
        "by_state": invitation.by,
        "at": stamp(invitation.at),
        "ended_at": stamp(invitation.ended_at),
    }


async def show_consultation(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Show what this reader may read of a consultation; of a private lane the secretariat sees that and when."""
    require(account, Right.READ_CASES)
    async with ports.database.read() as work:
        place = await place_of(reference, account, work)
        opened_at = await work.consultation.opened_at(reference)
        messages = await work.consultation.messages(reference)
        requests = await work.consultation.requests(reference)
        conclusions = await work.consultation.conclusions(reference)
        given = await work.consultation.invitations(reference)
        invitations = list(given.values())
        entries = _entries(messages, requests, conclusions)
        shown = seen(place.reader, entries, place.states, invitations)
        open_requests = [one for one in requests if _reads_all(entries_of(one), place, invitations)]
        request_views = [await _view_of(one, place, work, ports) for one in open_requests]
    return {
        "reference": reference,
        "opened_at": stamp(opened_at),
        "lanes": [_lane_view(lane, place, shown) for lane in _lanes(place)],
        "entries": [seen_view(one) for one in shown],
        "requests": request_views,
        "conclusions": [
            conclusion_view(one, place) for one in conclusions if _reads_all(_of_conclusion(one), place, invitations)
        ],
        "invitations": [invitation_view(key, one) for key, one in given.items() if _knows_invitation(one, place)],
    }


def _entries(
    messages: Sequence[Message], requests: Sequence[Request], conclusions: Sequence[Conclusion]
) -> list[Entry]:
    said: list[Entry] = [*messages]
    for request in requests:
        said += entries_of(request)
    for conclusion in conclusions:
        said += _of_conclusion(conclusion)
    return sorted(said, key=lambda one: one.at)


def _of_conclusion(conclusion: Conclusion) -> list[Entry]:
    return [conclusion, *(LanePosition(conclusion.id, conclusion.lane, taken) for taken in conclusion.positions)]


def _reads_all(entries: Sequence[Entry], place: Place, invitations: Sequence[Invitation]) -> bool:
    """Tell whether all that was said to one thing may be read: what stands now is told by all of it."""
    return all(may_read(place.reader, e.lane, place.states, e, invitations) is Sight.CONTENT for e in entries)


def _lanes(place: Place) -> list[ConsultationLane]:
    every = [JOINT, *(private(state) for state in sorted(place.states.addressed))]
    return [lane for lane in every if may_read(place.reader, lane, place.states, None, ()) is not Sight.NOTHING]


def _lane_view(lane: ConsultationLane, place: Place, shown: Sequence[Seen]) -> dict[str, Any]:
    mine = [one for one in shown if one.lane == lane]
    return {
        "lane": str(lane),
        "kind": lane.kind,
        "state": lane.state,
        "states": sorted(lane.states(place.states)),
        "may_write": place.case.running and may_write(place.reader, lane, place.states),
        "entries": len(mine),
        "last_at": stamp(mine[-1].at) if mine else None,
    }


def _knows_invitation(invitation: Invitation, place: Place) -> bool:
    if place.standing is Standing.SECRETARIAT:
        return True
    return may_read(place.reader, invitation.lane, place.states, None, ()) is Sight.CONTENT


async def _view_of(request: Request, place: Place, work: UnitOfWork, ports: Ports) -> dict[str, Any]:
    turn = turns_until(request, len(request.acts))
    return request_view(request, await deadline_of(request, place.case, work, ports, turn), place)
