"""Finds the calendar by which the clocks of each addressee of a case run: its contacts' zone, its State's holidays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from contacts.model import Contact, ContactRole, StateCode
from notify.case_history import CaseHistory
from notify.deadline import CalendarOf
from notify.notification import BCH
from notify.ports import Ports, UnitOfWork
from notify.working_time import Calendar


async def read_calendars(history: CaseHistory, work: UnitOfWork, ports: Ports) -> CalendarOf:
    """Give the calendar of each State of a case, and of the others that are told."""
    states = {StateCode(told.addressee) for told in history.notifications.values() if told.climbs}
    states |= {request.asked_of for request in history.requests.values()}
    contacts = await work.contacts.of_states(sorted({*states, history.reporting_state}))
    if any(not told.climbs for told in history.notifications.values()):
        contacts += await work.contacts.with_roles([ContactRole.ORGANIZATION, ContactRole.SECRETARIAT])
    return calendars_from(by_addressee(contacts, history.reporting_state), ports)


def by_addressee(contacts: Iterable[Contact], reporting_state: StateCode) -> Mapping[str, Sequence[Contact]]:
    """Sort contacts by whom they stand for; those of the BCH are the focal point of the State and the secretariat."""
    found: dict[str, list[Contact]] = defaultdict(list)
    keepers = []
    for contact in contacts:
        found[contact.state or contact.organization or ""].append(contact)
        if contact.role is ContactRole.BCH_FOCAL_POINT and contact.state == reporting_state:
            found[BCH.code].append(contact)
        elif contact.role is ContactRole.SECRETARIAT:
            keepers.append(contact)
    found[BCH.code] += keepers
    return found


def calendars_from(contacts: Mapping[str, Sequence[Contact]], ports: Ports) -> CalendarOf:
    """Give calendars by the contacts of each addressee."""
    known: dict[str, Calendar] = {}

    def calendar_of(code: StateCode) -> Calendar:
        if code not in known:
            known[code] = ports.calendar_of(contacts.get(code, ()), code)
        return known[code]

    return calendar_of
