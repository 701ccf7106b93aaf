"""Takes what States do: measures with their status over time, shown to whom each State chooses, compared in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contacts.model import StateCode
from notify.account import Account, Right, require
from notify.case import CaseStatus
from notify.consultation import may_read as may_read_lane
from notify.consultation_events import MeasureChanged, MeasureReported
from notify.document import visibility_of
from notify.errors import Conflict, Fault, InvalidDocument, NotFound
from notify.measure import (
    Measure,
    MeasureStatus,
    change_status,
    check_follows,
    check_measure,
    check_measure_status,
    damage_considered,
    may_read,
    readable,
    require_actor,
)
from notify.measure_timeline import comparison, timeline
from notify.ports import Ports, UnitOfWork
from notify.reader import Sight
from notify.report_types import PartialDate
from notify.service.reading import stamp
from notify.service.sight import Place, place_of
from notify.words import CaseReference


async def report_measure(reference: CaseReference, document: object, account: Account, ports: Ports) -> dict[str, Any]:
    """Record a measure of a State of the case; the States that may read it are told."""
    require(account, Right.REPORT_MEASURES)
    given = check_measure(document)
    async with ports.database.write() as work:
        place = await place_of(reference, account, work)
        state = require_actor(place.reader, place.states)
        _require_not_withdrawn(place)
        await _check_request(given.request, state, place, work)
        status = MeasureStatus(
            given.status, ports.clock.now(), account.id, given.since, given.effectiveness, given.damage_considered
        )
        measure = Measure(
            id=ports.new_id("mea"),
            case_reference=reference,
            state=state,
            type=given.type,
            history=(status,),
            description=given.description,
            actor=given.actor,
            visible_to=visibility_of(given.visible_to, place.states),
            request_id=given.request,
        )
        await work.measures.add(measure)
        work.record(
            MeasureReported(
                case_reference=reference,
                at=status.at,
                urgent=place.case.urgent,
                measure_id=measure.id,
                by_state=state,
                account=account.id,
            )
        )
        await work.commit()
    return measure_view(measure)


def _require_not_withdrawn(place: Place) -> None:
    # A measure goes on after the close: what came of it belongs to the case still.
    if place.case.status is CaseStatus.WITHDRAWN:
        raise Conflict(f"case {place.case.reference} was withdrawn")


async def _check_request(request_id: str | None, state: StateCode, place: Place, work: UnitOfWork) -> None:
    if request_id is None:
        return
    try:
        request = await work.consultation.request(request_id)
    except NotFound:
        request = None
    if request is not None and request.case_reference == place.case.reference:
        sees = may_read_lane(place.reader, request.lane, place.states, request, ())
        check_follows(state, request if sees is Sight.CONTENT else None)
    else:
        raise InvalidDocument([Fault("/request", "no request under Article 25(2) of this State has this id")])


async def change_measure(
    reference: CaseReference, measure_id: str, document: object, account: Account, ports: Ports
) -> dict[str, Any]:
    """Record how far a measure has come, by its own State; the States that may read it are told."""
    require(account, Right.REPORT_MEASURES)
    given = check_measure_status(document)
    async with ports.database.write() as work:
        place = await place_of(reference, account, work)
        known = await _measure(measure_id, place, work)
        _require_not_withdrawn(place)
        status = MeasureStatus(
            given.status, ports.clock.now(), account.id, given.since, given.effectiveness, given.damage_considered
        )
        readers = None if given.visible_to is None else visibility_of(given.visible_to, place.states)
        changed = change_status(known, status, place.reader, place.states, readers)
        if changed != known:
            await work.measures.add_status(changed, len(known.history))
            work.record(
                MeasureChanged(
                    case_reference=reference,
                    at=status.at,
                    urgent=place.case.urgent,
                    measure_id=changed.id,
                    number=len(changed.history),
                    by_state=changed.state,
                    account=account.id,
                )
            )
            await work.commit()
    return measure_view(changed)


async def _measure(measure_id: str, place: Place, work: UnitOfWork) -> Measure:
    measure = await work.measures.get(measure_id)
    in_case = measure.case_reference == place.case.reference
    if not in_case or may_read(place.reader, measure, place.states) is not Sight.CONTENT:
        raise NotFound("there is no such measure")
    return measure


async def list_measures(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """List the measures of a case as far as this reader may read them: whole, or only that a State took one, and when.

    Whether damage was considered is what a State last said in measures that the reader may read.
    """
    require(account, Right.READ_CASES)
    async with ports.database.read() as work:
        place = await place_of(reference, account, work)
        measures = await work.measures.of_case(reference)
    shown = []
    for measure in measures:
        sight = may_read(place.reader, measure, place.states)
        if sight is not Sight.NOTHING:
            shown.append(measure_view(measure) if sight is Sight.CONTENT else _that_and_when(measure))
    considered = damage_considered(readable(measures, place.reader, place.states))
    return {"reference": reference, "measures": shown, "damage_considered": dict(sorted(considered.items()))}


async def compare_measures(reference: CaseReference, account: Account, ports: Ports) -> dict[str, Any]:
    """Lay the measures that this reader may read side by side in time, each State counted from when it was told."""
    require(account, Right.READ_CASES)
    async with ports.database.read() as work:
        place = await place_of(reference, account, work)
        measures = readable(await work.measures.of_case(reference), place.reader, place.states)
    told_at = told_times(place)
    return {
        "reference": reference,
        "told_at": {state: stamp(at) for state, at in sorted(told_at.items()) if _shown_to(place, state, measures)},
        "timeline": [
            {
                "at": stamp(row.at),
                "state": row.state,
                "measure": row.measure_id,
                "type": row.type,
                "status": row.status,
                "seconds_after_told": _seconds(row.after),
                "since": since_view(row.since),
            }
            for row in timeline(measures, told_at)
        ],
        "comparison": [
            {
                "state": one.state,
                "type": one.type,
                "measures": one.measures,
                "reported_seconds": _seconds(one.reported),
                "under_way_seconds": _seconds(one.under_way),
                "completed_seconds": _seconds(one.completed),
                "statuses": list(one.statuses),
            }
            for one in comparison(measures, told_at)
        ],
    }


def told_times(place: Place) -> Mapping[StateCode, datetime]:
    """Say when each State was told; the reporting State knows from the opening of the case."""
    told = {state: notification.issued_at for state, notification in place.notifications.items()}
    return told | {place.case.reporting_state: place.case.opened_at}


def _shown_to(place: Place, state: StateCode, measures: list[Measure]) -> bool:
    return state == place.reader.state or state in {measure.state for measure in measures}


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())


def since_view(since: str | PartialDate | None) -> Any:
    """Show since when a status holds, as its State said it."""
    return since.model_dump(mode="json") if isinstance(since, PartialDate) else since


def measure_view(measure: Measure) -> dict[str, Any]:
    """Show one measure with every status it had."""
    return {
        "id": measure.id,
        "state": measure.state,
        "reported_at": stamp(measure.reported_at),
        "type": measure.type,
        "status": measure.status,
        "description": measure.description,
        "actor": measure.actor,
        "visible_to": measure.visible_to.to_json(),
        "request": measure.request_id,
        "history": [
            {
                "status": one.status,
                "at": stamp(one.at),
                "since": since_view(one.since),
                "effectiveness": one.effectiveness,
                "damage_considered": one.damage_considered,
            }
            for one in measure.history
        ],
    }


def _that_and_when(measure: Measure) -> dict[str, Any]:
    """Show only that a State reported a measure, and when."""
    hidden = dict.fromkeys(("type", "status", "description", "actor", "visible_to", "request"))
    known = {"id": measure.id, "state": measure.state, "reported_at": stamp(measure.reported_at)}
    return {**known, **hidden, "history": []}
